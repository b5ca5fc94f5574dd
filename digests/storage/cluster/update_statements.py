"""The statements of the table of updates, each one round trip for any number of updates.

SQLite gets what it is given as JSON, PostgreSQL as arrays. On SQLite one process has the database to itself: there are
no lanes.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime

_MOMENTS = ("now", "until", "before")
# An update of the same id that is older than Telegram keeps updates is another one: after a week without any, Telegram
# starts its numbers over at random (Bot API, Update).
_ANOTHER = """
ON CONFLICT (id) DO UPDATE SET lane = excluded.lane, kind = excluded.kind, body = excluded.body,
  received_at = excluded.received_at, owner = excluded.owner, begun_at = excluded.begun_at, done_at = NULL, tries = 0
WHERE updates.received_at < :before
"""


def _plain(text: str) -> sa.TextClause:
    return sa.text(text.replace("[another]", _ANOTHER))


def _statement(text: str, *results: str) -> sa.Executable:
    found = _plain(text)
    moments = [sa.bindparam(name, type_=UtcDateTime) for name in _MOMENTS if f":{name}" in text]
    found = found.bindparams(*moments)
    if not results:
        return found
    return found.columns(
        *(sa.column(name, UtcDateTime() if name.endswith("_at") else sa.types.NullType()) for name in results)
    )


@dataclass(frozen=True, slots=True)
class UpdateStatements:
    """`store` returns (id, owner, waits); `claim` returns the updates that it takes.

    Those that are run for every update get moments as the database writes them, since SQLite runs them without
    SQLAlchemy.
    """

    store: sa.TextClause
    done: sa.TextClause
    mark: sa.TextClause
    claim: sa.Executable
    begin: sa.Executable
    release: sa.Executable
    put_aside: sa.Executable


# The row is made if it is not there yet: on SQLite an update may be handled before it is stored.
_MARK = """
INSERT INTO updates (id, lane, kind, body, received_at, owner, begun_at, done_at)
VALUES (:id, '', :kind, '', :now, :owner, :now, :now)
ON CONFLICT (id) DO UPDATE SET lane = '', body = '', done_at = coalesce(updates.done_at, excluded.done_at)
WHERE updates.owner = excluded.owner
RETURNING id
"""

_BEGIN = "UPDATE updates SET tries = tries + 1 WHERE id = :id AND owner = :owner AND done_at IS NULL"
_RELEASE = "UPDATE updates SET owner = NULL, begun_at = NULL WHERE done_at IS NULL AND owner = :owner"
_CLAIMED = "id", "lane", "kind", "body", "received_at", "tries"

ON_SQLITE = UpdateStatements(
    store=_plain(
        """
INSERT INTO updates (id, lane, kind, body, received_at, owner, begun_at)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, :now, :owner, :now FROM json_each(:given) WHERE true
[another] RETURNING id, owner, 0 AS waits
"""
    ),
    done=_plain(
        """
INSERT INTO updates (id, lane, kind, body, received_at, owner, begun_at, done_at)
SELECT value, '', '', '', :now, :owner, :now, :now FROM json_each(:ids) WHERE true
ON CONFLICT (id) DO UPDATE SET done_at = excluded.done_at, lane = '', body = ''
WHERE updates.owner = excluded.owner AND updates.done_at IS NULL
"""
    ),
    mark=_plain(_MARK),
    claim=_statement(
        """
UPDATE updates SET tries = CASE WHEN begun_at IS NULL THEN tries ELSE max(tries, 1) END, owner = :owner, begun_at = :now
WHERE id IN (
  SELECT id FROM updates WHERE done_at IS NULL AND (owner IS NULL OR owner <> :owner)
  ORDER BY received_at, id LIMIT :most
) RETURNING id, lane, kind, body, received_at, tries
""",
        *_CLAIMED,
    ),
    begin=_statement(_BEGIN),
    release=_statement(_RELEASE),
    put_aside=_statement("UPDATE updates SET done_at = :now WHERE id IN (SELECT value FROM json_each(:ids))"),
)

# A lane goes to whoever stores its first update, and stays there until its lease is over. Rows are locked in the order
# of their names, so that two processes never wait for each other. `waits`: an older update of the lane was left behind.
ON_POSTGRESQL = UpdateStatements(
    store=_plain(
        """
WITH given AS (
  SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:lanes AS text[]), CAST(:kinds AS text[]), CAST(:bodies AS text[]))
    AS given (id, lane, kind, body)
), held AS (
  INSERT INTO lanes (lane, owner, lease_until)
  SELECT lane, CAST(:owner AS text), CAST(:until AS timestamptz) FROM given GROUP BY lane ORDER BY lane
  ON CONFLICT (lane) DO UPDATE SET
    owner = CASE WHEN lanes.lease_until <= :now THEN excluded.owner ELSE lanes.owner END,
    lease_until = CASE WHEN lanes.lease_until <= :now OR lanes.owner = excluded.owner
      THEN excluded.lease_until ELSE lanes.lease_until END
  RETURNING lane, owner
), stored AS (
  INSERT INTO updates (id, lane, kind, body, received_at, owner, begun_at)
  SELECT given.id, given.lane, kind, body, CAST(:now AS timestamptz), held.owner,
    CASE WHEN held.owner = :owner THEN CAST(:now AS timestamptz) END
  FROM given JOIN held USING (lane)
  [another] RETURNING id, lane, owner
)
SELECT id, owner, EXISTS (
  SELECT 1 FROM updates AS older
  WHERE older.done_at IS NULL AND older.lane = stored.lane AND older.owner IS DISTINCT FROM stored.owner
) AS waits FROM stored
"""
    ),
    done=_plain(
        """
UPDATE updates SET done_at = :now, lane = '', body = ''
WHERE id = ANY(CAST(:ids AS bigint[])) AND owner = :owner AND done_at IS NULL
"""
    ),
    mark=_plain(_MARK),
    claim=_statement(
        """
UPDATE updates SET tries = CASE WHEN begun_at IS NULL THEN tries ELSE greatest(tries, 1) END,
  owner = :owner, begun_at = :now
WHERE done_at IS NULL AND lane = ANY(CAST(:lanes AS text[])) AND (owner IS DISTINCT FROM :owner OR begun_at IS NULL)
RETURNING id, lane, kind, body, received_at, tries
""",
        *_CLAIMED,
    ),
    begin=_statement(_BEGIN),
    release=_statement(_RELEASE),
    put_aside=_statement("UPDATE updates SET done_at = :now WHERE id = ANY(CAST(:ids AS bigint[]))"),
)

TAKE_LANES = _statement(
    """
INSERT INTO lanes (lane, owner, lease_until)
SELECT lane, CAST(:owner AS text), CAST(:until AS timestamptz) FROM (
  SELECT updates.lane, min(received_at) AS first FROM updates LEFT JOIN lanes ON lanes.lane = updates.lane
  WHERE done_at IS NULL AND (updates.owner IS DISTINCT FROM :owner OR begun_at IS NULL)
    AND (lanes.lane IS NULL OR lanes.lease_until <= :now OR lanes.owner = :owner)
  GROUP BY updates.lane ORDER BY first LIMIT :most
) AS waiting ORDER BY lane
ON CONFLICT (lane) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until
WHERE lanes.owner = excluded.owner OR lanes.lease_until <= :now
RETURNING lane
""",
    "lane",
)
KEEP_LANES = _statement(
    """
UPDATE lanes SET lease_until = greatest(lease_until, :until)
WHERE lane = ANY(CAST(:lanes AS text[])) AND owner = :owner RETURNING lane
""",
    "lane",
)
LEAVE_LANES = _statement("DELETE FROM lanes WHERE owner = :owner")
# A lease that is over is as good as none.
FORGET_LANES = _statement("DELETE FROM lanes WHERE lease_until <= :now")
