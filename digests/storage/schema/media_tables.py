"""The tables of pictures and mosaics, and of what is counted by day."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime
from digests.storage.schema.base import BigId, metadata

# How far each article's picture has come. `candidates` are addresses, of which number `at` is tried next; `state` is
# waiting, kept, none (nothing to try), dropped (no picture of it is usable), failed (none could be fetched) or evicted
# (it had one, which made room for newer ones). While it waits, `reason` is why the last try failed.
article_pictures = sa.Table(
    "article_pictures",
    metadata,
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("candidates", sa.JSON, nullable=False),
    sa.Column("at", sa.Integer, nullable=False, server_default="0"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("host", sa.Text, nullable=False, server_default=""),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", UtcDateTime),
    sa.Index("ix_article_pictures_state_next_at", "state", "next_at"),
)

# What came of each address, which many articles may share: `state` is kept, with the key of the picture, or dropped,
# failed or delayed (it is asked again at `next_at`), with the reason. `tries` have failed so far.
fetched_pictures = sa.Table(
    "fetched_pictures",
    metadata,
    sa.Column("address_key", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("picture", sa.Text, nullable=False, server_default="", index=True),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", UtcDateTime),
    sa.Column("fetched_at", UtcDateTime, nullable=False, index=True),
)

# The pictures in the folder, by their keys. `likeness` is a perceptual hash, in hexadecimal digits; `repeats` is set
# for good once the picture, or one that looks the same, stands with too many articles to represent any: the row stays,
# with no `bytes`, while the files go. `file_id` is
# Telegram's, "" before it was uploaded; `refused` is set when Telegram takes it in no message.
kept_pictures = sa.Table(
    "kept_pictures",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("likeness", sa.Text, nullable=False, index=True),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=False, index=True),
    sa.Column("repeats", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("file_id", sa.Text, nullable=False, server_default=""),
    sa.Column("refused", sa.Boolean, nullable=False, server_default=sa.false()),
)

# Mosaics, by their keys; `recipe` is what they are made of, `state` is drawing (by a process that claimed it at
# `created_at`), made or failed.
mosaics = sa.Table(
    "mosaics",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("recipe", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("bytes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=False, index=True),
    sa.Column("file_id", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_mosaics_state_created_at", "state", "created_at"),
)

# What was counted on each day in UTC ("2026-11-26"), so that charts have a past.
daily_counts = sa.Table(
    "daily_counts",
    metadata,
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("label", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
