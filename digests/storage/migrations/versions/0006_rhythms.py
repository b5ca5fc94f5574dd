"""Several times a day, chosen weekdays, quiet hours, vacations, a minimum of items, silence."""

import sqlalchemy as sa
from alembic import op

from digests.storage.columns import UtcDateTime

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("places", sa.Column("weekdays", sa.Text(), nullable=False, server_default="1234567"))
    op.add_column("places", sa.Column("quiet", sa.Text(), nullable=False, server_default=""))
    op.add_column("places", sa.Column("resume_at", UtcDateTime(), nullable=True))
    op.add_column("places", sa.Column("least_items", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("places", sa.Column("silent", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in ("silent", "least_items", "resume_at", "quiet", "weekdays"):
        op.drop_column("places", name)
