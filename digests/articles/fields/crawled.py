"""Recognising the crawler's posts: it writes the source twice, as second category and as author."""

from __future__ import annotations

from digests.model.category_tree import fold_name, split_channel


def is_crawled(categories: tuple[str, ...], author: str) -> bool:
    """Return whether the author is the second category, either of them with its channel (`源 - 频道`) or without."""
    if len(categories) < 2 or not author:
        return False
    second = categories[1]
    if author == second:
        return True
    return bool({fold_name(author), _site(author)} & {fold_name(second), _site(second)})


def _site(name: str) -> str:
    return fold_name(split_channel(name)[0])
