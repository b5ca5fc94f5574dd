"""The tables, one schema for SQLite and PostgreSQL. Migrations make them; a test holds both alike."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives rowids only to INTEGER keys; PostgreSQL needs 64 bits for Telegram's ids and for years of rows.
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id"), index=True),
    sa.Column("line", sa.Integer),
    sa.Column("cause", sa.Text, nullable=False, default=""),
    sa.Column("mend", sa.Text, nullable=False, default=""),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    # What this post takes of its site (digests.articles.neighbours), where links depend on that; else null.
    sa.Column("claim", sa.Text),
)

categories = sa.Table(
    "categories",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("parent_id", BigId, sa.ForeignKey("categories.id")),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("alias_of", BigId, sa.ForeignKey("categories.id")),
)

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("ingest", sa.BigInteger, nullable=False, unique=True),
    sa.Column("revision", sa.BigInteger, nullable=False, unique=True),
    sa.Column("identity", sa.Text, nullable=False, unique=True),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("category_id", BigId, sa.ForeignKey("categories.id")),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("published_at", UtcDateTime),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("shown_at", UtcDateTime, nullable=False, index=True),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("fresh", sa.Boolean, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("thumbnail", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("original_url", sa.Text),
    # The first article of the story that it belongs to; empty while no other source tells the same.
    sa.Column("story_id", BigId, index=True),
)

article_categories = sa.Table(
    "article_categories",
    metadata,
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("category_id", BigId, sa.ForeignKey("categories.id"), primary_key=True, index=True),
)

hidden_categories = sa.Table(
    "hidden_categories",
    metadata,
    sa.Column("category_id", BigId, sa.ForeignKey("categories.id"), primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

hidden_sources = sa.Table(
    "hidden_sources",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)

# Articles that are in no search, list and digest any more, though their rows and files stay.
withdrawn = sa.Table(
    "withdrawn",
    metadata,
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id"), primary_key=True, autoincrement=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    # Taking it out of messages that were sent: "", "asked", "done"; and who is told of it.
    sa.Column("recall", sa.Text, nullable=False, default=""),
    sa.Column("edited", sa.Integer, nullable=False, default=0),
    sa.Column("unedited", sa.Integer, nullable=False, default=0),
    sa.Column("report_chat", sa.BigInteger),
)

# What articles of the last days are found by when another source tells the same (digests/stories).
story_keys = sa.Table(
    "story_keys",
    metadata,
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("key", sa.BigInteger, primary_key=True, index=True),
    sqlite_with_rowid=False,
)

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

renderings = sa.Table(
    "renderings",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("items", sa.JSON, nullable=False),
    sa.Column("rest", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
)

# What renderings are joined of, stored once for all: an article's lines are in thousands of them.
pieces = sa.Table(
    "pieces",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("html", sa.Text, nullable=False),
    # When something was last planned of it, to the day: what is older may be tidied away.
    sa.Column("used_at", UtcDateTime, nullable=False, index=True),
)

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

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("place_id", BigId, sa.ForeignKey("places.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("slot", UtcDateTime, nullable=False),
    sa.Column("announcement_id", BigId, sa.ForeignKey("announcements.id")),
    sa.Column("rendering", sa.Text, sa.ForeignKey("renderings.key"), nullable=False),
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
    # One copy per place and moment: what makes planning safe to repeat.
    sa.UniqueConstraint("place_id", "kind", "slot"),
    # In the order in which they are claimed, so that a claim sorts nothing however many wait.
    sa.Index("ix_deliveries_state_due_at_id", "state", "due_at", "id"),
    # Covers the count of an announcement that is going out.
    sa.Index("ix_deliveries_announcement_id_state", "announcement_id", "state"),
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
)

# An album is several messages; a delivery's part holds the id of its first.
album_messages = sa.Table(
    "album_messages",
    metadata,
    sa.Column("delivery_id", BigId, sa.ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
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

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
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
