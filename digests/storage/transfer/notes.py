"""What a target remembers until it is complete."""

from __future__ import annotations

import json

from digests.storage.transfer.ends import Reached

NOTES = "unfinished_move"

# What a process that is gone had claimed is free at once; parts that were being sent become uncertain when somebody
# claims them, as after a crash.
RELEASE = "UPDATE deliveries SET lease_owner = NULL, lease_until = NULL WHERE lease_until IS NOT NULL"

# As Alembic makes it.
VERSION_TABLE = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def read_reached(text: str) -> Reached:
    """Read how far a table has come."""
    rows, key = json.loads(text)
    return Reached(rows, tuple(key))


def write_reached(reached: Reached) -> str:
    """Write how far a table has come."""
    return json.dumps([reached.rows, reached.key])
