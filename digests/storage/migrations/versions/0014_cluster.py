"""Keep what several processes go by: updates and whose they are, rates, who is there, and when parts were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Spelled out rather than imported from the program, so that this migration always makes the same columns.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables and the columns, and on PostgreSQL the index of what is open of a place."""
    op.create_table(
        "updates",
        sa.Column("id", BIG_ID, nullable=False, autoincrement=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_updates")),
    )
    op.create_index("ix_updates_open", "updates", ["done_at", "lane", "id"])
    op.create_table(
        "lanes",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_lanes")),
    )
    op.create_table(
        "rates",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("paused_until", MOMENT, nullable=True),
        sa.Column("rate_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rates")),
    )
    op.create_table(
        "processes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("skew", sa.Float(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_processes")),
    )
    op.add_column("parts", sa.Column("sent_at", MOMENT, nullable=True))
    op.add_column("parts", sa.Column("sender", sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_deliveries_place_id_settled_at", "deliveries", ["place_id", "settled_at"])
