"""What all tables share, and the tables of counters and facts."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives rowids only to INTEGER keys; PostgreSQL needs 64 bits for Telegram's ids and for years of rows.
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
