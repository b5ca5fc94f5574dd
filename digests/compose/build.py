"""Builds a digest of chosen articles (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from digests.types import Article, ArticleId, Digest, Group, Item, Span


def build_digest(
    articles: Sequence[Article],
    rest: Sequence[ArticleId] = (),
    covers: Span | None = None,
    *,
    with_picture: bool = True,
) -> Digest:
    """Groups the articles, given best first, under their top categories; the group with the best one comes first.

    The picture is the thumbnail of the first item, as it will be read, that has one. Articles without a category
    come under an empty heading.
    """
    grouped: dict[str, list[Item]] = {}
    for article in articles:
        grouped.setdefault(article.categories[0] if article.categories else "", []).append(Item(article))
    groups = tuple(Group(heading, tuple(items)) for heading, items in grouped.items())
    ordered = [item.article for group in groups for item in group.items]
    picture = next((one.thumbnail for one in ordered if one.thumbnail), None) if with_picture else None
    return Digest(groups, tuple(rest), covers, picture)
