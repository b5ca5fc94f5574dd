"""Crashes and a storm of faults, after which Telegram's ledger and ours are compared.

The tests run them at a small size, `make bench FULL=1` at the size that the goals are given for.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.simulator.server import Simulator
from bot.simulator.state.faults import Fault
from bot.simulator.text.markup import parse_html
from digests.errors import StorageError
from digests.model.delivery import DeliveryState, Rendering
from digests.model.place import PlaceKind, PlaceState
from digests.storage.database import Database
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.schema.delivery_tables import deliveries, parts, renderings
from digests.storage.schema.place_tables import places
from tests.load.database import add_chats, announce, make_database
from tests.load.harness import TOKEN, BotProcess, Forkserver
from tests.waiting import until

_AT_ONCE = 500
_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(frozen=True)
class LedgerAudit:
    """What became of every delivery."""

    states: Counter[str]
    lost: int
    """Sent by our ledger, but unknown to Telegram."""
    twice: int
    """Arrived more than once."""
    unbooked: int
    """Arrived, though our ledger says that it was not sent."""
    came_of_uncertain: int
    """Uncertain by our ledger, and arrived."""
    most_at_a_kill: int = 0
    """The most parts that were under way at one kill and so became uncertain."""

    def assert_right(self) -> None:
        """Assert that nothing was lost, doubled, unbooked or left open."""
        assert (self.lost, self.twice, self.unbooked, self.left) == (0, 0, 0, 0), self

    @property
    def left(self) -> int:
        """The number of deliveries that are not settled."""
        settled = (DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.FAILED)
        return sum(number for state, number in self.states.items() if state not in settled)


async def kill_again_and_again(folder: Path, kills: int, chats: int, seed: int = 1) -> LedgerAudit:
    """Send one broadcast after the other at the paid rate while the bot is killed at random moments."""
    async with FaultHarness(folder, chats) as (simulator, database, forkserver):

        async def announce_another(number: int) -> None:
            await announce(database, f"announcement {number} <b>to all</b>")

        most = await kill(database, forkserver, kills, random.Random(seed), announce_another)
        await until_settled(database, 120 + kills * chats / 500)
        # A second copy would arrive soon after.
        await asyncio.sleep(0.3)
        return replace(await compare(database, simulator), most_at_a_kill=most)


async def kill(
    database: Database,
    forkserver: Forkserver,
    kills: int,
    chance: random.Random,
    give_work: Callable[[int], Awaitable[None]],
) -> int:
    """Start and kill a bot again and again, each time with something new to do, and start a last one that lives.

    Returns:
        The most parts that were under way at one kill.
    """
    under_way = sa.select(sa.func.count()).select_from(parts).where(parts.c.state == DeliveryState.SENDING)
    most = 0
    for number in range(kills):
        await give_work(number)
        await forkserver.start()
        # It takes half a second until it plans and sends; after that, anything may be under way.
        await asyncio.sleep(chance.uniform(0.2, 0.8))
        await forkserver.kill()
        async with database.read() as connection:
            most = max(most, int(await connection.scalar(under_way) or 0))
    await forkserver.start()
    return most


async def storm(folder: Path, chats: int, slow_seconds: float) -> tuple[LedgerAudit, Counter[str]]:
    """Let everything go wrong at once, each fault at its share; also return how often each occurred."""
    refused = folder / "refused"
    async with FaultHarness(folder, chats, LOAD_REFUSED=f"0.02:{refused}") as (simulator, database, forkserver):
        world = simulator.world
        blocked = range(1, chats // 50 + 1)
        for chat in blocked:
            world.users[chat].blocked = True
        await _migrated_groups(simulator, database, chats // 100)
        await forkserver.start()
        # The bot has to be up before the storm begins.
        await asyncio.sleep(1.5)
        for kind, share, more in (
            ("error", 0.03, {"code": 502}),
            ("cut_before", 0.01, {}),
            ("cut_after", 0.01, {}),
            ("flood", 0.02, {"seconds": 1.0}),
            ("refuse", 0.05, {"description": "Bad Request: failed to get HTTP URL content", "code": 400}),
            ("slow", 0.01, {"seconds": slow_seconds}),
        ):
            for method in ("sendMessage", "sendPhoto"):
                world.faults.add(Fault(kind, method=method, times=0, share=share, **more))
        await announce(database, "the <b>storm</b>")
        await until_settled(database, 120 + chats / 50)
        met = Counter(world.ledger.faults)
        met["refused connection"] = refused.stat().st_size
        return await compare(database, simulator), met


async def compare(database: Database, simulator: Simulator, apart_from: Collection[int] = ()) -> LedgerAudit:
    """Compare the copies of each text in each chat, as Telegram has them, with the state of its part.

    Not in the chats of those `apart_from`, whom the bot answers.
    """
    texts = await _texts(database)
    copies: Counter[tuple[int, str]] = Counter()
    ids: dict[tuple[int, str], int] = {}
    for chat in simulator.world.chats.values():
        for message in chat.messages.values() if chat.id not in apart_from else ():
            if message.sender is simulator.world.bot and message.body is not None:
                key = (chat.id, message.body.text)
                copies[key] += 1
                ids[key] = message.id
    query = (
        sa.select(places.c.chat_id, deliveries.c.rendering, parts.c.number, parts.c.state, parts.c.message_id)
        .join(deliveries, deliveries.c.id == parts.c.delivery_id)
        .join(places, places.c.id == deliveries.c.place_id)
        .where(places.c.chat_id.not_in(sorted(apart_from)))
    )
    async with database.read() as connection:
        rows = (await connection.execute(query)).all()
    states: Counter[str] = Counter()
    lost = unbooked = uncertain_came = 0
    for row in rows:
        states[row.state] += 1
        key = (row.chat_id, texts[row.rendering, row.number])
        came = copies.get(key, 0)
        lost += row.state == DeliveryState.SENT and (not came or ids[key] != row.message_id)
        unbooked += row.state not in (DeliveryState.SENT, DeliveryState.UNCERTAIN) and came > 0
        uncertain_came += row.state == DeliveryState.UNCERTAIN and came > 0
    twice = sum(number > 1 for number in copies.values())
    return LedgerAudit(states, lost, twice, unbooked, uncertain_came)


async def _texts(database: Database) -> dict[tuple[str, int], str]:
    """Return the text of each part of each rendering as readers see it."""
    found = await all_renderings(database)
    return {
        (rendering.key, number): parse_html(part.html).text
        for rendering in found
        for number, part in enumerate(rendering.parts)
    }


async def all_renderings(database: Database) -> list[Rendering]:
    """Return every stored rendering."""
    async with database.read() as connection:
        keys = list((await connection.execute(sa.select(renderings.c.key))).scalars())
    found: list[Rendering] = []
    for start in range(0, len(keys), _AT_ONCE):
        found.extend(await DeliveryStore(database).renderings(keys[start : start + _AT_ONCE]))
    return found


async def until_settled(database: Database, seconds: float, behind: timedelta = timedelta()) -> None:
    """Wait until no digest is due, no announcement waits for its plan, and no delivery is open.

    The bot's clock is `behind` this one, and a digest is due by the bot's.
    """
    unsettled = sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.state.in_(_OPEN))
    unplanned = sa.text("SELECT count(*) FROM announcements WHERE planned_at IS NULL AND state = 'sending'")
    due = sa.select(sa.func.count()).select_from(places).where(places.c.state == PlaceState.ACTIVE)
    left = 0

    async def nothing_is_left() -> bool:
        nonlocal left
        with suppress(StorageError):
            async with database.read() as connection:
                # What is planned meanwhile must not be missed, so deliveries come last.
                left = int(await connection.scalar(unplanned) or 0)
                left += int(await connection.scalar(due.where(places.c.next_at <= datetime.now(UTC) - behind)) or 0)
                left += int(await connection.scalar(unsettled) or 0)
                return not left
        return False

    await until(nothing_is_left, seconds, pause=0.1, failure=lambda: f"{left} deliveries are open or not planned yet")


class FaultHarness:
    """A simulator in this process, a database with chats, and a bot that can be started and killed."""

    def __init__(self, folder: Path, chats: int, **environment: str) -> None:
        self._chats = chats
        self._environment = environment
        self._folder = folder
        self._simulator = Simulator(TOKEN)

    async def __aenter__(self) -> tuple[Simulator, Database, Forkserver]:
        simulator = self._simulator
        simulator.world.ledger.hold_calls = False
        await simulator.start()
        for chat in range(1, self._chats + 1):
            simulator.world.add_user(f"Reader {chat}", user_id=chat, started=True)
        bot = BotProcess(
            self._folder, simulator.url, telegram__paid=True, delivery__tick_seconds=0.2, log__level="error"
        )
        bot.environment.update(self._environment)
        make_database(bot.database_url)
        self._database = Database(bot.database_url)
        await add_chats(self._database, range(1, self._chats + 1), datetime.now(UTC))
        self._forkserver = Forkserver(bot)
        await self._forkserver.open()
        return simulator, self._database, self._forkserver

    async def __aexit__(self, *_: object) -> None:
        await self._forkserver.close()
        await self._database.close()
        await self._simulator.stop()


async def _migrated_groups(simulator: Simulator, database: Database, number: int) -> None:
    """Add groups that became supergroups while the bot was away."""
    world = simulator.world
    creator = world.add_user("Founder", user_id=900_000_001, started=True)
    chats = []
    for each in range(number):
        group = world.add_group("group", f"Group {each}", creator)
        successor = world.add_group("supergroup", f"Group {each}", creator)
        successor.members[world.bot.id] = "member"
        # The bot gets no update about it, and learns it when it sends.
        group.migrated_to = successor.id
        chats.append(group.id)
    await add_chats(database, chats, datetime.now(UTC), kind=PlaceKind.GROUP)
