"""By what items are known from one look to the next."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digests.origins.feed.keys import KeyParts, keys_of_items

FIRST = KeyParts("g", "https://a.example/1", "One", "The first.")
SECOND = KeyParts("g", "https://a.example/2", "Two", "The second.")
OTHER = KeyParts("h", "https://a.example/3", "Three", "The third.")


def test_a_guid_of_its_own_is_the_key() -> None:
    assert keys_of_items([FIRST, OTHER]) == ("g", "h")


def test_a_shared_guid_gives_way_to_the_link() -> None:
    first, second, other = keys_of_items([FIRST, SECOND, OTHER])
    assert len({first, second, other}) == 3
    assert other == "h"
    assert "https://a.example/1" in first
    assert keys_of_items([SECOND, FIRST]) == (second, first)


def test_a_shared_link_gives_way_to_the_title() -> None:
    items = [FIRST, FIRST._replace(title="Another"), OTHER]
    keys = keys_of_items(items)
    assert len(set(keys)) == 3
    # What comes and goes beside them changes nothing.
    assert keys_of_items(items[:2]) == keys[:2]
    assert keys_of_items([*items, SECOND._replace(guid="x")])[:2] == keys[:2]


def test_without_guid_and_link_the_text_is_the_key() -> None:
    items = [KeyParts("", "", "One", "a"), KeyParts("", "", "One", "b"), KeyParts("", "", "", "")]
    keys = keys_of_items(items)
    assert len(set(keys)) == 3
    assert keys_of_items(items[1:2]) == keys[1:2]


def test_a_front_page_is_nobodys_key() -> None:
    page = "https://a.example/"
    keys = keys_of_items([FIRST._replace(guid=page), SECOND._replace(guid="https://a.example", url=page)])
    assert page not in keys
    assert len(set(keys)) == 2


def test_an_item_that_is_listed_twice_keeps_its_key() -> None:
    keys = keys_of_items([FIRST, FIRST, OTHER])
    assert keys[0] == "g"
    assert len(set(keys)) == 3


def test_long_and_strange_guids_become_short_keys() -> None:
    keys = keys_of_items(
        [FIRST._replace(guid="x" * 10_000), SECOND._replace(guid="a\x00\ud800"), OTHER._replace(guid=" \n")]
    )
    assert all(len(key) < 300 and key.isprintable() for key in keys)


_PARTS = st.builds(
    KeyParts,
    st.sampled_from(["", "g", "h", "link:u"]),
    st.sampled_from(["", "u", "v"]),
    st.sampled_from(["", "t"]),
    st.text(max_size=2),
)


@given(st.lists(_PARTS, max_size=8))
def test_no_two_keys_are_the_same(items: list[KeyParts]) -> None:
    keys = keys_of_items(items)
    assert len(set(keys)) == len(keys) == len(items)
    assert all(keys)
