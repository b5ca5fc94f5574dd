"""Inline mode: what people type behind the bot's name, and the results that answerInlineQuery accepts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.simulator.person.driver import Person, SimulatorError
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot


def article(number: int = 1, text: str = "<b>Hello</b>", **more: Any) -> dict[str, Any]:
    content = {"message_text": text, "parse_mode": "HTML"}
    return {"type": "article", "id": str(number), "title": "Moon", "input_message_content": content} | more


async def asked(bot: RawBot, ada: Person, words: str = "moon", **more: Any) -> tuple[str, asyncio.Task[dict[str, Any]]]:
    """Type words, and return the id of the query that the bot gets, and the task that waits for its results."""
    task = asyncio.create_task(ada.inline(words, **more))
    update = (await bot.updates(timeout=5))[-1]["inline_query"]
    return update["id"], task


async def test_results_come_to_whoever_typed(bot: RawBot, ada: Person) -> None:
    task = asyncio.create_task(ada.inline("  moon ", "20"))
    query = (await bot.updates(timeout=5))[-1]["inline_query"]
    assert (query["query"], query["offset"], query["chat_type"]) == ("moon", "20", "sender")
    assert query["from"]["id"] == ada.id
    button = {"text": "Start", "start_parameter": "inline"}
    await bot.ok(
        "answerInlineQuery",
        inline_query_id=query["id"],
        results=[article(description="today", thumbnail_url="https://img.example/1.jpg")],
        next_offset="40",
        button=button,
    )
    answer = await task
    (result,) = answer["results"]
    assert (result["id"], result["title"], result["html"]) == ("1", "Moon", "<b>Hello</b>")
    assert answer["next_offset"] == "40"
    assert answer["button"]["url"].endswith("?start=inline")


async def test_what_is_chosen_is_sent_via_the_bot(bot: RawBot, ada: Person) -> None:
    group = await ada.found_group("Readers", "supergroup")
    query_id, task = await asked(bot, ada, chat=group)
    keyboard = {"inline_keyboard": [[{"text": "Open", "url": "https://t.me/simbot?start=a_1"}]]}
    await bot.ok("answerInlineQuery", inline_query_id=query_id, results=[article(reply_markup=keyboard)])
    message = await ada.choose(await task, "1", group)
    assert message["via_bot"]["is_bot"]
    assert (message["text"], message["outgoing"]) == ("Hello", True)
    assert message["buttons"][0][0]["kind"] == "url"
    assert await bot.updates() == [], "the bot is not in the group"
    private = await ada.choose(await task, "1")
    assert [update["message"]["message_id"] for update in await bot.updates()] == [private["message_id"]]
    with pytest.raises(SimulatorError, match="no result"):
        await ada.choose(await task, "2")


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"results": "moon"}, "Can't parse inline query results JSON object"),
        ({"results": {}}, "Expected an Array"),
        ({"results": [article(number) for number in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(1), article(1)]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article(id="")]}, "RESULT_ID_INVALID"),
        ({"results": [article(id="é" * 33)]}, "RESULT_ID_INVALID"),
        ({"results": [article(title=" ")]}, "ARTICLE_TITLE_EMPTY"),
        ({"results": [article(thumbnail_url="ftp://x.example/a")]}, "WEBDOCUMENT_URL_INVALID"),
        ({"results": [article(text="")]}, "Message text is empty"),
        ({"results": [article(text="<p>x</p>")]}, "Unsupported start tag"),
        ({"results": [article(text="x" * 4097)]}, "Message is too long"),
        ({"results": [article(input_message_content={})]}, "message_text"),
        ({"results": [article(reply_markup={"inline_keyboard": [[{"text": "x"}]]})]}, "Text buttons are unallowed"),
        ({"results": [article(reply_markup={"inline_keyboard": [[{"text": "x", "url": "x y"}]]})]}, "is invalid"),
        ({"results": [], "next_offset": "é" * 33}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": "Go"}}, "exactly one"),
        ({"results": [], "button": {"text": "Go", "start_parameter": "a b"}}, "START_PARAM_INVALID"),
        ({"results": [], "button": {"text": "x" * 65, "start_parameter": "a"}}, "BUTTON_TEXT_INVALID"),
    ],
)
async def test_answers_that_are_refused(bot: RawBot, ada: Person, wrong: dict[str, Any], refusal: str) -> None:
    query_id, task = await asked(bot, ada)
    answer = await bot.refused("answerInlineQuery", inline_query_id=query_id, **wrong)
    assert refusal.lower() in answer.lower()
    await bot.ok("answerInlineQuery", inline_query_id=query_id, results=[])
    assert (await task)["results"] == []


async def test_an_answer_that_comes_too_late_is_refused(bot: RawBot, ada: Person, sim: Simulator) -> None:
    query_id, task = await asked(bot, ada, wait=0.05)
    assert (await task)["answered"] is False
    sim.world.inline.expire(query_id)
    for late in (query_id, "no such"):
        assert "query is too old" in await bot.refused("answerInlineQuery", inline_query_id=late, results=[])


async def test_telegram_keeps_answers_as_long_as_the_bot_says(bot: RawBot, ada: Person, sim: Simulator) -> None:
    bob = await Person.arrive(sim.url, "Bob")
    for words, is_personal in (("shared", False), ("own", True), ("never", False)):
        query_id, task = await asked(bot, ada, words)
        seconds = 0 if words == "never" else 60
        more = {"cache_time": seconds, "is_personal": is_personal}
        await bot.ok("answerInlineQuery", inline_query_id=query_id, results=[article()], **more)
        await task
    assert (await ada.inline("shared"))["kept"]
    assert (await bob.inline("shared"))["kept"]
    assert (await ada.inline("own"))["kept"]
    assert await bot.updates() == []
    assert not (await bob.inline("own", wait=0))["answered"]
    assert not (await ada.inline("never", wait=0))["answered"]
    assert len(await bot.updates()) == 2
    await bob.close()


async def test_inline_mode_can_be_off(bot: RawBot, ada: Person) -> None:
    assert (await bot.ok("getMe"))["supports_inline_queries"] is True
    await ada.post("/sim/settings", inline_mode=False)
    assert (await bot.ok("getMe"))["supports_inline_queries"] is False
    with pytest.raises(SimulatorError, match="switched off"):
        await ada.inline("moon")
