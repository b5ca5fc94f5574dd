"""SIGTERM to the real program while something hangs: it ends within ten seconds, with status 0, and leaves nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import psutil
import pytest

from bot.simulator.server import Simulator
from tests.factories.articles import post
from tests.flow.stage import TOKEN
from tests.silence import HOSTS, silent_host

PROGRAM = Path(sys.executable).with_name("digestbot")
_MARK = "STOP_TEST"
_STUBBORN = """#!{python}
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = os.fork()
while True:
    time.sleep(60)
"""


class Program:
    """The bot as a process. `mark` is in the environment of all that it starts."""

    def __init__(self, folder: Path, api_url: str) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.posts = folder / "posts"
        self.posts.mkdir()
        self.log = folder / "log.txt"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGESTBOT_")} | {
            _MARK: self.mark,
            "DIGESTBOT_CONFIG": str(folder / "bot.toml"),
            "DIGESTBOT_TELEGRAM__TOKEN": TOKEN,
            "DIGESTBOT_TELEGRAM__API_URL": api_url,
            "DIGESTBOT_TELEGRAM__ADMINS": "1",
            "DIGESTBOT_TELEGRAM__POLL_SECONDS": "1",
            "DIGESTBOT_POSTS__FOLDER": str(self.posts),
            "DIGESTBOT_POSTS__SCAN_SECONDS": "1",
            "DIGESTBOT_DATA_DIR": str(folder / "data"),
        }
        self.process: asyncio.subprocess.Process | None = None
        self.configure("")

    def configure(self, toml: str) -> None:
        (self.folder / "bot.toml").write_text(toml, encoding="utf-8")

    async def start(self, until: str = "ready") -> None:
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                PROGRAM, "run", env=self.environment, stdout=log, stderr=log
            )
        await self.until(lambda: until in self.log.read_text(encoding="utf-8"), until)

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        end = monotonic() + 20
        while not holds():
            assert monotonic() < end, f"no {what}: {self.log.read_text(encoding='utf-8')}"
            await asyncio.sleep(0.05)

    def started(self) -> list[psutil.Process]:
        """Everything that it started and that is still there."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(_MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def runs(self, name: str) -> bool:
        return any(name in process.name() for process in self.started())

    async def end(self) -> float:
        """SIGTERM; how long it took to end. Nothing may be left, and the status must be 0."""
        assert self.process is not None
        began = monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(self.process.wait(), 15)
        took = monotonic() - began
        assert status == 0, self.log.read_text(encoding="utf-8")
        # What lives as long as its pipe to the bot has a moment to notice.
        await self.until(lambda: not self.started(), "end of all that it started")
        return took


@asynccontextmanager
async def open_program(folder: Path, api_url: str | None = None) -> AsyncIterator[Program]:
    simulator = Simulator(TOKEN)
    await simulator.start()
    program = Program(folder, api_url or simulator.url)
    try:
        yield program
    finally:
        for process in program.started():
            with contextlib.suppress(psutil.Error):
                process.kill()
        if program.process is not None:
            await program.process.wait()
        await simulator.stop()


async def test_with_nothing_to_wait_for_it_ends_at_once(tmp_path: Path) -> None:
    async with open_program(tmp_path) as program:
        await program.start()
        assert await program.end() < 4
        assert "ERROR" not in program.log.read_text(encoding="utf-8").upper()


@pytest.mark.parametrize("kind", HOSTS)
async def test_while_a_git_host_does_not_answer(tmp_path: Path, kind: str) -> None:
    with HOSTS[kind]() as port:
        async with open_program(tmp_path) as program:
            program.configure(f'[[origins]]\nname = "far"\ngit = "http://127.0.0.1:{port}/posts.git"\n')
            await program.start()
            await program.until(lambda: program.runs("git-remote"), "git")
            assert await program.end() < 5
            assert "stopped" in program.log.read_text(encoding="utf-8")


async def test_while_git_ignores_every_signal_and_has_a_child(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text(_STUBBORN.format(python=sys.executable), encoding="utf-8")
    (tools / "git").chmod(0o755)
    async with open_program(tmp_path) as program:
        program.environment["PATH"] = f"{tools}:{program.environment['PATH']}"
        program.configure('[[origins]]\nname = "far"\ngit = "https://git.example/posts.git"\n')
        await program.start()
        await program.until(lambda: len(program.started()) >= 3, "git and its child")
        assert await program.end() < 5


async def test_while_a_file_is_read_that_never_ends(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    async with open_program(tmp_path) as program:
        origins = "".join(
            f'[[origins]]\nname = "more{number}"\nfolder = "{program.posts}"\nsite_config = "{tmp_path}/pipe"\n'
            for number in range(12)
        )
        program.configure(f'posts.site_config = "{tmp_path}/pipe"\n{origins}')
        await program.start()
        assert await program.end() < 7


async def test_while_the_second_process_hangs(tmp_path: Path) -> None:
    async with open_program(tmp_path) as program:
        for number in range(6000):
            text = post(f"Post {number}", body=f"<p>{'words of it ' * 300}</p>")
            (program.posts / f"{number}.md").write_text(text, encoding="utf-8")
        await program.start()
        workers: list[psutil.Process] = []

        def is_at_work() -> bool:
            workers[:] = [one for one in program.started() if "multiprocessing.spawn" in " ".join(one.cmdline())]
            return any(one.cpu_times().user > 1.5 for one in workers)

        await program.until(is_at_work, "second process")
        for worker in workers:
            worker.suspend()
        await asyncio.sleep(1)
        assert await program.end() < 10


async def test_while_the_database_is_held(tmp_path: Path) -> None:
    async with open_program(tmp_path) as program:
        await program.start()
        other = sqlite3.connect(tmp_path / "data" / "digestbot.db", isolation_level=None, timeout=5)
        try:
            other.execute("BEGIN EXCLUSIVE")
            # Its jobs, each second, have run into it.
            await asyncio.sleep(2)
            assert await program.end() < 10
        finally:
            other.close()


async def test_while_telegram_says_nothing(tmp_path: Path) -> None:
    with silent_host() as port:
        async with open_program(tmp_path, f"http://127.0.0.1:{port}") as program:
            await program.start(until="")
            await program.until(lambda: (tmp_path / "data" / "digestbot.db").exists(), "database")
            await asyncio.sleep(1)
            assert await program.end() < 10
