from __future__ import annotations

from digests.planning.batch import Repeats


def test_only_repeated_values_are_kept() -> None:
    memo: Repeats[str, int] = Repeats()
    memo.made("once", 1)
    memo.made("often", 2)
    assert memo.get("often") is None
    memo.made("often", 2)
    assert (memo.get("once"), memo.get("often")) == (None, 2)
