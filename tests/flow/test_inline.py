"""Inline mode: what people type behind the bot's name in any chat, and what they send of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.handlers.inline.queries import PAGE
from digests.model.wish import Subject, WishKind
from digests.readers.place_wishes import words_subject
from tests.flow.harness import BotHarness, open_harness
from tests.waiting import until


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path) as opened:
        await opened.publish("The moon rises", "The moon sets")
        await opened.publish("A moon book", categories=["Books", "Margin Notes"])
        yield opened


def titles(answer: dict[str, Any]) -> list[str]:
    return [result["title"] for result in answer["results"]]


def forget_kept(harness: BotHarness) -> None:
    harness.simulator.world.inline.forget_kept()


async def test_words_find_articles_and_the_chosen_one_leads_to_the_bot(harness: BotHarness) -> None:
    robin, kim = await harness.subscriber(), await harness.reader("Kim")
    group = await robin.found_group("Friends", "supergroup")
    await kim.join(group)
    answer = await robin.inline("moon sets", chat=group)
    (result,) = answer["results"]
    assert result["title"] == "The moon sets"
    assert "Tidewater" in result["description"]
    assert answer["is_personal"] is True
    assert 0 < answer["cache_time"] <= 60
    await robin.choose(answer, result["id"], group)
    message = await kim.last(group)
    assert message["via_bot"]["username"] == harness.app.bot.username
    assert "The moon sets" in message["text"]
    (button,) = message["buttons"][0]
    assert button["text"] == "Open in the bot"
    await kim.open(button["url"])
    await kim.wait_for("The moon sets")


async def test_what_was_sent_in_inline_mode_is_no_question_to_the_bot(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    answer = await robin.inline("moon sets")
    await robin.choose(answer, answer["results"][0]["id"])
    await robin.say("/id")
    await robin.wait_for("Your Telegram id")
    assert not any("🔎" in text for text in await robin.texts())


async def test_no_words_show_the_latest_of_what_is_followed(harness: BotHarness) -> None:
    robin, kim = await harness.subscriber(), await harness.reader("Kim")
    assert sorted(titles(await robin.inline(""))) == ["The moon rises", "The moon sets"]
    answer = await kim.inline("")
    assert len(titles(answer)) == 3
    await kim.open(answer["button"]["url"])
    await kim.wait_for("Tick what interests you")


async def test_pages_follow_each_other_without_gap_or_repetition(harness: BotHarness) -> None:
    await harness.publish(*(f"Comet {number:02}" for number in range(2 * PAGE + 5)))
    robin = await harness.reader()
    for words in ("comet", ""):
        seen: list[str] = []
        offset = ""
        while True:
            answer = await robin.inline(words, offset)
            seen += [result["id"] for result in answer["results"]]
            assert len(answer["results"]) <= PAGE
            assert len(answer["next_offset"].encode()) <= 64
            if not (offset := answer["next_offset"]):
                break
        assert len(seen) == len(set(seen)) == 2 * PAGE + (5 if words else 8)


@pytest.mark.parametrize("offset", ["x", "9.1", "0.-1", "1." + "9" * 16, "٣.٤", "0.1 OR 1"])
async def test_a_forged_offset_is_the_beginning(harness: BotHarness, offset: str) -> None:
    robin = await harness.reader()
    assert len(titles(await robin.inline("moon", offset))) == 3


async def test_mutes_hold(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    place, wishes = await harness.place(robin), harness.app.parts.readers.wishes
    tree = await harness.app.stores.categories.tree()
    (books,) = tree.find("Books")
    for subject, left in (
        (words_subject("rises"), ["A moon book", "The moon sets"]),
        (Subject.of_category(books.id), ["The moon sets"]),
    ):
        await wishes.add(place, WishKind.MUTE, subject, harness.clock.now())
        forget_kept(harness)
        assert sorted(titles(await robin.inline("moon"))) == left
    assert titles(await robin.inline("")) == ["The moon sets"]
    muted = await (await harness.reader("Kim")).inline("rises")
    answer = await robin.inline(f"id:{muted['results'][0]['id']}")
    assert titles(answer) == ["The moon rises"], "who shares it has chosen it"


async def test_pages_of_nothing_but_muted_articles_are_passed_over(harness: BotHarness) -> None:
    await harness.publish(*(f"Loud comet {number:02}" for number in range(2 * PAGE)))
    robin = await harness.subscriber()
    place, now = await harness.place(robin), harness.clock.now()
    await harness.app.parts.readers.wishes.add(place, WishKind.MUTE, words_subject("loud -quiet"), now)
    assert sorted(titles(await robin.inline(""))) == ["The moon rises", "The moon sets"]
    assert titles(await robin.inline("loud comet")) == []


async def test_one_article_by_its_id(harness: BotHarness) -> None:
    robin = await harness.reader()
    (result,) = (await robin.inline("moon book"))["results"]
    assert titles(await robin.inline(f"id:{result['id']}")) == ["A moon book"]
    for words in ("id:999999", "id:0", "id:999999999999999"):
        answer = await robin.inline(words)
        assert (titles(answer), answer["button"]["text"]) == ([], "Nothing found. Open the bot")


async def test_what_readers_must_not_see_is_not_found(harness: BotHarness) -> None:
    robin = await harness.reader()
    (result,) = (await robin.inline("moon book"))["results"]
    stores = harness.app.stores
    (books,) = (await stores.categories.tree()).find("Books")
    await stores.hidden.hide_category(books.id, harness.clock.now())
    forget_kept(harness)
    for words in ("moon book", "", f"id:{result['id']}"):
        assert "A moon book" not in titles(await robin.inline(words)), words


@pytest.mark.parametrize("access", ["invite", "list"])
async def test_strangers_get_nothing_but_the_way_in(tmp_path: Path, access: str) -> None:
    async with open_harness(tmp_path, chat={"access": access}) as harness:
        await harness.publish("The moon rises")
        kim, ada = await harness.reader("Kim", "zh-hans"), await harness.admin()
        for words in ("moon", "", "id:1"):
            answer = await kim.inline(words)
            assert (titles(answer), answer["cache_time"], answer["button"]["text"]) == ([], 0, "启动机器人"), words
        assert titles(await ada.inline("moon")) == ["The moon rises"]


async def test_everybody_is_answered_in_their_language(harness: BotHarness) -> None:
    kim = await harness.reader("Kim", "zh-hans")
    answer = await kim.inline("moon sets")
    assert answer["results"][0]["buttons"][0][0]["text"] == "在机器人中打开"
    assert answer["button"]["text"] == "选择每天读什么"


async def test_the_newest_of_quick_queries_is_answered(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.fault("slow", method="answerInlineQuery", seconds=0.3, times=1)
    typed = ["m", "mo", "moo", "moon", "moon s", "moon sets"]
    for words in typed[:-1]:
        await robin.inline(words, wait=0)
    assert titles(await robin.inline(typed[-1])) == ["The moon sets"]
    ledger = await robin.ledger()
    assert ledger["methods"]["answerInlineQuery"] < len(typed)
    assert not any("query" in refusal for refusal in ledger["refusals"])


async def test_an_answer_that_comes_too_late_harms_nobody(harness: BotHarness) -> None:
    robin = await harness.reader()
    await harness.app.stores.index.close()
    answer = await robin.inline("moon")
    assert (titles(answer), answer["cache_time"]) == ([], 0)
    await harness.app.stores.index.open()
    assert titles(await robin.inline("moon sets")) == ["The moon sets"]
    await robin.fault("error", method="answerInlineQuery", code=400, description="Bad Request: query is too old")
    assert not (await robin.inline("moon", wait=0.3))["answered"]
    assert titles(await robin.inline("moon rises")) == ["The moon rises"]


@pytest.mark.parametrize(
    "words", ['"', "<b>&amp;", "cat:", "id:", "-moon", "x" * 256, "月" * 256, "AND OR NOT * ^ ( )"]
)
async def test_any_words_are_answered(harness: BotHarness, words: str) -> None:
    robin = await harness.reader()
    assert (await robin.inline(words))["answered"]


async def test_pictures_of_articles_go_along_where_they_are_public(harness: BotHarness) -> None:
    await harness.publish("Comet", body='<p><img src="https://img.example.com/comet.jpg"></p><p>Text of it.</p>')
    await harness.publish("Comet at home", body='<p><img src="https://10.0.0.1/comet.jpg"></p><p>Text of it.</p>')
    robin = await harness.reader()
    found = {result["title"]: result["thumbnail_url"] for result in (await robin.inline("comet"))["results"]}
    assert found == {"Comet": "https://img.example.com/comet.jpg", "Comet at home": None}


async def test_inline_mode_that_is_off_is_named_at_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with open_harness(tmp_path) as harness:
        harness.simulator.world.has_inline_mode = False
        caplog.clear()
        await harness.restart()
        await until(lambda: "inline mode is off" in caplog.text)
