"""The tables of wishes, and of the articles that match their words."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime
from digests.storage.schema.base import BigId, metadata

# The words of wishes, each once however many places wish for them, in the canonical form of the query.
queries = sa.Table(
    "queries",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("words", sa.Text, nullable=False, unique=True),
    # It was held against all recent articles that the index had at this revision; null until then.
    sa.Column("matched_to", sa.BigInteger),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

query_matches = sa.Table(
    "query_matches",
    metadata,
    sa.Column("query_id", BigId, sa.ForeignKey("queries.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

wishes = sa.Table(
    "wishes",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("place_id", BigId, sa.ForeignKey("places.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("matter", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("query_id", BigId, sa.ForeignKey("queries.id"), index=True),
    sa.Column("at_once", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("most", sa.Integer, nullable=False, server_default="0"),
    sa.Column("until", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("place_id", "kind", "matter", "value"),
)

# What was sent to a place at once, so that its digest does not bring it again.
sent_at_once = sa.Table(
    "sent_at_once",
    metadata,
    sa.Column("place_id", BigId, sa.ForeignKey("places.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
