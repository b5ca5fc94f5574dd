"""The tables by which several processes work together: updates that wait, rates that all share, and who is there."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime
from digests.storage.schema.base import BigId, metadata

# Each update is stored before it is confirmed. A lane is handled in order: a chat, or what somebody types inline.
# `body` is Telegram's JSON, and empty once the update is done; the row itself then only shows that it came before.
updates = sa.Table(
    "updates",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("owner", sa.Text),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("begun_at", UtcDateTime),
    sa.Column("done_at", UtcDateTime),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
)
# Finds the open ones of a lane, and those that are old.
sa.Index("ix_updates_open", updates.c.done_at, updates.c.lane, updates.c.id)

# Whose turn it is to handle a chat, where several processes do: its owner's until the lease is over, which is a while
# after its last update, so that what one process remembers of a chat for some seconds is known to who handles the next.
lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("lane", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("lease_until", UtcDateTime, nullable=False),
)

# A rate that all processes share, as a bucket: `tokens` were in it at `at`; fewer than none, if some were given out
# ahead. `rate_at` is when somebody last asked for this rate, not for a higher one. After a 429 it is paused for all.
rates = sa.Table(
    "rates",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("tokens", sa.Float, nullable=False),
    sa.Column("rate", sa.Float, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("paused_until", UtcDateTime),
    sa.Column("rate_at", UtcDateTime),
)

# The processes of the bot. `skew` is by how many seconds its host's clock is ahead of the database's.
processes = sa.Table(
    "processes",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("skew", sa.Float, nullable=False, server_default="0"),
)
