"""The same news from several sources, as readers see it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import labels

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

MORE = "⋯ Save, share, more"


def write_story(
    harness: BotHarness, source: str, title: str = "Ferry strike ends", body: str = STRIKE, top: str = "Science"
) -> None:
    link = f'<p><a href="https://{source.lower()}.example/{len(title)}">原文链接</a></p>'
    harness.write(title, body=body + link, categories=(top, source, "News"), author=source)


async def test_two_sources_of_a_story_are_one_item_that_names_both(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    write_story(harness, "Tidewater")
    write_story(harness, "Harbour", "Boats are back as ferry strike ends", "<p>OBAN.</p>" + STRIKE)
    write_story(harness, "Lighthouse", "Norway to dig a tunnel for ships", TUNNEL)
    await harness.app.scan()
    await harness.next_slot()
    got = await robin.last()
    assert got["text"].count("also in: ") == 1
    assert ("Ferry strike ends" in got["text"]) != ("Boats are back" in got["text"])
    links = [entity["url"] for entity in got["entities"] if entity["type"] == "text_link"]
    assert {link.partition("//")[2].partition(".")[0] for link in links} >= {"tidewater", "harbour", "lighthouse"}
    assert labels(got) == [MORE, "🗞 More sources"]
    await robin.press("More sources")
    shown = await robin.wait_for("Who else covers it")
    assert "Ferry strike ends" in shown["text"]
    assert "Boats are back as ferry strike ends" in shown["text"]
    assert "tunnel" not in shown["text"]
    assert labels((await robin.messages())[-2]) == [MORE]


async def test_a_late_source_of_a_story_is_not_sent_again(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    write_story(harness, "Tidewater")
    await harness.app.scan()
    await harness.next_slot()
    assert "Ferry strike ends" in (await robin.last())["text"]
    before = len(await robin.messages())
    write_story(harness, "Harbour", "Boats are back")
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
    assert story["text"].index("Ferry strike ends") < story["text"].index("2. Boats are back")


async def test_a_late_source_is_news_to_readers_who_have_not_had_the_story(harness: BotHarness) -> None:
    """Readers of another category have not had the story."""
    old = await harness.subscriber_of("Old news")
    await harness.publish("Other old news", categories=("Books", "Margin", "News"))
    books = await harness.subscriber("Kim", category="Books")
    write_story(harness, "Tidewater")
    await harness.app.scan()
    await harness.next_slot()
    assert "Ferry strike ends" in (await old.last())["text"]
    write_story(harness, "Margin", "Boats are back", top="Books")
    write_story(harness, "Harbour", "The ferries sail", STRIKE)
    await harness.app.scan()
    before = len(await old.messages())
    await harness.next_slot()
    assert len(await old.messages()) == before
    got = (await books.last())["text"]
    assert "Boats are back" in got
    assert "also in: " in got


async def test_digests_on_request_and_first_digests_have_each_story_once(harness: BotHarness) -> None:
    for number in range(3):
        write_story(harness, f"Source{number}", f"Ferry strike ends, {'at last ' * number}")
    write_story(harness, "Lighthouse", "Norway to dig a tunnel for ships", TUNNEL)
    await harness.app.scan()
    robin = await harness.subscriber()
    (first,) = await robin.digests()
    assert first.count("Ferry strike ends") == 1
    assert first.count("also in: ") == 1
    assert "tunnel" in first
    write_story(harness, "Harbour")
    write_story(harness, "Fjord", "A tunnel for ships", TUNNEL)
    await harness.app.scan()
    await robin.say("/digest")
    await robin.wait_for("Nothing new in your categories")
    await harness.publish("Fresh news")
    await robin.say("/digest")
    await robin.wait_for("Fresh news")
    assert "also in" not in (await robin.last())["text"]


async def test_the_rest_of_a_digest_counts_as_sent_and_its_buttons_are_independent(tmp_path: Path) -> None:
    async with open_harness(tmp_path, digest={"max_items": 1}) as harness:
        robin = await harness.subscriber_of("Old news")
        for source in ("Tidewater", "Harbour"):
            write_story(harness, source)
        harness.clock.move(timedelta(hours=-1))
        harness.write("Tunnel", body=TUNNEL, categories=("Science", "Fjord", "News"), author="Fjord")
        harness.clock.move(timedelta(hours=1))
        await harness.app.scan()
        await harness.next_slot()
        got = await robin.last()
        assert labels(got) == ["Show 1 more", MORE, "🗞 More sources"]
        await robin.press("Show 1 more")
        await robin.wait_for("Tunnel")
        assert labels((await robin.messages())[-2]) == [MORE, "🗞 More sources"]
        await robin.press("More sources")
        await robin.wait_for("Who else covers it")
        before = len(await robin.messages())
        write_story(harness, "Mountain", "A tunnel for ships", TUNNEL)
        await harness.app.scan()
        await harness.next_slot()
        assert len(await robin.messages()) == before


async def test_the_story_command(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/story")
    await robin.wait_for("No story of the last few days is covered by several sources.")
    write_story(harness, "Tidewater")
    write_story(harness, "Lighthouse", "Norway to dig a tunnel for ships", TUNNEL)
    await harness.app.scan()
    await robin.say("/story ferry")
    alone = await robin.wait_for("only one source covers this")
    assert "/search" not in alone["text"]
    await robin.say("/story coast")
    alone = await robin.wait_for("only one source covers this")
    assert "More about it: /search coast" in alone["text"]
    await robin.say("/story nothingofthis")
    await robin.wait_for("I found nothing")
    write_story(harness, "Harbour", "Boats are back")
    await harness.app.scan()
    await robin.say("/story")
    shown = await robin.wait_for("Covered by several sources")
    assert "Ferry strike ends" in shown["text"]
    assert "tunnel" not in shown["text"]
    await robin.say("/story coast")
    shown = await robin.wait_for("Ferry strike ends")
    assert shown["text"].endswith("More about it: /search coast")
    await robin.say("/search strike")
    assert "also in: " in (await robin.wait_for("🔎"))["text"]


async def test_everything_is_in_chinese_for_a_chinese_reader(harness: BotHarness) -> None:
    text = (
        "<p>台积电2月6日宣布，将与索尼半导体、电装及丰田共同增资，在日本熊本建设第二座晶圆厂，预计2027年底开始营运，"
        "总投资将超过200亿美元。</p>"
    )
    other = (
        "<p>【本报讯】台積電2月6日宣布，將與索尼半導體、電裝及豐田共同增資，在日本熊本建設第二座晶圓廠，預計2027年底開始營運，"
        "總投資將超過200億美元。</p>"
    )
    write_story(harness, "晨星", "台积电宣布将在日本建设第二座晶圆厂", text, "科技")
    write_story(harness, "香江", "台積電敲定熊本二廠", other, "科技")
    await harness.app.scan()
    ling = await harness.subscriber("小玲", "zh-hans", "科技")
    (got,) = await ling.digests()
    assert "另见：" in got
    assert "story" in {command["command"] for command in await ling.commands()}


async def test_stories_can_be_turned_off(tmp_path: Path) -> None:
    async with open_harness(tmp_path, posts={"story_days": 0}) as harness:
        write_story(harness, "Tidewater")
        write_story(harness, "Harbour")
        await harness.app.scan()
        robin = await harness.subscriber()
        (first,) = await robin.digests()
        assert first.count("Ferry strike ends") == 2
