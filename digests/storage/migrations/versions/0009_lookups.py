"""Searches are kept for the chat that made them, under a token. Those that had numbers could be read by anybody."""

import sqlalchemy as sa
from alembic import op

from digests.storage.columns import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("lookups")
    op.create_table(
        "lookups",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_lookups")),
        sa.UniqueConstraint("chat_id", "query", name=op.f("uq_lookups_chat_id_query")),
    )


def downgrade() -> None:
    raise NotImplementedError("go back to a copy of the database from before the update")
