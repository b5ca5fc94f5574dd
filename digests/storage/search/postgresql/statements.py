"""The statements of a search (pure); values never become a part of a statement's text."""

from __future__ import annotations

from collections.abc import Sequence

from digests.storage.search.postgresql.keys import ALWAYS_BITS, PAIR, hash_of
from digests.storage.search.postgresql.tables import TableNames
from digests.storage.search.postgresql.wanted import Look

Statement = tuple[str, dict[str, object]]
BUILDER, LISTED, BITS = 0, 1, 2
_NEVER_STORED = (*ALWAYS_BITS, PAIR)


def bits_statement(names: TableNames, keys: Sequence[str], days: tuple[str, str] | None) -> Statement:
    """Return the statement for the bits of keys, and of days from the first key to the last.

    Its rows are (what, key, block, bitmap, list, documents): one with the builder of the tables as its key; of each
    common key, one for each block; of each other key that documents have stored, one with these.
    """
    stored = [key for key in keys if not key.startswith(_NEVER_STORED)]
    nothing = "''::bytea, ''::bytea"
    statement = (
        f"SELECT {BUILDER}, builder, 0, {nothing}, NULL::bigint[] FROM {names.mark} "
        f"UNION ALL SELECT {BITS}, key, block, bitmap, listed, NULL FROM {names.bits} "
        "WHERE key = ANY(%(keys)s::text[]) "
        f"UNION ALL SELECT {LISTED}, wanted.key, 0, {nothing}, "
        f"ARRAY(SELECT document FROM {names.documents} WHERE keys @> ARRAY[wanted.hash]) "
        "FROM unnest(%(stored)s::text[], %(hashes)s::bigint[]) AS wanted(key, hash) "
        f"WHERE NOT EXISTS (SELECT FROM {names.common} AS common WHERE common.key = wanted.key)"
    )
    values: dict[str, object] = {"keys": list(keys), "stored": stored, "hashes": [hash_of(key) for key in stored]}
    if days is not None:
        statement += (
            f" UNION ALL SELECT {BITS}, key, block, bitmap, listed, NULL FROM {names.bits} "
            "WHERE key BETWEEN %(first)s::text AND %(last)s::text"
        )
        values |= {"first": days[0], "last": days[1]}
    return statement, values


def look_statement(
    names: TableNames, documents: Sequence[int], looks: Sequence[Look], after: int | None, before: int | None
) -> Statement:
    """Return the statement for those documents of whose rows all is true; its rows are (builder, documents)."""
    values: dict[str, object] = {"documents": list(documents)}
    conditions = ["document = ANY(%(documents)s::bigint[])"]
    for number, look in enumerate(looks):
        found = []
        for at, pattern in enumerate(look.patterns):
            values[f"v{number}_{at}"] = pattern
            found.append(f"strpos({look.column}, %(v{number}_{at})s::text) > 0")
        conditions.append(f"{'' if look.is_wanted else 'NOT '}({' OR '.join(found)})")
    for operator, moment in ((">=", after), ("<", before)):
        if moment is not None:
            name = "before" if operator == "<" else "after"
            values[name] = moment
            conditions.append(f"shown_at {operator} %({name})s::bigint")
    return (
        f"SELECT builder, ARRAY(SELECT document FROM {names.documents} WHERE {' AND '.join(conditions)}) "
        f"FROM {names.mark}"
    ), values


def articles_statement(names: TableNames, documents: Sequence[int]) -> Statement:
    """Return the statement for the articles of documents; its rows are (builder, documents, articles)."""
    return _pairs_of(names, "document = ANY(%(documents)s::bigint[])"), {"documents": list(documents)}


def later_statement(names: TableNames, since: int) -> Statement:
    """Return the statement for the articles from an id on; its rows are (builder, documents, articles)."""
    return _pairs_of(names, "article >= %(since)s::bigint"), {"since": since}


def _pairs_of(names: TableNames, condition: str) -> str:
    return (
        f"SELECT builder, documents, articles FROM {names.mark}, "
        "(SELECT array_agg(document) AS documents, array_agg(article) AS articles "
        f"FROM {names.documents} WHERE {condition}) AS found"
    )
