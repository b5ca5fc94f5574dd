"""Cards, their buttons, and what is exported, as pure functions."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from telegram import InlineKeyboardMarkup

from bot.i18n import LANGUAGES, translator
from bot.keyboards.articles import article_keyboard, button_url, item_rows, share_button
from bot.keyboards.digest import delivery_keyboard, items_closed, items_opened
from bot.limits import BUTTONS, BUTTONS_IN_ROW, CAPTION
from bot.render.card import card_html
from bot.render.qr import qr_png
from bot.render.saved import saved_json, saved_markdown
from bot.simulator.text.links import normalize_link
from bot.text.markup import visible_length
from digests.model.delivery import Part
from digests.model.ids import ArticleId, DeliveryId
from digests.model.saved import SavedEntry
from digests.search.contains import is_wanted
from digests.search.query import parse_query
from digests.stories.telling import COMMON, MOST_TELLING, considered_tokens, most_telling
from tests.factories.articles import article
from tests.factories.categories import category
from tests.factories.times import NOW

T = translator("en")


@given(title=st.text(max_size=400), summary=st.text(max_size=3000), source=st.text(max_size=80))
@example(title="", summary="", source="")
@example(title="x" * 400, summary="@robin t.me/x " * 200, source="y" * 80)
def test_a_card_is_a_caption_whatever_the_article_says(title: str, summary: str, source: str) -> None:
    others = [article(number, source=f"Source {number}") for number in range(2, 9)]
    shown = card_html(article(1, title=title, summary=summary, source=source), T, "Asia/Shanghai", NOW, others)
    assert 0 < visible_length(shown) <= CAPTION


def test_a_short_summary_is_whole() -> None:
    summary = "A sentence. " * 60
    assert summary.strip() in card_html(article(1, summary=summary), T, "UTC", NOW)


URLS = st.one_of(
    st.text(max_size=60).map(lambda text: "https://" + text),
    st.from_regex(r"https?://[a-z.@:\[\]%é-]{1,20}(:[0-9]{1,6})?(/.{0,10})?", fullmatch=True),
)


@given(URLS)
def test_what_a_button_opens_telegram_accepts(url: str) -> None:
    if (address := button_url(url)) is not None:
        normalize_link(address)


@pytest.mark.parametrize(
    "url", ["https://news.example/1?a=b#c", "http://例え.jp/x", "https://a.b:8080", "https://news.example/文章"]
)
def test_usual_addresses_have_a_button(url: str) -> None:
    assert button_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "ftp://a.b",
        "https://localhost/x",
        "https://a.b:0",
        "https://a.b:70000",
        "https://u:p@a.b",
        "https://.",
    ],
)
def test_other_addresses_have_none(url: str | None) -> None:
    assert button_url(url) is None


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("number", [0, 1, 6, 40])
def test_a_cards_keyboard_keeps_the_limits(language: str, number: int) -> None:
    t = translator(language)
    categories = [category(at, f"分类 {at} " + "长" * (at % 3) * 30) for at in range(1, number + 1)]
    share = share_button(ArticleId(1), "https://t.me/digest_bot?start=a_1", t, inline=False)
    rows = article_keyboard(article(1), categories, share, t, saved=False, has_story=True).inline_keyboard
    assert sum(map(len, rows)) <= BUTTONS
    assert max(map(len, rows)) <= BUTTONS_IN_ROW


def test_without_inline_mode_an_article_is_shared_by_its_link() -> None:
    link = "https://t.me/digest_bot?start=a_1"
    assert share_button(ArticleId(1), link, T, inline=True).switch_inline_query == "id:1"
    assert share_button(ArticleId(1), link, T, inline=False).url == (
        "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fdigest_bot%3Fstart%3Da_1"
    )


@pytest.mark.parametrize(
    ("number", "widths"), [(0, []), (1, [1]), (8, [8]), (9, [5, 4]), (10, [5, 5]), (20, [7, 7, 6])]
)
def test_numbers_stand_in_rows_of_about_the_same_length(number: int, widths: list[int]) -> None:
    rows = item_rows([article(at) for at in range(1, number + 1)])
    assert [len(row) for row in rows] == widths
    assert [shown.text for row in rows for shown in row] == [str(at) for at in range(1, number + 1)]


@pytest.mark.parametrize("names", ["", "A title"])
@pytest.mark.parametrize("gone", [False, True])
def test_a_digests_buttons_come_back_as_they_were(names: str, gone: bool) -> None:
    delivery = DeliveryId(7)
    keyboard = delivery_keyboard(delivery, 5, Part("text", stories=2), None, T, items=12)
    assert keyboard is not None
    if gone:
        # The button for the rest was used and is gone.
        keyboard = InlineKeyboardMarkup(keyboard.inline_keyboard[1:])
    items = [(number, ArticleId(100 + number), names) for number in range(1, 13)]
    opened = items_opened(keyboard, delivery, items, T)
    shown = [shown.callback_data for row in opened.inline_keyboard for shown in row]
    assert [data for data in shown if str(data).startswith("ar|")] == [f"ar|{100 + number}" for number in range(1, 13)]
    assert ("m|7|0" in shown) is not gone
    assert items_closed(opened, delivery, T).to_json() == keyboard.to_json()
    # A second tap before the new keyboard is there.
    assert items_closed(keyboard, delivery, T).to_json() == keyboard.to_json()


def test_what_has_no_items_has_no_button_for_them() -> None:
    assert delivery_keyboard(DeliveryId(7), 0, Part("Nothing new"), None, T) is None
    trial = delivery_keyboard(DeliveryId(7), 0, Part("text", asks_magazine=True), None, T, items=3)
    assert trial is not None
    assert not [shown for row in trial.inline_keyboard for shown in row if str(shown.callback_data).startswith("ai|")]


def test_a_qr_code_is_black_on_white_with_a_white_border() -> None:
    content = qr_png("https://t.me/digest_bot?start=c_1234567")
    width, height, depth, colours = struct.unpack(">IIBB", content[16:26])
    assert width == height >= 300
    at = content.index(b"IDAT")
    (size,) = struct.unpack(">I", content[at - 4 : at])
    row = (width * depth + 7) // 8 + 1
    lines = zlib.decompress(content[at + 4 : at + 4 + size])
    assert (depth, colours) == (1, 0)
    # Each row begins with its filter; the first four modules are white.
    assert set(lines[1:row]) <= {0xFF, *(0xFF << bit & 0xFF for bit in range(8))}
    assert b"tRNS" not in content


def test_markdown_makes_nothing_of_what_a_title_says() -> None:
    hostile = article(1, title="[x](javascript:alert) <b>*a*</b>\n# no", source="`s`", url="https://a.b/x>)y")
    text = saved_markdown([SavedEntry(hostile.id, NOW, hostile), SavedEntry(ArticleId(2), NOW)], T, "UTC")
    assert text.count("\n- ") == 2
    assert "](javascript" not in text.replace("\\]", "").replace("\\(", "")
    assert "(<https://a.b/x%3E)y>)" in text
    rows = json.loads(saved_json([SavedEntry(hostile.id, NOW, hostile), SavedEntry(ArticleId(2), NOW)]))["saved"]
    assert rows[0]["title"] == hostile.title
    assert rows[1] == {"saved_at": NOW.isoformat(), "gone": True}


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("moon", True), ("MOON landing", True), ("landing moon", True), ('"moon landing"', True),
        ('"landing moon"', False), ("-moon", False), ("-mars", True), ("月球", True), ("球登", True), ("月登", False),
        ("月", True), ("火", False), ("", True),
    ],
)  # fmt: skip
def test_a_text_is_wanted_as_a_search_finds_it(words: str, wanted: bool) -> None:
    assert is_wanted("The Moon landing\n月球登陆", parse_query(words)) is wanted


def test_rare_words_tell_most_and_those_of_the_title_more() -> None:
    considered = considered_tokens("Comet sighted", "An observatory saw it", "and more of it")
    counts = {"comet": 3, "sighted": 3, "observatory": 3, "saw": 500, "it": COMMON, "an": 3, "more": 1}
    found = most_telling(considered, counts, 9_000)
    assert [word.token for word in found] == ["comet", "sighted", "observatory", "saw"]
    assert [word.token for word in found if word.is_of_title] == ["comet", "sighted"]
    # In a tenth of few articles is in too many.
    assert [word.token for word in most_telling(considered, counts, 4_000)] == ["comet", "sighted", "observatory"]


@pytest.mark.parametrize("count", [0, 1, COMMON])
def test_words_that_nobody_or_everybody_has_tell_nothing(count: int) -> None:
    considered = considered_tokens("What is new today", "", "")
    assert most_telling(considered, dict.fromkeys(considered, count), 100_000) == ()


@given(st.text(max_size=500), st.text(max_size=500))
def test_any_text_has_at_most_so_many_telling_words(title: str, text: str) -> None:
    considered = considered_tokens(title, text, text)
    telling = most_telling(considered, dict.fromkeys(considered, 2), 100)
    assert len(telling) <= MOST_TELLING
    # Of pairs that share a character, only one is taken.
    assert len({word.token for word in telling}) == len(telling)


def test_pairs_of_one_word_are_taken_once() -> None:
    considered = considered_tokens("深海鱿鱼", "", "")
    telling = [word.token for word in most_telling(considered, dict.fromkeys(considered, 2), 100)]
    assert telling == ["深海", "鱿鱼"]


@pytest.mark.parametrize("word", ["三星", "上海", "地震", "能源", "5500", "c++", "openai"])
def test_names_tell_whatever_they_are_made_of(word: str) -> None:
    assert word in considered_tokens(word, "", "")


@pytest.mark.parametrize("text", ["The 7 of them had been with us", "我们的一些人在这里", "每日 新闻 早报", "x 12 in"])
def test_words_of_grammar_and_of_columns_tell_nothing(text: str) -> None:
    assert considered_tokens(text, "", "") == {}


def test_a_card_without_an_address_names_its_title_in_bold() -> None:
    assert card_html(replace(article(1), url=None), T, "UTC", NOW).startswith("<b>Title 1</b>\n")
