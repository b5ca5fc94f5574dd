"""Readers who use commands: what a command costs, and how soon it is answered while many people ask at once.

The bot is a process of its own; the simulator is in this one, so that every message is seen from its writing to its
answer.
"""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import tempfile
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import monotonic

import psutil

from bot.demo.posts import lay_out
from bot.simulator.botapi.message_text import parse_person_text
from bot.simulator.person import actions, inline_actions
from bot.simulator.server import Simulator
from bot.simulator.state.chats import Message
from bot.simulator.state.inline import InlineAnswer
from digests.model.ids import PlaceId
from digests.model.wish import Matter, Subject, WishKind
from digests.storage.articles.categories import CategoryStore
from digests.storage.database import Database
from digests.storage.wishes.wishes import WishStore
from digests.wishes.canonical import words_subject
from tests.load.database import add_chats, fill_archive, make_database, subscribe
from tests.load.figures import Figure
from tests.load.program import TOKEN, environment_of
from tests.program import PROGRAM

PEOPLE = 200

COMMANDS = {"/help": 3.0, "/categories": 4.2, "/latest": 6.5, "/search moon": 12.1}
"""The CPU time in ms that each took when every tap wrote to the database and every update became PTB's objects."""


@dataclass
class AnswerWatch:
    """Commands that have not been answered yet, by chat and in order, and how long the others waited."""

    asked: dict[int, deque[float]] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    answered: Counter[int] = field(default_factory=Counter)
    latest: dict[int, Message] = field(default_factory=dict)
    change: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self, chat: int) -> None:
        """Note that the chat has sent a command."""
        self.asked.setdefault(chat, deque()).append(monotonic())

    def hear(self, message: Message) -> None:
        """Take the bot's first message after a command for its answer."""
        waiting = self.asked.get(message.chat.id)
        self.answered[message.chat.id] += 1
        self.latest[message.chat.id] = message
        if waiting:
            self.waits.append(monotonic() - waiting.popleft())
        self.change.set()

    @property
    def open(self) -> int:
        """The number of commands without an answer."""
        return sum(map(len, self.asked.values()))


class AskingHarness:
    """People in a simulator of this process, and a bot that answers their commands."""

    def __init__(self, simulator: Simulator, process: psutil.Process, scratch: Path) -> None:
        self.simulator = simulator
        self.process = process
        self.posts, self.database = scratch / "posts", scratch / "data" / "digestbot.db"
        self.watch = AnswerWatch()
        world, post = simulator.world, simulator.world.post

        def heard(message: Message) -> Message:
            found = post(message)
            if message.sender is world.bot:
                self.watch.hear(message)
                # Nobody reads it again, and the simulator's memory is not what is measured.
                del message.chat.messages[message.id]
            return found

        world.post = heard  # type: ignore[method-assign]

    def say(self, chat: int, text: str) -> None:
        """Send a command without waiting for its answer."""
        world = self.simulator.world
        self.watch.ask(chat)
        message = actions.write_message(world, world.users[chat], world.chats[chat], parse_person_text(text))
        message.chat.messages.pop(message.id, None)

    async def ask(self, chat: int, text: str, seconds: float = 20) -> float:
        """Send a command, wait for its answer, and return the seconds that it took."""
        before, began = self.watch.answered[chat], monotonic()
        self.say(chat, text)
        await self.until(lambda: self.watch.answered[chat] > before, seconds)
        return monotonic() - began

    async def until(self, holds: Callable[[], bool], seconds: float) -> None:
        """Wait for a condition that only an answer can change."""
        end = monotonic() + seconds
        while not holds():
            left = end - monotonic()
            assert left > 0, "no answer came in time"
            self.watch.change.clear()
            try:
                await asyncio.wait_for(self.watch.change.wait(), min(left, 1.0))
            except TimeoutError:
                continue

    @property
    def cpu(self) -> float:
        """The CPU time that the bot has taken, in seconds."""
        times = self.process.cpu_times()
        return times.user + times.system

    @property
    def rss_mb(self) -> float:
        """The memory that the bot takes."""
        return float(self.process.memory_info().rss / 1e6)


@asynccontextmanager
async def asking_harness(
    people: int, archive: int = 0, program: Sequence[str | Path] = (PROGRAM, "run"), /, **options: object
) -> AsyncIterator[AskingHarness]:
    """Run a bot with the sample posts, or so many articles in its `archive`, and so many subscribers."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if archive:
            await _fill_archive(scratch, archive)
        else:
            lay_out(scratch / "posts", datetime.now(UTC), part="all")
        simulator = Simulator(TOKEN, "bench_bot", "Bench")
        simulator.world.ledger.hold_calls = False
        await simulator.start()
        environment = environment_of(scratch, simulator.url, **options)
        subprocess.run([PROGRAM, "ingest"], check=True, env=environment, stdout=subprocess.DEVNULL)
        await _fill(f"sqlite:///{scratch / 'data' / 'digestbot.db'}", simulator, people)
        if archive:
            await _mute(f"sqlite:///{scratch / 'data' / 'digestbot.db'}", people)
        bot = await asyncio.create_subprocess_exec(*program, env=environment)
        try:
            found = AskingHarness(simulator, psutil.Process(bot.pid), scratch)
            await found.ask(1, "/id", 30)
            yield found
        finally:
            bot.terminate()
            await asyncio.wait_for(bot.wait(), 30)
            await simulator.stop()


async def _fill_archive(scratch: Path, articles: int) -> None:
    for name in ("posts", "data"):
        (scratch / name).mkdir(mode=0o700)
    url = f"sqlite:///{scratch / 'data' / 'digestbot.db'}"
    await asyncio.to_thread(make_database, url)
    database = Database(url)
    await fill_archive(database, scratch / "data", articles, datetime.now(UTC), articles // 100)
    await database.close()


async def _mute(url: str, people: int) -> None:
    """Have every third person mute words that a tenth of the articles has, a source and a category."""
    database = Database(url)
    store, now = WishStore(database), datetime.now(UTC)
    category = next(found for found in await CategoryStore(database).tree() if found.name == "来源 7")
    subjects = (words_subject("第 -新闻 7"), Subject(Matter.SOURCE, "来源 9"), Subject.of_category(category.id))
    for place in range(1, people + 1, 3):
        for subject in subjects:
            await store.put(PlaceId(place), WishKind.MUTE, subject, now, limit=50)
    await database.close()


async def _fill(url: str, simulator: Simulator, people: int) -> None:
    database = Database(url)
    tops = [category.id for category in (await CategoryStore(database).readers_tree()).children(None)]
    await add_chats(database, range(1, people + 1), datetime.now(UTC))
    await subscribe(database, [[tops[number % len(tops)]] for number in range(people)], datetime.now(UTC))
    await database.close()
    for number in range(1, people + 1):
        simulator.world.add_user(f"Reader {number}", user_id=number, started=True, language_code="en")


FAST = {"telegram__rate": 1000, "telegram__chat_rate": 1000}
"""Settings with which the bot is measured, rather than Telegram's rates."""


async def measure_asking(*, full: bool) -> list[Figure]:
    """Measure commands one by one, at a steady rate, in overload, and beside floods."""
    return [
        *await _costs(2 if full else 1),
        *await _steady(600 if full else 20),
        *await _overload(300 if full else 15),
        *await _floods(60 if full else 30),
        *await measure_inline(100_000 if full else 20_000),
    ]


async def _costs(rounds: int) -> list[Figure]:
    """Measure the CPU time that the whole bot takes for a command, with people who ask one after the other."""
    figures = []
    async with asking_harness(PEOPLE, **FAST) as found:
        for chat in range(1, PEOPLE + 1):
            await found.ask(chat, "/id")
        for command, before in COMMANDS.items():
            began = found.cpu
            for chat in itertools.chain.from_iterable([range(1, PEOPLE + 1)] * rounds):
                await found.ask(chat, command)
            spent = 1000 * (found.cpu - began) / (PEOPLE * rounds)
            limit = before / (3 if "search" in command else 2)
            figures.append(Figure(f"CPU of a command, {PEOPLE} people in turn: `{command}`", spent, "ms", limit))
    return figures


async def _steady(seconds: float) -> list[Figure]:
    people, rate = 2000, 150
    async with asking_harness(people, **FAST) as found:
        await _offer(found, people, rate, min(20, seconds))
        found.watch.waits.clear()
        before = found.rss_mb
        most = await _offer(found, people, rate, seconds)
        await found.until(lambda: not found.watch.open, 30)
        name = f"{rate} commands/s for {seconds:g} s"
        return [
            Figure(f"{name}: answered, p95", 1000 * p95(found.watch.waits), "ms", 300),
            Figure(f"{name}: memory more than before", max(most, found.rss_mb) - before, "MB", 10),
        ]


async def _overload(seconds: float) -> list[Figure]:
    people, rate = 2000, 400
    async with asking_harness(people, **FAST) as found:
        began = monotonic()
        most = await _offer(found, people, rate, seconds)
        said = int(rate * seconds)
        await found.until(lambda: not found.watch.open, 2 * seconds + 30)
        answered = len(found.watch.waits) - 1
        name = f"{rate} commands/s for {seconds:g} s"
        return [
            Figure(f"{name}: most memory", max(most, found.rss_mb), "MB", 200),
            Figure(f"{name}: not answered", said - answered, "", 0),
            Figure(f"{name}: answered a second", said / (monotonic() - began), "/s", 150, at_most=False),
        ]


async def _offer(found: AskingHarness, people: int, rate: float, seconds: float) -> float:
    """Send commands at an even rate, by people in turn; return the most memory that the bot took meanwhile."""
    commands = itertools.cycle(COMMANDS)
    began, most = monotonic(), 0.0
    for number in range(int(rate * seconds)):
        wait = began + number / rate - monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        found.say(1 + number % people, next(commands))
        if number % int(rate) == 0:
            most = max(most, found.rss_mb)
    return most


async def measure_inline(articles: int) -> list[Figure]:
    """Measure how soon results come to people who type behind the bot's name, a third of whom have muted something."""
    figures = []
    async with asking_harness(PEOPLE, articles, **FAST) as found:
        for name, words in (("two words", "文章 标题"), ("a rare word", "{number}"), ("no words", "")):
            assert (await _results(found, words.format(number=2))).results, words
            waits = [
                await _typed(found, 1 + number % PEOPLE, words.format(number=number * 7 + 1)) for number in range(400)
            ]
            figures.append(
                Figure(f"inline query, {name}, {articles:,} articles: answered, p95", 1000 * p95(waits), "ms", 100)
            )
    return figures


async def _results(found: AskingHarness, words: str, chat: int = 2) -> InlineAnswer:
    """Type words behind the bot's name, of which Telegram keeps no answer, and return the results."""
    world = found.simulator.world
    world.inline.forget_kept()
    query = inline_actions.type_inline(world, world.users[chat], world.chats[chat], words, "")
    await asyncio.wait_for(query.answered.wait(), 20)
    assert query.answer is not None
    return query.answer


async def _typed(found: AskingHarness, chat: int, words: str) -> float:
    """Type words behind the bot's name, and return the seconds until the results come."""
    began = monotonic()
    await _results(found, words, chat)
    return monotonic() - began


async def _floods(seconds: float) -> list[Figure]:
    """Measure floods at Telegram's rates."""
    figures = []
    async with asking_harness(400) as found:
        for chat in range(390, 400):
            await found.ask(chat, "/id")
        for name, flooders in (("one chat", [1]), ("300 chats", range(1, 301))):
            figures.append(await _flood(found, name, flooders, 400, seconds))
            # The flood's last answers come in.
            await asyncio.sleep(2)
    return figures


async def _flood(
    found: AskingHarness, name: str, flooders: Sequence[int] | Iterable[int], person: int, seconds: float
) -> Figure:
    chats = list(flooders)
    stop = monotonic() + seconds

    async def flood() -> None:
        each = max(150, 20 * len(chats)) / len(chats)
        for _ in range(int(each)):
            for chat in chats:
                found.say(chat, "/help")
            await asyncio.sleep(0.05 if len(chats) == 1 else seconds / each)
            if monotonic() > stop:
                return

    waits = []
    flooding = asyncio.ensure_future(flood())
    # The flood is under way by then.
    await asyncio.sleep(0.3)
    while monotonic() < stop:
        waits.append(await found.ask(person, "/id", 120))
        await asyncio.sleep(max(0.0, 1.05 - waits[-1]))
    await flooding
    return Figure(f"{name} flooding: somebody else's command, p95 of {len(waits)}", 1000 * p95(waits), "ms", 300)


def p95(waits: Sequence[float]) -> float:
    """Return the wait that 95 of a hundred are not longer than."""
    return quantiles(waits, n=20)[18] if len(waits) > 1 else max(waits, default=0.0)
