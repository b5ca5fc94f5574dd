"""What somebody searched for stays in their chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from digests.storage.schema.place_tables import lookups
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

TOO_OLD = "That search has expired. Please send it again."


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path, search={"page_size": 2}) as opened:
        await opened.publish(*(f"The moon {number}" for number in range(5)))
        yield opened


async def kept(harness: BotHarness) -> list[Any]:
    async with harness.app.stores.database.read() as connection:
        return list((await connection.execute(sa.select(lookups))).all())


async def offer(harness: BotHarness, person: Reader, data: str) -> None:
    """Send a message with a button that carries the data, as an older version or another chat has one."""
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Turn", callback_data=data)]])
    await harness.app.bot.send_message(person.id, "a list", reply_markup=keyboard)


async def test_the_search_of_another_chat_stays_closed(harness: BotHarness) -> None:
    robin, kim = await harness.reader(), await harness.reader("Kim")
    await robin.say("/search moon")
    await robin.press("›")
    await robin.wait_for("moon")
    _, data = await robin.button_data("›")
    await kim.say("/id")
    await kim.wait_for("Your Telegram id")
    await offer(harness, kim, data)
    await kim.press("Turn")
    await kim.wait_for(TOO_OLD)
    assert not any("moon" in text for text in await kim.texts())
    await robin.press("›")
    await robin.wait_for("The moon")


@pytest.mark.parametrize("data", ["q|1", "q|1|0|1|0|0|0", "q|2|1|2|1|5|1", "q|", "q|" + "A" * 16])
async def test_old_buttons_for_searches_by_number_have_expired(harness: BotHarness, data: str) -> None:
    robin = await harness.reader()
    await robin.say("/search moon")
    await robin.wait_for("moon")
    await offer(harness, robin, data)
    await robin.press("Turn")
    await robin.wait_for(TOO_OLD)


async def test_only_a_search_with_more_to_show_is_kept(harness: BotHarness) -> None:
    await harness.publish("Something about mars")
    robin = await harness.reader()
    await robin.say("/search mars")
    await robin.wait_for("1 article")
    await robin.say("/search pluto")
    await robin.wait_for("found nothing")
    assert await kept(harness) == []
    for _ in range(3):
        await robin.say("/search moon")
        await robin.wait_for("5 articles")
    assert [(row.chat_id, row.query) for row in await kept(harness)] == [(robin.id, "moon")]


async def test_erasing_the_chat_erases_its_searches(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    await robin.say("/search moon")
    await robin.wait_for("5 articles")
    await robin.say("/stop")
    await robin.press("Delete my data")
    await robin.press("Yes, delete")
    await robin.wait_for("is deleted")
    assert await kept(harness) == []


@pytest.mark.parametrize("data", ["hi|s|1", "sh|s|1", "hi|s|0|", "sh|s|0|abc"])
async def test_old_buttons_for_sources_by_number_have_expired(harness: BotHarness, data: str) -> None:
    admin = await harness.admin()
    await offer(harness, admin, data)
    await admin.press("Turn")
    await admin.wait_for("That no longer exists")


async def test_a_source_is_hidden_and_shown_by_its_button(harness: BotHarness) -> None:
    admin = await harness.admin()
    await admin.say("/hide Tidewater")
    await admin.press("Source Tidewater")
    await admin.wait_for("Readers no longer see Tidewater")
    await admin.press("Show it again")
    await admin.wait_for("Readers see Tidewater again")
    await admin.say("/hide Tidewater")
    await admin.press("Source Tidewater")
    await admin.say("/hidden")
    await admin.press("👀 Tidewater")
    await admin.wait_for("Readers see Tidewater again")
