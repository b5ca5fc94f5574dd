"""The tables of posts, articles, categories and stories."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime
from digests.storage.schema.base import BigId, metadata

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id"), index=True),
    sa.Column("line", sa.Integer),
    sa.Column("cause", sa.Text, nullable=False, default=""),
    sa.Column("mend", sa.Text, nullable=False, default=""),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    # What readers miss in its article (digests.model.gaps), and why no reader may see it: "" where they may.
    sa.Column("gaps", sa.Text, nullable=False, server_default=""),
    sa.Column("unlisted", sa.Text, nullable=False, server_default=""),
    # The footprint of this post in its site (digests.articles.hexo.neighbours), if links depend on that; else null.
    sa.Column("claim", sa.Text),
)

categories = sa.Table(
    "categories",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("parent_id", BigId, sa.ForeignKey("categories.id")),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("alias_of", BigId, sa.ForeignKey("categories.id")),
    # The path without regard to case, width and white space; null for an alias.
    sa.Column("folded", sa.Text),
    sa.Index("ix_categories_folded", "folded", unique=True),
)

# How posts spell the last part of a category's path otherwise than it is shown, and how many articles do.
category_spellings = sa.Table(
    "category_spellings",
    metadata,
    sa.Column("category_id", BigId, sa.ForeignKey("categories.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("articles", sa.Integer, nullable=False),
)

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("ingest", sa.BigInteger, nullable=False, unique=True),
    sa.Column("revision", sa.BigInteger, nullable=False, unique=True),
    sa.Column("identity", sa.Text, nullable=False, unique=True),
    # By these an article is recognised (digests.articles.identity); null in what was stored before 0.2.0.
    sa.Column("title_key", sa.Text, index=True),
    sa.Column("address", sa.Text, index=True),
    # The key of its written address alone, by which articles of feeds are recognised; null where there is none.
    sa.Column("link_key", sa.Text, index=True),
    # The key of its title whatever the source, with its text where many bear that title; null where neither tells.
    sa.Column("headline_key", sa.Text, index=True),
    # The origin that brought it first; "" where that is not known, or was a feed that was removed.
    sa.Column("origin", sa.Text, nullable=False, server_default=""),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("category_id", BigId, sa.ForeignKey("categories.id")),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("tags", sa.Text, nullable=False, server_default=""),
    sa.Column("published_at", UtcDateTime),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("shown_at", UtcDateTime, nullable=False, index=True),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("fresh", sa.Boolean, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("thumbnail", sa.Text),
    # By these an article is found that somebody has a link of.
    sa.Column("url", sa.Text, index=True),
    sa.Column("original_url", sa.Text, index=True),
    # The first article of its story; null if no other source reports the same.
    sa.Column("story_id", BigId, index=True),
    # The key of its kept picture; "" while it has none.
    sa.Column("picture", sa.Text, nullable=False, server_default="", index=True),
)

article_categories = sa.Table(
    "article_categories",
    metadata,
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("category_id", BigId, sa.ForeignKey("categories.id"), primary_key=True, index=True),
)

# In how many articles of an origin each picture is (digests.articles.pictures.standing); `stands` is for good.
pictures = sa.Table(
    "pictures",
    metadata,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("articles", sa.Integer, nullable=False),
    sa.Column("stands", sa.Boolean, nullable=False, server_default=sa.false()),
    sqlite_with_rowid=False,
)

hidden_categories = sa.Table(
    "hidden_categories",
    metadata,
    sa.Column("category_id", BigId, sa.ForeignKey("categories.id"), primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

hidden_sources = sa.Table(
    "hidden_sources",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)

# Articles that are no longer in any search, list or digest, although their rows and files stay.
withdrawn = sa.Table(
    "withdrawn",
    metadata,
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id"), primary_key=True, autoincrement=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    # Its removal from messages that were sent: "", "asked" or "done"; and the chat that gets the report.
    sa.Column("recall", sa.Text, nullable=False, default=""),
    sa.Column("edited", sa.Integer, nullable=False, default=0),
    sa.Column("unedited", sa.Integer, nullable=False, default=0),
    sa.Column("report_chat", sa.BigInteger),
)

# The keys by which recent articles are found when another source reports the same (digests/stories).
story_keys = sa.Table(
    "story_keys",
    metadata,
    sa.Column("article_id", BigId, sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("key", sa.BigInteger, primary_key=True, index=True),
    sqlite_with_rowid=False,
)
