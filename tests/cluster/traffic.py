"""What people and the news do to a cluster while something fails, and what all of it has come to at the end."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from time import monotonic
from typing import cast

import sqlalchemy as sa

from bot.callbacks import TICK, ToggleButton, unpack
from bot.simulator.botapi.message_text import parse_person_text
from bot.simulator.person import actions
from bot.simulator.state.chats import Message
from digests.errors import StorageError
from digests.model.delivery import DeliveryState
from digests.model.ids import CategoryId
from digests.model.place import PlaceState
from digests.storage.articles.categories import CategoryStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema import updates
from digests.storage.schema.announcement_tables import announcements
from digests.storage.schema.delivery_tables import deliveries, parts
from digests.storage.schema.place_tables import links, places
from tests.cluster.harness import Cluster
from tests.load.database import add_chats, announce
from tests.load.faults import LedgerAudit, compare, until_settled
from tests.waiting import until

ADMINS = range(9101, 9107)
TAPPERS = range(9201, 9209)
WORKERS = 16
OPTIONS = {"telegram__admins": ",".join(map(str, ADMINS)), "delivery__workers": WORKERS, "telegram__rate": 75}
"""What the processes have to be told. What is uncertain after a fault is at most what `WORKERS` had in hand."""
_PAUSE = 0.15
_ENOUGH = 100
_EACH = 3
"""How many messages of somebody may wait: of more, the bot answers only the newest few, which is no loss."""


@dataclass
class Traffic:
    """Digests every few seconds, an announcement now and then, and people who write and tap all the time."""

    cluster: Cluster
    news_seconds: float = 8.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    categories: frozenset[CategoryId] = frozenset()
    screens: dict[int, Message] = field(default_factory=dict)
    wanted: dict[tuple[int, CategoryId], int] = field(default_factory=dict)
    waiting: Counter[int] = field(default_factory=Counter)
    said: int = 0
    pressed: int = 0
    announced: int = 0
    published: int = 0

    async def prepare(self) -> None:
        """Add the people."""
        world, database = self.cluster.simulator.world, self.cluster.database
        for user in (*ADMINS, *TAPPERS):
            world.add_user(f"Person {user}", user_id=user, started=True, language_code="en")
        await add_chats(database, TAPPERS, datetime.now(UTC))
        made = await CategoryStore(database).ensure([("Science",), ("Arts",), ("Sports",)])
        self.categories = frozenset(made.values())

    async def open_screens(self) -> None:
        """Have those who tap open their categories; bots must be running."""
        chats = self.cluster.simulator.world.chats
        for user in TAPPERS:
            self._say(user, "/categories")
        await until(lambda: all(_screen(chats[user].messages) for user in TAPPERS), 60, pause=0.05)
        for user in TAPPERS:
            found = _screen(chats[user].messages)
            assert found is not None
            self.screens[user] = found
        await self.answered()
        self.waiting.clear()

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Let all of it go on inside the block."""
        tasks = [asyncio.create_task(work()) for work in (self._use, self._publish)]
        try:
            yield
            for task in tasks:
                assert not task.done(), task.exception()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def works(self, seconds: float = 90) -> None:
        """Wait until digests arrive, and what people tap has its effect."""
        accepted = self.cluster.simulator.world.ledger.accepted
        before = accepted.total()
        await until(lambda: accepted.total() > before + _ENOUGH, seconds, pause=0.1, failure=self._what_waits)
        await self.answered(seconds)

    async def answered(self, seconds: float = 90) -> None:
        """Wait until the bot is done with every update that has come by now."""
        last = self._last_update
        await until(lambda: self._is_done(last), seconds, pause=0.05, failure=self._what_waits)

    @property
    def _last_update(self) -> int:
        return self.cluster.simulator.world.updates._last_id

    async def _is_done(self, last: int) -> bool:
        """Return whether no update up to this one waits, with Telegram or with the bot."""
        if any(cast("int", update["update_id"]) <= last for update in self.cluster.simulator.world.updates.waiting):
            return False
        waits = sa.select(updates.c.id).where(updates.c.done_at.is_(None), updates.c.id <= last).limit(1)
        with suppress(StorageError):
            async with self.cluster.database.read() as connection:
                return (await connection.execute(waits)).first() is None
        return False

    def _what_waits(self) -> str:
        said = [f"{program.name}: {program.tail()}" for program in self.cluster.programs if program.is_running]
        return f"{len(self.cluster.simulator.world.updates.waiting)} wait with Telegram; " + "\n".join(said)

    async def _use(self) -> None:
        last, before = self._last_update, Counter[int]()
        while True:
            self._do_something()
            await asyncio.sleep(_PAUSE)
            if await self._is_done(last):
                self.waiting -= before
                last, before = self._last_update, self.waiting.copy()

    async def _publish(self) -> None:
        while True:
            with suppress(StorageError):
                await self.cluster.news()
                self.published += 1
                if self.published % 3 == 1:
                    await announce(self.cluster.database, f"announcement {self.published} <b>to all</b>")
            await asyncio.sleep(self.news_seconds)

    def _do_something(self) -> None:
        """Write or tap once, unless too much of everybody's waits."""
        admins = [user for user in ADMINS if self.waiting[user] < _EACH]
        tappers = [user for user in TAPPERS if self.waiting[user] < 4 * _EACH]
        if not admins and not tappers:
            return
        user = self.chance.choice(admins + tappers)
        self.waiting[user] += 1
        if user in ADMINS:
            self._say(user, "/invite")
            self.said += 1
            return
        message = self.screens[user]
        toggles = [(data, pressed) for data, pressed in _toggles(message) if pressed.category in self.categories]
        data, pressed = self.chance.choice(toggles)
        self.wanted[user, CategoryId(pressed.category)] = pressed.to
        self.pressed += 1
        world = self.cluster.simulator.world
        actions.press_button(world, world.users[user], message.chat, message.id, data)

    def _say(self, user: int, text: str) -> None:
        world = self.cluster.simulator.world
        actions.write_message(world, world.users[user], world.chats[user], parse_person_text(text))

    async def audit(self, most_uncertain: int, seconds: float = 120) -> LedgerAudit:
        """Wait until all is done, and assert that nothing was lost and nothing came twice.

        At most so many parts may be uncertain, which is what was under way when something failed.
        """
        await self.answered(seconds)
        await until_settled(self.cluster.database, seconds)
        # A second copy would arrive soon after.
        await asyncio.sleep(2)
        found = await compare(self.cluster.database, self.cluster.simulator, [*ADMINS, *TAPPERS])
        assert not found.left, await self._left()
        found.assert_right()
        assert found.states[DeliveryState.FAILED] == 0, found
        assert found.states[DeliveryState.UNCERTAIN] <= most_uncertain, found
        await self._assert_announced()
        await self._assert_taps()
        return found

    async def _left(self) -> list[str]:
        """Return what is known of the deliveries that are not settled."""
        query = sa.select(deliveries, parts.c.state.label("part")).join_from(deliveries, parts)
        async with self.cluster.database.read() as connection:
            open_ones = await connection.execute(query.where(parts.c.state.in_(["pending", "sending"])))
            return [str(dict(row._mapping)) for row in open_ones]

    async def _assert_announced(self) -> None:
        """Assert that every announcement has a delivery to every reader."""
        confirmed = sa.select(announcements.c.id).where(announcements.c.confirmed_at.is_not(None))
        # Admins become readers when they first write.
        readers = sa.select(places.c.id).where(places.c.chat_id.not_in(ADMINS))
        reached = sa.select(deliveries.c.announcement_id, deliveries.c.place_id).where(
            deliveries.c.announcement_id.is_not(None), deliveries.c.place_id.in_(readers)
        )
        async with self.cluster.database.read() as connection:
            texts = set((await connection.execute(confirmed)).scalars())
            people = set((await connection.execute(readers)).scalars())
            found = {(row.announcement_id, row.place_id) for row in await connection.execute(reached)}
        self.announced = len(texts)
        assert texts
        assert found == set(product(texts, people))

    async def _assert_taps(self) -> None:
        """Assert that what people wrote and tapped had its effect once."""
        assert self.said
        assert self.pressed
        made = sa.select(sa.func.count()).select_from(links).where(links.c.purpose == "invite")
        async with self.cluster.database.read() as connection:
            assert await connection.scalar(made) == self.said
        store = PlaceStore(self.cluster.database)
        for user in TAPPERS:
            place = await store.find(user)
            assert place is not None
            followed = await store.subscriptions(place.id)
            for (tapper, category), to in self.wanted.items():
                assert tapper != user or (to == TICK) == (category in followed), (user, category, to)


def _screen(messages: dict[int, Message]) -> Message | None:
    return next((sent for sent in messages.values() if sent.inline_keyboard and _toggles(sent)), None)


def _toggles(message: Message) -> list[tuple[str, ToggleButton]]:
    carried = [str(button.get("callback_data", "")) for row in message.inline_keyboard for button in row]
    return [(data, pressed) for data in carried if isinstance(pressed := unpack(data), ToggleButton)]


async def planned_again(cluster: Cluster, seconds: float = 90) -> float:
    """Publish, and return after how long everybody's digest is planned. Nothing else may publish meanwhile."""
    is_due = (places.c.state == PlaceState.ACTIVE) & (places.c.next_at <= sa.func.now())
    due = sa.select(places.c.id).where(is_due).limit(1)
    began = monotonic()

    async def all_are() -> bool:
        with suppress(StorageError):
            async with cluster.database.read() as connection:
                return (await connection.execute(due)).first() is None
        return False

    async def published() -> bool:
        with suppress(StorageError):
            await cluster.news()
            return True
        return False

    await until(published, seconds, pause=0.5)
    await until(all_are, seconds, pause=0.05)
    return monotonic() - began
