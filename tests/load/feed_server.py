"""A web of feeds as a process of its own: `python -m tests.load.feed_server`, ended by the end of its input.

Its host `feedN.test` has the feed N, told by the header Host. It answers after a latency, and 304 to its newest ETag.
The first line that it prints is its port. Then it answers each line of its input: `publish STEP FIRST` gives every
so-manieth feed one more item, and `count` does nothing. The answer is how many requests there were since the last, and
the moment of the first of them on the monotonic clock.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from time import monotonic

from aiohttp import web

from tests.load.texts import Writer

ITEMS = 30
_TEXT = 900


@lru_cache(maxsize=1)
def _texts() -> list[str]:
    writer = Writer(11)
    return [writer.text(_TEXT) for _ in range(400)]


def feed_body(number: int, items: int = ITEMS, new: int = 0) -> bytes:
    """Return the feed of a site in RSS 2.0, the newest of its items first; `new` are those that it has more."""
    texts, site = _texts(), f"http://feed{number}.test"
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Site {number}</title><link>{site}/</link><description>News of site {number}</description>"
    ]
    for count in range(items + new - 1, new - 1, -1):
        text = texts[(number * 31 + count * 7) % len(texts)]
        title = f"{text[:24]} {number} {count}"
        paragraphs = "".join(f"<p>{escape(some)}</p>" for some in text.split("。" if "。" in text else ". "))
        date = format_datetime(now - timedelta(hours=items + new - count))
        parts.append(
            f"<item><title>{escape(title)}</title><link>{site}/news/{count}.html?utm_source=rss</link>"
            f'<guid isPermaLink="false">{site}/{count}</guid><pubDate>{date}</pubDate><category>News</category>'
            f"<description>{escape(text[:160])}</description>"
            f"<content:encoded><![CDATA[{paragraphs}]]></content:encoded></item>"
        )
    return "".join([*parts, "</channel></rss>"]).encode()


class FeedSites:
    """Answers for all feeds; `news` are how many items each has had more than at first."""

    def __init__(self, number: int, latency: float) -> None:
        self.latency = latency
        self.requests = 0
        self.first = 0.0
        self._news = [0] * number
        # Written beforehand, so that no answer waits for it.
        self._bodies = [feed_body(each) for each in range(number)]

    def publish(self, step: int, first: int) -> None:
        """Let every so-manieth feed have one more item, from the feed `first` on."""
        for number in range(first, len(self._news), step):
            self._news[number] += 1
            self._bodies[number] = feed_body(number, new=self._news[number])

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request."""
        self.first = self.first or monotonic()
        self.requests += 1
        await asyncio.sleep(self.latency)
        number = int(request.host.partition(".")[0].removeprefix("feed"))
        etag = f'"{number}-{self._news[number]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=self._bodies[number], content_type="application/rss+xml", headers={"ETag": etag})


async def _main(number: int, latency: float) -> None:
    sites = FeedSites(number, latency)
    app = web.Application()
    app.router.add_get("/{path:.*}", sites.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    while words := (await asyncio.to_thread(sys.stdin.readline)).split():
        if words[0] == "publish":
            sites.publish(int(words[1]), int(words[2]))
        print(sites.requests, sites.first, flush=True)
        sites.requests, sites.first = 0, 0.0
    await runner.cleanup()


class FeedSitesProcess:
    """The process, as its user sees it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.port = port

    async def publish(self, step: int = 1, first: int = 0) -> None:
        """Let every so-manieth feed have one more item, from the feed `first` on."""
        await self._ask(f"publish {step} {first}")

    async def count(self) -> tuple[int, float]:
        """Return how many requests there were since this or `publish` was called, and when the first was."""
        requests, first = (await self._ask("count")).split()
        return int(requests), float(first)

    async def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n".encode())
        return (await self._process.stdout.readline()).decode()


@asynccontextmanager
async def feed_sites(number: int, latency: float) -> AsyncIterator[FeedSitesProcess]:
    """Serve so many feeds until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.load.feed_server",
        str(number),
        str(latency),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield FeedSitesProcess(process, int(await process.stdout.readline()))
    finally:
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
