"""`digestbot demo`: the real bot against its simulator, with sample posts and a chat page in the browser."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from bot.commands.run import END_SECONDS, end_within, started, stop_signals
from bot.demo.feeds import FEEDS, build_feeds
from bot.demo.more import lay_out_more
from bot.demo.posts import later_days, lay_out
from bot.errors import StartError
from bot.process.app import App
from bot.runtime.clock import MovableClock
from bot.simulator.server import Simulator
from config.load import load_settings
from config.logs import configure_logging
from config.settings import Settings
from digests.errors import DigestsError

TOKEN = "1000000001:demo-token-of-the-simulator"  # noqa: S105 - opens nothing but the simulator
USERNAME = "demo_digest_bot"
READER, ADMIN = 1001, 1002
_PORT = 8787
_PICTURES_SECONDS = 8.0


def run_demo(port: int | None, folder: Path | None, seconds: float | None) -> None:
    """Run the demo until it is stopped, or for so many seconds. It leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="digestbot-demo-") as scratch:
        asyncio.run(_run(port, folder, seconds, Path(scratch)))


async def _run(port: int | None, folder: Path | None, seconds: float | None, scratch: Path) -> None:
    stopping = stop_signals()
    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, stopping.set)
    async with open_demo(scratch, port, folder, stopping) as demo:
        if demo is None:
            return
        print(
            f"The bot is ready. Chat with it in your browser:\n\n    {demo.simulator.url}/\n\n"
            f"As its admin:  {demo.simulator.url}/?user={ADMIN}\nEnd it with Ctrl+C.",
            flush=True,
        )
        await stopping.wait()
        end_within(END_SECONDS)


@dataclass(frozen=True)
class Demo:
    """A running bot, and the simulator that it talks to."""

    app: App
    simulator: Simulator
    clock: MovableClock


@contextlib.asynccontextmanager
async def open_demo(
    scratch: Path, port: int | None, folder: Path | None, stopping: asyncio.Event
) -> AsyncIterator[Demo | None]:
    """Start everything that the demo needs, with its files in `scratch`; yield None if stopped before it was ready."""
    clock = MovableClock()
    morrow = DemoClock(clock)
    simulator = await _start_simulator(port, morrow)
    posts = folder or scratch / "posts"
    try:
        if folder is None:
            morrow.samples = SampleNews(posts, simulator)
            await morrow.samples.begin(clock.now())
        settings = demo_settings(scratch, posts, simulator.url, own_posts=folder is not None)
        configure_logging(settings)
        app = App(settings, clock)
        morrow.app = app
        simulator.world.get_or_add_user(READER, first_name="Robin", language_code="en")
        simulator.world.get_or_add_user(ADMIN, first_name="Ada", language_code="en")
        try:
            if await started(app, stopping):
                # Whoever opens the page at once must find the categories, and be greeted with pictures.
                await app.scan()
                async with app.jobs.paused():
                    await _bring_pictures(app)
                yield Demo(app, simulator, clock)
            else:
                yield None
        finally:
            await app.stop()
    finally:
        await simulator.stop()


async def _bring_pictures(app: App) -> None:
    """Wait some seconds for the posts' pictures and for the covers made of them, while no job runs.

    What takes longer, or fails, is left to the jobs.
    """
    media = app.media
    with contextlib.suppress(TimeoutError, DigestsError):
        async with asyncio.timeout(_PICTURES_SECONDS):
            await media.pipeline.work()
            if media.covers is not None:
                await media.covers.refresh(app.clock.now())


def demo_settings(scratch: Path, posts: Path, api_url: str, *, own_posts: bool) -> Settings:
    """Return default settings, whatever the environment says: a demo must not touch a real bot's database."""
    site = "" if own_posts else str(resources.files("bot") / "demo" / "_config.yml")
    return load_settings(
        environ={"DIGESTBOT_CONFIG": os.devnull},
        data_dir=str(scratch / "data"),
        telegram={"token": TOKEN, "api_url": api_url, "admins": [ADMIN]},
        posts={"folder": str(posts), "site_config": site, "scan_seconds": 3},
        origins=[] if own_posts else _feed_origins(api_url),
        digest={"send_empty": True},
        # The samples' feeds and pictures are served by the simulator, on this machine.
        feeds={"host_seconds": 0},
        fetch={"allow_hosts": [urlsplit(api_url).netloc]},
        delivery={"tick_seconds": 1},
        log={"level": "warning"},
        metrics={"listen": ""},
    )


def _feed_origins(url: str) -> list[dict[str, object]]:
    return [
        {"kind": "feed", "url": f"{url}/feeds/{name}", "category": category, "every": 60}
        for name, category, _, _ in FEEDS.values()
    ]


async def _start_simulator(port: int | None, morrow: DemoClock) -> Simulator:
    pictures = Path(str(resources.files("bot") / "demo" / "pictures"))

    def make(at: int) -> Simulator:
        return Simulator(TOKEN, USERNAME, "Digest", clock=morrow, port=at, pictures=pictures)

    simulator = make(_PORT if port is None else port)
    try:
        await simulator.start()
    except OSError as error:
        if port is not None:
            raise StartError(
                f"Port {port} on 127.0.0.1 can't be listened on ({error.strerror}): "
                "stop what uses it, or give another one by --port."
            ) from error
        simulator = make(0)
        await simulator.start()
    return simulator


class SampleNews:
    """The sample posts and feeds, of which each day of the demo brings more."""

    def __init__(self, posts: Path, simulator: Simulator) -> None:
        self._posts = posts
        self._simulator = simulator
        self._pictures = f"{simulator.url}/pictures"
        self._days: list[datetime] = []

    async def begin(self, now: datetime) -> None:
        """Lay out what is there from the start."""
        await asyncio.to_thread(lay_out, self._posts, now, self._pictures, part="first")
        self._serve_feeds(now)

    async def bring(self, now: datetime) -> None:
        """Lay out what the day brings that ends now."""
        await asyncio.to_thread(self._bring_posts, now, len(self._days) - 1)
        self._serve_feeds(now)

    def _bring_posts(self, now: datetime, day: int) -> None:
        if not lay_out(self._posts, now, self._pictures, part="later", day=day):
            lay_out_more(self._posts, now, day - len(later_days()), self._pictures)

    def _serve_feeds(self, now: datetime) -> None:
        self._days.append(now)
        for feed in build_feeds(self._days, self._pictures):
            self._simulator.feeds.put(feed.name, feed.content_type, feed.body, now)


class DemoClock:
    """The clock that a button on the chat page moves to the next digest, with posts that arrive until then."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._moving = asyncio.Lock()
        self.app: App | None = None
        self.samples: SampleNews | None = None

    def now(self) -> datetime:
        """Return the current time of the demo."""
        return self._clock.now()

    async def next_moment(self) -> datetime | None:
        """Return when the next digest is due; None if none is."""
        return await self.app.stores.places.next_moment() if self.app else None

    async def move_to_next(self) -> datetime | None:
        """Move to the next digest, send it, and return the new time; None if none is due.

        However many people press at once, each press moves to a later digest.
        """
        async with self._moving:
            return await self._move_to_next()

    async def _move_to_next(self) -> datetime | None:
        moment = await self.next_moment()
        if moment is None or self.app is None:
            return None
        # No job may run between moving the clock and reading the posts: it would plan digests without news.
        async with self.app.jobs.paused():
            by = max(moment - self._clock.now(), timedelta()) + timedelta(seconds=1)
            if self.samples is not None:
                await self.samples.bring(self._clock.now() + by)
            self._clock.move(by)
            await self.app.scan()
            await _bring_pictures(self.app)
            await self.app.tick()
        return self._clock.now()
