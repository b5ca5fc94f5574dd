"""Floods of commands, presses and pictures: whoever floods the bot holds up nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from statistics import quantiles
from time import monotonic

import pytest

from bot.simulator.botapi.message_text import parse_person_text
from bot.simulator.person import actions
from tests.flow.harness import ADMIN, BotHarness, open_harness
from tests.flow.reader import Reader
from tests.stalls import stopwatch
from tests.waiting import until

_RATES = {"chat_rate": 1, "group_rate": 20}


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """Return a bot at the rates of Telegram."""
    async with open_harness(tmp_path, telegram=_RATES) as opened:
        yield opened


def say_at_once(harness: BotHarness, user: int, text: str, chat: int | None = None) -> None:
    world = harness.simulator.world
    actions.write_message(world, world.users[user], world.chats[chat or user], parse_person_text(text))


async def waits_of(person: Reader, asks: int) -> list[float]:
    """Return how long each command takes of somebody who sends one a second, as Telegram's rate of a chat allows."""
    waits = []
    for _ in range(asks):
        began = monotonic()
        said = await person.say("/id")
        await person.wait_for(str(person.id), 20, after=said)
        waits.append(monotonic() - began)
        await asyncio.sleep(max(0.0, 1.05 - waits[-1]))
    return waits


def p95(waits: Iterable[float]) -> float:
    return quantiles(waits, n=20)[18]


async def test_150_commands_of_one_chat_hold_up_nobody(harness: BotHarness) -> None:
    flooder, other = await harness.reader("Flo"), await harness.reader("Kim")
    for person in (flooder, other):
        await person.say("/id")
        await person.wait_for(str(person.id))
    for _ in range(150):
        say_at_once(harness, flooder.id, "/help")
    assert max(await waits_of(other, 4)) < 2
    await flooder.wait_for("That was a lot at once", 20)
    texts = await flooder.texts()
    assert sum("What I do" in text for text in texts) <= 12
    assert sum("That was a lot" in text for text in texts) == 1


async def test_300_chats_that_flood_hold_up_nobody(harness: BotHarness) -> None:
    other = await harness.reader("Kim")
    await waits_of(other, 1)
    people = [harness.simulator.world.add_user(f"Flo {number}", started=True).id for number in range(300)]
    for _ in range(4):
        for chat in people:
            say_at_once(harness, chat, "/help")
    # A machine that is busy with other tests needs a while to take in 1,200 updates.
    await asyncio.sleep(1)
    waits = await waits_of(other, 8)
    assert sorted(waits)[len(waits) // 2] < 1, waits


@pytest.mark.parametrize("access", ["invite", "list"])
async def test_a_stranger_is_told_once_and_holds_up_nobody(tmp_path: Path, access: str) -> None:
    async with open_harness(tmp_path, telegram=_RATES, chat={"access": access}) as harness:
        stranger, admin = await harness.reader("Flo"), await harness.admin()
        await admin.wait_for(str(ADMIN))
        for number in range(120):
            say_at_once(harness, stranger.id, "/help" if number % 2 else "let me in")
        assert max(await waits_of(admin, 3)) < 2
        await stranger.say("/start")
        await admin.say("/id")
        await admin.wait_for(str(ADMIN))
        assert len(await stranger.texts()) == 1


async def test_hundreds_of_strangers_who_write_once_hold_up_nobody(tmp_path: Path) -> None:
    async with open_harness(tmp_path, telegram=_RATES, chat={"access": "invite"}) as harness:
        admin = await harness.admin()
        await admin.wait_for(str(ADMIN))
        world = harness.simulator.world
        strangers = [world.add_user(f"Stranger {number}", started=True).id for number in range(120)]
        for stranger in strangers:
            say_at_once(harness, stranger, "/start")
        assert max(await waits_of(admin, 2)) < 1

        async def all_were_told() -> bool:
            told = sum(
                message.sender is not None and message.sender.is_bot
                for stranger in strangers
                for message in world.chats[stranger].messages.values()
            )
            return told == len(strangers)

        await until(all_were_told, 10)


async def test_a_flood_of_pictures_is_answered_a_few_times(harness: BotHarness) -> None:
    flooder, other = await harness.reader("Flo"), await harness.reader("Kim")
    await waits_of(other, 1)
    for _ in range(40):
        await flooder.send_photo()
    assert max(await waits_of(other, 2)) < 2
    await flooder.wait_for("That was a lot at once", 20)
    assert len(await flooder.texts()) < 20


async def test_a_member_who_floods_a_group_holds_up_nobody_elsewhere(harness: BotHarness) -> None:
    member, other = await harness.reader("Flo"), await harness.reader("Kim")
    await waits_of(other, 1)
    group = await member.found_group("Our group", "supergroup")
    await member.add_bot(group)
    for number in range(200):
        say_at_once(harness, member.id, "/latest" if number % 2 else "just talking", group)
    assert max(await waits_of(other, 3)) < 2


async def test_adding_and_removing_the_bot_again_and_again_holds_up_nobody(harness: BotHarness) -> None:
    joker, other = await harness.reader("Flo"), await harness.reader("Kim")
    await waits_of(other, 1)
    group = await joker.found_group("Our group", "supergroup")
    for _ in range(30):
        await joker.add_bot(group)
        await joker.remove_bot(group)
    assert max(await waits_of(other, 3)) < 2


async def test_presses_are_answered_at_once_and_edits_are_merged(harness: BotHarness) -> None:
    names = ("Science", "Arts", "Sports", "World", "Books", "Film", "Music", "Tech")
    for name in names:
        harness.write(f"News of {name}", categories=(name, "Paper", "Daily"))
    await harness.app.scan()
    robin = await harness.reader()
    await robin.say("/categories")
    await robin.wait_for("Categories")
    world = harness.simulator.world
    message = (await robin.last())["message_id"]
    before = world.ledger.methods["editMessageText"]
    answers = []
    for number in range(16):
        # By the keyboard as it is at this moment, as somebody with quick fingers would press it.
        async with stopwatch() as watch:
            shown = next(sent for sent in await robin.messages() if sent["message_id"] == message)
            button = shown["buttons"][number % len(names)][0]
            await robin.post("/sim/press", user=robin.id, message=message, data=button["data"])
            answers.append(watch.seconds)
        # Three taps a second.
        await asyncio.sleep(max(0.0, 0.3 - answers[-1]))
    assert p95(answers) < 0.6, answers
    place = await harness.place(robin)
    chosen = await harness.app.stores.places.subscriptions(place.id)
    async with stopwatch() as watch:
        await robin.wait_for(lambda shown: _ticked(shown) == len(chosen), 5, after={"seq": 0})
        assert watch.seconds < 2
    assert world.ledger.methods["editMessageText"] - before <= 8


def _ticked(message: dict[str, object]) -> int:
    rows = message["buttons"]
    assert isinstance(rows, list)
    return sum("✅ " in button["text"] for row in rows for button in row)


async def test_a_double_tap_on_show_more_shows_it_once_and_without_an_alert(tmp_path: Path) -> None:
    async with open_harness(tmp_path, digest={"max_items": 2}) as harness:
        robin = await harness.subscriber_of("Old news")
        await harness.publish(*(f"News {number}" for number in range(5)))
        await harness.next_slot()
        message, data = await robin.button_data("Show")
        first, second = await asyncio.gather(
            *(robin.post("/sim/press", user=robin.id, message=message, data=data) for _ in range(2))
        )
        assert first["answered"]
        assert second["answered"]
        assert not first["text"]
        assert not second["text"]
        await robin.wait_for("More of your digest")
        # A second message would follow at once.
        await asyncio.sleep(0.2)
        assert sum("More of your digest" in text for text in await robin.texts()) == 1


async def test_a_second_tap_before_the_tick_is_shown_does_nothing(harness: BotHarness) -> None:
    await harness.publish("News")
    robin = await harness.reader()
    await robin.say("/categories")
    await robin.wait_for("Categories")
    message, data = await robin.button_data("Science")
    for _ in range(3):
        await robin.post("/sim/press", user=robin.id, message=message, data=data)
        if any(button["data"] != data for row in (await robin.last())["buttons"] for button in row[:1]):
            break
    place = await harness.place(robin)
    assert len(await harness.app.stores.places.subscriptions(place.id)) == 1


async def test_an_admins_album_is_not_mistaken_for_a_flood(tmp_path: Path) -> None:
    async with open_harness(tmp_path, telegram=_RATES) as harness:
        admin = await harness.admin()
        await admin.say("/announce")
        await admin.wait_for("New announcement")
        await admin.send_album(10, "All ten")
        await admin.wait_for(lambda shown: any("Send" in b["text"] for row in shown["buttons"] for b in row), 20)
        drafts = await harness.app.stores.announcements.drafts(ADMIN)
        assert len(drafts[-1].first.media) == 10
