from __future__ import annotations

import subprocess
import sys

import pytest

from bot.runtime.memory import is_glibc, keep_one_heap

# Lets threads hold memory at the same time, and prints how many heaps the C library has then.
_PROGRAM = """
import ctypes, sys, tempfile, threading
from bot.runtime.memory import keep_one_heap
if sys.argv[1] == "one":
    assert keep_one_heap()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
library.malloc.restype = ctypes.c_void_p
together = threading.Barrier(4)
def work():
    together.wait()
    library.malloc(50_000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with tempfile.NamedTemporaryFile() as told:
    file = ctypes.c_void_p(library.fopen(told.name.encode(), b"w"))
    library.malloc_info(0, file)
    library.fclose(file)
    print(told.read().count(b"<heap nr="))
"""


@pytest.mark.parametrize(("mode", "least", "most"), [("one", 1, 1), ("as it comes", 2, 5)])
def test_all_threads_share_one_heap(mode: str, least: int, most: int) -> None:
    if not is_glibc():
        assert not keep_one_heap()
        return
    command = [sys.executable, "-c", _PROGRAM, mode]
    heaps = int(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    assert least <= heaps <= most
