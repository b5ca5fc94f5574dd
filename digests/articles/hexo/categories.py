"""A post's categories as Hexo models them."""

from __future__ import annotations

from collections.abc import Sequence

from digests.articles.hexo.front import HexoFrontMatter
from digests.articles.hexo.js_yaml import Typed, as_text, is_truthy
from digests.articles.hexo.neighbours import CategoryPath


def category_nodes(front: HexoFrontMatter) -> list[CategoryPath]:
    """Return every category of the post, with its parents, in the order in which Hexo would create them."""
    nodes: dict[CategoryPath, None] = {}
    for branch in branches_of(front):
        for depth in range(len(branch)):
            nodes.setdefault(tuple(branch[: depth + 1]))
    return list(nodes)


def branches_of(front: HexoFrontMatter) -> list[list[str]]:
    """Return the post's branches: a flat list is one; if any item is a list, every item is a branch of its own."""
    value = front.get("categories")
    if not is_truthy(value):
        value = front.get("category")
    items = value if isinstance(value, list) else [value] if is_truthy(value) else []
    present = [item for item in items if item is not None and item != ""]
    if any(isinstance(item, list) for item in present):
        return [branch for item in present if (branch := _names(item if isinstance(item, list) else [item]))]
    names = _names(present)
    return [names] if names else []


def _names(items: Sequence[Typed]) -> list[str]:
    return [as_text(item) for item in items if item is not None and item != ""]
