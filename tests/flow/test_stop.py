"""The program ends within ten seconds of SIGTERM, with status 0 and leaving no process, whatever hangs."""

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
from tests.flow.harness import TOKEN
from tests.program import PROGRAM, program_environment
from tests.silence import HOSTS, silent_host
from tests.waiting import until

_MARK = "STOP_TEST"
_STUBBORN = """#!{python}
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = os.fork()
while True:
    time.sleep(60)
"""


class BotProgram:
    """The bot as a process; `mark` is in the environment of every process that it starts."""

    def __init__(self, folder: Path, api_url: str) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.posts = folder / "posts"
        self.posts.mkdir()
        self.log = folder / "log.txt"
        self.environment = {_MARK: self.mark} | program_environment(
            folder,
            config=folder / "bot.toml",
            telegram__token=TOKEN,
            telegram__api_url=api_url,
            telegram__admins=1,
            telegram__poll_seconds=1,
            posts__scan_seconds=1,
            log__level="info",
        )
        self.process: asyncio.subprocess.Process | None = None
        self.configure("")

    def configure(self, toml: str) -> None:
        (self.folder / "bot.toml").write_text(toml, encoding="utf-8")

    async def start(self, logged: str = "ready") -> None:
        """Start the bot, and wait until it has logged these words."""
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                PROGRAM, "run", env=self.environment, stdout=log, stderr=log
            )
        await self.until(lambda: logged in self.read_log())

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds; a failure shows the log."""
        await until(condition, 20, failure=self.read_log)

    def read_log(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def started(self) -> list[psutil.Process]:
        """Return the processes that it started and that are still alive, itself included."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(_MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def runs(self, name: str) -> bool:
        return any(name in process.name() for process in self.started())

    async def end(self) -> float:
        """Send SIGTERM and return the seconds until the end; the status must be 0, and no process left."""
        assert self.process is not None
        began = monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(self.process.wait(), 15)
        took = monotonic() - began
        assert status == 0, self.read_log()
        # A process that ends with its pipe to the bot takes a moment to notice.
        await self.until(lambda: not self.started())
        return took


@asynccontextmanager
async def open_program(folder: Path, api_url: str | None = None) -> AsyncIterator[BotProgram]:
    simulator = Simulator(TOKEN)
    await simulator.start()
    program = BotProgram(folder, api_url or simulator.url)
    try:
        yield program
    finally:
        for process in program.started():
            with contextlib.suppress(psutil.Error):
                process.kill()
        if program.process is not None:
            await program.process.wait()
        await simulator.stop()


async def test_it_ends_at_once_when_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    async with open_program(tmp_path) as program:
        await program.start()
        assert await program.end() < 4
        assert "ERROR" not in program.read_log().upper()


@pytest.mark.parametrize("kind", HOSTS)
async def test_it_ends_while_a_git_host_does_not_answer(tmp_path: Path, kind: str) -> None:
    with HOSTS[kind]() as port:
        async with open_program(tmp_path) as program:
            program.configure(f'[[origins]]\nname = "far"\ngit = "http://127.0.0.1:{port}/posts.git"\n')
            await program.start()
            await program.until(lambda: program.runs("git-remote"))
            assert await program.end() < 5
            assert "stopped" in program.read_log()


async def test_it_ends_while_git_ignores_signals_and_has_a_child(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text(_STUBBORN.format(python=sys.executable), encoding="utf-8")
    (tools / "git").chmod(0o755)
    async with open_program(tmp_path) as program:
        program.environment["PATH"] = f"{tools}:{program.environment['PATH']}"
        program.configure('[[origins]]\nname = "far"\ngit = "https://git.example/posts.git"\n')
        await program.start()
        await program.until(lambda: len(program.started()) >= 3)
        assert await program.end() < 5


async def test_it_ends_while_it_reads_a_file_that_never_ends(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    async with open_program(tmp_path) as program:
        origins = "".join(
            f'[[origins]]\nname = "more{number}"\nfolder = "{program.posts}"\nsite_config = "{tmp_path}/pipe"\n'
            for number in range(12)
        )
        program.configure(f'posts.site_config = "{tmp_path}/pipe"\n{origins}')
        await program.start()
        assert await program.end() < 7


async def test_it_ends_while_its_second_process_hangs(tmp_path: Path) -> None:
    async with open_program(tmp_path) as program:
        for number in range(6000):
            text = post(f"Post {number}", body=f"<p>{'words of it ' * 300}</p>")
            (program.posts / f"{number}.md").write_text(text, encoding="utf-8")
        await program.start()
        workers: list[psutil.Process] = []

        def is_at_work() -> bool:
            workers[:] = [
                process for process in program.started() if "multiprocessing.spawn" in " ".join(process.cmdline())
            ]
            return any(process.cpu_times().user > 1.5 for process in workers)

        await program.until(is_at_work)
        for worker in workers:
            worker.suspend()
        # The bot must be waiting for them when it is told to stop.
        await asyncio.sleep(1)
        assert await program.end() < 10


async def test_it_ends_while_another_program_holds_the_database(tmp_path: Path) -> None:
    async with open_program(tmp_path) as program:
        await program.start()
        other = sqlite3.connect(tmp_path / "data" / "digestbot.db", isolation_level=None, timeout=5)
        try:
            other.execute("BEGIN EXCLUSIVE")
            # Its jobs run every second: by then they wait for the database.
            await asyncio.sleep(2)
            assert await program.end() < 10
        finally:
            other.close()


async def test_it_ends_while_telegram_does_not_answer(tmp_path: Path) -> None:
    with silent_host() as port:
        async with open_program(tmp_path, f"http://127.0.0.1:{port}") as program:
            await program.start(logged="")
            await program.until((tmp_path / "data" / "digestbot.db").exists)
            # Nothing shows from outside that the bot waits for Telegram's first answer.
            await asyncio.sleep(1)
            assert await program.end() < 10
