"""What others wrote stays text: Telegram makes nothing of it that can be tapped, by TDLib's own judgement."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.inert import inert, inert_in_line, inert_pieces, isolated
from bot.text.markup import escape, plain_text
from digests.search.tokens import tokens
from tests.factories.any_articles import LIVE
from tests.telegram_markup import found_entities, read_html

_SIGNS = st.lists(
    st.one_of(
        st.sampled_from(LIVE),
        st.sampled_from(
            [*"@/#$.:+-_ ()<>&中é1a9\u200c\u0dcf", "//", "com", "USD", "42", "\n", "1️⃣", "#️⃣", "مرحبا", "://"]
        ),
        st.text(max_size=4),
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize("text", LIVE)
@pytest.mark.parametrize("around", ["{}", "请看{}吧", "see {}, or not", "({})", "…{}。"])
def test_nothing_in_a_foreign_text_can_be_tapped(text: str, around: str) -> None:
    whole = around.format(text)
    assert found_entities(plain_text(inert(whole))) == []


@given(_SIGNS)
@example("http://a.b")
@example("$\x1bA")
@example("@\u030aname")
@example("example\u2028.\u0333com")
def test_whatever_is_written_together_cannot_be_tapped(text: str) -> None:
    html = inert(text)
    assert found_entities(read_html(f"x {html} x")["text"]) == []


@given(st.text(st.characters(exclude_characters="\u030a\u0333\u033f\u2028\u2029"), max_size=40) | _SIGNS)
def test_nothing_else_is_changed(text: str) -> None:
    assert plain_text(inert(text)).replace("\u2060", "") == plain_text(escape(text)).replace("\u2060", "")


def test_an_accent_that_telegram_drops_stays_with_its_letter() -> None:
    assert inert("A\u030angstro\u0308m") == "Ångström"


@given(st.lists(_SIGNS, max_size=4))
def test_pieces_next_to_each_other_make_nothing_either(pieces: list[str]) -> None:
    made = inert_pieces(pieces)
    assert len(made) == len(pieces)
    assert "".join(made) == inert("".join(pieces))


@pytest.mark.parametrize(
    "text", ["24/7 and/or 1.5 %", "C# 12, #1️⃣", "2026-11-26 08:30", "It costs $5.", "甲。乙", "3:2", "#️⃣"]
)
def test_texts_without_anything_live_stay_as_they_are(text: str) -> None:
    assert inert(text) == text.replace("#1", "#\u20601")


def test_a_joiner_does_no_harm_to_a_search_for_what_was_copied() -> None:
    for text in ("@name", "see example.com", "#标签", "/stop", "$USD", "a@b.com", "+1 555"):
        assert tokens(plain_text(inert(text))) == tokens(text)


def test_only_what_runs_from_right_to_left_is_isolated() -> None:
    assert inert_in_line("שלום עולם") == "\u2068שלום עולם\u2069"
    assert inert_in_line("Tide & 潮汐") == "Tide &amp; 潮汐"
    assert inert_in_line("\u2067שלום\u202e") == "\u2068שלום\u2069", "its own marks don't come out of it"
    assert isolated("x", inert("مرحبا")) == "مرحبا"
