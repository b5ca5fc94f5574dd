"""The steps of articles' pictures, within the transaction of a caller."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from digests.model.ids import ArticleId
from digests.model.picture import (
    REPEATED,
    PictureDelayed,
    PictureDropped,
    PictureFailed,
    PictureKept,
    PictureVerdict,
)
from digests.storage.articles.wanted_pictures import NONE, WAITING, host_of
from digests.storage.bulk import batches
from digests.storage.schema.article_tables import articles
from digests.storage.schema.media_tables import article_pictures, fetched_pictures, kept_pictures

KEPT, DROPPED, FAILED, DELAYED, EVICTED = "kept", "dropped", "failed", "delayed", "evicted"
_REMEMBERED = {DROPPED: timedelta(days=30), FAILED: timedelta(days=1)}
"""How long an address is not worth asking again for other articles."""
_SET_ROW = (
    sa.update(article_pictures)
    .where(article_pictures.c.article_id == sa.bindparam("of"))
    .values(
        state=sa.bindparam("new_state"),
        at=sa.bindparam("new_at"),
        host=sa.bindparam("new_host"),
        reason=sa.bindparam("new_reason"),
        tries=sa.bindparam("new_tries"),
        next_at=sa.bindparam("new_next", type_=article_pictures.c.next_at.type),
    )
)
_SET_PICTURE = (
    sa.update(articles)
    .where(articles.c.id == sa.bindparam("of"), articles.c.picture != sa.bindparam("key"))
    .values(picture=sa.bindparam("key"))
)


class PictureRow(NamedTuple):
    """How far the picture of an article has come: candidate number `at` is the one that is looked at."""

    article: ArticleId
    candidates: Sequence[str]
    at: int

    @property
    def address(self) -> str:
        """The candidate that is looked at, "" if there is none."""
        return self.candidates[self.at] if self.at < len(self.candidates) else ""

    def as_values(
        self, state: str, *, reason: str = "", tries: int = 0, next_at: datetime | None = None
    ) -> dict[str, Any]:
        """Return the row's new values."""
        host = host_of(self.address)
        return {
            "of": self.article,
            "new_state": state,
            "new_at": self.at,
            "new_host": host,
            "new_reason": reason,
            "new_tries": tries,
            "new_next": next_at,
        }


def address_key(address: str) -> str:
    """Return the key of an address, which may be thousands of characters long."""
    return hashlib.blake2b(address.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def picture_rows(connection: sa.Connection, ids: Collection[ArticleId], state: str) -> list[PictureRow]:
    """Return the rows of these articles that are in this state, and hold them until the transaction ends."""
    found: list[PictureRow] = []
    for batch in batches(sorted(ids)):
        query = sa.select(article_pictures.c.article_id, article_pictures.c.candidates, article_pictures.c.at).where(
            article_pictures.c.article_id.in_(batch), article_pictures.c.state == state
        )
        rows = connection.execute(query.with_for_update())
        found += [PictureRow(ArticleId(row.article_id), row.candidates, row.at) for row in rows]
    return found


class PictureSteps:
    """The next steps of articles, collected to be written together."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._values: list[dict[str, Any]] = []
        self._pictures: dict[ArticleId, str] = {}
        self._ended: list[tuple[PictureRow, str, str]] = []

    def give(self, rows: Sequence[PictureRow], key: str) -> None:
        """Give the articles this kept picture."""
        self._values += [row.as_values(KEPT) for row in rows]
        self._pictures |= dict.fromkeys([row.article for row in rows], key)

    def put_off(self, rows: Sequence[PictureRow], reason: str, tries: int, wait: timedelta) -> None:
        """Look at the articles again after this wait."""
        next_at = self._now + wait
        self._values += [row.as_values(WAITING, reason=reason, tries=tries, next_at=next_at) for row in rows]

    def move_on(self, rows: Sequence[PictureRow], reason: str, state: str) -> None:
        """Take the next candidate of each article; after the last, end with why the first was none.

        Meanwhile it has no picture. What is known of the first says how it ends, else the `state` of this one.
        """
        for row in rows:
            following = row._replace(at=row.at + 1)
            if following.address:
                self._values.append(following.as_values(WAITING, reason=reason, next_at=self._now))
            else:
                self._ended.append((row._replace(at=0), reason, state))
            self._pictures[row.article] = ""

    def write(self, connection: sa.Connection) -> None:
        """Write all of them down."""
        verdicts = known_verdicts(connection, {row.address for row, _, _ in self._ended if row.address})
        self._values += [
            _end(row, verdicts.get(address_key(row.address)), reason, state) for row, reason, state in self._ended
        ]
        if self._values:
            connection.execute(_SET_ROW, self._values)
        if self._pictures:
            connection.execute(_SET_PICTURE, [{"of": of, "key": key} for of, key in self._pictures.items()])


def _end(row: PictureRow, first: PictureVerdict | None, reason: str, state: str) -> dict[str, Any]:
    match first:
        case PictureFailed() | PictureDelayed():
            return row.as_values(FAILED, reason=first.reason)
        case PictureDropped():
            return row.as_values(DROPPED, reason=first.reason)
        case _:
            return row.as_values(state if row.address else NONE, reason=reason)


def known_verdicts(
    connection: sa.Connection, addresses: Collection[str], now: datetime | None = None
) -> Mapping[str, PictureVerdict]:
    """Return what is known of these addresses, by their keys; with `now`, only what is worth no other try."""
    found: dict[str, PictureVerdict] = {}
    columns = (fetched_pictures.c.address_key, fetched_pictures.c.state, fetched_pictures.c.reason)
    more = (fetched_pictures.c.next_at, fetched_pictures.c.fetched_at, kept_pictures)
    for batch in batches(sorted(map(address_key, addresses))):
        query = (
            sa.select(*columns, *more)
            .join(kept_pictures, kept_pictures.c.key == fetched_pictures.c.picture, isouter=True)
            .where(fetched_pictures.c.address_key.in_(batch))
        )
        for row in connection.execute(query):
            verdict = _verdict(row, now)
            if verdict is not None:
                found[row.address_key] = verdict
    return found


def _verdict(row: Any, now: datetime | None) -> PictureVerdict | None:
    if row.state == KEPT:
        if row.key is None:
            return None
        if row.repeats:
            return PictureDropped(REPEATED)
        return PictureKept(row.key, row.likeness, row.width, row.height, row.bytes)
    if row.state == DELAYED:
        if now is not None and row.next_at <= now:
            return None
        return PictureDelayed(row.reason, row.next_at - now if now is not None else timedelta())
    if now is not None and now - row.fetched_at > _REMEMBERED[row.state]:
        return None
    return PictureDropped(row.reason) if row.state == DROPPED else PictureFailed(row.reason)
