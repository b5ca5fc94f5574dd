"""Building a digest from the articles chosen for it (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from digests.model.article import Article
from digests.model.digest import Digest, Group, Item, Span
from digests.model.ids import ArticleId, StoryId

Also = Mapping[ArticleId, tuple[Article, ...]]
"""Per article, other sources' articles of its story, the earliest first."""
NO_OTHERS: Also = MappingProxyType({})
Watched = Sequence[tuple[ArticleId, tuple[str, ...]]]
"""Articles that watches found, with the words of those."""


def build_digest(
    articles: Sequence[Article],
    rest: Sequence[ArticleId] = (),
    covers: Span | None = None,
    *,
    with_picture: bool = True,
    also: Also = NO_OTHERS,
    watched: Watched = (),
    unnamed: Collection[str] = (),
) -> Digest:
    """Return a digest of the articles, which are given best first; see `group` and `mark`."""
    items = [Item(article, also.get(article.id, ())) for article in articles]
    return group(mark(items, watched, unnamed), rest, covers, with_picture=with_picture)


def mark(items: Sequence[Item], watched: Watched, unnamed: Collection[str]) -> Sequence[Item]:
    """Return the items with the words of watches, without the sources that are not to be named.

    Items that nothing changes are the same objects, so that whoever has met them knows them again.
    """
    if not watched and not unnamed:
        return items
    words_of, marked = dict(watched), list(items)
    for number, item in enumerate(items):
        also = item.also
        if also and unnamed:
            also = tuple(other for other in also if other.source not in unnamed)
        words = words_of.get(item.article.id, ())
        if words or len(also) < len(item.also):
            marked[number] = Item(item.article, also, words)
    return marked


def group(
    items: Iterable[Item], rest: Sequence[ArticleId] = (), covers: Span | None = None, *, with_picture: bool = True
) -> Digest:
    """Return a digest of the items, given best first, grouped under their top categories.

    The group with the best item comes first. The picture is the first thumbnail in reading order, if possible of
    an article with a kept picture: others may show nothing of their article. Articles without a category come under an
    empty heading.
    """
    grouped: dict[str, list[Item]] = {}
    for item in items:
        categories = item.article.categories
        grouped.setdefault(categories[0] if categories else "", []).append(item)
    picture = _first_thumbnail(grouped.values()) if with_picture else None
    return Digest(
        tuple([Group(heading, tuple(members)) for heading, members in grouped.items()]), tuple(rest), covers, picture
    )


def _first_thumbnail(groups: Iterable[Sequence[Item]]) -> str | None:
    first = None
    for items in groups:
        for item in items:
            article = item.article
            if article.thumbnail and article.picture:
                return article.thumbnail
            first = first or article.thumbnail
    return first


def others_of(articles: Iterable[Article], articles_by_story: Mapping[StoryId, Sequence[Article]]) -> Also:
    """Return the other articles of each article's story; `articles_by_story` has all articles of each story."""
    return {
        article.id: tuple(other for other in articles_by_story[article.story] if other.id != article.id)
        for article in articles
        if article.story is not None and article.story in articles_by_story
    }


def items_of(
    articles: Iterable[Article], articles_by_story: Mapping[StoryId, Sequence[Article]]
) -> dict[ArticleId, Item]:
    """Return an item per article, keyed by its id, in the order given."""
    articles = list(articles)
    also = others_of(articles, articles_by_story)
    return {article.id: Item(article, also.get(article.id, ())) for article in articles}
