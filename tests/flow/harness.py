"""The whole program over real HTTP against the simulator, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.process.app import App
from bot.simulator.server import Simulator
from config.load import load_settings
from config.settings import Settings
from digests.jobs.local import LocalJobs
from digests.model.place import Place, PlaceState
from tests.empty_database import make_empty_database
from tests.factories.articles import CATEGORIES, post
from tests.factories.places import imported
from tests.factories.times import HOUR, NOW
from tests.fakes import FakeClock
from tests.flow.reader import Reader

TOKEN = "123456:test-token"
ADMIN = 9001
FRESH = True
"""For `open_harness`: the bot makes its own database."""


class BotHarness:
    """A bot with its posts, its clock, the simulator that it talks to, and the people who use it."""

    def __init__(self, folder: Path, simulator: Simulator, **settings: Any) -> None:
        self.folder = folder
        self.simulator = simulator
        self.clock = FakeClock(NOW)
        self.posts = folder / "posts"
        self.posts.mkdir(parents=True, exist_ok=True)
        self.settings = harness_settings(folder, simulator.url, **settings)
        self.app = self.new_app()
        self.people: list[Reader] = []

    async def start(self, *, scheduled: bool = False) -> None:
        """Start the bot; without its jobs, unless they are `scheduled`."""
        await self.app.start(scheduled=scheduled)

    async def restart(self, *, scheduled: bool = False) -> None:
        """End the bot and start another one on the same files."""
        await self.app.stop()
        self.app = self.new_app()
        await self.start(scheduled=scheduled)

    async def close(self) -> None:
        """End the bot and let the people go, even if ending it fails."""
        async with AsyncExitStack() as closing:
            for person in self.people:
                closing.push_async_callback(person.close)
            await self.app.stop()

    def new_app(self) -> App:
        """Return a bot on these files and this clock that has not been started."""
        return App(self.settings, self.clock)

    # Posts

    def write(self, title: str, *, path: str | None = None, **changes: Any) -> Path:
        """Write a post's file, an hour old; the bot reads it at its next scan."""
        values = {"date": f"{self.clock.now() - HOUR:%Y-%m-%d %H:%M:%S}"} | changes
        categories = values.get("categories", CATEGORIES)
        file = self.posts / (path or "/".join([*categories, f"{title}.md"]))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(post(title, **values), encoding="utf-8")
        return file

    async def publish(self, *titles: str, **changes: Any) -> None:
        """Write posts of these titles and scan them."""
        for title in titles:
            self.write(title, **changes)
        await self.app.scan()

    # People

    async def reader(self, name: str = "Robin", language: str = "en", **more: Any) -> Reader:
        """Return a person who has not met the bot."""
        person = await Reader.arrive(self.simulator.url, first_name=name, language_code=language, **more)
        self.people.append(person)
        return person

    async def admin(self) -> Reader:
        """Return the admin whom the settings name; they have written to the bot."""
        person = await self.reader("Ada", user_id=ADMIN)
        await person.say("/id")
        return person

    async def subscriber(self, name: str = "Robin", language: str = "en", category: str = "Science") -> Reader:
        """Return a person who has been through /start and got their first digest."""
        person = await self.reader(name, language)
        await person.say("/start")
        await person.press(category)
        await person.press("Done" if language == "en" else "完成")
        # The press is answered before the first digest is on its way; the question about the clock ends the set-up.
        await person.wait_for("📰")
        await person.wait_for("🕐")
        return person

    async def subscriber_of(self, *titles: str) -> Reader:
        """Return a subscriber whose first digest held articles with these titles."""
        await self.publish(*titles)
        return await self.subscriber()

    async def add_chats(self, chat_ids: Iterable[int], **settings: Any) -> None:
        """Import chats that follow Science, as `digestbot chats import` does: nobody has to press anything."""
        science = await self.app.stores.categories.ensure([("Science",)])
        chats = []
        for chat in chat_ids:
            self.simulator.world.add_user(f"Reader {chat}", user_id=chat, started=True, language_code="en")
            chats.append(imported(chat, None, *science.values(), **settings))
        await self.app.stores.chat_imports.import_chats(chats, self.clock.now())

    async def place(self, person: Reader) -> Place:
        """Return the place of a person's private chat."""
        found = await self.app.stores.places.find(person.id)
        assert found is not None
        return found

    async def is_in_state(self, chat: Reader | int, state: PlaceState) -> bool:
        """Return whether the bot knows the chat and has it in this state."""
        found = await self.app.stores.places.find(chat if isinstance(chat, int) else chat.id)
        return found is not None and found.state is state

    # Time

    async def tick(self) -> None:
        """Do what is due by the clock."""
        await self.app.tick()

    async def move_to(self, moment: datetime) -> None:
        """Set the clock to a moment and do what is due then."""
        self.clock.move(moment - self.clock.now())
        await self.tick()

    async def next_slot(self) -> None:
        """Move to the moment at which the next digest is due."""
        moment = await self.app.stores.places.next_moment()
        assert moment is not None
        await self.move_to(moment)


def local_jobs(harness: BotHarness) -> LocalJobs:
    """Return what runs the jobs of a bot on SQLite."""
    assert isinstance(harness.app.jobs, LocalJobs)
    return harness.app.jobs


def harness_settings(
    folder: Path, api_url: str, *, origins: Sequence[dict[str, Any]] = (), **sections: dict[str, Any]
) -> Settings:
    """Return the settings of a bot on the folder: fast polling, rates that no test runs into, one admin."""
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
        "metrics": {"listen": ""},
    }
    for name, options in sections.items():
        base.setdefault(name, {}).update(options)
    given: dict[str, Any] = {"data_dir": str(folder / "data"), "origins": list(origins), **base}
    return load_settings(environ={}, **given)


@asynccontextmanager
async def open_harness(folder: Path, fresh: bool = False, /, **settings: Any) -> AsyncIterator[BotHarness]:
    """Run a bot, and assert at the end that Telegram liked everything that it sent.

    It finds an empty database, unless it is to be `fresh` and make its own, which takes longer.
    """
    async with AsyncExitStack() as closing:
        simulator = Simulator(TOKEN)
        closing.push_async_callback(simulator.stop)
        await simulator.start()
        harness = BotHarness(folder, simulator, **settings)
        file = folder / "data" / "digestbot.db"
        if not fresh and harness.settings.database_url == f"sqlite:///{file}" and not file.exists():
            make_empty_database(file)
        closing.push_async_callback(harness.close)
        await harness.start()
        yield harness
        assert_liked(simulator)


def assert_liked(simulator: Simulator) -> None:
    """Assert that no press is unanswered, no parameter unknown to Telegram, no entity dropped, no markup refused."""
    ledger = simulator.world.ledger
    assert not simulator.world.presses.unanswered()
    assert not ledger.unknown_parameters
    assert not ledger.dropped_entities
    ours = ("can't parse", "too long", "is empty", "BUTTON", "invalid")
    refused = {
        words: number
        for words, number in ledger.refusals.items()
        if any(fault_of_ours in words for fault_of_ours in ours)
    }
    assert not refused, [call for call in ledger.calls if call.description in refused]
