"""What is installed is what was looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_library_is_pinned_with_its_hashes(name: str) -> None:
    text = re.sub(r"(?m)^ *#.*\n", "", (ROOT / name).read_text("utf-8")).replace("\\\n", " ")
    libraries = [line for line in text.splitlines() if line.strip()]
    assert len(libraries) > 20
    for library in libraries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[^]]+\])?==\S+ ", library), library[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", library), library[:80]


def test_the_program_is_installed_by_its_hashes_alone() -> None:
    installs = re.findall(r"(?m)^\t.*pip install.* -r requirements.*$", (ROOT / "Makefile").read_text("utf-8"))
    bench_and_fuzz = [line for line in installs if "--group" in line]
    assert len(installs) > len(bench_and_fuzz)
    assert [line for line in installs if "--require-hashes" not in line] == bench_and_fuzz
    assert "pip install" not in (ROOT / "Dockerfile").read_text("utf-8")
