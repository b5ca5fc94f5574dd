"""Entities put in order, held against TDLib's own."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.simulator.text import oracle
from bot.simulator.text.attributes import MarkupError
from bot.simulator.text.formatted import Entity, Formatted, sort_key, utf16_length
from bot.simulator.text.tidy import EntityError, best, in_order, merge_found, tidy

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


def _without_doubles(entities: list[Entity]) -> list[Entity]:
    """Two of one place and priority have no order of their own."""
    return list({sort_key(one): one for one in entities}.values())


@settings(max_examples=1500, deadline=None)
@given(_entities, st.sampled_from(TEXTS))
def test_entities_are_ordered_as_tdlib_orders_them(entities: list[Entity], text: str) -> None:
    size = utf16_length(text)
    fitting = _without_doubles([one for one in entities if one.end <= size])
    try:
        theirs: Formatted | None = oracle.fix(Formatted(text, tuple(fitting)))
    except MarkupError:
        theirs = None
    try:
        ours: Formatted | None = tidy(Formatted(text, tuple(fitting)))
    except EntityError:
        ours = None
    assert (ours is None) == (theirs is None)
    if ours is None or theirs is None:
        return
    # TDLib's function that can be called from here does not trim.
    assert ours.text == theirs.text.strip(" \n") or any(one.offset == 0 for one in ours.entities)
    if theirs.text == ours.text:
        assert sorted(ours.entities) == sorted(theirs.entities)


def test_quotes_do_not_nest_and_code_holds_nothing() -> None:
    inside = [Entity("blockquote", 0, 4), Entity("blockquote", 1, 2), Entity("code", 5, 3), Entity("bold", 6, 1)]
    assert in_order(inside) == [Entity("blockquote", 0, 4), Entity("code", 5, 3)]


def test_trimmed_text_moves_its_entities() -> None:
    assert tidy(Formatted("  \n a b  \n", (Entity("bold", 4, 5),))) == Formatted("a b", (Entity("bold", 0, 3),))
    # A space that an entity covers stays.
    assert tidy(Formatted("  a", (Entity("bold", 1, 2),))) == Formatted(" a", (Entity("bold", 0, 2),))


def test_found_entities_give_way() -> None:
    own = [Entity("text_link", 0, 5, "http://a.b/"), Entity("bold", 8, 4)]
    found = [Entity("url", 2, 6), Entity("mention", 8, 4)]
    assert merge_found(own, found) == [own[0], Entity("mention", 8, 4), own[1]]


def test_a_hundred_entities_are_kept_links_first() -> None:
    bold = [Entity("bold", 3 * at, 1) for at in range(80)]
    links = [Entity("text_link", 3 * at + 1, 1, "http://a.b/") for at in range(40)]
    kept, dropped = best(sorted(bold + links, key=sort_key))
    assert dropped == 20
    assert [one for one in kept if one.kind == "text_link"] == links
    assert [one for one in kept if one.kind == "bold"] == bold[:60]
