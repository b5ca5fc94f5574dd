from __future__ import annotations

from digests.planning.batch import SecondUseCache


def test_only_repeated_values_are_kept() -> None:
    memo: SecondUseCache[str, int] = SecondUseCache()
    memo.made("once", 1)
    memo.made("often", 2)
    assert memo.get("often") is None
    memo.made("often", 2)
    assert (memo.get("once"), memo.get("often")) == (None, 2)
