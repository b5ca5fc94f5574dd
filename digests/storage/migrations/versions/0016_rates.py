"""Remember when a rate was last asked for, and when and by whom each part was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

# Spelled out rather than imported from the program, so that this migration always makes the same columns.
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns, and on PostgreSQL the index of what is open of a place."""
    op.add_column("rates", sa.Column("rate_at", MOMENT, nullable=True))
    op.add_column("parts", sa.Column("sent_at", MOMENT, nullable=True))
    op.add_column("parts", sa.Column("sender", sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_deliveries_place_id_settled_at", "deliveries", ["place_id", "settled_at"])
