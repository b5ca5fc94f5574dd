"""Announcements with contents per language, an audience, a moment; their later edits and recalls; the audit log."""

import sqlalchemy as sa
from alembic import op

from digests.storage.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SWITCHES = ("silent", "pinned", "despite_quiet")
_OLD = ("html", "photo", "categories", "planned_to")


def upgrade() -> None:
    with op.batch_alter_table("announcements") as table:
        for name, empty in (("contents", "{}"), ("buttons", "[]"), ("audience", "{}"), ("timing", "{}")):
            table.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default=empty))
        for name in _SWITCHES:
            table.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("paid", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        for name in ("sent_by", "card"):
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        for name in ("confirmed_at", "resumed_at"):
            table.add_column(sa.Column(name, UtcDateTime(), nullable=True))
        table.add_column(sa.Column("previews", sa.JSON(), nullable=False, server_default="[]"))
    _carry_over()
    with op.batch_alter_table("announcements") as table:
        for name in _OLD:
            table.drop_column(name)
        for name in ("contents", "buttons", "audience", "timing", "previews"):
            table.alter_column(name, existing_type=sa.JSON(), existing_nullable=False, server_default=None)
        for name in _SWITCHES:
            table.alter_column(name, existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        table.alter_column("reason", existing_type=sa.Text(), existing_nullable=False, server_default=None)
    _new_tables()


def _carry_over() -> None:
    """What was written by the program before: one text for everybody, or for those of some categories."""
    columns = [sa.column("id"), sa.column("html"), sa.column("photo"), sa.column("categories", sa.JSON())]
    old = sa.table("announcements", *columns, sa.column("state"), sa.column("send_at"), sa.column("author_id"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(old)).all():
        content = {"html": row.html, "media": [["photo", row.photo]] if row.photo else [], "copy_of": None, "group": ""}
        connection.execute(
            sa.text(
                "UPDATE announcements SET contents = :contents, audience = :audience, sent_by = author_id, "
                "confirmed_at = send_at, planned_at = CASE WHEN state = 'done' THEN send_at ELSE planned_at END "
                "WHERE id = :id"
            ).bindparams(sa.bindparam("contents", type_=sa.JSON()), sa.bindparam("audience", type_=sa.JSON())),
            {"id": row.id, "contents": {"": content}, "audience": {"categories": row.categories}},
        )
    # One whose moment had not come was called "sending" too; its moment begins it.
    op.execute("UPDATE announcements SET state = 'scheduled' WHERE state = 'sending' AND planned_at IS NULL")


def _new_tables() -> None:
    op.create_table(
        "album_messages",
        sa.Column("delivery_id", BigId, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_album_messages_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "message_id", name=op.f("pk_album_messages")),
    )
    op.create_table(
        "announcement_acts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("announcement_id", BigId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("rendering", sa.Text(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("report_chat", sa.BigInteger(), nullable=True),
        sa.Column("report_message", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_announcement_acts_announcement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_acts")),
    )
    op.create_index(op.f("ix_announcement_acts_announcement_id"), "announcement_acts", ["announcement_id"])
    op.create_table(
        "announcement_copies",
        sa.Column("act_id", BigId, nullable=False),
        sa.Column("delivery_id", BigId, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["act_id"], ["announcement_acts.id"], name=op.f("fk_announcement_copies_act_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_announcement_copies_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("act_id", "delivery_id", name=op.f("pk_announcement_copies")),
    )
    op.create_index(op.f("ix_announcement_copies_delivery_id"), "announcement_copies", ["delivery_id"])
    op.create_index("ix_announcement_copies_state_due_at", "announcement_copies", ["state", "due_at"])
    op.create_table(
        "audit",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )


def downgrade() -> None:
    raise NotImplementedError("go back to a copy of the database from before the update")
