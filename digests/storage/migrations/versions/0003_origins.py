"""Claims of posts, hidden categories and sources, withdrawn articles."""

import sqlalchemy as sa
from alembic import op

from digests.storage.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("posts", sa.Column("claim", sa.Text(), nullable=True))
    op.create_index(op.f("ix_articles_source"), "articles", ["source"])
    op.create_table(
        "hidden_categories",
        sa.Column("category_id", BigId, autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name=op.f("fk_hidden_categories_category_id")),
        sa.PrimaryKeyConstraint("category_id", name=op.f("pk_hidden_categories")),
    )
    op.create_table(
        "hidden_sources",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_hidden_sources")),
    )
    op.create_table(
        "withdrawn",
        sa.Column("article_id", BigId, autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("recall", sa.Text(), nullable=False),
        sa.Column("edited", sa.Integer(), nullable=False),
        sa.Column("unedited", sa.Integer(), nullable=False),
        sa.Column("report_chat", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_withdrawn_article_id")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_withdrawn")),
    )


def downgrade() -> None:
    op.drop_table("withdrawn")
    op.drop_table("hidden_sources")
    op.drop_table("hidden_categories")
    op.drop_index(op.f("ix_articles_source"), table_name="articles")
    op.drop_column("posts", "claim")
