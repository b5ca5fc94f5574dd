"""The table of feeds."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime
from digests.storage.schema.base import BigId, metadata

# Each with what looks at it have left (digests.model.feed.FeedState). A category's path and the times at which a feed
# brought something are JSON.
feeds = sa.Table(
    "feeds",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("url", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("link", sa.Text, nullable=False, server_default=""),
    sa.Column("kind", sa.Text, nullable=False, server_default="none"),
    sa.Column("category", sa.Text, nullable=False, server_default="[]"),
    sa.Column("language", sa.Text, nullable=False, server_default=""),
    sa.Column("every_minutes", sa.Integer),
    sa.Column("full_text", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("tags_as_categories", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("user_agent", sa.Text, nullable=False, server_default=""),
    sa.Column("is_configured", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("is_paused", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("added_at", UtcDateTime, nullable=False),
    sa.Column("next_look_at", UtcDateTime, nullable=False, index=True),
    sa.Column("looked_at", UtcDateTime),
    sa.Column("read_at", UtcDateTime),
    sa.Column("news_at", UtcDateTime),
    sa.Column("etag", sa.Text, nullable=False, server_default=""),
    sa.Column("last_modified", sa.Text, nullable=False, server_default=""),
    sa.Column("body_hash", sa.Text, nullable=False, server_default=""),
    sa.Column("moved_to", sa.Text, nullable=False, server_default=""),
    sa.Column("moved_looks", sa.Integer, nullable=False, server_default="0"),
    sa.Column("moved_at", UtcDateTime),
    sa.Column("says_moved_to", sa.Text, nullable=False, server_default=""),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failing_since", UtcDateTime),
    sa.Column("trouble", sa.Text, nullable=False, server_default=""),
    sa.Column("fault_words", sa.Text, nullable=False, server_default=""),
    sa.Column("least_minutes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("brought", sa.Text, nullable=False, server_default="[]"),
    sa.Column("reported", sa.Text, nullable=False, server_default=""),
)
