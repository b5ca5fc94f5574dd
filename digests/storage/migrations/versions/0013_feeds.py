"""Keep the feeds that the bot looks at, and what articles of feeds are recognised by."""

import sqlalchemy as sa
from alembic import op

from digests.articles.identity import recognition_keys
from digests.articles.markup.contents import Body

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Spelled out rather than imported from the program, so that this migration always makes the same columns.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and the table, and fill in by what articles that are stored are recognised."""
    op.add_column("articles", sa.Column("link_key", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("headline_key", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("origin", sa.Text(), nullable=False, server_default=""))
    _fill_in(op.get_bind())
    op.create_index("ix_articles_link_key", "articles", ["link_key"])
    op.create_index("ix_articles_headline_key", "articles", ["headline_key"])
    op.create_table(
        "feeds",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False, server_default=""),
        sa.Column("link", sa.Text(), nullable=False, server_default=""),
        sa.Column("kind", sa.Text(), nullable=False, server_default="none"),
        sa.Column("category", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("language", sa.Text(), nullable=False, server_default=""),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("full_text", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("tags_as_categories", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("user_agent", sa.Text(), nullable=False, server_default=""),
        sa.Column("is_configured", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("next_look_at", MOMENT, nullable=False),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("news_at", MOMENT, nullable=True),
        sa.Column("etag", sa.Text(), nullable=False, server_default=""),
        sa.Column("last_modified", sa.Text(), nullable=False, server_default=""),
        sa.Column("body_hash", sa.Text(), nullable=False, server_default=""),
        sa.Column("moved_to", sa.Text(), nullable=False, server_default=""),
        sa.Column("moved_looks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("moved_at", MOMENT, nullable=True),
        sa.Column("says_moved_to", sa.Text(), nullable=False, server_default=""),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False, server_default=""),
        sa.Column("fault_words", sa.Text(), nullable=False, server_default=""),
        sa.Column("least_minutes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("brought", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("reported", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
        sa.UniqueConstraint("url", name="uq_feeds_url"),
    )
    op.create_index("ix_feeds_next_look_at", "feeds", ["next_look_at"])


def downgrade() -> None:
    """Raise: migrations are not undone; a backup is."""
    raise NotImplementedError("go back to a copy of the database from before the update")


def _fill_in(connection: sa.Connection) -> None:
    """Give each article its origin and its keys, as this version makes them: feeds may be looked at before posts are.

    When posts are read again, those of articles that say nothing but their picture follow.
    """
    connection.execute(
        sa.text(
            "UPDATE articles SET origin = coalesce("
            "(SELECT min(posts.origin) FROM posts WHERE posts.article_id = articles.id), '')"
        )
    )
    some = sa.text("SELECT id, title, text, original_url FROM articles WHERE id > :last ORDER BY id LIMIT 500")
    last = 0
    while rows := connection.execute(some, {"last": last}).all():
        last = rows[-1].id
        found = [_keys(row.id, row.title, row.text, row.original_url) for row in rows]
        connection.execute(
            sa.text("UPDATE articles SET link_key = :link, headline_key = :headline WHERE id = :id"), found
        )


def _keys(number: int, title: str, text: str, written: str | None) -> dict[str, int | str | None]:
    keys = recognition_keys(title, "", (), Body(), text, written, None)
    return {"id": number, "link": keys.link or None, "headline": keys.headline or None}
