"""Several people doing anything at all at once, in private, in a group, in a topic and in a channel."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Awaitable
from contextlib import AsyncExitStack, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from bot.callbacks import BUTTONS, pack
from bot.callbacks.card_actions import CardAction
from bot.handlers.commands import COMMANDS
from bot.handlers.readers.actions import ACTIONS
from bot.limits import CALLBACK_DATA
from bot.simulator.person.driver import SimulatorError
from tests.factories.times import HOUR
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

NAMES = ("Robin", "Kim", "Ada")
ResultT = TypeVar("ResultT")

_names = st.sampled_from(NAMES)
_rooms = st.sampled_from(("private", "group", "topic", "channel"))
_odd_text = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        (
            "",
            "Science",
            "Science/Tidewater",
            "moon",
            "-moon",
            '"',
            "source:Tidewater",
            "cat:Nowhere",
            "tag:#",
            "7d",
            "moon 7d",
            "08:00",
            "8pm 晚上8点",
            "Beijing",
            "UTC+8",
            "mon-fri",
            "22:00-07:00",
            "https://news.example/1",
            "a_1",
            "c_1",
            "a_99999999999999999999",
            "\u202e<b>&amp;\x00",
            "x" * 4000,
            "字" * 4000,
            "* ? . ^ $ ( [ { \\ +" * 20,
        )
    ),
)
_commands = st.sampled_from(sorted(command.name for command in COMMANDS))


def _field(kind: str) -> st.SearchStrategy[Any]:
    if kind == "int":
        return st.one_of(st.integers(0, 12), st.integers(0, 10**15 - 1))
    if kind == "CardAction":
        return st.sampled_from(list(CardAction))
    return st.one_of(st.sampled_from(("", *ACTIONS, "1", "source", "words", "en", "08:00")), st.text(max_size=12))


@st.composite
def _data(draw: st.DrawFn) -> str:
    """Draw the data of a button of any kind, with anything in it, and sometimes of no kind."""
    kind = draw(st.sampled_from(sorted(BUTTONS)))
    values = [draw(_field(str(field.type))) for field in fields(BUTTONS[kind])]
    place = draw(st.sampled_from(("", "", "@1|", "@2|", "@99999|", "@|")))
    try:
        packed = pack(BUTTONS[kind](*values))
    except ValueError:
        packed = draw(st.text(min_size=1, max_size=20))
    return (place + packed).encode()[:CALLBACK_DATA].decode(errors="ignore") or "|"


def _secret(name: str) -> str:
    """Return words that one person alone knows, and that nobody else may be shown in their private chat."""
    return f"zebra{name}".lower()


class _Faults(logging.Handler):
    """Collects what the bot logs when a handler fails."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(self.format(record))


class Anything(RuleBasedStateMachine):
    """A bot, and people who say, press, forge and do whatever comes to mind."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.faults = _Faults()
        logging.getLogger().addHandler(self.faults)
        self.people: dict[str, Reader] = {}
        self.rooms: dict[str, int] = {}
        self.topic = 0

    def run(self, work: Awaitable[ResultT]) -> ResultT:
        async def wait() -> ResultT:
            return await work

        return self.runner.run(wait())

    @initialize()
    def begin(self) -> None:
        self.run(self._begin())

    async def _begin(self) -> None:
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.harness: BotHarness = await self.stack.enter_async_context(open_harness(Path(folder)))
        await self.harness.publish("The moon", "The tide", categories=("Science", "Tidewater"))
        await self.harness.publish("乙烷", categories=("科技/新", "TCP/IP"))
        for name in NAMES:
            self.people[name] = await self.harness.reader(name, "zh-hans" if name == "Kim" else "en")
            await self.people[name].say("/start")
        robin = self.people["Robin"]
        self.rooms["group"] = group = await robin.found_group("The club", "supergroup", is_forum=True)
        self.topic = await robin.open_topic(group, "News")
        await robin.add_bot(group, as_admin=True)
        self.rooms["channel"] = channel = await robin.found_group("The channel", "channel")
        await robin.add_bot(channel, as_admin=True)
        for name in NAMES[1:]:
            await self.people[name].join(group)

    def _chat(self, room: str) -> tuple[int | None, dict[str, Any]]:
        if room == "private":
            return None, {}
        if room == "topic":
            return self.rooms["group"], {"thread": self.topic}
        return self.rooms[room], {}

    async def _try(self, work: Awaitable[object]) -> None:
        """Do what a person may not be able to do: the simulator refuses then, and the bot hears nothing of it."""
        with suppress(SimulatorError):
            await work

    @rule(name=_names, room=_rooms, command=_commands, text=_odd_text)
    def say_command(self, name: str, room: str, command: str, text: str) -> None:
        chat, more = self._chat(room)
        self.run(self._try(self.people[name].say(f"/{command} {text}".strip()[:4096], chat, **more)))

    @rule(name=_names, command=st.sampled_from(("watch", "search", "mute", "saved", "subscribe", "category")))
    def say_a_secret(self, name: str, command: str) -> None:
        self.run(self._try(self.people[name].say(f"/{command} {_secret(name)}")))

    @rule(name=_names, room=_rooms, text=_odd_text)
    def say_anything(self, name: str, room: str, text: str) -> None:
        chat, more = self._chat(room)
        self.run(self._try(self.people[name].say(text[:4096] or "…", chat, **more)))

    @rule(name=_names, room=_rooms, at=st.integers(0, 200))
    def press_any_button(self, name: str, room: str, at: int) -> None:
        self.run(self._try(self._press(name, room, at)))

    async def _press(self, name: str, room: str, at: int) -> None:
        chat, _ = self._chat(room)
        person = self.people[name]
        shown = [
            (message["message_id"], button["callback_data"])
            for message in await person.messages(chat)
            for row in message["buttons"]
            for button in row
            if "callback_data" in button
        ]
        if shown:
            message, data = shown[-1 - at % len(shown)]
            await person.forge(data, message, chat)

    @rule(name=_names, room=_rooms, data=_data())
    def forge_any_data(self, name: str, room: str, data: str) -> None:
        self.run(self._try(self._forge(name, room, data)))

    async def _forge(self, name: str, room: str, data: str) -> None:
        chat, _ = self._chat(room)
        messages = await self.people[name].messages(chat)
        if messages:
            await self.people[name].forge(data, messages[-1]["message_id"], chat)

    @rule(name=_names, words=_odd_text, offset=st.one_of(st.just(""), st.text(max_size=30), st.integers().map(str)))
    def type_inline(self, name: str, words: str, offset: str) -> None:
        self.run(self._try(self.people[name].inline(words[:256], offset)))

    @rule(hours=st.integers(1, 30))
    def let_time_pass(self, hours: int) -> None:
        self.harness.clock.move(hours * HOUR)
        self.run(self.harness.tick())

    @rule()
    def restart(self) -> None:
        """Nothing that somebody is in the middle of is in the memory of the bot."""
        self.run(self.harness.restart())

    @rule(number=st.integers(0, 10**6))
    def publish(self, number: int) -> None:
        self.run(self.harness.publish(f"The moon again {number}", categories=("Science", "Tidewater")))

    @rule(name=_names, blocks=st.booleans())
    def block(self, name: str, blocks: bool) -> None:
        person = self.people[name]
        self.run(self._try(person.block() if blocks else person.unblock()))

    @rule(name=st.sampled_from(NAMES[1:]), on=st.booleans())
    def promote(self, name: str, on: bool) -> None:
        self.run(self._try(self.people["Robin"].promote(self.rooms["group"], self.people[name], on=on)))

    @rule(on=st.booleans())
    def hide_members(self, on: bool) -> None:
        self.run(self._try(self.people["Robin"].hide_members(self.rooms["group"], on=on)))

    def teardown(self) -> None:
        try:
            if self.people:
                self.run(self._end())
        finally:
            logging.getLogger().removeHandler(self.faults)
            try:
                self.run(self.stack.aclose())
            finally:
                self.runner.close()

    async def _end(self) -> None:
        for person in self.people.values():
            await self._try(person.unblock())
            # Updates of a chat are handled in order, so all that came before is done when this is answered.
            await person.say("/id")
            await person.wait_for(f"{person.id}", seconds=20)
        assert not self.faults.seen, "\n".join(self.faults.seen)
        for name, person in self.people.items():
            shown = await person.transcript()
            assert not [other for other in NAMES if other != name and _secret(other) in shown], shown


def test_nothing_that_people_do_is_a_fault_or_stays_unanswered() -> None:
    run_state_machine_as_test(
        Anything,
        settings=settings(
            max_examples=10,
            stateful_step_count=40,
            deadline=None,
            # A failure of forty steps takes minutes to make shorter; the steps are in the log.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
