"""Create the tables of 0.1.0.

Replaces all migrations of the pre-release versions. It keeps the revision of the last one, which ended in the same
tables, so a database at that revision is up to date as it is. Never squash or edit this migration after 0.1.0:
databases of released versions are upgraded one migration at a time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = None
branch_labels = None
depends_on = None

# Spelled out rather than imported from the program, so that this migration always makes the same columns.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create all tables and their first rows."""
    _create_categories()
    _create_articles()
    _create_posts()
    _create_stories_and_withdrawals()
    _create_places()
    _create_announcements()
    _create_renderings()
    _create_deliveries()
    _create_messages()
    _create_announcement_changes()
    _create_people()
    _create_bot_state()


def downgrade() -> None:
    """Raise: migrations are not undone; a backup is."""
    raise NotImplementedError("go back to a copy of the database from before the update")


def _create_categories() -> None:
    op.create_table(
        "categories",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("parent_id", BIG_ID, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("alias_of", BIG_ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_categories"),
        sa.ForeignKeyConstraint(["parent_id"], ["categories.id"], name="fk_categories_parent_id"),
        sa.ForeignKeyConstraint(["alias_of"], ["categories.id"], name="fk_categories_alias_of"),
        sa.UniqueConstraint("path", name="uq_categories_path"),
    )
    op.create_table(
        "hidden_categories",
        sa.Column("category_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("category_id", name="pk_hidden_categories"),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name="fk_hidden_categories_category_id"),
    )
    op.create_table(
        "hidden_sources",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_hidden_sources"),
    )


def _create_articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("ingest", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("category_id", BIG_ID, nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("published_at", UTC_TIME, nullable=True),
        sa.Column("first_seen_at", UTC_TIME, nullable=False),
        sa.Column("shown_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("thumbnail", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("original_url", sa.Text(), nullable=True),
        sa.Column("story_id", BIG_ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name="fk_articles_category_id"),
        sa.UniqueConstraint("ingest", name="uq_articles_ingest"),
        sa.UniqueConstraint("revision", name="uq_articles_revision"),
        sa.UniqueConstraint("identity", name="uq_articles_identity"),
    )
    op.create_index("ix_articles_shown_at", "articles", ["shown_at"])
    op.create_index("ix_articles_source", "articles", ["source"])
    op.create_index("ix_articles_story_id", "articles", ["story_id"])


def _create_posts() -> None:
    op.create_table(
        "article_categories",
        sa.Column("article_id", BIG_ID, nullable=False),
        sa.Column("category_id", BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "category_id", name="pk_article_categories"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_categories_article_id"),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name="fk_article_categories_category_id"),
    )
    op.create_index("ix_article_categories_category_id", "article_categories", ["category_id"])
    op.create_table(
        "posts",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("article_id", BIG_ID, nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("mend", sa.Text(), nullable=False),
        sa.Column("seen_at", UTC_TIME, nullable=False),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("origin", "path", name="pk_posts"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_posts_article_id"),
    )
    op.create_index("ix_posts_article_id", "posts", ["article_id"])


def _create_stories_and_withdrawals() -> None:
    op.create_table(
        "story_keys",
        sa.Column("article_id", BIG_ID, nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "key", name="pk_story_keys"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_story_keys_article_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_story_keys_key", "story_keys", ["key"])
    op.create_table(
        "withdrawn",
        sa.Column("article_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("recall", sa.Text(), nullable=False),
        sa.Column("edited", sa.Integer(), nullable=False),
        sa.Column("unedited", sa.Integer(), nullable=False),
        sa.Column("report_chat", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("article_id", name="pk_withdrawn"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_withdrawn_article_id"),
    )


def _create_places() -> None:
    op.create_table(
        "places",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("next_at", UTC_TIME, nullable=True),
        sa.Column("window_from", sa.BigInteger(), nullable=False),
        sa.Column("window_from_at", UTC_TIME, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("active_at", UTC_TIME, nullable=False),
        sa.Column("weekdays", sa.Text(), nullable=False, server_default="1234567"),
        sa.Column("quiet", sa.Text(), nullable=False, server_default=""),
        sa.Column("resume_at", UTC_TIME, nullable=True),
        sa.Column("least_items", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("silent", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_places"),
        sa.UniqueConstraint("chat_id", "thread_id", name="uq_places_chat_id_thread_id"),
    )
    op.create_index("ix_places_state_next_at", "places", ["state", "next_at"])
    op.create_table(
        "subscriptions",
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("category_id", BIG_ID, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("place_id", "category_id", name="pk_subscriptions"),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name="fk_subscriptions_place_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name="fk_subscriptions_category_id"),
    )
    op.create_index("ix_subscriptions_category_id", "subscriptions", ["category_id"])


def _create_announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("buttons", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("timing", sa.JSON(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=True),
        sa.Column("despite_quiet", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("confirmed_at", UTC_TIME, nullable=True),
        sa.Column("send_at", UTC_TIME, nullable=True),
        sa.Column("planned_at", UTC_TIME, nullable=True),
        sa.Column("resumed_at", UTC_TIME, nullable=True),
        sa.Column("finished_at", UTC_TIME, nullable=True),
        sa.Column("report_chat", sa.BigInteger(), nullable=True),
        sa.Column("report_message", sa.BigInteger(), nullable=True),
        sa.Column("card", sa.BigInteger(), nullable=True),
        sa.Column("previews", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_announcements"),
        sa.UniqueConstraint("send_at", name="uq_announcements_send_at"),
    )
    op.create_index("ix_announcements_state", "announcements", ["state"])


def _create_renderings() -> None:
    op.create_table(
        "renderings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("rest", sa.JSON(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_renderings"),
    )
    op.create_index("ix_renderings_created_at", "renderings", ["created_at"])
    op.create_table(
        "pieces",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("used_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_pieces"),
    )
    op.create_index("ix_pieces_used_at", "pieces", ["used_at"])


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slot", UTC_TIME, nullable=False),
        sa.Column("announcement_id", BIG_ID, nullable=True),
        sa.Column("rendering", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UTC_TIME, nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UTC_TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("settled_at", UTC_TIME, nullable=True),
        sa.Column("offers", BIG_ID, nullable=True),
        sa.Column("resent_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name="fk_deliveries_place_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcements.id"], name="fk_deliveries_announcement_id"),
        sa.ForeignKeyConstraint(["rendering"], ["renderings.key"], name="fk_deliveries_rendering"),
        sa.UniqueConstraint("place_id", "kind", "slot", name="uq_deliveries_place_id_kind_slot"),
    )
    op.create_index("ix_deliveries_announcement_id_state", "deliveries", ["announcement_id", "state"])
    op.create_index("ix_deliveries_state_due_at_id", "deliveries", ["state", "due_at", "id"])


def _create_messages() -> None:
    op.create_table(
        "parts",
        sa.Column("delivery_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "number", name="pk_parts"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_parts_delivery_id", ondelete="CASCADE"),
    )
    op.create_table(
        "album_messages",
        sa.Column("delivery_id", BIG_ID, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "message_id", name="pk_album_messages"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name="fk_album_messages_delivery_id", ondelete="CASCADE"
        ),
    )


def _create_announcement_changes() -> None:
    op.create_table(
        "announcement_acts",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("announcement_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("rendering", sa.Text(), nullable=True),
        sa.Column("finished_at", UTC_TIME, nullable=True),
        sa.Column("report_chat", sa.BigInteger(), nullable=True),
        sa.Column("report_message", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_announcement_acts"),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcements.id"], name="fk_announcement_acts_announcement_id"),
    )
    op.create_index("ix_announcement_acts_announcement_id", "announcement_acts", ["announcement_id"])
    op.create_table(
        "announcement_copies",
        sa.Column("act_id", BIG_ID, nullable=False),
        sa.Column("delivery_id", BIG_ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UTC_TIME, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("act_id", "delivery_id", name="pk_announcement_copies"),
        sa.ForeignKeyConstraint(
            ["act_id"], ["announcement_acts.id"], name="fk_announcement_copies_act_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name="fk_announcement_copies_delivery_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_announcement_copies_delivery_id", "announcement_copies", ["delivery_id"])
    op.create_index("ix_announcement_copies_state_due_at", "announcement_copies", ["state", "due_at"])


def _create_people() -> None:
    op.create_table(
        "admins",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_admins"),
    )
    op.create_table(
        "members",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("granted_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_members"),
    )
    op.create_table(
        "links",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.Column("used_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_links"),
    )
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )


def _create_bot_state() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )
    op.create_table(
        "dialogs",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "user_id", name="pk_dialogs"),
    )
    op.create_table(
        "lookups",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_lookups"),
        sa.UniqueConstraint("chat_id", "query", name="uq_lookups_chat_id_query"),
    )
