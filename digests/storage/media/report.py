"""How many articles have a picture, of which hosts, and why the others have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.ids import ArticleId
from digests.storage.articles.wanted_pictures import NONE, WAITING, host_of
from digests.storage.database import Database
from digests.storage.media.kept import FolderUse, folder_use
from digests.storage.media.progress import DROPPED, EVICTED, FAILED, KEPT
from digests.storage.schema.article_tables import articles
from digests.storage.schema.media_tables import article_pictures

OLD = "old"
STATES = (KEPT, WAITING, NONE, DROPPED, FAILED, EVICTED, OLD)
_MOST_REASONS = 20


@dataclass(frozen=True, slots=True)
class HostPictures:
    """How many articles have a picture of this host, wait for it, or have none after all."""

    host: str
    kept: int = 0
    waiting: int = 0
    without: int = 0


@dataclass(frozen=True, slots=True)
class PictureReason:
    """Why so many articles have no picture, or none yet, with the newest of them and the address that it names."""

    state: str
    reason: str
    articles: int
    article: ArticleId
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class PictureReport:
    """The articles by the states of their pictures, `old` being those too old for one to be fetched.

    Hosts and reasons come with the most articles first; those are the hosts that were asked last.
    """

    states: Mapping[str, int]
    hosts: Sequence[HostPictures]
    reasons: Sequence[PictureReason]
    folder: FolderUse

    @property
    def articles(self) -> int:
        """How many articles there are."""
        return sum(self.states.values())


class PictureReportStore:
    """Reads what became of pictures, for operators. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self) -> PictureReport:
        """Return how it stands."""
        rows = article_pictures.c
        query = sa.select(
            rows.state,
            rows.host,
            rows.reason,
            sa.func.count().label("articles"),
            sa.func.max(rows.article_id).label("newest"),
        ).group_by(rows.state, rows.host, rows.reason)
        async with self._database.read() as connection:
            groups = (await connection.execute(query)).all()
            total = int(await connection.scalar(sa.select(sa.func.count()).select_from(articles)) or 0)
            reasons = await _reasons(connection, groups)
            folder = await folder_use(connection)
        states = Counter(dict.fromkeys(STATES, 0))
        for group in groups:
            states[group.state] += group.articles
        states[OLD] = max(0, total - sum(states.values()))
        return PictureReport(dict(states), _hosts(groups), reasons, folder)


def _hosts(groups: Sequence[Any]) -> list[HostPictures]:
    counts: dict[str, Counter[str]] = {}
    for group in groups:
        if group.host:
            kind = {KEPT: "kept", WAITING: "waiting"}.get(group.state, "without")
            counts.setdefault(group.host, Counter())[kind] += group.articles
    found = [HostPictures(host, **count) for host, count in counts.items()]
    return sorted(found, key=lambda each: (-(each.kept + each.waiting + each.without), each.host))


async def _reasons(connection: AsyncConnection, groups: Sequence[Any]) -> list[PictureReason]:
    counts: Counter[tuple[str, str]] = Counter()
    newest: dict[tuple[str, str], int] = {}
    for group in groups:
        if group.reason:
            key = (group.state, group.reason)
            counts[key] += group.articles
            newest[key] = max(newest.get(key, 0), group.newest)
    most = sorted(counts, key=lambda key: (-counts[key], key))[:_MOST_REASONS]
    rows = article_pictures.c
    query = (
        sa.select(rows.article_id, rows.candidates, rows.at, articles.c.title)
        .join(articles, articles.c.id == rows.article_id)
        .where(rows.article_id.in_([newest[key] for key in most]))
    )
    examples = {row.article_id: row for row in await connection.execute(query)}
    return [
        PictureReason(*key, counts[key], ArticleId(row.article_id), row.title, _address(row.candidates, row.at))
        for key in most
        if (row := examples.get(newest[key])) is not None
    ]


def _address(candidates: Sequence[str], at: int) -> str:
    address = candidates[at] if at < len(candidates) else ""
    return address if host_of(address) else ""
