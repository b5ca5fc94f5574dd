"""Finding articles that share telling words in PostgreSQL's index (pure): the statement and its values."""

from __future__ import annotations

from collections.abc import Sequence

from digests.storage.search.postgresql.keys import IN_LEAD, IN_TITLE, short_token
from digests.storage.search.postgresql.statements import Statement
from digests.storage.search.postgresql.tables import TableNames
from digests.storage.search.sharing import LEAST_SHARED, TITLE_BONUS, score_steps
from digests.stories.telling import TellingToken


def similar_statement(names: TableNames, telling: Sequence[TellingToken], least: float, limit: int) -> Statement:
    """Return the statement for articles with the telling tokens; its rows are (article, score in steps)."""
    keys: list[str] = []
    weights: list[int] = []
    shared: list[int] = []
    of_title: list[int] = []
    for word in telling:
        weight, token = score_steps(word.weight), short_token(word.token)
        keys += [IN_LEAD + token, IN_TITLE + token]
        weights += [weight, round(weight * TITLE_BONUS)]
        shared += [1, 0]
        of_title += [int(word.is_of_title), 0]
    table = names.documents
    statement = (
        "SELECT found.article, sum(wanted.weight)::bigint AS score "
        "FROM unnest(%(keys)s::text[], %(weights)s::bigint[], %(shared)s::bigint[], %(of_title)s::bigint[]) "
        "AS wanted(key, weight, shared, of_title) "
        f"CROSS JOIN generate_series((SELECT min(document) / {names.block} FROM {table}), "
        f"(SELECT max(document) / {names.block} FROM {table})) AS block "
        f"CROSS JOIN LATERAL (SELECT document, article FROM {table} "
        f"WHERE {names.keys} @> ARRAY[{names.key('wanted.key', 'block')}]) AS found "
        "GROUP BY found.document, found.article "
        "HAVING sum(wanted.weight) >= %(least)s::bigint "
        "AND (sum(wanted.shared) >= %(least_shared)s::bigint OR sum(wanted.of_title) > 0) "
        "ORDER BY score DESC, found.document DESC LIMIT %(limit)s::bigint"
    )
    return statement, {
        "keys": keys, "weights": weights, "shared": shared, "of_title": of_title,
        "least": score_steps(least), "least_shared": LEAST_SHARED, "limit": limit,
    }  # fmt: skip
