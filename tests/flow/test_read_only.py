"""The program where only its data and temporary files may be written, and where it has no rights, as in a container."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories.articles import post
from tests.program import PROGRAM, program_environment

# All that is mounted becomes read-only, but for what was bound before; what the kernel shows stays as it is.
_LOCK_IN = """
set -e
mount --bind "$1" "$1"
mount --bind "$2" "$2"
while read -r _ place kind _; do
  case "$kind" in proc|sysfs|devtmpfs|devpts|mqueue|cgroup*|bpf|*tracefs|debugfs|securityfs|configfs) continue;; esac
  case "$place" in "$1"|"$2"|/dev/*) continue;; esac
  mount -o remount,bind,ro "$place"
done < /proc/mounts
shift 2
if touch /tmp/written "$(dirname "$0")/written" 2>/dev/null; then echo "it can be written" >&2; exit 9; fi
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""
_REFUSE_NEW_CODE = 65
"""PR_SET_MDWE: no memory can be written and run, as with MemoryDenyWriteExecute of systemd."""


@pytest.fixture
def locked_in(tmp_path: Path) -> list[str]:
    """Return what to put before a command, so that it can write into two folders alone."""
    for name in ("data", "temporary", "posts"):
        (tmp_path / name).mkdir()
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True)
    if tried.returncode:
        if os.environ.get("TESTS_REQUIRE_DISK"):
            pytest.fail(f"nothing can be mounted: {tried.stderr}")
        pytest.skip("only root can mount")
    shell = shutil.which("sh")
    assert shell is not None
    places = [str(tmp_path / "data"), str(tmp_path / "temporary")]
    return ["unshare", "--mount", "--propagation=private", shell, "-c", _LOCK_IN, str(PROGRAM), *places]


def run_in(folder: Path, before: list[str], *words: str) -> subprocess.CompletedProcess[str]:
    # Where tests are measured, so are the programs that they start, which would write beside the checkout.
    own = {name: value for name, value in program_environment(folder).items() if not name.startswith("COVERAGE")}
    environment = own | {
        "TMPDIR": str(folder / "temporary"),
        "HOME": str(folder / "temporary"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run([*before, *words], env=environment, cwd=folder, capture_output=True, text=True, timeout=100)


def test_the_program_writes_its_data_and_temporary_files_alone(tmp_path: Path, locked_in: list[str]) -> None:
    (tmp_path / "posts" / "moon.md").write_text(post("Moon"))
    ingested = run_in(tmp_path, locked_in, str(PROGRAM), "ingest")
    assert (ingested.returncode, ingested.stderr) == (0, "")
    assert re.search(r"new articles +1\b", ingested.stdout)
    shown = run_in(tmp_path, locked_in, str(PROGRAM), "demo", "--port", "0", "--seconds", "2")
    assert shown.returncode == 0, shown.stderr
    assert "Read-only" not in shown.stderr + shown.stdout
    # The walls hold: a folder that is not open to it can't take its data.
    refused = run_in(
        tmp_path, [*locked_in, "env", f"DIGESTBOT_DATA_DIR={tmp_path / 'elsewhere'}"], str(PROGRAM), "ingest"
    )
    assert refused.returncode == 1
    assert "can't be created (Read-only file system)" in refused.stderr


def test_the_program_makes_no_code_at_run_time(tmp_path: Path) -> None:
    """The units of systemd deny it (MemoryDenyWriteExecute); here the kernel does, where it can."""
    if ctypes.CDLL(None).prctl(66, 0, 0, 0, 0) < 0:
        pytest.skip("the kernel is older than 6.3")
    (tmp_path / "temporary").mkdir()
    start = f"import ctypes, os, sys; assert ctypes.CDLL(None).prctl({_REFUSE_NEW_CODE}, 1, 0, 0, 0) == 0; "
    libraries = (
        "import obstore.store, psycopg, lxml.etree, opencc; opencc.OpenCC('s2t').convert('x'); "
        "from pathlib import Path; from digests.media.work import draw_mosaic; "
        "from digests.model.mosaic import CoverText, compose_mosaic; "
        "draw_mosaic(compose_mosaic([], b'', CoverText('摘要', '11-26', ('Moon مرحبا',))), Path())"
    )
    loaded = run_in(tmp_path, [sys.executable, "-c", start + libraries])
    assert (loaded.returncode, loaded.stderr) == (0, "")
    demo = run_in(
        tmp_path,
        [sys.executable, "-c", f"{start}os.execv(sys.argv[1], sys.argv[1:])", str(PROGRAM)],
        *("demo", "--port", "0", "--seconds", "2"),
    )
    assert demo.returncode == 0, demo.stderr
