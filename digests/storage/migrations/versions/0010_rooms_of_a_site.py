"""Keep what tells articles apart, their tags, what they lack, and one category for all spellings of its name."""

import unicodedata
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Spelled out rather than imported from the program, so that this migration always makes the same columns.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SEPARATOR = "\x1f"


def upgrade() -> None:
    """Add the columns, and merge categories that differ only in how their names are written."""
    op.add_column("posts", sa.Column("gaps", sa.Text(), nullable=False, server_default=""))
    op.add_column("posts", sa.Column("unlisted", sa.Text(), nullable=False, server_default=""))
    op.add_column("articles", sa.Column("title_key", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("tags", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_articles_title_key", "articles", ["title_key"])
    op.create_index("ix_articles_address", "articles", ["address"])
    op.add_column("categories", sa.Column("folded", sa.Text(), nullable=True))
    op.create_table(
        "category_spellings",
        sa.Column("category_id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("category_id", "name", name="pk_category_spellings"),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name="fk_category_spellings_category_id"),
    )
    op.create_table(
        "pictures",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("origin", "key", name="pk_pictures"),
        sqlite_with_rowid=False,
    )
    _merge_categories(op.get_bind())
    op.create_index("ix_categories_folded", "categories", ["folded"], unique=True)


def downgrade() -> None:
    """Raise: migrations are not undone; a backup is."""
    raise NotImplementedError("go back to a copy of the database from before the update")


def _merge_categories(connection: sa.Connection) -> None:
    """Give each category its folded path; of several with the same one the fullest stays, others are aliases."""
    groups: dict[str, list[int]] = defaultdict(list)
    counted = sa.text(
        "SELECT c.id, c.path, (SELECT count(*) FROM article_categories a WHERE a.category_id = c.id) AS articles "
        "FROM categories c ORDER BY articles DESC, c.id"
    )
    for row in connection.execute(counted):
        folded = _SEPARATOR.join(_fold(name) for name in row.path.split(_SEPARATOR))
        groups[folded].append(row.id)
    for folded, (kept, *others) in groups.items():
        connection.execute(
            sa.text("UPDATE categories SET folded = :folded WHERE id = :id"), {"folded": folded, "id": kept}
        )
        for other in others:
            _make_alias(connection, other, kept)
    # All at once: no index finds the articles of a category, of which there may be thousands.
    connection.execute(
        sa.text(
            "UPDATE articles SET category_id = (SELECT alias_of FROM categories WHERE id = articles.category_id) "
            "WHERE category_id IN (SELECT id FROM categories WHERE alias_of IS NOT NULL)"
        )
    )
    _spell_paths(connection)


def _make_alias(connection: sa.Connection, category: int, kept: int) -> None:
    values = {"category": category, "kept": kept}
    for table, key in (
        ("article_categories", "article_id"),
        ("subscriptions", "place_id"),
    ):
        connection.execute(
            sa.text(
                f"DELETE FROM {table} WHERE category_id = :category AND {key} IN "  # noqa: S608 - names of our tables
                f"(SELECT {key} FROM {table} WHERE category_id = :kept)"
            ),
            values,
        )
        connection.execute(
            sa.text(f"UPDATE {table} SET category_id = :kept WHERE category_id = :category"),  # noqa: S608
            values,
        )
    # What is hidden under one spelling stays hidden.
    connection.execute(
        sa.text(
            "INSERT INTO hidden_categories (category_id, at) SELECT :kept, at FROM hidden_categories "
            "WHERE category_id = :category AND NOT EXISTS "
            "(SELECT 1 FROM hidden_categories WHERE category_id = :kept)"
        ),
        values,
    )
    connection.execute(sa.text("DELETE FROM hidden_categories WHERE category_id = :category"), values)
    connection.execute(sa.text("UPDATE categories SET parent_id = :kept WHERE parent_id = :category"), values)
    # No other category may have the same path, so an alias gives its own away.
    connection.execute(
        sa.text(
            "UPDATE categories SET alias_of = :kept, path = path || :mark || CAST(id AS TEXT) WHERE id = :category"
        ),
        values | {"mark": "\x1e"},
    )


def _spell_paths(connection: sa.Connection) -> None:
    """Begin the path of each category with that of the category above it, which may be spelled otherwise now."""
    rows = connection.execute(
        sa.text("SELECT id, parent_id, name, path FROM categories WHERE folded IS NOT NULL ORDER BY length(folded), id")
    ).all()
    paths: dict[int, str] = {}
    for row in rows:
        above = paths.get(row.parent_id)
        paths[row.id] = row.name if above is None else above + _SEPARATOR + row.name
        if paths[row.id] != row.path:
            connection.execute(
                sa.text("UPDATE categories SET path = :path WHERE id = :id"), {"path": paths[row.id], "id": row.id}
            )


def _fold(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
