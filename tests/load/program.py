"""The program as a whole: how soon it helps, how soon it answers, how much memory it keeps."""

from __future__ import annotations

import asyncio
import subprocess
import tarfile
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import psutil

from bot.demo.posts import lay_out
from bot.simulator.person.driver import Person
from bot.simulator.server import Simulator
from tests.factories.times import NOW
from tests.load.figures import Figure
from tests.program import PROGRAM, program_environment

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "posts.tar.gz"
_IDLE_SECONDS = 60.0
TOKEN = "987654321:bench-token-of-the-simulator"


async def measure_program() -> list[Figure]:
    """Measure the start of the program, and what it takes while it is idle."""
    ready, memory, idle, posts = await _bot()
    return [
        Figure("`digestbot --help`, median of 9", _help(), "s", 0.5),
        Figure(f"start to the first answer ({posts})", ready, "s", 3),
        Figure(f"idle RSS of the bot ({posts})", memory, "MB", 150),
        Figure(f"CPU of an idle bot, of one core ({_IDLE_SECONDS:g} s)", idle, "%", 1),
    ]


def _help() -> float:
    times = []
    for _ in range(9):
        began = perf_counter()
        subprocess.run([PROGRAM, "--help"], check=True, stdout=subprocess.DEVNULL)
        times.append(perf_counter() - began)
    return median(times)


async def _bot() -> tuple[float, float, float, str]:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        what = _lay_posts(scratch / "posts")
        simulator = Simulator(TOKEN, "bench_bot", "Bench")
        await simulator.start()
        try:
            person = await Person.arrive(simulator.url, first_name="Robin")
            await person.say("/id")
            began = perf_counter()
            bot = await asyncio.create_subprocess_exec(PROGRAM, "run", env=environment_of(scratch, simulator.url))
            try:
                await person.wait_for("Your Telegram id", 30)
                ready = perf_counter() - began
                # The work of the start has ended by then, and the bot is idle.
                await asyncio.sleep(8)
                process = psutil.Process(bot.pid)
                before = process.cpu_times()
                await asyncio.sleep(_IDLE_SECONDS)
                after = process.cpu_times()
                spent = after.user + after.system - before.user - before.system
                return ready, process.memory_info().rss / 1e6, 100 * spent / _IDLE_SECONDS, what
            finally:
                bot.terminate()
                await asyncio.wait_for(bot.wait(), 15)
                await person.close()
        finally:
            await simulator.stop()


def _lay_posts(folder: Path) -> str:
    if CORPUS.is_file():
        with tarfile.open(CORPUS) as packed:
            packed.extractall(folder, filter="data")
        return "the 40 posts of the corpus"
    return f"{lay_out(folder, NOW, '', part='all')} sample posts"


def environment_of(scratch: Path, url: str, **options: object) -> dict[str, str]:
    """Return the environment of a bot on the posts in `scratch`; `options` are written like `telegram__rate`."""
    defaults = {"telegram__token": TOKEN, "telegram__api_url": url, "telegram__admins": 1, "log__level": "warning"}
    return program_environment(scratch, **defaults | options)
