"""A site's default pictures: those that stand with so many articles that they represent none of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from digests.model.ids import ArticleId
from digests.model.picture import MANY_ARTICLES, PictureKept
from digests.storage.schema.article_tables import articles
from digests.storage.schema.media_tables import kept_pictures


def known_repeats(connection: sa.Connection, kept: Iterable[PictureKept]) -> frozenset[str]:
    """Return the keys of those pictures that are known to stand with many articles, or look like one that does."""
    key_of_likeness: dict[str, set[str]] = {}
    for picture in kept:
        key_of_likeness.setdefault(picture.likeness, set()).add(picture.key)
    if not key_of_likeness:
        return frozenset()
    query = sa.select(kept_pictures.c.likeness).where(
        kept_pictures.c.likeness.in_(sorted(key_of_likeness)), kept_pictures.c.repeats.is_(sa.true())
    )
    likenesses = set((connection.execute(query)).scalars())
    keys = frozenset(key for likeness in likenesses for key in key_of_likeness[likeness])
    _mark(connection, keys)
    return keys


def learn_repeats(
    connection: sa.Connection, likenesses: Collection[str]
) -> tuple[frozenset[str], frozenset[ArticleId]]:
    """Find the pictures that stand with many articles by now, for good; return them and the articles that had them.

    Pictures that look the same are one here, under whatever addresses they come. Articles about one thing are one too:
    they may well share the picture of it.
    """
    keys, taken = set[str](), set[ArticleId]()
    things = sa.func.count(sa.distinct(sa.func.coalesce(articles.c.story_id, -articles.c.id)))
    for likeness in sorted(likenesses):
        alike = sa.select(kept_pictures.c.key).where(kept_pictures.c.likeness == likeness)
        has_it = articles.c.picture.in_(alike)
        if int(connection.scalar(sa.select(things).where(has_it)) or 0) < MANY_ARTICLES:
            continue
        keys.update((connection.execute(alike)).scalars())
        taken.update(map(ArticleId, (connection.execute(sa.select(articles.c.id).where(has_it))).scalars()))
    _mark(connection, keys)
    return frozenset(keys), frozenset(taken)


def _mark(connection: sa.Connection, keys: Collection[str]) -> None:
    if keys:
        statement = sa.update(kept_pictures).where(kept_pictures.c.key.in_(sorted(keys)))
        connection.execute(statement.values(repeats=True, bytes=0))
