"""Keep the feeds that the bot looks at, and what articles of feeds are recognised by."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Spelled out rather than imported from the program, so that this migration always makes the same columns.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("articles", sa.Column("link_key", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("headline_key", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("origin", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_articles_link_key", "articles", ["link_key"])
    op.create_index("ix_articles_headline_key", "articles", ["headline_key"])
    op.create_table(
        "feeds",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False, server_default=""),
        sa.Column("link", sa.Text(), nullable=False, server_default=""),
        sa.Column("kind", sa.Text(), nullable=False, server_default="none"),
        sa.Column("category", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("language", sa.Text(), nullable=False, server_default=""),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("full_text", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("tags_as_categories", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("user_agent", sa.Text(), nullable=False, server_default=""),
        sa.Column("is_configured", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("next_look_at", MOMENT, nullable=False),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("news_at", MOMENT, nullable=True),
        sa.Column("etag", sa.Text(), nullable=False, server_default=""),
        sa.Column("last_modified", sa.Text(), nullable=False, server_default=""),
        sa.Column("body_hash", sa.Text(), nullable=False, server_default=""),
        sa.Column("moved_to", sa.Text(), nullable=False, server_default=""),
        sa.Column("moved_looks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("moved_at", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False, server_default=""),
        sa.Column("fault_words", sa.Text(), nullable=False, server_default=""),
        sa.Column("least_minutes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("brought", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("reported", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
        sa.UniqueConstraint("url", name="uq_feeds_url"),
    )
    op.create_index("ix_feeds_next_look_at", "feeds", ["next_look_at"])


def downgrade() -> None:
    """Raise: migrations are not undone; a backup is."""
    raise NotImplementedError("go back to a copy of the database from before the update")
