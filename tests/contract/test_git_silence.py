"""A git host that does not answer, and a git that does not end: both are given up, with every process they started."""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
from pathlib import Path
from time import monotonic

import psutil
import pytest

from digests.errors import OriginError
from digests.origins import git as git_module
from digests.origins.git import GitOrigin
from digests.origins.git_environment import Repository
from tests.repositories import Repo
from tests.silence import HOSTS

_STUBBORN = """#!{python}
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0 and {escapes}:
    os.setsid()
    time.sleep({lives})
    raise SystemExit
while True:
    time.sleep(60)
"""
# Succeeds, and leaves a child behind that holds no pipe.
_FORGETFUL = """#!/bin/sh
sleep 600 </dev/null >/dev/null 2>&1 &
exec {git} "$@"
"""


def started_with(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SILENCE") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.pid != psutil.Process().pid]


def is_asking(mark: str) -> bool:
    """Return whether git has started the process that talks to the host; others start and end meanwhile."""
    names = []
    for process in started_with(mark):
        with contextlib.suppress(psutil.Error):
            names.append(process.name())
    return any("remote" in name for name in names)


def are_gone(mark: str, seconds: float = 3) -> bool:
    end = monotonic() + seconds
    while started_with(mark):
        if monotonic() > end:
            return False
    return True


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("SILENCE", str(tmp_path))
    return str(tmp_path)


def install_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text(text, encoding="utf-8")
    (tools / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=":")


@pytest.mark.parametrize("kind", HOSTS)
def test_a_host_that_does_not_answer_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str, kind: str
) -> None:
    monkeypatch.setattr(git_module, "_ANSWER_SECONDS", 1.0)
    with HOSTS[kind]() as port:
        origin = GitOrigin("far", Repository(f"http://127.0.0.1:{port}/x.git"), tmp_path / "copy")
        began = monotonic()
        with pytest.raises(OriginError, match="no answer within 1 seconds; it is tried again later"):
            origin.files()
        assert monotonic() - began < 5
        assert are_gone(mark)


@pytest.mark.parametrize("kind", HOSTS)
def test_closing_ends_a_git_whose_host_does_not_answer(tmp_path: Path, mark: str, kind: str) -> None:
    with HOSTS[kind]() as port:
        origin = GitOrigin("far", Repository(f"http://127.0.0.1:{port}/x.git"), tmp_path / "copy")
        raised: list[OriginError] = []

        def look() -> None:
            try:
                origin.files()
            except OriginError as error:
                raised.append(error)

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        while not is_asking(mark):
            assert looking.is_alive()
        began = monotonic()
        origin.close()
        looking.join(5)
        assert monotonic() - began < 3
        assert "git was stopped" in str(raised[0])
        assert are_gone(mark)
        with pytest.raises(OriginError, match="git was stopped"):
            origin.text("_config.yml")


@pytest.mark.parametrize("escapes", [False, True])
def test_a_git_that_ignores_signals_is_killed_with_its_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str, escapes: bool
) -> None:
    monkeypatch.setattr(git_module, "_ANSWER_SECONDS", 1.0)
    Repo(tmp_path / "theirs").push({"a.md": "one"})
    origin = GitOrigin("far", Repository(str(tmp_path / "theirs" / "posts.git")), tmp_path / "copy")
    assert len(origin.files()) == 1
    # A child that left the process group holds the pipe open for a while.
    install_git(tmp_path, monkeypatch, _STUBBORN.format(python=sys.executable, escapes=escapes, lives=6))
    began = monotonic()
    with pytest.raises(OriginError, match="no answer within"):
        origin.files()
    assert monotonic() - began < 5
    assert are_gone(mark, 10 if escapes else 3)
    origin.close()


def test_processes_that_git_leaves_behind_are_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    repo = Repo(tmp_path / "theirs")
    repo.push({"a.md": "one"})
    install_git(tmp_path, monkeypatch, _FORGETFUL.format(git=shutil.which("git")))
    origin = GitOrigin("far", Repository(str(repo.bare)), tmp_path / "copy")
    (file,) = origin.files()
    assert origin.read(file) == b"one"
    origin.close()
    assert are_gone(mark)


def test_an_unchanged_branch_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo(tmp_path / "theirs")
    repo.push({"a.md": "one"})
    origin = GitOrigin("far", Repository(str(repo.bare)), tmp_path / "copy")
    asked: list[str] = []
    run = origin._program.run

    def watched(arguments: list[str], *more: float) -> object:
        asked.append(arguments[0])
        return run(arguments, *more)

    monkeypatch.setattr(origin._program, "run", watched)
    origin.files()
    assert "fetch" in asked
    asked.clear()
    assert len(origin.files()) == 1
    assert "fetch" not in asked
    repo.push({"b.md": "two"})
    assert len(origin.files()) == 2
    assert "fetch" in asked
    origin.close()
