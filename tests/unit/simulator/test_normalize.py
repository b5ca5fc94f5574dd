"""Normalized texts, compared with TDLib's."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.simulator.text import tdlib
from bot.simulator.text.attributes import MarkupError
from bot.simulator.text.formatted import Entity, FormattedText, sort_key, utf16_length
from bot.simulator.text.normalize import (
    EntityError,
    limit_entities,
    merge_entities,
    normalize_formatted,
    order_entities,
)

KINDS = (
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link", "blockquote",
    "expandable_blockquote", "custom_emoji",
)  # fmt: skip
TEXTS = ("abcdefghijkl", "a\rbc d\u2028ef gh", "ab😀cdefg汉字", "    x   y   ", "ab\n\ncd ef  ")
ARGUMENTS = {"text_link": "http://a.b/", "custom_emoji": "5368324170671202286"}

_entities = st.lists(
    st.builds(
        lambda kind, offset, length: Entity(kind, offset, length, ARGUMENTS.get(kind, "")),
        st.sampled_from(KINDS),
        st.integers(0, 11),
        st.integers(0, 8),
    ),
    max_size=7,
)


def _without_ties(entities: list[Entity]) -> list[Entity]:
    """Keep a single entity for each sort key: between equal keys, no order is defined."""
    return list({sort_key(entity): entity for entity in entities}.values())


@settings(max_examples=1500, deadline=None)
@given(_entities, st.sampled_from(TEXTS))
def test_entities_are_ordered_as_tdlib_orders_them(entities: list[Entity], text: str) -> None:
    size = utf16_length(text)
    fitting = _without_ties([entity for entity in entities if entity.end <= size])
    try:
        theirs: FormattedText | None = tdlib.fix_entities(FormattedText(text, tuple(fitting)))
    except MarkupError:
        theirs = None
    try:
        ours: FormattedText | None = normalize_formatted(FormattedText(text, tuple(fitting)))
    except EntityError:
        ours = None
    assert (ours is None) == (theirs is None)
    if ours is None or theirs is None:
        return
    # The function of TDLib that can be called from here does not trim.
    assert ours.text == theirs.text.strip(" \n") or any(entity.offset == 0 for entity in ours.entities)
    if theirs.text == ours.text:
        assert sorted(ours.entities) == sorted(theirs.entities)


def test_quotes_do_not_nest_and_code_contains_nothing() -> None:
    inside = [Entity("blockquote", 0, 4), Entity("blockquote", 1, 2), Entity("code", 5, 3), Entity("bold", 6, 1)]
    assert order_entities(inside) == [Entity("blockquote", 0, 4), Entity("code", 5, 3)]


def test_trimming_moves_entities() -> None:
    assert normalize_formatted(FormattedText("  \n a b  \n", (Entity("bold", 4, 5),))) == FormattedText(
        "a b", (Entity("bold", 0, 3),)
    )
    # A space that an entity covers stays.
    assert normalize_formatted(FormattedText("  a", (Entity("bold", 1, 2),))) == FormattedText(
        " a", (Entity("bold", 0, 2),)
    )


def test_found_entities_give_way() -> None:
    own = [Entity("text_link", 0, 5, "http://a.b/"), Entity("bold", 8, 4)]
    found = [Entity("url", 2, 6), Entity("mention", 8, 4)]
    assert merge_entities(own, found) == [own[0], Entity("mention", 8, 4), own[1]]


def test_a_hundred_entities_are_kept_links_first() -> None:
    bold = [Entity("bold", 3 * at, 1) for at in range(80)]
    links = [Entity("text_link", 3 * at + 1, 1, "http://a.b/") for at in range(40)]
    kept, dropped = limit_entities(sorted(bold + links, key=sort_key))
    assert dropped == 20
    assert [entity for entity in kept if entity.kind == "text_link"] == links
    assert [entity for entity in kept if entity.kind == "bold"] == bold[:60]
