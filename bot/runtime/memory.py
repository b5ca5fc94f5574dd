"""How the process keeps house with memory: what Python's search for garbage leaves out, and the C library's heap."""

from __future__ import annotations

import ctypes
import gc
import os

# Objects that come before the young ones are searched. With Python's 700 a planning of 100,000 digests spends a
# tenth of its time on that, and next to nothing is found.
_YOUNG = 5000

# Of glibc's <malloc.h>; `man mallopt` says what they do.
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGE = 256 * 1024


def keep_what_is_there() -> None:
    """The program itself, some 200,000 objects, is not searched again and again from here on, and the rest less."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


def keep_one_heap() -> bool:
    """Lets all threads share one heap, and gives large pieces back as soon as they are free. Before they start.

    glibc would give every thread a heap of its own, each as large as its thread's largest moment, and would keep what
    was freed: a tenth of what a bot takes that plans and sends digests for 100,000 chats. False where the C library is
    another one, which keeps house in its own way.
    """
    if not is_glibc():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_M_ARENA_MAX, 1) and mallopt(_M_MMAP_THRESHOLD, _LARGE))


def is_glibc() -> bool:
    # macOS does not know the name; musl does, and has nothing to say.
    return bool("CS_GNU_LIBC_VERSION" in os.confstr_names and os.confstr("CS_GNU_LIBC_VERSION"))
