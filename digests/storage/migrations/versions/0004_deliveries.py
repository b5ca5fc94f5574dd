"""Digests that offer what may not have come, deliveries sent again, and indexes for very many of them."""

import sqlalchemy as sa
from alembic import op

from digests.storage.columns import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("offers", BigId, nullable=True))
    op.add_column("deliveries", sa.Column("resent_at", UtcDateTime(), nullable=True))
    op.add_column("announcements", sa.Column("planned_to", BigId, nullable=False, server_default="0"))
    op.add_column("announcements", sa.Column("planned_at", UtcDateTime(), nullable=True))
    # Until now an announcement's deliveries were made in one transaction.
    op.execute(
        "UPDATE announcements SET planned_at = send_at "
        "WHERE id IN (SELECT announcement_id FROM deliveries WHERE announcement_id IS NOT NULL)"
    )
    op.drop_index("ix_deliveries_state_due_at", "deliveries")
    op.drop_index("ix_deliveries_announcement_id", "deliveries")
    op.create_index("ix_deliveries_state_due_at_id", "deliveries", ["state", "due_at", "id"])
    op.create_index("ix_deliveries_announcement_id_state", "deliveries", ["announcement_id", "state"])


def downgrade() -> None:
    op.drop_index("ix_deliveries_announcement_id_state", "deliveries")
    op.drop_index("ix_deliveries_state_due_at_id", "deliveries")
    op.create_index("ix_deliveries_announcement_id", "deliveries", ["announcement_id"])
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"])
    op.drop_column("announcements", "planned_at")
    op.drop_column("announcements", "planned_to")
    op.drop_column("deliveries", "resent_at")
    op.drop_column("deliveries", "offers")
