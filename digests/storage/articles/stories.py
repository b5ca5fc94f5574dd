"""Finding the stories of new articles while these are written, and storing the keys by which later ones find them.

Everything is in the database, within the transaction that writes the articles: a restart or a second process comes to
the same result. A story's id is that of its first article. It never takes two articles of one source, two stories are
never merged (digests were sent by them), and an article keeps its story.
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
from digests.storage.schema.article_tables import articles, story_keys
from digests.stories.features import HEAD, StoryFeatures, features_of, keys_of_story, site_of
from digests.stories.judge import same_story

_MAX_ARTICLES_PER_KEY = 16
"""A key that more articles share comes from a footer or a common phrase; so many are enough to find a large story."""
_MAX_CANDIDATES = 5
_MIN_WEIGHT = 0.5
_TITLE_KEY_WEIGHT = 0.4
_BATCH = 500


@dataclass(slots=True)
class _KnownStories:
    """The articles with which new ones are compared, their stories with the stories' sources, and their keys."""

    features: dict[ArticleId, StoryFeatures] = field(default_factory=dict)
    story_of: dict[ArticleId, StoryId] = field(default_factory=dict)
    sources: dict[StoryId, set[str]] = field(default_factory=lambda: defaultdict(set))
    articles_by_key: dict[int, list[ArticleId]] = field(default_factory=lambda: defaultdict(list))

    def candidates(self, keys: Iterable[int]) -> list[ArticleId]:
        """Return the articles that share most keys, counting rare keys more, without those that share too little.

        A single common phrase, or a single pair of title words, is too little. They may be more than are compared.
        """
        weights: dict[ArticleId, float] = defaultdict(float)
        for key in keys:
            sharing = self.articles_by_key.get(key, ())
            for article in sharing:
                weights[article] += (_TITLE_KEY_WEIGHT if key & 1 else 1) / len(sharing)
        likely = [article for article, weight in weights.items() if weight >= _MIN_WEIGHT]
        return sorted(likely, key=lambda article: (-weights[article], article))

    def find(self, features: StoryFeatures, keys: Iterable[int], span: timedelta) -> ArticleId | None:
        """Return the best candidate of the same story, unless the source is in that story already."""
        # Each article that is added makes its keys less rare, which may bring forward an earlier one that was not read.
        comparable = [candidate for candidate in self.candidates(keys) if candidate in self.features]
        for candidate in comparable[:_MAX_CANDIDATES]:
            story = self.story_of.get(candidate)
            if story is not None and features.site in self.sources[story]:
                continue
            if same_story(features, self.features[candidate], span):
                return candidate
        return None

    def add(self, article: ArticleId, features: StoryFeatures, keys: Iterable[int]) -> None:
        """Add an article, to be compared with the ones that follow."""
        self.features[article] = features
        for key in keys:
            self.articles_by_key[key].append(article)


async def join_stories(connection: AsyncConnection, new: Mapping[ArticleId, StoryFeatures], span: timedelta) -> None:
    """Give each new article the story that another source reported within `span`, if any, and store its keys."""
    if not new or not span:
        return
    keys = {article: keys_of_story(features) for article, features in new.items()}
    known = await _known(connection, keys)
    common = {key for key, sharing in known.articles_by_key.items() if len(sharing) >= _MAX_ARTICLES_PER_KEY}
    joined: dict[ArticleId, StoryId] = {}
    for article, features in sorted(new.items()):
        match = known.find(features, keys[article], span)
        if match is not None:
            story = known.story_of.setdefault(match, StoryId(match))
            known.sources[story] |= {features.site, known.features[match].site}
            known.story_of[article] = story
            joined |= {match: story, article: story}
        known.add(article, features, keys[article])
    await _write(connection, joined, {article: found - common for article, found in keys.items()})


async def _known(connection: AsyncConnection, keys: Mapping[ArticleId, Collection[int]]) -> _KnownStories:
    """Return the earlier articles that share keys with the new ones, with what is needed to judge the likeliest."""
    known = _KnownStories()
    wanted = sorted({key for found in keys.values() for key in found})
    # As literals: binding hundreds of numbers costs more than looking them up.
    literals: sa.BindParameter[list[int]] = sa.bindparam("keys", wanted, expanding=True, literal_execute=True)
    for row in await connection.execute(sa.select(story_keys).where(story_keys.c.key.in_(literals))):
        known.articles_by_key[row.key].append(row.article_id)
    likely = {article for found in keys.values() for article in known.candidates(found)[:_MAX_CANDIDATES]}
    if not likely:
        return known
    head = sa.func.substr(articles.c.text, 1, HEAD).label("head")
    shown = (articles.c.title, articles.c.summary, articles.c.source, articles.c.language, articles.c.shown_at)
    query = sa.select(articles.c.id, articles.c.story_id, head, *shown).where(articles.c.id.in_(sorted(likely)))
    for row in await connection.execute(query):
        known.features[row.id] = features_of(row.title, row.head, row.summary, row.source, row.language, row.shown_at)
        if row.story_id is not None:
            known.story_of[row.id] = row.story_id
    await _add_sources(connection, known)
    return known


async def _add_sources(connection: AsyncConnection, known: _KnownStories) -> None:
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
    members_of: dict[StoryId, list[ArticleId]] = defaultdict(list)
    for article, story in joined.items():
        members_of[story].append(article)
    for story, members in sorted(members_of.items()):
        statement = sa.update(articles).where(articles.c.id.in_(members), articles.c.story_id.is_(None))
        await connection.execute(statement.values(story_id=story))
    rows = [{"article_id": article, "key": key} for article, found in sorted(keys.items()) for key in sorted(found)]
    if rows:
        await connection.execute(sa.insert(story_keys), rows)


async def forget_keys(database: Database, before: datetime) -> int:
    """Delete the keys of articles first seen before then, in batches, and return how many articles that were."""
    forgotten = 0
    while True:
        oldest = sa.select(story_keys.c.article_id).distinct().order_by(story_keys.c.article_id).limit(_BATCH)
        old = sa.select(articles.c.id).where(articles.c.id.in_(oldest), articles.c.first_seen_at < before)
        async with database.read() as connection:
            ids = list((await connection.execute(old)).scalars())
        if not ids:
            return forgotten
        async with database.write() as connection:
            await connection.execute(sa.delete(story_keys).where(story_keys.c.article_id.in_(ids)))
        forgotten += len(ids)
