"""Renderings are kept as lists of pieces that they share; those that are there stay whole."""

import sqlalchemy as sa
from alembic import op

from digests.storage.columns import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pieces",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pieces")),
    )
    op.create_index(op.f("ix_pieces_used_at"), "pieces", ["used_at"])
    op.create_index(op.f("ix_renderings_created_at"), "renderings", ["created_at"])


def downgrade() -> None:
    raise NotImplementedError("go back to a copy of the database from before the update")
