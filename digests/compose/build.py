"""Builds a digest of chosen articles (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from digests.types import Article, ArticleId, Digest, Group, Item, Span, StoryId

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
    """Groups the articles, given best first, under their top categories; the group with the best one comes first.

    The picture is the thumbnail of the first item, as it will be read, that has one. Articles without a category
    come under an empty heading.
    """
    grouped: dict[str, list[Item]] = {}
    for article in articles:
        grouped.setdefault(article.categories[0] if article.categories else "", []).append(
            Item(article, also.get(article.id, ()))
        )
    groups = tuple(Group(heading, tuple(items)) for heading, items in grouped.items())
    ordered = [item.article for group in groups for item in group.items]
    picture = next((one.thumbnail for one in ordered if one.thumbnail), None) if with_picture else None
    return Digest(groups, tuple(rest), covers, picture)


def others_of(articles: Iterable[Article], tellers: Mapping[StoryId, Sequence[Article]]) -> Also:
    """Who else tells the stories of these articles; `tellers` are all articles of each story."""
    return {
        one.id: tuple(other for other in tellers[one.story] if other.id != one.id)
        for one in articles
        if one.story is not None and one.story in tellers
    }
