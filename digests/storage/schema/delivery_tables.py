"""The tables of deliveries and what they send."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime
from digests.storage.schema.base import BigId, metadata

renderings = sa.Table(
    "renderings",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("items", sa.JSON, nullable=False),
    sa.Column("rest", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("layout", sa.Text, nullable=False, server_default="list"),
    # The same digest in a layout that every client shows; "" if this one is such.
    sa.Column("fallback", sa.Text, nullable=False, server_default=""),
    # The mosaic in one of its parts, by which its readers are counted; null if there is none.
    sa.Column("mosaic", sa.Text, index=True),
    # What its reader's wishes marked in it, as JSON; "" for nothing, as in nearly all.
    sa.Column("marks", sa.Text, nullable=False, server_default=""),
)

# What renderings consist of, each stored once: an article's lines are in thousands of renderings.
pieces = sa.Table(
    "pieces",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("html", sa.Text, nullable=False),
    # When it was last used in a plan, to the day; what is old enough may be removed.
    sa.Column("used_at", UtcDateTime, nullable=False, index=True),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("place_id", BigId, sa.ForeignKey("places.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("slot", UtcDateTime, nullable=False),
    sa.Column("announcement_id", BigId, sa.ForeignKey("announcements.id")),
    # The key of a rendering, which stays as long as this row; a foreign key would have to read all rows of this table
    # for each rendering that is deleted.
    sa.Column("rendering", sa.Text, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False, default=0),
    sa.Column("until", sa.BigInteger, nullable=False, default=0),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("error", sa.Text, nullable=False, default=""),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    sa.Column("offers", BigId),
    sa.Column("resent_at", UtcDateTime),
    # One copy per place and slot, which makes planning safe to repeat.
    sa.UniqueConstraint("place_id", "kind", "slot"),
    # The order in which deliveries are claimed, so that a claim sorts nothing, however many are waiting.
    sa.Index("ix_deliveries_state_due_at_id", "state", "due_at", "id"),
    # Covers the count of an announcement's deliveries.
    sa.Index("ix_deliveries_announcement_id_state", "announcement_id", "state"),
)
# What is open of a place, and what ended lately. SQLite has few places in one database, and nobody who asks for that.
sa.Index("ix_deliveries_place_id_settled_at", deliveries.c.place_id, deliveries.c.settled_at).ddl_if(
    dialect="postgresql"
)

parts = sa.Table(
    "parts",
    metadata,
    sa.Column("delivery_id", BigId, sa.ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("error", sa.Text, nullable=False, default=""),
    # When it left, or was about to, and which worker sent it; where several processes send, who takes up a chat learns
    # from this what the others sent there. Null where one process sends alone.
    sa.Column("sent_at", UtcDateTime),
    sa.Column("sender", sa.Text),
)

# An album is several messages; the delivery's part has the id of the first.
album_messages = sa.Table(
    "album_messages",
    metadata,
    sa.Column("delivery_id", BigId, sa.ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
)
