"""A modified client sends any data with any message: nothing is changed by it, and nothing revealed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from telegram import InlineKeyboardMarkup

import bot.callbacks as callbacks
from bot.callbacks import pack
from bot.keyboards.base import button
from digests.model.role import Role
from digests.storage.schema import metadata
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

OLDER = "older message"
GONE = "too old for its buttons"
KINDS: list[Any] = list(callbacks._PREFIXES.values())
_WHATS = ("digest", "latest", "menu", "pause", "resume", "erase", "erase!", "close", "cancel", "nonsense")
_CARD = (
    "card", "text", "language", "show", "drop", "buttons", "nobuttons", "audience", "everybody", "speaking", "active",
    "kind", "ids", "when", "now", "at", "local", "quiet", "paid", "sound", "pin", "test", "test!", "ready", "discard",
    "go", "open", "take", "unschedule", "pause", "resume", "cancel", "cancel!", "edit", "edit!", "recall", "recall!",
    "resend", "resend!", "halt", "csv", "nonsense",
)  # fmt: skip


_OF_ONES_OWN_CHAT = (
    "places", "subscriptions", "lookups", "dialogs", "deliveries", "parts", "renderings", "pieces",
)  # fmt: skip


@dataclass
class BotInUse:
    """A bot with people in every role, and with everything that somebody could be after."""

    harness: BotHarness
    people: dict[str, Reader]
    group: int
    delivery: int
    announcement: int
    token: str

    def every_press(self) -> list[str]:
        """Return data for every kind of button, naming things that exist."""
        make: dict[type, list[Any]] = {
            callbacks.SetTime: [callbacks.SetTime("05:55")],
            callbacks.SetZone: [callbacks.SetZone("Asia/Tokyo")],
            callbacks.Tune: [callbacks.Tune(what) for what in ("", "days", "quiet", "least")],
            callbacks.SetDays: [callbacks.SetDays("1")],
            callbacks.SetQuiet: [callbacks.SetQuiet("22:00-07:00")],
            callbacks.SetSound: [callbacks.SetSound(0)],
            callbacks.SetLeast: [callbacks.SetLeast(10)],
            callbacks.Listing: [callbacks.Listing("l"), callbacks.Listing("c", 1)],
            callbacks.Found: [callbacks.Found(self.token), callbacks.Found("1")],
            callbacks.More: [callbacks.More(self.delivery)],
            callbacks.Sources: [callbacks.Sources(self.delivery)],
            callbacks.Missed: [callbacks.Missed(self.delivery)],
            callbacks.Toggle: [callbacks.Toggle(1)],
            callbacks.Subscribe: [callbacks.Subscribe(1)],
            callbacks.Unsubscribe: [callbacks.Unsubscribe(1)],
            callbacks.Do: [callbacks.Do(what) for what in _WHATS],
            callbacks.Audience: [callbacks.Audience(self.announcement, 1)],
            callbacks.AudiencePage: [callbacks.AudiencePage(self.announcement)],
            callbacks.Confirm: [callbacks.Confirm(self.announcement)],
            callbacks.Discard: [callbacks.Discard(self.announcement)],
            callbacks.Hide: [callbacks.Hide("c", 1), callbacks.Hide("s", source=self.token)],
            callbacks.ShowAgain: [callbacks.ShowAgain("c", 1)],
            callbacks.Withdraw: [callbacks.Withdraw(1, step) for step in range(4)],
            callbacks.Card: [callbacks.Card(self.announcement, what) for what in _CARD],
        }
        return [pack(press) for kind in KINDS for press in make.get(kind) or [kind()]]

    async def stored(self) -> dict[str, list[str]]:
        """Return the rows of each table."""
        async with self.harness.app.rooms.database.read() as connection:
            return {
                table.name: sorted(str(tuple(row)) for row in await connection.execute(sa.select(table)))
                for table in metadata.sorted_tables
            }

    async def seen(self, chat: int | None, who: str) -> list[tuple[int, str, int]]:
        """Return each message of the chat: its last change, its text, and how many buttons it has."""
        found = await self.people[who].messages(chat)
        return [
            (message["seq"], message.get("text") or message.get("caption") or "", sum(map(len, message["buttons"])))
            for message in found
        ]


@pytest.fixture
async def bot_in_use(tmp_path: Path) -> AsyncIterator[BotInUse]:
    async with open_harness(tmp_path, digest={"first_items": 2, "max_items": 2}) as harness:
        await harness.publish(*(f"The moon {number}" for number in range(6)))
        people = {name: await harness.reader(name) for name in ("stranger", "member", "groupadmin", "editor", "admin")}
        people["owner"] = await harness.admin()
        people["reader"] = await harness.subscriber("reader")
        for name in ("editor", "admin"):
            await harness.app.house.people.grant(people[name].id, Role(name), harness.clock.now())
        group = await people["groupadmin"].found_group("The club", "supergroup")
        await people["groupadmin"].add_bot(group)
        for name in ("member", "editor", "admin", "owner"):
            await people[name].join(group)
        await people["groupadmin"].say("/subscribe Science", chat=group)
        await people["groupadmin"].wait_for("You now follow", chat=group)
        await harness.publish(*(f"Fresh {number}" for number in range(4)))
        await harness.next_slot()
        await people["groupadmin"].wait_for("Fresh", chat=group)
        for name, person in people.items():
            await person.say("/settings")
            await person.wait_for("Your digest")
            if name not in ("stranger", "reader"):
                await person.say("/id", chat=group)
                await person.wait_for("This chat's id", chat=group)
        await people["owner"].say("/announce The secret plan")
        await people["owner"].wait_for("Announcement 1")
        await people["reader"].say("/search moon")
        await people["reader"].wait_for("6 articles")
        _, found = await people["reader"].button_data("Newest first")
        delivery = callbacks.unpack((await people["reader"].button_data("Show"))[1])
        assert isinstance(delivery, callbacks.More)
        yield BotInUse(harness, people, group, delivery.delivery, 1, found.split("|")[1])


async def keyboard_of(person: Reader, chat: int | None = None) -> int:
    """Return the newest message with buttons in the chat."""
    return next(int(message["message_id"]) for message in reversed(await person.messages(chat)) if message["buttons"])


def test_every_kind_of_button_is_tried() -> None:
    bot_in_use = BotInUse(None, {}, 0, 1, 1, "token")  # type: ignore[arg-type]  # only its data is needed
    assert {data.partition("|")[0] for data in bot_in_use.every_press()} == set(callbacks._PREFIXES)


@pytest.mark.parametrize("who", ["stranger", "reader", "member", "groupadmin", "editor", "admin", "owner"])
async def test_data_without_a_button_does_nothing_in_private(bot_in_use: BotInUse, who: str) -> None:
    person = bot_in_use.people[who]
    message = await keyboard_of(person)
    there = {button["data"] for message in await person.messages() for row in message["buttons"] for button in row}
    stored, seen = await bot_in_use.stored(), await bot_in_use.seen(None, who)
    for data in set(bot_in_use.every_press()) - there:
        answer = await person.forge(data, message)
        assert OLDER in answer["text"], data
    assert await bot_in_use.stored() == stored
    assert await bot_in_use.seen(None, who) == seen


@pytest.mark.parametrize("who", ["member", "groupadmin", "editor", "admin", "owner"])
async def test_data_without_a_button_does_nothing_in_a_group(bot_in_use: BotInUse, who: str) -> None:
    """The message is the group's digest, which has buttons of its own."""
    person = bot_in_use.people[who]
    message = await keyboard_of(person, bot_in_use.group)
    digest = next(message for message in await person.messages(bot_in_use.group) if message["message_id"] == message)
    there = {button["data"] for row in digest["buttons"] for button in row}
    stored, seen = await bot_in_use.stored(), await bot_in_use.seen(bot_in_use.group, who)
    for data in set(bot_in_use.every_press()) - there:
        answer = await person.forge(data, message, bot_in_use.group)
        assert OLDER in answer["text"], data
    assert await bot_in_use.stored() == stored
    assert await bot_in_use.seen(bot_in_use.group, who) == seen


@pytest.mark.parametrize("who", ["member", "groupadmin", "editor", "admin", "owner"])
async def test_presses_on_a_deleted_message_do_nothing_in_a_group(bot_in_use: BotInUse, who: str) -> None:
    person = bot_in_use.people[who]
    message = await keyboard_of(person, bot_in_use.group)
    stored, seen = await bot_in_use.stored(), await bot_in_use.seen(bot_in_use.group, who)
    for data in bot_in_use.every_press():
        answer = await person.forge(data, message, bot_in_use.group, gone=True)
        assert OLDER in answer["text"] or GONE in answer["text"], data
    assert await bot_in_use.stored() == stored
    assert await bot_in_use.seen(bot_in_use.group, who) == seen


@pytest.mark.parametrize("who", ["stranger", "member", "editor"])
async def test_presses_on_a_deleted_message_reveal_and_change_nothing_of_others(bot_in_use: BotInUse, who: str) -> None:
    """In private a press may act on what is the presser's own, but not on what is somebody else's or for admins."""
    person = bot_in_use.people[who]
    message = await keyboard_of(person)
    stored, before = await bot_in_use.stored(), len(await person.texts())
    for data in bot_in_use.every_press():
        await person.forge(data, message, gone=True)
    said = (await person.texts())[before:]
    assert not [text for text in said if "secret plan" in text or "Who did what" in text or "Something went" in text]
    # Not a word of the reader's digest or search.
    assert any("That search is too old" in text for text in said)
    assert not [text for text in said if "More of your digest" in text or "Your digest of" in text]
    after = await bot_in_use.stored()
    for table, rows in stored.items():
        if table in _OF_ONES_OWN_CHAT:
            others = {row for row in rows if str(person.id) not in row}
            assert others <= set(after[table]), table
        else:
            assert after[table] == rows, table


async def test_a_press_on_a_deleted_message_is_answered_with_a_new_one(bot_in_use: BotInUse) -> None:
    reader = bot_in_use.people["reader"]
    message, data = await reader.button_data("Show")
    await bot_in_use.harness.app.bot.delete_message(reader.id, message)
    await reader.forge(data, message, gone=True)
    await reader.wait_for("More of your digest")


async def test_digests_of_other_chats_stay_closed_to_copied_buttons(bot_in_use: BotInUse) -> None:
    """The last way in: a message that really carries the data of others' digests."""
    stranger = bot_in_use.people["stranger"]
    number = bot_in_use.delivery
    for callback in (callbacks.More(number), callbacks.Sources(number), callbacks.Missed(number)):
        keyboard = InlineKeyboardMarkup([[button("Try it", callback)]])
        await bot_in_use.harness.app.bot.send_message(stranger.id, "x", reply_markup=keyboard)
        await stranger.press("Try it")
        assert "too old to show more" in stranger.alert


@pytest.mark.parametrize("number", [10**15 - 1, 10**12, 0])
async def test_huge_numbers_do_not_break_anything(bot_in_use: BotInUse, number: int) -> None:
    """People with a role may send anything with a deleted message in their own chat."""
    owner = bot_in_use.people["owner"]
    message = await keyboard_of(owner)
    presses: list[callbacks.Callback] = [
        callbacks.Audit(number), callbacks.Announcements(number), callbacks.Card(number, "open"),
        callbacks.Confirm(number), callbacks.Withdraw(number), callbacks.Listing("l", 0, number),
        callbacks.Listing("c", number), callbacks.Browse(number, number), callbacks.Toggle(number),
        callbacks.Unsubscribe(number, number), callbacks.Subscriptions(number), callbacks.More(number, number),
        callbacks.More(bot_in_use.delivery, number), callbacks.Hide("c", number), callbacks.SetLeast(number),
        callbacks.AudiencePage(1, number), callbacks.Audience(1, number, number),
        callbacks.Found(bot_in_use.token, 1, 1, 2, number),
    ]  # fmt: skip
    for callback in presses:
        data = pack(callback)
        answer = await owner.forge(data, message, gone=True)
        assert "Something went wrong" not in answer["text"], data
    assert not [text for text in await owner.texts() if "Something went wrong" in text]
