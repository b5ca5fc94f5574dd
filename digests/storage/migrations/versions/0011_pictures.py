"""Give digests layouts, keep articles' pictures and the mosaics made of them, and count by day."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Spelled out rather than imported from the program, so that this migration always makes the same columns.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and the tables."""
    _add_columns()
    _create_picture_tables()
    op.create_table(
        "mosaics",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("bytes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("key", name="pk_mosaics"),
    )
    op.create_index("ix_mosaics_used_at", "mosaics", ["used_at"])
    op.create_index("ix_mosaics_state_created_at", "mosaics", ["state", "created_at"])
    op.create_table(
        "daily_counts",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "label", name="pk_daily_counts"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Raise: migrations are not undone; a backup is."""
    raise NotImplementedError("go back to a copy of the database from before the update")


def _add_columns() -> None:
    op.add_column("places", sa.Column("layout", sa.Text(), nullable=False, server_default="list"))
    op.add_column("places", sa.Column("refuses_magazine", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("places", sa.Column("digests", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("renderings", sa.Column("layout", sa.Text(), nullable=False, server_default="list"))
    op.add_column("renderings", sa.Column("fallback", sa.Text(), nullable=False, server_default=""))
    op.add_column("renderings", sa.Column("mosaic", sa.Text(), nullable=True))
    op.create_index("ix_renderings_mosaic", "renderings", ["mosaic"])
    op.add_column("articles", sa.Column("picture", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_articles_picture", "articles", ["picture"])


def _create_picture_tables() -> None:
    op.create_table(
        "article_pictures",
        sa.Column("article_id", BIG_ID, nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("host", sa.Text(), nullable=False, server_default=""),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("article_id", name="pk_article_pictures"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], ondelete="CASCADE", name="fk_article_pictures_article_id"
        ),
    )
    op.create_index("ix_article_pictures_state_next_at", "article_pictures", ["state", "next_at"])
    op.create_table(
        "fetched_pictures",
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False, server_default=""),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("address_key", name="pk_fetched_pictures"),
    )
    op.create_index("ix_fetched_pictures_picture", "fetched_pictures", ["picture"])
    op.create_index("ix_fetched_pictures_fetched_at", "fetched_pictures", ["fetched_at"])
    op.create_table(
        "kept_pictures",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("likeness", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.Column("repeats", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("file_id", sa.Text(), nullable=False, server_default=""),
        sa.Column("refused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("key", name="pk_kept_pictures"),
    )
    op.create_index("ix_kept_pictures_likeness", "kept_pictures", ["likeness"])
    op.create_index("ix_kept_pictures_used_at", "kept_pictures", ["used_at"])
