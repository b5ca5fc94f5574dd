"""Builds a digest of chosen articles (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from digests.model.article import Article
from digests.model.digest import Digest, Group, Item, Span
from digests.model.ids import ArticleId, StoryId

Also = Mapping[ArticleId, tuple[Article, ...]]
"""For an article other sources' articles of its story, the first of them first."""
NO_OTHERS: Also = MappingProxyType({})


def build_digest(
    articles: Sequence[Article],
    rest: Sequence[ArticleId] = (),
    covers: Span | None = None,
    *,
    with_picture: bool = True,
    also: Also = NO_OTHERS,
) -> Digest:
    """As `group` groups the articles, given best first."""
    return group([Item(one, also.get(one.id, ())) for one in articles], rest, covers, with_picture=with_picture)


def group(
    items: Iterable[Item], rest: Sequence[ArticleId] = (), covers: Span | None = None, *, with_picture: bool = True
) -> Digest:
    """Groups the items, given best first, under their top categories; the group with the best one comes first.

    The picture is the thumbnail of the first item, as it will be read, that has one. Articles without a category
    come under an empty heading.
    """
    grouped: dict[str, list[Item]] = {}
    for item in items:
        categories = item.article.categories
        grouped.setdefault(categories[0] if categories else "", []).append(item)
    picture = _first_thumbnail(grouped.values()) if with_picture else None
    return Digest(
        tuple([Group(heading, tuple(some)) for heading, some in grouped.items()]), tuple(rest), covers, picture
    )


def _first_thumbnail(groups: Iterable[Sequence[Item]]) -> str | None:
    for items in groups:
        for item in items:
            if item.article.thumbnail:
                return item.article.thumbnail
    return None


def others_of(articles: Iterable[Article], articles_by_story: Mapping[StoryId, Sequence[Article]]) -> Also:
    """Who else tells the stories of these articles; `tellers` are all articles of each story."""
    return {
        one.id: tuple(other for other in articles_by_story[one.story] if other.id != one.id)
        for one in articles
        if one.story is not None and one.story in articles_by_story
    }


def items_of(
    articles: Iterable[Article], articles_by_story: Mapping[StoryId, Sequence[Article]]
) -> dict[ArticleId, Item]:
    """By the article's id, in the order given."""
    articles = list(articles)
    also = others_of(articles, articles_by_story)
    return {one.id: Item(one, also.get(one.id, ())) for one in articles}
