"""Categories as people write them for feeds, held against the tree (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from digests.articles.text import one_line
from digests.model.category_tree import SEPARATOR, Category, CategoryTree, canonical, fold_name, split_path
from digests.model.feed_refusal import FeedRefusal, FeedRefused
from digests.model.ids import CategoryId
from digests.origins.feed.outlines import LONGEST_NAME, MOST_LEVELS

_LONGEST_TEXT = MOST_LEVELS * (LONGEST_NAME + 3)


def category_of(names: str | Sequence[str], tree: CategoryTree) -> tuple[str, ...]:
    """Return the path that somebody means, with the names that the tree has, whatever their case and width.

    A text is a path with slashes, or the whole name of a category that holds some. What the tree does not have is as it
    was written. An empty sequence is no category: ().

    Raises:
        FeedRefused: FeedRefusal.BAD_CATEGORY, for a text without a name, or too many or too long names.
    """
    if not isinstance(names, str) and not names:
        return ()
    if isinstance(names, str) and len(names) > _LONGEST_TEXT:
        raise FeedRefused(FeedRefusal.BAD_CATEGORY)
    written = split_path(names) if isinstance(names, str) else names
    path = canonical([name for part in written if (name := one_line(part))])
    if not path or len(path) > MOST_LEVELS or any(len(name) > LONGEST_NAME for name in path):
        raise FeedRefused(FeedRefusal.BAD_CATEGORY)
    if isinstance(names, str) and (whole := _called(names, tree)):
        return whole
    return Spellings(tree).of(path)


class Spellings:
    """The names of a tree, found without regard to case, width and white space."""

    def __init__(self, tree: CategoryTree) -> None:
        self._tree = tree
        # By parent, and each made when it is needed: a list of feeds may have as many folders as feeds.
        self._children: dict[CategoryId | None, dict[str, Category]] = {}

    def of(self, path: Sequence[str]) -> tuple[str, ...]:
        """Return a path with the spelling that the tree has of its names, as far as it is there."""
        found, parent = list[str](), None
        for number, name in enumerate(path):
            if parent not in self._children:
                self._children[parent] = {fold_name(each.name): each for each in self._tree.children(parent)}
            child = self._children[parent].get(fold_name(name))
            if child is None:
                return (*found, *path[number:])
            found.append(child.name)
            parent = child.id
        return tuple(found)


def _called(text: str, tree: CategoryTree) -> tuple[str, ...]:
    """Return the path of the category whose whole path reads like this, slashes in names and all; () for none."""
    wanted = fold_name(text.strip(SEPARATOR))
    found = [each.path for each in tree.find(text) if fold_name(SEPARATOR.join(each.path)) == wanted]
    return found[0] if found else ()
