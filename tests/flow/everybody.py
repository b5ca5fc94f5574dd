"""Everybody who can come to the bot, and what it tells each of them: for tests of who may do what."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from telegram import InlineKeyboardMarkup, ReplyParameters, Update

from bot.callbacks import Button, pack
from bot.handlers.router import Router
from bot.keyboards.base import button
from bot.updates.arrivals import Arrival
from bot.updates.inbox import Inbox
from digests.model.role import Role
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

PRIVATELY = ("stranger", "reader", "editor", "admin", "owner")
IN_GROUP = ("member", "group admin", "editor", "admin", "owner")
"""Those with a role are no admins of the group."""

REFUSALS = {
    "away": "for invited readers only",
    "unknown": "I don't know that command",
    "private": "Please do that in our private chat",
    "chat": "Only this group's admins can change that",
    "admin": "Only an admin can do that",
    "owner": "Only an owner can do that",
    "list": "This list belongs to whoever asked for it",
    "unmet": "I can't message you privately yet",
    "old": "This button is from an older message",
}
_ASIDE = "I've answered in our private chat"
_SETTINGS: dict[str, dict[str, Any]] = {
    "chat": {"access": "invite", "ephemeral": False},
    "digest": {"first_items": 2, "max_items": 2},
    "telegram": {"rate": 1000, "chat_rate": 1000, "group_rate": 1000},
}


def outcome(answer: str, said: list[str]) -> str:
    """Return what it came to: a name of REFUSALS, "yes" for the answer, "–" for none at all; else what was said."""
    for name, words in REFUSALS.items():
        if any(words in text for text in said):
            return name
    if not said:
        return "–"
    return "yes" if any(answer in text for text in said) else " | ".join(said)


@dataclass
class Everybody:
    """A bot that lets in by invitation, and people of every kind, who have had a digest wherever they may."""

    harness: BotHarness
    handled: defaultdict[tuple[int, int, int], asyncio.Event]
    people: dict[str, Reader] = field(default_factory=dict)
    group: int = 0
    passed_over: list[asyncio.Task[dict[str, Any]]] = field(default_factory=list)
    """Presses of strangers."""

    async def say(self, who: str, text: str, chat: int | None = None) -> list[str]:
        """Return what the bot answered there, once it has dealt with the message."""
        place = chat or self.people[who].id
        before = self.newest(place)
        said = await self.people[who].say(text, chat)
        await self._dealt_with(place, said["message_id"], who)
        return self.answers(place, before)

    async def say_in_group(self, who: str, text: str, answer: str) -> str:
        """Return the outcome, "aside" where the answer came into the private chat."""
        person = self.people[who].id
        before = self.newest(person)
        said = await self.say(who, text, self.group)
        if any(_ASIDE in text for text in said) and outcome(answer, self.answers(person, before)) == "yes":
            return "aside"
        return outcome(answer, said)

    async def press(self, who: str, pressed: Button, chat: int | None = None, asked: int = 0) -> list[str]:
        """Press it on a message of the bot's that answers `asked`.

        Returns the alert and what the bot wrote or changed there, "" for a message that it took away.
        """
        person, place = self.people[who], chat or self.people[who].id
        sent = await self.harness.app.bot.send_message(
            place,
            "x",
            reply_markup=InlineKeyboardMarkup([[button("Press", pressed)]]),
            reply_parameters=ReplyParameters(asked) if asked else None,
        )
        before = self.newest(place)
        answer = asyncio.create_task(
            person.post("/sim/press", user=person.id, chat=chat, message=sent.message_id, data=pack(pressed))
        )
        await self._dealt_with(place, sent.message_id, who)
        await self.harness.app.parts.chats.screens.settle()
        if who == "stranger":
            # Nobody deals with that press: its answer comes when its time is over, and says nothing.
            self.passed_over.append(answer)
            return self.answers(place, before)
        alert = (await answer)["text"]
        return [*([alert] if alert else []), *self.answers(place, before)]

    async def _dealt_with(self, chat: int, message: int, who: str) -> None:
        """Wait until the router is done with what this person said, or pressed on a message."""
        await asyncio.wait_for(self.handled[chat, message, self.people[who].id].wait(), 10)

    def newest(self, chat: int) -> int:
        found = self.harness.simulator.world.chats.get(chat)
        return max((message.seq for message in found.messages.values()), default=0) if found else 0

    def answers(self, chat: int, after: int) -> list[str]:
        world = self.harness.simulator.world
        return [
            "" if message.deleted else message.text
            for message in world.chats[chat].messages.values()
            if message.sender is world.bot and message.seq > after
        ]


@asynccontextmanager
async def open_everybody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Everybody]:
    handled: defaultdict[tuple[int, int, int], asyncio.Event] = defaultdict(asyncio.Event)

    class WatchedRouter(Router):
        async def handle(self, arrival: Arrival) -> None:
            await super().handle(arrival)
            update = Update.de_json(dict(arrival.raw))
            message, user = update.effective_message, update.effective_user
            if message is not None and user is not None:
                handled[message.chat.id, message.message_id, user.id].set()

    monkeypatch.setattr("bot.wiring.parts.Router", WatchedRouter)
    # However slow the machine is, it is the handlers that answer presses.
    monkeypatch.setattr("bot.updates.desk.Inbox", partial(Inbox, press_seconds=1))
    async with open_harness(folder, **_SETTINGS) as harness:
        everybody = Everybody(harness, handled)
        await harness.publish(*(f"The moon {number}" for number in range(6)))
        await _let_in(everybody)
        yield everybody


async def _let_in(everybody: Everybody) -> None:
    harness, people = everybody.harness, everybody.people
    allowed, now = harness.app.stores.people, harness.clock.now()
    for who in ("reader", "editor", "admin", "asker", "member", "group admin"):
        people[who] = await harness.reader(who)
    people["owner"] = await harness.admin()
    everybody.group = group = await people["group admin"].found_group("The club", "supergroup")
    await allowed.let_in(people["reader"].id, now)
    await allowed.let_in(group, now)
    for who in ("editor", "admin"):
        await allowed.grant(people[who].id, Role(who), now)
    await people["group admin"].add_bot(group)
    for who in ("asker", "member", "editor", "admin", "owner"):
        await people[who].join(group)
    places: list[tuple[str, int | None]] = [*((who, None) for who in PRIVATELY[1:]), ("group admin", group)]
    for who, chat in places:
        await everybody.say(who, "/subscribe Science", chat)
    await harness.publish(*(f"Fresh {number}" for number in range(4)))
    for who, chat in places:
        await everybody.say(who, "/digest", chat)
