from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model.category_tree import CategoryTree
from digests.model.ids import CategoryId
from digests.model.place import PlaceState
from digests.model.subscription import (
    SubscriptionChange,
    covering,
    following,
    is_followed,
    is_woken_by_choosing,
    unfollowing,
)
from tests.factories.categories import category

# Media (1) > 36kr (2) > News (3), Flash (4); Media > Verge (5) > Games (6); Science (7).
TREE = CategoryTree(
    [
        category(1, "Media"),
        category(2, "Media", "36kr", parent=1),
        category(3, "Media", "36kr", "News", parent=2),
        category(4, "Media", "36kr", "Flash", parent=2),
        category(5, "Media", "Verge", parent=1),
        category(6, "Media", "Verge", "Games", parent=5),
        category(7, "Science"),
    ]
)


def ids(*numbers: int) -> frozenset[CategoryId]:
    return frozenset(map(CategoryId, numbers))


@pytest.mark.parametrize(
    ("subscribed", "asked", "through"),
    [
        (ids(1), 3, 1),
        (ids(2), 3, 2),
        (ids(3), 3, 3),
        (ids(3), 2, None),
        (ids(5, 7), 3, None),
        (ids(), 1, None),
        (ids(1), 99, None),
    ],
)
def test_a_followed_category_covers_all_below_it(
    subscribed: frozenset[CategoryId], asked: int, through: int | None
) -> None:
    found = covering(TREE, subscribed, CategoryId(asked))
    assert (found.id if found else None) == through
    assert is_followed(TREE, subscribed, CategoryId(asked)) is (through is not None)


@pytest.mark.parametrize(
    ("subscribed", "chosen", "change"),
    [
        (ids(), 3, SubscriptionChange(begun=ids(3))),
        (ids(7), 2, SubscriptionChange(begun=ids(2))),
        (ids(3, 6, 7), 1, SubscriptionChange(begun=ids(1), ended=ids(3, 6))),
        (ids(1), 3, SubscriptionChange()),
        (ids(3), 3, SubscriptionChange()),
    ],
)
def test_following_a_category_replaces_those_below_it(
    subscribed: frozenset[CategoryId], chosen: int, change: SubscriptionChange
) -> None:
    assert following(TREE, subscribed, CategoryId(chosen)) == change


@pytest.mark.parametrize(
    ("subscribed", "chosen", "change"),
    [
        (ids(3, 7), 3, SubscriptionChange(ended=ids(3))),
        (ids(2), 3, SubscriptionChange(begun=ids(4), ended=ids(2))),
        (ids(1, 7), 3, SubscriptionChange(begun=ids(4, 5), ended=ids(1))),
        (ids(1), 5, SubscriptionChange(begun=ids(2), ended=ids(1))),
        (ids(3), 2, SubscriptionChange()),
        (ids(), 1, SubscriptionChange()),
        (ids(1), 99, SubscriptionChange()),
    ],
)
def test_unfollowing_below_a_followed_parent_follows_its_other_children(
    subscribed: frozenset[CategoryId], chosen: int, change: SubscriptionChange
) -> None:
    assert unfollowing(TREE, subscribed, CategoryId(chosen)) == change


@pytest.mark.parametrize(
    ("state", "is_woken"),
    [
        (PlaceState.NEW, True),
        (PlaceState.STOPPED, True),
        (PlaceState.ACTIVE, False),
        (PlaceState.PAUSED, False),
        (PlaceState.UNREACHABLE, False),
    ],
)
def test_choosing_wakes_places_that_are_new_or_stopped(state: PlaceState, is_woken: bool) -> None:
    assert is_woken_by_choosing(state) is is_woken


@st.composite
def trees(draw: st.DrawFn) -> CategoryTree:
    size = draw(st.integers(1, 15))
    parents = [draw(st.integers(0, number - 1)) for number in range(1, size + 1)]
    return CategoryTree(
        category(number, str(number), parent=parent or None) for number, parent in enumerate(parents, 1)
    )


@given(trees(), st.lists(st.tuples(st.booleans(), st.integers(1, 15)), max_size=12))
def test_after_any_ticks_each_category_is_followed_once(tree: CategoryTree, taps: list[tuple[bool, int]]) -> None:
    subscribed: frozenset[CategoryId] = frozenset()
    for ticks, number in taps:
        chosen = CategoryId(min(number, len(tree)))
        before, below = tree.with_descendants(subscribed), tree.with_descendants([chosen])
        above = {category.id for category in tree.ancestors(chosen)}
        change = (following if ticks else unfollowing)(tree, subscribed, chosen)
        assert bool(change) is (ticks is not (chosen in before))
        subscribed = change.applied_to(subscribed)
        if ticks:
            assert tree.with_descendants(subscribed) == before | below
        elif change:
            # A parent of which a part is left out is followed in parts, no longer as a whole.
            assert tree.with_descendants(subscribed) == before - below - above
        else:
            assert tree.with_descendants(subscribed) == before
        for followed in subscribed:
            assert not tree.with_descendants([followed]) & subscribed - {followed}
