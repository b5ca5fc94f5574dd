"""The tables of announcements, and of changes to their copies."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime
from digests.storage.schema.base import BigId, metadata

announcements = sa.Table(
    "announcements",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("author_id", sa.BigInteger, nullable=False),
    sa.Column("contents", sa.JSON, nullable=False),
    sa.Column("buttons", sa.JSON, nullable=False),
    sa.Column("audience", sa.JSON, nullable=False),
    sa.Column("timing", sa.JSON, nullable=False),
    sa.Column("silent", sa.Boolean, nullable=False),
    sa.Column("pinned", sa.Boolean, nullable=False),
    sa.Column("paid", sa.Boolean),
    sa.Column("despite_quiet", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("sent_by", sa.BigInteger),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("confirmed_at", UtcDateTime),
    sa.Column("send_at", UtcDateTime, unique=True),
    sa.Column("planned_at", UtcDateTime),
    sa.Column("resumed_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("report_chat", sa.BigInteger),
    sa.Column("report_message", sa.BigInteger),
    sa.Column("card", sa.BigInteger),
    sa.Column("previews", sa.JSON, nullable=False),
)

announcement_acts = sa.Table(
    "announcement_acts",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("announcement_id", BigId, sa.ForeignKey("announcements.id"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("by_id", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("rendering", sa.Text),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("report_chat", sa.BigInteger),
    sa.Column("report_message", sa.BigInteger),
)

announcement_copies = sa.Table(
    "announcement_copies",
    metadata,
    sa.Column("act_id", BigId, sa.ForeignKey("announcement_acts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("delivery_id", BigId, sa.ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Index("ix_announcement_copies_state_due_at", "state", "due_at"),
)
