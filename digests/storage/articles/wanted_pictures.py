"""Which articles want a picture: written with the article itself, so that none is forgotten."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.article import ParsedPost
from digests.model.ids import ArticleId
from digests.storage.articles.known import KnownArticle
from digests.storage.articles.post_files import ReadPost
from digests.storage.bulk import insert_rows
from digests.storage.database import Database
from digests.storage.schema.media_tables import article_pictures

WAITING, NONE = "waiting", "none"
_HOST = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_COLUMNS = ("article_id", "candidates", "state", "host", "next_at")


def host_of(address: str) -> str:
    """Return the host of an address, with its port if one is written."""
    match = _HOST.match(address)
    return match[1].lower() if match is not None else ""


async def want_pictures(
    database: Database, connection: AsyncConnection, candidates: Mapping[ArticleId, Sequence[str]], now: datetime
) -> None:
    """Store the addresses that may represent these articles, none of which is stored yet, to be fetched from now on."""
    rows = [
        (article, list(found), WAITING if found else NONE, host_of(found[0]) if found else "", now)
        for article, found in candidates.items()
    ]
    await insert_rows(database, connection, article_pictures, _COLUMNS, rows, {}, ignore=True)


async def want_pictures_of_new(
    database: Database,
    connection: AsyncConnection,
    new: Sequence[tuple[ReadPost, ParsedPost, KnownArticle]],
    now: datetime,
) -> None:
    """Store what may represent those of the new articles that may come in a digest as news."""
    wanted = {article.id: parsed.pictures for post, parsed, article in new if post.fresh and not post.reread}
    await want_pictures(database, connection, wanted, now)


async def renew_candidates(
    connection: AsyncConnection, found: Mapping[ArticleId, Sequence[str]], now: datetime
) -> None:
    """Look again at articles that have other pictures now; each is given with those that may represent it.

    What an article has meanwhile stays until it is known whether the new one is any better.
    """
    query = sa.select(article_pictures.c.article_id, article_pictures.c.candidates).where(
        article_pictures.c.article_id.in_(found)
    )
    for row in (await connection.execute(query)).all():
        candidates = list(found[row.article_id])
        if candidates == row.candidates:
            continue
        values = {
            "candidates": candidates,
            "at": 0,
            "tries": 0,
            "reason": "",
            # One without any is waiting too: the picture that it had is to be taken from it.
            "state": WAITING,
            "host": host_of(candidates[0]) if candidates else "",
            "next_at": now,
        }
        at = article_pictures.c.article_id == row.article_id
        await connection.execute(sa.update(article_pictures).where(at).values(values))
