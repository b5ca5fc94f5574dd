"""Reading what due places wish, packed, and the articles that have the words of wishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.compose.wants import BEFORE_MOST, BETWEEN_WISHES, KIND_LETTERS, MATTER_LETTERS, MatchedQuery
from digests.model.ids import PlaceId
from digests.model.place import PlaceState
from digests.model.wish import Matter, QueryId, WishKind
from digests.storage.bulk import read_rows
from digests.storage.columns import UtcDateTime
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles
from digests.storage.schema.place_tables import places, subscriptions
from digests.storage.schema.wish_tables import queries, query_matches, wishes

_TOPIC = places.alias("topics")


async def read_matched(
    database: Database, connection: AsyncConnection, which: sa.ColumnElement[bool], place_id: PlaceId | None
) -> dict[QueryId, MatchedQuery]:
    """Return the queries of all places, or of this one, that match any of these articles."""
    ids = sa.func.aggregate_strings(sa.cast(query_matches.c.article_id, sa.Text), ",")
    matched = sa.select(query_matches.c.query_id, ids.label("ids"))
    matched = matched.join(articles, articles.c.id == query_matches.c.article_id).where(which)
    if place_id is not None:
        mine = sa.select(wishes.c.query_id).where(wishes.c.place_id == place_id, wishes.c.query_id.is_not(None))
        matched = matched.where(query_matches.c.query_id.in_(mine))
    found = matched.group_by(query_matches.c.query_id).subquery()
    query = sa.select(queries.c.id, queries.c.words, found.c.ids).join(found, found.c.query_id == queries.c.id)
    rows = await read_rows(database, connection, query)
    return {QueryId(number): MatchedQuery(words, ids) for number, words, ids in rows}


def packed_wishes(is_told: sa.ColumnElement[bool] | None = None) -> sa.ColumnElement[str]:
    """Return those wishes that a place of the outer query has at the moment `now`, packed.

    What comes in topics of a private chat is muted in the chat itself, or what it watches would come in both.
    """
    about_words = wishes.c.matter == Matter.WORDS
    value = sa.case((about_words, sa.cast(wishes.c.query_id, sa.Text)), else_=wishes.c.value)
    most = sa.case((wishes.c.kind == WishKind.CAP, BEFORE_MOST + sa.cast(wishes.c.most, sa.Text)), else_="")
    packed = _letter(wishes.c.kind, KIND_LETTERS) + _letter(wishes.c.matter, MATTER_LETTERS) + value + most
    is_current = wishes.c.until.is_(None) | (wishes.c.until > sa.bindparam("now", type_=UtcDateTime))
    joined = sa.func.aggregate_strings(packed, BETWEEN_WISHES)
    mine = sa.select(joined).where(wishes.c.place_id == places.c.id, is_current)
    own = (mine if is_told is None else mine.where(is_told)).scalar_subquery()
    # Asked once a statement: where nobody has topics, as in most bots, nothing is looked up for each place.
    has_topics = sa.select(sa.exists().where(_TOPIC.c.topic_of.is_not(None))).scalar_subquery()
    both = sa.func.coalesce(own + BETWEEN_WISHES, "") + sa.func.coalesce(_in_topics(), "")
    return sa.case((has_topics, both), else_=own)


def _in_topics() -> sa.ScalarSelect[str]:
    """Return a subquery for the categories that active topics of the outer query's private chat follow, as mutes."""
    mute = KIND_LETTERS[WishKind.MUTE] + MATTER_LETTERS[Matter.CATEGORY]
    joined = sa.func.aggregate_strings(mute + sa.cast(subscriptions.c.category_id, sa.Text), BETWEEN_WISHES)
    is_theirs = (_TOPIC.c.chat_id == places.c.chat_id) & (places.c.thread_id == 0)
    is_topic = _TOPIC.c.topic_of.is_not(None) & (_TOPIC.c.state == PlaceState.ACTIVE)
    followed = sa.select(joined).join(_TOPIC, _TOPIC.c.id == subscriptions.c.place_id)
    return followed.where(is_theirs, is_topic).scalar_subquery()


def _letter(column: sa.Column[str], letters: Mapping[Any, str]) -> sa.ColumnElement[str]:
    return sa.case({str(value): letter for value, letter in letters.items()}, value=column)
