"""The same news from several sources, as readers meet it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.flow.reader import Reader, labels
from tests.flow.stage import BotHarness, open_stage

STRIKE = (
    "<p>Ferry workers on Scotland's west coast ended a four-day strike on Thursday after their union accepted a pay "
    "deal worth 6.5% over two years. Sailings to Arran, Mull and Islay were due to resume on Friday morning. The "
    "operator said that it was relieved for the island communities, which depend on the boats for food and fuel.</p>"
)
TUNNEL = (
    "<p>Norway has approved plans to build the world's first ship tunnel, which will let vessels pass under a mountain "
    "instead of sailing round one of the roughest stretches of its coast. Work should begin in 2022 and take three to "
    "four years, the coastal administration said.</p>"
)


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_stage(tmp_path) as opened:
        yield opened


def tell(
    harness: BotHarness, source: str, title: str = "Ferry strike ends", body: str = STRIKE, top: str = "Science"
) -> None:
    link = f'<p><a href="https://{source.lower()}.example/{len(title)}">原文链接</a></p>'
    harness.write(title, body=body + link, categories=(top, source, "News"), author=source)


async def digests(reader: Reader) -> list[str]:
    return [text for text in await reader.texts() if text.startswith("📰")]


async def test_two_sources_one_item_with_the_other_named(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    tell(harness, "Tidewater")
    tell(harness, "Harbour", "Boats are back as ferry strike ends", "<p>OBAN.</p>" + STRIKE)
    tell(harness, "Lighthouse", "Norway to dig a tunnel for ships", TUNNEL)
    await harness.app.scan()
    await harness.next_slot()
    got = await robin.last()
    assert got["text"].count("also in: ") == 1
    assert ("Ferry strike ends" in got["text"]) != ("Boats are back" in got["text"])
    links = [entity["url"] for entity in got["entities"] if entity["type"] == "text_link"]
    assert {link.partition("//")[2].partition(".")[0] for link in links} >= {"tidewater", "harbour", "lighthouse"}
    assert labels(got) == ["🗞 More sources"]
    await robin.press("More sources")
    shown = await robin.wait_for("Who else tells it")
    assert "Ferry strike ends" in shown["text"]
    assert "Boats are back as ferry strike ends" in shown["text"]
    assert "tunnel" not in shown["text"]
    assert labels((await robin.messages())[-2]) == []


async def test_who_joins_late_is_not_sent_again(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    tell(harness, "Tidewater")
    await harness.app.scan()
    await harness.next_slot()
    assert "Ferry strike ends" in (await robin.last())["text"]
    before = len(await robin.messages())
    tell(harness, "Harbour", "Boats are back")
    await harness.app.scan()
    await harness.next_slot()
    assert len(await robin.messages()) == before
    await robin.say("/digest")
    await robin.wait_for("Nothing new in your categories")
    await robin.say("/latest")
    latest = await robin.wait_for("Latest")
    assert "Ferry strike ends" in latest["text"]
    assert "Boats are back" in latest["text"]
    assert latest["text"].count("also in: ") == 2
    await robin.say("/story boats")
    story = await robin.wait_for("🗞 boats")
    assert story["text"].index("Ferry strike ends") < story["text"].index("• Boats are back")


async def test_who_joins_late_is_news_to_whom_it_was_not_told(harness: BotHarness) -> None:
    """Another category's reader, and one who came after it, have not had the story."""
    old = await harness.subscriber_of("Old news")
    await harness.publish("Other old news", categories=("Books", "Margin", "News"))
    books = await harness.subscriber("Kim", category="Books")
    tell(harness, "Tidewater")
    await harness.app.scan()
    await harness.next_slot()
    assert "Ferry strike ends" in (await old.last())["text"]
    tell(harness, "Margin", "Boats are back", top="Books")
    tell(harness, "Harbour", "The ferries sail", STRIKE)
    await harness.app.scan()
    before = len(await old.messages())
    await harness.next_slot()
    assert len(await old.messages()) == before
    got = (await books.last())["text"]
    assert "Boats are back" in got
    assert "also in: " in got


async def test_by_digest_now_and_by_the_first_digest(harness: BotHarness) -> None:
    for number in range(3):
        tell(harness, f"Source{number}", f"Ferry strike ends, {'at last ' * number}")
    tell(harness, "Lighthouse", "Norway to dig a tunnel for ships", TUNNEL)
    await harness.app.scan()
    robin = await harness.subscriber()
    (first,) = await digests(robin)
    assert first.count("Ferry strike ends") == 1
    assert first.count("also in: ") == 1
    assert "tunnel" in first
    tell(harness, "Harbour")
    tell(harness, "Fjord", "A tunnel for ships", TUNNEL)
    await harness.app.scan()
    await robin.say("/digest")
    await robin.wait_for("Nothing new in your categories")
    await harness.publish("Fresh news")
    await robin.say("/digest")
    await robin.wait_for("Fresh news")
    assert "also in" not in (await robin.last())["text"]


async def test_the_rest_of_a_digest_counts_as_told_and_both_buttons_stand_alone(tmp_path: Path) -> None:
    async with open_stage(tmp_path, digest={"max_items": 1}) as harness:
        robin = await harness.subscriber_of("Old news")
        for source in ("Tidewater", "Harbour"):
            tell(harness, source)
        harness.clock.move(timedelta(hours=-1))
        harness.write("Tunnel", body=TUNNEL, categories=("Science", "Fjord", "News"), author="Fjord")
        harness.clock.move(timedelta(hours=1))
        await harness.app.scan()
        await harness.next_slot()
        got = await robin.last()
        assert labels(got) == ["Show 1 more", "🗞 More sources"]
        await robin.press("Show 1 more")
        await robin.wait_for("Tunnel")
        assert labels((await robin.messages())[-2]) == ["🗞 More sources"]
        await robin.press("More sources")
        await robin.wait_for("Who else tells it")
        before = len(await robin.messages())
        tell(harness, "Mountain", "A tunnel for ships", TUNNEL)
        await harness.app.scan()
        await harness.next_slot()
        assert len(await robin.messages()) == before


async def test_what_story_answers(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/story")
    await robin.wait_for("No news of the last days is told by several sources.")
    tell(harness, "Tidewater")
    tell(harness, "Lighthouse", "Norway to dig a tunnel for ships", TUNNEL)
    await harness.app.scan()
    await robin.say("/story ferry")
    alone = await robin.wait_for("one source alone tells this")
    assert "/search" not in alone["text"]
    await robin.say("/story coast")
    alone = await robin.wait_for("one source alone tells this")
    assert "More about it: /search coast" in alone["text"]
    await robin.say("/story nothingofthis")
    await robin.wait_for("I found nothing")
    tell(harness, "Harbour", "Boats are back")
    await harness.app.scan()
    await robin.say("/story")
    shown = await robin.wait_for("What several sources tell")
    assert "Ferry strike ends" in shown["text"]
    assert "tunnel" not in shown["text"]
    await robin.say("/story coast")
    shown = await robin.wait_for("Ferry strike ends")
    assert shown["text"].endswith("More about it: /search coast")
    await robin.say("/search strike")
    assert "also in: " in (await robin.wait_for("🔎"))["text"]


async def test_in_chinese(harness: BotHarness) -> None:
    text = (
        "<p>台积电2月6日宣布，将与索尼半导体、电装及丰田共同增资，在日本熊本建设第二座晶圆厂，预计2027年底开始营运，"
        "总投资将超过200亿美元。</p>"
    )
    other = (
        "<p>【本报讯】台積電2月6日宣布，將與索尼半導體、電裝及豐田共同增資，在日本熊本建設第二座晶圓廠，預計2027年底開始營運，"
        "總投資將超過200億美元。</p>"
    )
    tell(harness, "晨星", "台积电宣布将在日本建设第二座晶圆厂", text, "科技")
    tell(harness, "香江", "台積電敲定熊本二廠", other, "科技")
    await harness.app.scan()
    ling = await harness.subscriber("小玲", "zh-hans", "科技")
    (got,) = await digests(ling)
    assert "另见：" in got
    assert "story" in {one["command"] for one in await ling.commands()}


async def test_stories_can_be_turned_off(tmp_path: Path) -> None:
    async with open_stage(tmp_path, posts={"story_days": 0}) as harness:
        tell(harness, "Tidewater")
        tell(harness, "Harbour")
        await harness.app.scan()
        robin = await harness.subscriber()
        (first,) = await digests(robin)
        assert first.count("Ferry strike ends") == 2
