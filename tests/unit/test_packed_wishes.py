"""Packed wishes that nobody can have stored: each counts for nothing, and keeps no others from counting."""

from __future__ import annotations

import pytest

from digests.compose.pool import CandidatePool
from digests.compose.wants import BETWEEN_WISHES, WishReader
from digests.model.category_tree import CategoryTree
from digests.model.ids import CategoryId


@pytest.mark.parametrize(
    "wish", ["", "ZZZ", "m", "mw", "mwx", "mw٣", "mc", "mc-1", "mcx", "cc1", "cc1=", "cc1=x", "cw1=3", "cs1", "ms"]
)
def test_what_cannot_be_read_counts_for_nothing(wish: str) -> None:
    reader = WishReader(CandidatePool((), CategoryTree(()), {}), CategoryTree(()))
    assert reader.effect(wish) is None
    assert reader.effects(wish + BETWEEN_WISHES + "msTidewater") == []
    assert reader.wants([CategoryId(1)], BETWEEN_WISHES.join([wish, "mc1"])).muted == frozenset()
