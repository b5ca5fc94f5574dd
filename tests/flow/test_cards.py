"""From a digest to an article's card, and what readers do with it, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.model.layout import Layout
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader, labels

MORE = "⋯ Save, share, more"
TITLES = ("Moon landing", "Mars rover", "Venus probe")


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path) as opened:
        yield opened


async def reader_of(harness: BotHarness, *titles: str) -> Reader:
    """Return a reader whose newest message is a digest with articles of these titles."""
    robin = await harness.subscriber_of("An earlier title")
    await harness.publish(*titles)
    await robin.say("/digest")
    await robin.wait_for(lambda message: MORE in labels(message))
    return robin


async def test_a_digest_leads_to_the_cards_of_its_items_and_back(harness: BotHarness) -> None:
    robin = await reader_of(harness, *TITLES)
    digest = [message for message in await robin.messages() if MORE in labels(message)][-1]
    before = labels(digest)
    assert MORE in before
    titles = [line.removeprefix(f"{number}. ") for number in range(1, 4) for line in digest["text"].split("\n")
              if line.startswith(f"{number}. ")]  # fmt: skip
    await robin.press(MORE)
    opened = await robin.wait_for(lambda message: "‹ Back" in labels(message))
    assert labels(opened)[:3] == ["1", "2", "3"]
    for number in (2, 3):
        await robin.press(str(number))
        card = await robin.wait_for(titles[number - 1])
        assert "🔖 Save" in labels(card)
    await robin.press("‹ Back")
    closed = await robin.wait_for(lambda message: message["message_id"] == digest["message_id"])
    assert labels(closed) == before


@pytest.mark.parametrize("layout", [Layout.LIST, Layout.HEADLINES, Layout.MAGAZINE])
async def test_where_items_have_no_numbers_their_buttons_have_their_titles(harness: BotHarness, layout: Layout) -> None:
    robin = await harness.subscriber_of("An earlier title")
    place = await harness.place(robin)
    await harness.app.parts.readers.subscriptions.reschedule(place, harness.clock.now(), layout=layout)
    await harness.publish(*TITLES)
    await robin.say("/digest")
    await robin.wait_for(lambda message: MORE in labels(message))
    await robin.press(MORE)
    opened = await robin.wait_for(lambda message: "‹ Back" in labels(message))
    shown = [label.partition(". ")[2] for label in labels(opened) if ". " in label]
    assert sorted(shown) == sorted(TITLES)
    number = shown.index("Mars rover") + 1
    await robin.press(f"{number}. Mars rover")
    await robin.wait_for(lambda message: "Mars rover" in message["text"] and "🔖 Save" in labels(message))


async def test_what_is_saved_waits_through_a_restart_and_is_taken_along(harness: BotHarness) -> None:
    robin = await reader_of(harness, *TITLES)
    await robin.press(MORE)
    await robin.wait_for(lambda message: "‹ Back" in labels(message))
    await harness.restart()
    await robin.press("1")
    card = await robin.wait_for(lambda message: "🔖 Save" in labels(message))
    await harness.restart()
    await robin.press("🔖 Save")
    assert "/saved" in robin.alert
    await robin.wait_for(lambda message: "🔖 Saved ✓" in labels(message))
    await robin.say("/saved")
    await robin.wait_for("1 article")
    await robin.press("📄 Export")
    await robin.wait_for("Take it with you")
    await harness.restart()
    await robin.press("JSON")
    sent = await robin.wait_for(lambda message: bool(message.get("document")))
    assert sent["document"]["file_name"] == "saved.json"
    await robin.press("‹ Back")
    await robin.wait_for("1 article")
    await robin.press("🗑 Remove")
    await robin.wait_for(lambda message: "🗑 1" in labels(message))
    await robin.press("🗑 1")
    await robin.wait_for("Removed")
    await robin.press("↩️ Undo")
    shown = await robin.wait_for("1 article")
    assert card["text"].split("\n")[0] in shown["text"]


async def test_saved_words_are_asked_for_and_a_group_never_sees_the_answer(harness: BotHarness) -> None:
    robin = await harness.subscriber_of(*TITLES)
    group = await robin.found_group("The club", "supergroup")
    await robin.add_bot(group)
    await robin.say("/latest", chat=group)
    await robin.wait_for("Latest", chat=group)
    await robin.press("1", chat=group)
    await robin.wait_for(lambda message: "🔖 Save" in labels(message), chat=group)
    await robin.press("🔖 Save", chat=group)
    assert "/saved" in robin.alert
    await robin.say("/saved", chat=group)
    await robin.wait_for("answered in our private chat", chat=group)
    assert any("1 article" in text for text in await robin.texts())
    await robin.press("🔎 Search")
    await robin.wait_for("Send me a word")
    await robin.say("nowhere")
    await robin.wait_for("None of what you saved")


async def test_links_follow_and_open_in_one_tap(harness: BotHarness) -> None:
    await harness.publish(*TITLES)
    ada = await harness.admin()
    await ada.say("/link Science")
    made = await ada.wait_for("subscribes whoever opens it")
    link = next(word for word in (made.get("caption") or made["text"]).split() if "start=" in word)
    kim = await harness.reader("Kim", "zh-hans")
    await kim.say(f"/start {link.partition('start=')[2]}")
    await kim.wait_for("已订阅")
    await kim.press("完成")
    await kim.wait_for("📰")
    await kim.say("/latest")
    await kim.wait_for("最新")
    await kim.press("1")
    await kim.wait_for(lambda message: "🔗 链接" in labels(message))
    await kim.press("🔗 链接")
    made = await kim.wait_for("start=a_")
    opened = (made.get("caption") or made["text"]).split("start=")[1].split()[0]
    robin = await harness.reader("Robin")
    await robin.say(f"/start {opened}")
    await robin.wait_for("only what you choose")
    await robin.press("🗂 Choose categories")
    await robin.wait_for("Tick what interests you")


async def test_a_link_outlives_the_name_of_its_category(harness: BotHarness) -> None:
    await harness.publish("A report", categories=["新媒体", "36氪 - 资讯"])
    tree = await harness.app.stores.categories.readers_tree()
    ids = [category.id for category in tree]
    await harness.publish("Another", categories=["新媒体", "36氪", "资讯"])
    robin = await harness.reader()
    await robin.say(f"/start c_{ids[-1]}")
    await robin.wait_for("You follow")


async def test_a_withdrawn_article_leaves_cards_lists_and_digests(harness: BotHarness) -> None:
    robin = await reader_of(harness, *TITLES)
    await robin.press(MORE)
    opened = await robin.wait_for(lambda message: "‹ Back" in labels(message))
    assert labels(opened)[:3] == ["1", "2", "3"]
    _, data = await robin.button_data("2")
    article = int(data.split("|")[1])
    await harness.app.parts.admins.curation.withdraw(article, recall=False, report_chat=robin.id)  # type: ignore[arg-type]
    await robin.press("2")
    assert "This article is gone" in robin.alert
    await robin.press("‹ Back")
    await robin.wait_for(lambda message: MORE in labels(message))
    await robin.press(MORE)
    opened = await robin.wait_for(lambda message: "‹ Back" in labels(message))
    # What is left keeps its number.
    assert labels(opened)[:2] == ["1", "3"]


async def test_more_like_this_opens_by_a_tap_and_is_paged(harness: BotHarness) -> None:
    words = "comet telescope observatory"
    names = ("Ann", "Ben", "Cid", "Dan", "Eve", "Flo", "Gus", "Hal", "Ida", "Jim", "Kay", "Lea")
    await harness.publish(*(f"A recipe for {number} people" for number in range(130)))
    robin = await harness.subscriber_of(*(f"{name} {words}" for name in names))
    await robin.say("/latest")
    await robin.wait_for("Latest")
    await robin.press("1")
    await robin.wait_for(lambda message: "🔍 More like this" in labels(message))
    await robin.press("🔍 More like this")
    await robin.wait_for(lambda message: "1 / 2" in labels(message))
    await robin.press("›")
    await robin.wait_for(lambda message: "2 / 2" in labels(message))
