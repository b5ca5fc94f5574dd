"""Finds the story of new articles while they are written, and keeps what later ones are found by.

All of it is in the database, inside the transaction that writes the articles: a restart or a second process comes to
the same. A story is named by its first article; it never takes two articles of one source, two stories never become
one (digests went out by them), and an article that has one keeps it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.ids import ArticleId, StoryId
from digests.storage.database import Database
from digests.storage.schema import articles, story_keys
from digests.stories.features import HEAD, StoryFeatures, keys_of, site_of, telling
from digests.stories.judge import same_story

_MOST_BEARERS = 16
"""A key that more articles bear is a footer's or a phrase's; of a large story these find it well enough."""
_MOST_TRIES = 5
_RARE = 0.5
_OF_TITLE = 0.4
_FORGET_AT_ONCE = 500


@dataclass(slots=True)
class _Known:
    """Articles that new ones are held against: tellings, stories with their sources, and who bears a key."""

    features: dict[ArticleId, StoryFeatures] = field(default_factory=dict)
    story_of: dict[ArticleId, StoryId] = field(default_factory=dict)
    sources: dict[StoryId, set[str]] = field(default_factory=lambda: defaultdict(set))
    bearers: dict[int, list[ArticleId]] = field(default_factory=lambda: defaultdict(list))

    def candidates(self, keys: Iterable[int]) -> list[ArticleId]:
        """Those with most keys in common, rare ones first; one common phrase or pair of title words is too little."""
        weights: dict[ArticleId, float] = defaultdict(float)
        for key in keys:
            bearers = self.bearers.get(key, ())
            for one in bearers:
                weights[one] += (_OF_TITLE if key & 1 else 1) / len(bearers)
        good = [one for one, weight in weights.items() if weight >= _RARE]
        return sorted(good, key=lambda one: (-weights[one], one))[:_MOST_TRIES]

    def find(self, one: StoryFeatures, keys: Iterable[int], span: timedelta) -> ArticleId | None:
        """The best candidate that tells the same, unless the source tells this story already."""
        for candidate in self.candidates(keys):
            story = self.story_of.get(candidate)
            if story is not None and one.site in self.sources[story]:
                continue
            if same_story(one, self.features[candidate], span):
                return candidate
        return None

    def add(self, article: ArticleId, one: StoryFeatures, keys: Iterable[int]) -> None:
        self.features[article] = one
        for key in keys:
            self.bearers[key].append(article)


async def join_stories(connection: AsyncConnection, new: Mapping[ArticleId, StoryFeatures], span: timedelta) -> None:
    """Gives each new article its story where another source told it within `span`, and keeps its keys."""
    if not new or not span:
        return
    keys = {article: keys_of(one) for article, one in new.items()}
    known = await _known(connection, keys)
    common = {key for key, bearers in known.bearers.items() if len(bearers) >= _MOST_BEARERS}
    joined: dict[ArticleId, StoryId] = {}
    for article, one in sorted(new.items()):
        match = known.find(one, keys[article], span)
        if match is not None:
            story = known.story_of.setdefault(match, StoryId(match))
            known.sources[story] |= {one.site, known.features[match].site}
            known.story_of[article] = story
            joined |= {match: story, article: story}
        known.add(article, one, keys[article])
    await _write(connection, joined, {one: found - common for one, found in keys.items()})


async def _known(connection: AsyncConnection, keys: Mapping[ArticleId, Collection[int]]) -> _Known:
    """The earlier articles that share keys with the new ones, with what is needed to judge the likeliest."""
    known = _Known()
    wanted = sorted({key for some in keys.values() for key in some})
    # Written out: binding hundreds of numbers costs more than looking them up.
    listed: sa.BindParameter[list[int]] = sa.bindparam("keys", wanted, expanding=True, literal_execute=True)
    for row in await connection.execute(sa.select(story_keys).where(story_keys.c.key.in_(listed))):
        known.bearers[row.key].append(row.article_id)
    likely = {one for some in keys.values() for one in known.candidates(some)}
    if not likely:
        return known
    head = sa.func.substr(articles.c.text, 1, HEAD).label("head")
    shown = (articles.c.title, articles.c.summary, articles.c.source, articles.c.language, articles.c.shown_at)
    query = sa.select(articles.c.id, articles.c.story_id, head, *shown).where(articles.c.id.in_(sorted(likely)))
    for row in await connection.execute(query):
        known.features[row.id] = telling(row.title, row.head, row.summary, row.source, row.language, row.shown_at)
        if row.story_id is not None:
            known.story_of[row.id] = row.story_id
    await _add_sources(connection, known)
    return known


async def _add_sources(connection: AsyncConnection, known: _Known) -> None:
    stories = sorted(set(known.story_of.values()))
    if not stories:
        return
    query = sa.select(articles.c.story_id, articles.c.source).where(articles.c.story_id.in_(stories))
    for row in await connection.execute(query):
        known.sources[row.story_id].add(site_of(row.source))


async def _write(
    connection: AsyncConnection,
    joined: Mapping[ArticleId, StoryId],
    keys: Mapping[ArticleId, Collection[int]],
) -> None:
    of_each: dict[StoryId, list[ArticleId]] = defaultdict(list)
    for article, story in joined.items():
        of_each[story].append(article)
    for story, members in sorted(of_each.items()):
        statement = sa.update(articles).where(articles.c.id.in_(members), articles.c.story_id.is_(None))
        await connection.execute(statement.values(story_id=story))
    rows = [{"article_id": article, "key": key} for article, found in sorted(keys.items()) for key in sorted(found)]
    if rows:
        await connection.execute(sa.insert(story_keys), rows)


async def forget_keys(database: Database, before: datetime) -> int:
    """Drops the keys of articles first seen before then, some at a time; how many articles are found no more."""
    forgotten = 0
    while True:
        oldest = sa.select(story_keys.c.article_id).distinct().order_by(story_keys.c.article_id).limit(_FORGET_AT_ONCE)
        old = sa.select(articles.c.id).where(articles.c.id.in_(oldest), articles.c.first_seen_at < before)
        async with database.read() as connection:
            ids = list((await connection.execute(old)).scalars())
        if not ids:
            return forgotten
        async with database.write() as connection:
            await connection.execute(sa.delete(story_keys).where(story_keys.c.article_id.in_(ids)))
        forgotten += len(ids)
