"""Articles as results of inline mode, and the offsets of its pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.inline.queries import read_offset, written_offset
from bot.i18n import translator
from bot.limits import TEXT
from bot.render.inline import inline_result, public_address
from digests.model.article import Article
from digests.search.ranking import Cursor, Tier
from tests.factories.any_articles import ARTICLES
from tests.factories.articles import article
from tests.factories.times import NOW
from tests.telegram_markup import read_html

LINK = "https://t.me/digest_demo_bot?start=a_1"


@given(ARTICLES, st.lists(ARTICLES, max_size=3), st.sampled_from(["en", "zh_CN", "zh_TW"]))
def test_any_article_is_a_result_that_telegram_takes(shown: Article, also: list[Article], language: str) -> None:
    result = inline_result(shown, translator(language), "Asia/Shanghai", NOW, also, LINK, has_picture=True)
    assert 1 <= len(result["id"].encode()) <= 64
    assert result["title"].strip()
    assert len(result["title"]) <= 256
    assert len(result["description"]) <= 512
    assert not {"\n", "\r"} & set(result["title"] + result["description"])
    content = result["input_message_content"]
    assert 1 <= len(read_html(content["message_text"])["text"]) <= TEXT


def test_a_result_shows_source_time_and_picture() -> None:
    picture = "https://img.example.com/1.jpg"
    shown = article(title="The moon", summary="It rises.", thumbnail=picture)
    result = inline_result(shown, translator("en"), "UTC", NOW, (), LINK, has_picture=True)
    assert result["title"] == "The moon"
    assert result["description"].startswith("Tidewater · ")
    assert "It rises." in result["description"]
    assert result["thumbnail_url"] == picture
    assert result["input_message_content"]["link_preview_options"]["url"] == picture
    without = inline_result(shown, translator("en"), "UTC", NOW, (), LINK, has_picture=False)
    assert "thumbnail_url" not in without
    assert without["input_message_content"]["link_preview_options"] == {"is_disabled": True}


@pytest.mark.parametrize(
    ("url", "is_public"),
    [
        ("https://img.example.com/a.jpg", True),
        ("https://8.8.8.8/a.jpg", True),
        ("http://img.example.com/a.jpg", False),
        ("https://127.0.0.1/a.jpg", False),
        ("https://10.1.2.3/a.jpg", False),
        ("https://[::1]/a.jpg", False),
        ("https://localhost/a.jpg", False),
        ("https://2130706433/a.jpg", False),
        ("https://img.example.com:8022/a.jpg", False),
        ("https://img.example.com:99999/a.jpg", False),
        ("https://me:secret@img.example.com/a.jpg", False),
        ("javascript:alert(1)", False),
        ("", False),
        (None, False),
    ],
)
def test_only_public_addresses_go_to_telegram(url: str | None, is_public: bool) -> None:
    assert public_address(url) == (url if is_public else None)


@given(st.sampled_from(Tier), st.integers(0, 10**15 - 1))
def test_an_offset_is_read_as_it_was_written(tier: Tier, document: int) -> None:
    offset = written_offset(Cursor(tier, document))
    assert len(offset.encode()) <= 64
    assert read_offset(offset) == Cursor(tier, document)


@given(st.text(max_size=64))
def test_any_offset_is_read(offset: str) -> None:
    position = read_offset(offset)
    assert position is None or written_offset(position) == offset or offset.startswith(f"{position.tier:d}.0")


def test_the_end_has_no_offset() -> None:
    assert written_offset(None) == ""
    assert read_offset("") is None
