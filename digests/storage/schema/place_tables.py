"""The tables of places and of the people in them."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime
from digests.storage.schema.base import BigId, metadata

places = sa.Table(
    "places",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("thread_id", sa.BigInteger, nullable=False, default=0),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("time", sa.Text, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("state_reason", sa.Text, nullable=False, default=""),
    sa.Column("next_at", UtcDateTime),
    sa.Column("window_from", sa.BigInteger, nullable=False),
    sa.Column("window_from_at", UtcDateTime, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("active_at", UtcDateTime, nullable=False),
    sa.Column("weekdays", sa.Text, nullable=False, server_default="1234567"),
    sa.Column("quiet", sa.Text, nullable=False, server_default=""),
    sa.Column("resume_at", UtcDateTime),
    sa.Column("least_items", sa.Integer, nullable=False, server_default="1"),
    sa.Column("silent", sa.Boolean, nullable=False, server_default=sa.false()),
    # Places from before there were layouts keep what they had.
    sa.Column("layout", sa.Text, nullable=False, server_default="list"),
    sa.Column("refuses_magazine", sa.Boolean, nullable=False, server_default=sa.false()),
    # How many digests were planned for it, to know the third.
    sa.Column("digests", sa.Integer, nullable=False, server_default="0"),
    # 0 and null: as the operator set it for all.
    sa.Column("max_items", sa.Integer, nullable=False, server_default="0"),
    sa.Column("digest_order", sa.Text, nullable=False, server_default="newest"),
    sa.Column("says_empty", sa.Boolean),
    sa.Column("has_chosen_language", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("knows_zone", sa.Boolean, nullable=False, server_default=sa.true()),
    # Telegram showed answers there to everybody that were for the one who asked.
    sa.Column("refuses_ephemeral", sa.Boolean, nullable=False, server_default=sa.false()),
    # The state that it had when it became unreachable, to which it comes back.
    sa.Column("lost_from", sa.Text),
    # The id of a category, for a topic that the bot made for it in a private chat; SQLite adds no foreign keys.
    sa.Column("topic_of", BigId, index=True),
    sa.UniqueConstraint("chat_id", "thread_id"),
    sa.Index("ix_places_state_next_at", "state", "next_at"),
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("place_id", BigId, sa.ForeignKey("places.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("category_id", BigId, sa.ForeignKey("categories.id"), primary_key=True, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

# Which places a person set up from their private chat (/manage), and which of them what they do there concerns now.
managed = sa.Table(
    "managed",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("place_id", BigId, sa.ForeignKey("places.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False, server_default=sa.false()),
)

# What people keep to read later: theirs, wherever they pressed the button.
saved_articles = sa.Table(
    "saved_articles",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id"), primary_key=True, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
)

admins = sa.Table(
    "admins",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("granted_at", UtcDateTime, nullable=False),
)

members = sa.Table(
    "members",
    metadata,
    sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("granted_at", UtcDateTime, nullable=False),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_by", sa.BigInteger),
)

dialogs = sa.Table(
    "dialogs",
    metadata,
    sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

lookups = sa.Table(
    "lookups",
    metadata,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("chat_id", "query"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
)
