"""Say whose turn it is to handle a chat's updates, and count how often an update was begun by a process that died."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "lanes",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_lanes")),
    )
    op.add_column("updates", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Raise: migrations are not undone; a backup is."""
    raise NotImplementedError("go back to a copy of the database from before the update")
