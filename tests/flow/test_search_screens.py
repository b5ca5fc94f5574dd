"""The screens of /search: ten a page, narrowed by buttons, and what was meant where nothing is found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.limits import TEXT
from digests.storage.schema.place_tables import lookups
from tests.factories.times import DAY
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

MAIN = ("Science", "Tidewater Journal")
OTHER = ("Books", "Margin Notes")


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path) as opened:
        now = opened.clock.now()
        for number in range(12):
            date = f"{now - number * DAY - timedelta(hours=2):%Y-%m-%d %H:%M:%S}"
            opened.write(f"The moon {number:02}", categories=MAIN, author="Tidewater Journal", date=date)
        opened.write("A moon book", categories=OTHER, author="Margin Notes", tags=["Poetry", "C++"])
        opened.write(
            "月亮 moon 升起", categories=OTHER, author="Margin Notes", body="<p>月亮在夜里升起来了，大家都看见它。</p>"
        )
        await opened.app.scan()
        yield opened


async def labels(reader: Reader) -> list[str]:
    message = await reader.last()
    return [button["text"] for row in message["buttons"] for button in row]


async def shows(reader: Reader, wanted: str, *, label: str = "") -> list[str]:
    await reader.wait_for(wanted)
    found = await labels(reader)
    assert label in found or not label, found
    return found


async def test_ten_a_page_with_a_button_for_each(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/search moon")
    found = await shows(robin, "14 articles")
    assert [label for label in found if label.isdigit()] == [str(number) for number in range(1, 11)]
    first = await robin.last()
    await robin.press("›")
    await robin.wait_for(lambda message: "2 / 2" in str(message["buttons"]))
    assert (await robin.last())["message_id"] == first["message_id"], "it is paged in place"
    assert [label for label in await labels(robin) if label.isdigit()] == ["1", "2", "3", "4"]
    await robin.press("3")
    await robin.wait_for(lambda message: any("Save" in button["text"] for row in message["buttons"] for button in row))


async def test_filters_narrow_and_are_cleared(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/search moon")
    found = await shows(robin, "14 articles")
    assert {"🗂 Category", "📰 Source", "🌐 Language", "📅 Time"} <= set(found)
    await robin.press("📰 Source")
    assert (await shows(robin, "Show only"))[:2] == ["Tidewater Journal", "Margin Notes"]
    await robin.press("Margin Notes")
    found = await shows(robin, "2 articles")
    assert "✕ Margin Notes" in found
    assert not {"📰 Source", "🗂 Category"} & set(found), "what narrows nothing is not offered"
    await robin.press("🌐 Language")
    await robin.press("Chinese")
    found = await shows(robin, "1 article")
    assert "月亮" in (await robin.last())["text"]
    assert {"✕ Margin Notes", "✕ Clear all"} <= set(found)
    await robin.press("✕ Clear all")
    assert not any(label.startswith("✕") for label in await shows(robin, "14 articles"))


@pytest.mark.parametrize(("label", "number"), [("Last day", 3), ("Last week", 9)])
async def test_the_last_days(harness: BotHarness, label: str, number: int) -> None:
    robin = await harness.reader()
    await robin.say("/search moon")
    await robin.press("📅 Time")
    assert await shows(robin, "Show only") == ["Last day", "Last week", "‹ Back"], "all are of the last month"
    await robin.press(label)
    await robin.wait_for(f"{number} articles")
    await robin.press(f"✕ {label}")
    await robin.wait_for("14 articles")


async def test_narrowed_searches_are_sorted_and_paged(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/search moon")
    await robin.press("🗂 Category")
    await robin.press("Science")
    await robin.wait_for("12 articles")
    await robin.press("🕘 Newest first")
    await shows(robin, "12 articles", label="⭐ Best first")
    await robin.press("›")
    await robin.wait_for(lambda message: "2 / 2" in str(message["buttons"]))
    assert "book" not in (await robin.last())["text"]
    await robin.press("✕ Science")
    await shows(robin, "14 articles", label="⭐ Best first")


async def test_buttons_survive_a_restart(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/search moon")
    await robin.press("📰 Source")
    await harness.restart()
    await robin.press("Margin Notes")
    await robin.wait_for("2 articles")
    await harness.restart()
    await robin.press("✕ Margin Notes")
    await robin.wait_for("14 articles")


@pytest.mark.parametrize(
    "words",
    [
        "source:Tidewater",
        "source:tidewater",
        'source:"Tidewater Journal"',
        "来源:ＴＩＤＥＷＡＴＥＲ",
        'source:"tidewater-journal"',
    ],
)
async def test_a_source_by_its_leading_words(harness: BotHarness, words: str) -> None:
    robin = await harness.reader()
    await robin.say(f"/search {words}")
    await robin.wait_for("12 articles")


async def test_an_unknown_source_is_named_and_the_nearest_offered(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/search moon source:Tidewatr")
    message = await robin.wait_for("I don't know what “Tidewatr” is.")
    assert message["buttons"][0][0]["text"] == "📰 Tidewater Journal"
    await robin.press("📰 Tidewater Journal")
    await robin.wait_for("12 articles")


async def test_an_unknown_tag_is_named_and_the_nearest_offered(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/search tag:poetri")
    message = await robin.wait_for("I don't know what “poetri” is.")
    assert message["buttons"][0][0]["text"] == "🏷 Poetry"
    await robin.press("🏷 Poetry")
    await robin.wait_for("A moon book")
    await robin.say("/search poetry")
    await robin.wait_for("A moon book")


async def test_a_hidden_source_is_not_offered(harness: BotHarness) -> None:
    robin = await harness.reader()
    await harness.app.stores.hidden.hide_sources(("Tidewater Journal",), harness.clock.now())
    await robin.say("/search source:Tidewatr")
    message = await robin.wait_for("I don't know what “Tidewatr” is.")
    assert not any("Tidewater" in button["text"] for row in message["buttons"] for button in row)


async def test_an_expired_search_says_so_and_offers_the_new_one(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/search moon")
    await robin.wait_for("14 articles")
    async with harness.app.stores.database.write() as connection:
        await connection.execute(sa.delete(lookups))
    await robin.press("📰 Source")
    await robin.wait_for("That search has expired. Search again?")
    await robin.press("🔎 moon")
    await robin.wait_for("14 articles")


async def test_a_page_of_very_long_articles_is_one_message(harness: BotHarness) -> None:
    long = "comet " + "a long word " * 40
    for number in range(10):
        body = f"<p>{long * 3} {number}</p>"
        harness.write(f"{long}{number}"[:250] + f" {number}", path=f"long/{number}.md", body=body)
    await harness.app.scan()
    robin = await harness.reader()
    await robin.say("/search comet")
    message = await robin.wait_for("10 articles")
    assert len(message["text"]) <= TEXT
    assert [label for label in await labels(robin) if label.isdigit()] == [str(number) for number in range(1, 11)]
    assert "10. comet" in message["text"]


async def test_in_chinese(harness: BotHarness) -> None:
    kim = await harness.reader("Kim", "zh-hans")
    await kim.say("/search moon")
    assert {"🗂 分类", "📰 来源", "🌐 语言", "📅 时间"} <= set(await shows(kim, "14 篇"))
    await kim.press("🌐 语言")
    assert "英语" in await shows(kim, "只看")
