"""The bot killed while people tap and write: what each update has come to, at the end.

The tests run it at a small size, `make bench` at a larger one.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from time import monotonic
from typing import Any

import sqlalchemy as sa

from bot.callbacks import TICK, ToggleButton, unpack
from bot.simulator.botapi.message_text import parse_person_text
from bot.simulator.person import actions
from bot.simulator.server import Simulator
from bot.simulator.state import webhook as simulator_webhook
from bot.simulator.state.chats import Message
from digests.errors import StorageError
from digests.storage.articles.categories import CategoryStore
from digests.storage.cluster.updates import UpdateStore
from digests.storage.database import Database
from digests.storage.places.places import PlaceStore
from digests.storage.schema.place_tables import links
from tests.load.database import add_chats, make_database
from tests.load.harness import TOKEN, BotProcess, Forkserver
from tests.waiting import until

_ADMINS = range(101, 113)
_READERS = range(1, 13)
_CATEGORIES = [("Science",), ("Arts",), ("Sports",)]
_EACH = 3
"""How many messages of somebody may wait: of more, the bot answers only the newest few, which is no loss."""


@dataclass
class TapAudit:
    """What became of what people said and pressed."""

    said: int = 0
    """Commands that each make a row."""
    made: int = 0
    pressed: int = 0
    wrong: int = 0
    """Categories that are not as the last tap on them left them."""
    kills: int = 0
    open: int = 0
    """The most updates that were stored and not done at one kill."""
    unconfirmed: int = 0
    """The most that Telegram still had then."""

    def assert_right(self) -> None:
        """Assert that every update had its effect once."""
        assert self.said
        assert self.pressed
        assert (self.made, self.wrong) == (self.said, 0), self


@dataclass
class Crowd:
    """Admins who write a command that makes a row each time, and readers who tick and untick categories."""

    simulator: Simulator
    chance: random.Random
    screens: dict[int, Message] = field(default_factory=dict)
    wanted: dict[tuple[int, int], int] = field(default_factory=dict)
    said: int = 0
    pressed: int = 0
    waiting: Counter[int] = field(default_factory=Counter)

    def say(self, user: int, text: str) -> None:
        """Write to the bot."""
        world = self.simulator.world
        actions.write_message(world, world.users[user], world.chats[user], parse_person_text(text))

    def do_something(self) -> None:
        """Write or tap once, unless too much of everybody's waits."""
        admins = [user for user in _ADMINS if self.waiting[user] < _EACH]
        readers = [user for user in _READERS if self.waiting[user] < 4 * _EACH]
        if not admins and not readers:
            return
        user = self.chance.choice(admins + readers)
        self.waiting[user] += 1
        if user in _ADMINS:
            self.say(user, "/invite")
            self.said += 1
            return
        world, message = self.simulator.world, self.screens[user]
        carried = [str(button.get("callback_data", "")) for row in message.inline_keyboard for button in row]
        toggles = [data for data in carried if isinstance(unpack(data), ToggleButton)]
        data = self.chance.choice(toggles)
        pressed = unpack(data)
        assert isinstance(pressed, ToggleButton)
        self.wanted[user, pressed.category] = pressed.to
        self.pressed += 1
        actions.press_button(world, world.users[user], message.chat, message.id, data)


class Balancer(dict[str, str]):
    """Gives each request to the next of several bots, as a balancer does."""

    def __init__(self, ports: tuple[int, ...]) -> None:
        super().__init__()
        self._targets = cycle(f"http://127.0.0.1:{port}" for port in ports)

    def items(self) -> Any:
        """Return whose turn it is."""
        return {"https://bot.example": next(self._targets)}.items()


class UpdateKills:
    """A simulator, a database, and bots that are started and killed while a crowd uses them."""

    def __init__(
        self, folder: Path, *, url: str = "", ports: tuple[int, ...] = (), bots: int = 1, seed: int = 1
    ) -> None:
        self._folder = folder
        self._ports = ports
        self._bots = bots
        self._chance = random.Random(seed)
        self._url = url
        self.simulator = Simulator(TOKEN)
        self.crowd = Crowd(self.simulator, self._chance)
        self.forkservers: list[Forkserver] = []

    async def __aenter__(self) -> UpdateKills:
        simulator = self.simulator
        simulator.world.ledger.hold_calls = False
        await simulator.start()
        for user in (*_READERS, *_ADMINS):
            simulator.world.add_user(f"Person {user}", user_id=user, started=True, language_code="en")
        for number in range(self._bots):
            folder = self._folder / f"bot {number}"
            folder.mkdir(parents=True)
            options = {"database__url": self._url} if self._url else {}
            if self._ports:
                options |= {"telegram__webhook_url": "https://bot.example/hook"}
                options |= {"telegram__webhook_listen": f"127.0.0.1:{self._ports[number]}"}
            bot = BotProcess(
                folder, simulator.url, log__level="error", telegram__rate=1000, telegram__chat_rate=100, **options
            )
            bot.environment["DIGESTBOT_TELEGRAM__ADMINS"] = ",".join(map(str, _ADMINS))
            if number == 0:
                if not self._url:
                    make_database(bot.database_url)
                self.database = Database(bot.database_url)
            self.forkservers.append(Forkserver(bot))
            await self.forkservers[-1].open()
        if self._ports:
            simulator_webhook._FIRST_DELAY, simulator_webhook._MAX_DELAY = 0.05, 0.2
            simulator._webhook_sender._targets = Balancer(self._ports)
        await add_chats(self.database, _READERS, datetime.now(UTC))
        await CategoryStore(self.database).ensure(_CATEGORIES)
        return self

    async def __aexit__(self, *_: object) -> None:
        for forkserver in self.forkservers:
            await forkserver.close()
        await self.database.close()
        await self.simulator.stop()

    async def open_screens(self) -> None:
        """Have every reader open the categories."""
        world = self.simulator.world
        for user in _READERS:
            self.crowd.say(user, "/categories")
        for user in _READERS:
            chat = world.chats[user]

            def screen() -> Message | None:
                return next((sent for sent in chat.messages.values() if sent.inline_keyboard), None)  # noqa: B023

            await until(lambda: screen() is not None, 30)
            found = screen()
            assert found is not None
            self.crowd.screens[user] = found
        await self.settled()

    async def use(self, seconds: float) -> None:
        """Write and tap for so long."""
        end = monotonic() + seconds
        while monotonic() < end:
            self.crowd.do_something()
            await asyncio.sleep(self._chance.uniform(0.002, 0.02))
            if not self.simulator.world.updates.waiting and not await self._open():
                self.crowd.waiting.clear()

    async def use_a_moment(self) -> None:
        """Write and tap a few times, and return while some of that is under way."""
        for _ in range(5):
            self.crowd.do_something()
            await asyncio.sleep(self._chance.uniform(0, 0.004))

    async def settled(self) -> None:
        """Wait until nothing waits, with Telegram or with the bot."""

        async def nothing_waits() -> bool:
            return not self.simulator.world.updates.waiting and not await self._open()

        await until(nothing_waits, 60, pause=0.05)
        self.crowd.waiting.clear()

    async def _open(self) -> int:
        with suppress(StorageError):
            return await UpdateStore(self.database, "nobody", timedelta(seconds=1)).waiting()
        return 1

    async def audit(self) -> TapAudit:
        """Return what everything has come to."""
        query = sa.select(sa.func.count()).select_from(links).where(links.c.purpose == "invite")
        async with self.database.read() as connection:
            made = int(await connection.scalar(query) or 0)
        places, wrong = PlaceStore(self.database), 0
        for user in _READERS:
            place = await places.find(user)
            assert place is not None
            followed = await places.subscriptions(place.id)
            wrong += sum(
                (to == TICK) != (category in followed)
                for (reader, category), to in self.crowd.wanted.items()
                if reader == user
            )
        return TapAudit(said=self.crowd.said, made=made, pressed=self.crowd.pressed, wrong=wrong)

    async def note(self, audit: TapAudit) -> None:
        """Note what was under way at a kill."""
        audit.kills += 1
        audit.open = max(audit.open, await self._open())
        audit.unconfirmed = max(audit.unconfirmed, len(self.simulator.world.updates.waiting))


async def kill_of_two(folder: Path, kills: int, *, url: str, ports: tuple[int, ...] = ()) -> TapAudit:
    """Let two bots share a database, and kill one or the other again and again while people use them.

    Updates come by webhook, to one or the other, if there are `ports`.
    """
    chance = random.Random(5)
    async with UpdateKills(folder, url=url, ports=ports, bots=2) as found:
        for bot in found.forkservers:
            await bot.start()
        await found.open_screens()
        for _ in range(kills):
            await found.use(chance.uniform(1.0, 2.0))
            bot = chance.choice(found.forkservers)
            await bot.kill()
            await found.use(chance.uniform(0.2, 1.0))
            await bot.start()
        await found.use(0.5)
        await found.settled()
        return await found.audit()


async def kill_while_people_tap(folder: Path, kills: int, *, url: str = "", port: int = 0, seed: int = 1) -> TapAudit:
    """Kill the bot again and again while people use it, and let the last one finish.

    Updates come by webhook if a `port` is given.
    """
    met = TapAudit()
    async with UpdateKills(folder, url=url, ports=(port,) if port else (), seed=seed) as found:
        [bot] = found.forkservers
        await bot.start()
        await found.open_screens()
        for number in range(kills):
            # It takes half a second until it receives; after that, anything may be under way.
            await found.use(random.Random(seed + number).uniform(0.5, 1.6))
            await found.use_a_moment()
            await bot.kill()
            await found.note(met)
            await bot.start()
        await found.use(0.5)
        await found.settled()
        audit = await found.audit()
        return replace(audit, kills=met.kills, open=met.open, unconfirmed=met.unconfirmed)
