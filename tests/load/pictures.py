"""Articles' pictures from a server with a latency into the folder of a running bot, whose readers use it meanwhile."""

from __future__ import annotations

import asyncio
import io
import itertools
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import quantiles
from time import monotonic, process_time

import psutil
from aiohttp import web
from PIL import Image

from digests.media.judged import Judged
from digests.media.work import judge_picture
from tests.factories.articles import post
from tests.load.asking import AskingHarness, asking_harness
from tests.load.figures import Figure

_LATENCY = 0.05
_AT_ONCE = 8
_COMMANDS = ("/help", "/categories", "/latest", "/search moon")
_PER_SECOND = 10
_PATIENCE = 120.0
_JUDGED = 40


class PictureServer:
    """Answers each number with a picture of its own, after the latency."""

    def __init__(self, number: int) -> None:
        self.pictures = [_picture(seed) for seed in range(number)]
        self.first: float | None = None
        self.under_way = 0
        self.most_at_once = 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request: the bot's, or one of the simulator that tries previews as Telegram does."""
        if not request.headers.get("User-Agent", "").startswith("digestbot/"):
            return self._picture(request)
        self.first = self.first or monotonic()
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        await asyncio.sleep(_LATENCY)
        self.under_way -= 1
        return self._picture(request)

    def _picture(self, request: web.Request) -> web.Response:
        return web.Response(body=self.pictures[int(request.match_info["number"])], content_type="image/jpeg")

    @property
    def name(self) -> str:
        """The server as `fetch.allow_hosts` names it."""
        return self.url.removeprefix("http://")


@asynccontextmanager
async def picture_server(number: int) -> AsyncIterator[PictureServer]:
    """Serve so many pictures until the block ends."""
    server = PictureServer(number)
    app = web.Application()
    app.router.add_get("/{number}/scene.jpg", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()


async def measure_pictures(number: int) -> list[Figure]:
    """Measure how soon pictures are kept, how much memory the bot takes, and how long its readers wait."""
    print(f"drawing {number:,} pictures …", file=sys.stderr)
    async with picture_server(number) as server:
        judging = number * _judging(server.pictures[:_JUDGED])
        waiting = number * _LATENCY / _AT_ONCE
        options = {
            "fetch__allow_hosts": server.name,
            "fetch__per_host": _AT_ONCE,
            "posts__scan_seconds": 2,
            "telegram__rate": 1000,
            "telegram__chat_rate": 1000,
        }
        async with asking_harness(200, **options) as bot:
            seconds, memory = await _run(bot, server, number)
    p95 = 1000 * quantiles(bot.watch.waits, n=20)[18]
    what = f"{number:,} articles' pictures, {_LATENCY * 1000:g} ms each"
    ideal = max(waiting, judging)
    bound = "by the server" if waiting >= judging else f"by the second process, {1000 * judging / number:.1f} ms each"
    return [
        Figure(f"{what}, {_AT_ONCE} at once: against the ideal ({ideal:.1f} s, {bound})", seconds / ideal, "x", 1.3),
        Figure(f"{what}: requests at once", server.most_at_once, "", _AT_ONCE),
        Figure(f"{what}: most memory of the whole bot", memory, "MB", 200),
        Figure(f"{what}: a reader's command meanwhile, p95 of {len(bot.watch.waits)}", p95, "ms", 200),
    ]


async def _run(bot: AskingHarness, server: PictureServer, number: int) -> tuple[float, float]:
    """Return how many seconds it took from the first request to the last picture kept, and the most memory."""
    bot.watch.waits.clear()
    today = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    # Beside the samples: in a tree with `_posts`, nothing else is a post.
    folder, target = bot.posts.with_name("coming"), next(bot.posts.rglob("_posts")) / "Bench"
    folder.mkdir()
    for count in range(number):
        text = post(f"Pictured number {count}", thumbnail=f"{server.url}/{count}/scene.jpg", date=today)
        (folder / f"{count}.md").write_text(text, encoding="utf-8")
    # At once, as a crawler's commit brings them: one scan takes them in.
    folder.rename(target)
    commands, most, end = itertools.cycle(_COMMANDS), 0.0, monotonic() + _PATIENCE
    for chat in itertools.cycle(range(1, 201)):
        bot.say(chat, next(commands))
        await asyncio.sleep(1 / _PER_SECOND)
        most = max(most, await asyncio.to_thread(memory_mb, bot.process))
        states = await asyncio.to_thread(_states, bot.database, server.url)
        if states.get("kept", 0) == number:
            break
        assert monotonic() < end, f"not all pictures were kept in time: {states}"
    kept_at = monotonic()
    await bot.until(lambda: not bot.watch.open, 30)
    assert server.first is not None
    return kept_at - server.first, most


def _states(database: Path, url: str) -> Mapping[str, int]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT state, count(*) FROM article_pictures WHERE host = ? GROUP BY state", (url.removeprefix("http://"),)
        )
        return dict(rows.fetchall())


def memory_mb(process: psutil.Process) -> float:
    """Return what the bot's processes take together, in MB; what they share, as the interpreter, counts once.

    A child that is about to become another program is left out: for some milliseconds it shows its parent's memory.
    """
    sizes, command = [process.memory_full_info().pss], process.cmdline()
    for child in process.children(recursive=True):
        try:
            if child.cmdline() != command:
                sizes.append(child.memory_full_info().pss)
        except psutil.Error:
            continue
    return sum(sizes) / 1e6


def _judging(pictures: list[bytes]) -> float:
    """Return the CPU time of judging a picture here, in seconds; the best of three."""
    times = []
    for _ in range(3):
        began = process_time()
        for data in pictures:
            assert isinstance(judge_picture(data), Judged)
        times.append((process_time() - began) / len(pictures))
    return min(times)


def _picture(seed: int) -> bytes:
    """Return a picture that looks like none with another seed."""
    blocks = Image.frombytes("RGB", (25, 16), Random(seed).randbytes(25 * 16 * 3))
    file = io.BytesIO()
    blocks.resize((480, 300), Image.Resampling.BICUBIC).save(file, "JPEG", quality=80)
    return file.getvalue()
