"""The simulator where tdjson is not installed: simpler rules, the same answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.simulator.botapi import message_text
from bot.simulator.person.driver import Person
from bot.simulator.text import tdlib
from bot.simulator.text.find import find_entities
from tests.unit.simulator.conftest import RawBot

TEXTS = (
    "see https://example.com/a?b=c, and www.example.org.",
    "write to a.b@example.com or @someone_1 or #news #新闻 #1",
    "/start /help@digest_demo_bot but not a/b nor 1/2",
    "costs $USD and $usd",
    "(https://example.com/x) 😀 https://example.org/汉字",
    "nothing at all",
    "e.g. v1.2, 3/4 & 12345",
)


@pytest.fixture
def no_tdjson(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    message_text._read.cache_clear()
    monkeypatch.setattr(tdlib, "_execute", None)
    yield
    message_text._read.cache_clear()


@pytest.mark.parametrize("text", TEXTS)
def test_found_entities_match_tdlib(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = find_entities(text)
    monkeypatch.setattr(tdlib, "_execute", None)
    assert find_entities(text) == theirs


@pytest.mark.usefixtures("no_tdjson")
async def test_html_is_still_parsed(bot: RawBot, ada: Person) -> None:
    message = await bot.send(ada.id, " <b>😀 a</b> <i>b</i> &amp; /help ", parse_mode="HTML")
    assert message["text"] == "😀 a b & /help"
    assert [entity["type"] for entity in message["entities"]] == ["bold", "italic", "bot_command"]
    refused = await bot.refused("sendMessage", chat_id=ada.id, text="<p>x", parse_mode="HTML")
    assert refused == 'Bad Request: can\'t parse entities: Unsupported start tag "p" at byte offset 0'
    refused = await bot.refused("sendMessage", chat_id=ada.id, text="*x*", parse_mode="MarkdownV2")
    assert "only where tdjson is installed" in refused
