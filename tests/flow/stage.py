"""A whole bot on a stage: the real program over real HTTP against the simulator, on a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from bot.app import App
from bot.simulator.server import Simulator
from config.load import load_settings
from config.settings import Settings
from digests.model.place import Place, PlaceState
from tests.factories.articles import post
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.flow.reader import Reader

TOKEN = "123456:test-token"
ADMIN = 9001


class Stage:
    """What a flow test holds in its hands."""

    def __init__(self, folder: Path, simulator: Simulator, **settings: Any) -> None:
        self.folder = folder
        self.simulator = simulator
        self.clock = FakeClock(NOW)
        self.posts = folder / "posts"
        self.posts.mkdir(parents=True, exist_ok=True)
        self.settings = stage_settings(folder, simulator.url, **settings)
        self.app = self.new_app()
        self.people: list[Reader] = []

    async def start(self, *, scheduled: bool = False) -> None:
        await self.app.start(scheduled=scheduled)

    async def restart(self, *, scheduled: bool = False) -> None:
        """Ends the bot and starts it anew on the same files."""
        await self.app.stop()
        self.app = self.new_app()
        await self.start(scheduled=scheduled)

    def new_app(self) -> App:
        return App(self.settings, self.clock)

    def write(self, title: str, *, path: str | None = None, **changed: Any) -> Path:
        """A post's file; it is read at the next `scan`."""
        values = {"date": f"{self.clock.now() - timedelta(hours=1):%Y-%m-%d %H:%M:%S}"} | changed
        categories = values.get("categories", ("Science", "Tidewater", "Oceans"))
        file = self.posts / (path or "/".join([*categories, f"{title}.md"]))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(post(title, **values), encoding="utf-8")
        return file

    async def publish(self, *titles: str, **changed: Any) -> None:
        for title in titles:
            self.write(title, **changed)
        await self.app.scan()

    async def reader(self, name: str = "Robin", language: str = "en", **more: Any) -> Reader:
        person = await Reader.arrive(self.simulator.url, first_name=name, language_code=language, **more)
        self.people.append(person)
        return person

    async def subscriber_of(self, *titles: str) -> Reader:
        """A subscriber whose first digest held articles with these titles."""
        await self.publish(*titles)
        return await self.subscriber()

    async def admin(self) -> Reader:
        person = await self.reader("Ada", user_id=ADMIN)
        await person.say("/id")
        return person

    async def subscriber(self, name: str = "Robin", language: str = "en", category: str = "Science") -> Reader:
        """Somebody who has been through /start."""
        person = await self.reader(name, language)
        await person.say("/start")
        await person.press(category)
        await person.press("Done" if language == "en" else "完成")
        # The press is answered before the first digest is on its way.
        await person.wait_for("📰")
        return person

    async def place(self, person: Reader) -> Place:
        found = await self.app.rooms.places.find(person.id)
        assert found is not None
        return found

    async def tick(self) -> None:
        await self.app.tick()

    async def move_to(self, moment: datetime) -> None:
        self.clock.move(moment - self.clock.now())
        await self.tick()

    async def next_slot(self) -> None:
        """Goes to the moment at which the next digest is due."""
        moment = await self.app.rooms.places.next_moment()
        assert moment is not None
        await self.move_to(moment)

    async def is_in_state(self, chat: Reader | int, state: PlaceState) -> bool:
        found = await self.app.rooms.places.find(chat if isinstance(chat, int) else chat.id)
        return found is not None and found.state is state

    async def until(self, holds: Callable[[], Awaitable[bool]], seconds: float = 5) -> None:
        """Waits for something that the bot does by itself."""
        end = monotonic() + seconds
        while not await holds():
            assert monotonic() < end, "it did not come about in time"
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        await self.app.stop()
        for person in self.people:
            await person.close()


def stage_settings(
    folder: Path, api_url: str, *, origins: Sequence[dict[str, Any]] = (), **sections: dict[str, Any]
) -> Settings:
    base: dict[str, dict[str, Any]] = {
        "telegram": {
            "token": TOKEN,
            "api_url": api_url,
            "admins": [ADMIN],
            "poll_seconds": 1,
            "chat_rate": 100,
            "group_rate": 900,
        },
        "posts": {"folder": str(folder / "posts")},
    }
    for name, options in sections.items():
        base.setdefault(name, {}).update(options)
    given: dict[str, Any] = {"data_dir": str(folder / "data"), "origins": list(origins), **base}
    return load_settings(environ={}, **given)


@asynccontextmanager
async def open_stage(folder: Path, **settings: Any) -> AsyncIterator[Stage]:
    """A started bot; at the end everything that it sent must have been to Telegram's liking."""
    simulator = Simulator(TOKEN)
    await simulator.start()
    stage = Stage(folder, simulator, **settings)
    try:
        await stage.start()
        yield stage
        assert_liked(simulator)
    finally:
        await stage.close()
        await simulator.stop()


def assert_liked(simulator: Simulator) -> None:
    """No press unanswered, no parameter that Telegram does not know, no entity dropped, no markup refused."""
    ledger = simulator.world.ledger
    assert not simulator.world.presses.unanswered()
    assert not ledger.unknown_parameters
    assert not ledger.dropped_entities
    ours = ("can't parse", "too long", "is empty", "BUTTON", "invalid")
    refused = {words: number for words, number in ledger.refusals.items() if any(one in words for one in ours)}
    assert not refused
