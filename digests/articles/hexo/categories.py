"""A post's categories as Hexo's model has them (README section 8)."""

from __future__ import annotations

from collections.abc import Sequence

from digests.articles.hexo.js_yaml import HexoFrontMatter, Typed, as_text, is_true
from digests.articles.hexo.neighbours import CategoryPath


def category_nodes(front: HexoFrontMatter) -> list[CategoryPath]:
    """Every category of the post, parents included, in the order in which Hexo would make them."""
    nodes: dict[CategoryPath, None] = {}
    for branch in branches_of(front):
        for depth in range(len(branch)):
            nodes.setdefault(tuple(branch[: depth + 1]))
    return list(nodes)


def branches_of(front: HexoFrontMatter) -> list[list[str]]:
    """A flat list is one branch; when any item is a list, every item is a branch of its own."""
    value = front.get("categories")
    if not is_true(value):
        value = front.get("category")
    items = value if isinstance(value, list) else [value] if is_true(value) else []
    kept = [item for item in items if item is not None and item != ""]
    if any(isinstance(item, list) for item in kept):
        return [branch for item in kept if (branch := _names(item if isinstance(item, list) else [item]))]
    names = _names(kept)
    return [names] if names else []


def _names(items: Sequence[Typed]) -> list[str]:
    return [as_text(item) for item in items if item is not None and item != ""]
