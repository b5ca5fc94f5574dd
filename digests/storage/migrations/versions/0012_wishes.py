"""Keep what places wish beyond categories, what people save, and more of how digests look."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Spelled out rather than imported from the program, so that this migration always makes the same columns.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and the tables."""
    _add_columns()
    _create_people_tables()
    _create_wish_tables()


def downgrade() -> None:
    """Raise: migrations are not undone; a backup is."""
    raise NotImplementedError("go back to a copy of the database from before the update")


def _add_columns() -> None:
    op.add_column("places", sa.Column("max_items", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("places", sa.Column("digest_order", sa.Text(), nullable=False, server_default="newest"))
    op.add_column("places", sa.Column("says_empty", sa.Boolean(), nullable=True))
    op.add_column("places", sa.Column("has_chosen_language", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("places", sa.Column("knows_zone", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("places", sa.Column("refuses_ephemeral", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("places", sa.Column("lost_from", sa.Text(), nullable=True))
    op.add_column("places", sa.Column("topic_of", BIG_ID, nullable=True))
    op.create_index("ix_places_topic_of", "places", ["topic_of"])
    op.add_column("renderings", sa.Column("marks", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_articles_url", "articles", ["url"])
    op.create_index("ix_articles_original_url", "articles", ["original_url"])


def _create_people_tables() -> None:
    op.create_table(
        "managed",
        sa.Column("user_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("user_id", "place_id", name="pk_managed"),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], ondelete="CASCADE", name="fk_managed_place_id"),
    )
    op.create_index("ix_managed_place_id", "managed", ["place_id"])
    op.create_table(
        "saved_articles",
        sa.Column("user_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("article_id", BIG_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "article_id", name="pk_saved_articles"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_saved_articles_article_id"),
    )
    op.create_index("ix_saved_articles_article_id", "saved_articles", ["article_id"])


def _create_wish_tables() -> None:
    op.create_table(
        "queries",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("matched_to", sa.BigInteger(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_queries"),
        sa.UniqueConstraint("words", name="uq_queries_words"),
    )
    op.create_table(
        "query_matches",
        sa.Column("query_id", BIG_ID, nullable=False),
        sa.Column("article_id", BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("query_id", "article_id", name="pk_query_matches"),
        sa.ForeignKeyConstraint(["query_id"], ["queries.id"], ondelete="CASCADE", name="fk_query_matches_query_id"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], ondelete="CASCADE", name="fk_query_matches_article_id"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_query_matches_article_id", "query_matches", ["article_id"])
    op.create_table(
        "wishes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("query_id", BIG_ID, nullable=True),
        sa.Column("at_once", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("most", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wishes"),
        sa.UniqueConstraint("place_id", "kind", "matter", "value", name="uq_wishes_place_id_kind_matter_value"),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], ondelete="CASCADE", name="fk_wishes_place_id"),
        sa.ForeignKeyConstraint(["query_id"], ["queries.id"], name="fk_wishes_query_id"),
    )
    op.create_index("ix_wishes_query_id", "wishes", ["query_id"])
    op.create_table(
        "sent_at_once",
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("article_id", BIG_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("place_id", "article_id", name="pk_sent_at_once"),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], ondelete="CASCADE", name="fk_sent_at_once_place_id"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], ondelete="CASCADE", name="fk_sent_at_once_article_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sent_at_once_article_id", "sent_at_once", ["article_id"])
