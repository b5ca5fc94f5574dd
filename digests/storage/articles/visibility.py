"""What readers never meet: hidden categories and sources, and articles that were withdrawn. The one place that says so.

As subqueries without parameters, so that planning, lists and counts leave the same articles out in one statement. Each
is made once: that alone took a seventh of what a search cost (measured).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa

from digests.storage.schema import (
    article_categories,
    articles,
    categories,
    hidden_categories,
    hidden_sources,
    withdrawn,
)


@cache
def hidden_branches() -> sa.Select[*tuple[Any, ...]]:
    """The ids of the hidden categories and of all that lies below them."""
    branches = sa.select(hidden_categories.c.category_id.label("id")).cte("hidden_branches", recursive=True)
    below = sa.select(categories.c.id).join(branches, categories.c.parent_id == branches.c.id)
    branches = branches.union(below)
    return sa.select(branches.c.id)


@cache
def hidden_articles() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """The ids of the articles of hidden sources, and of those that are in any hidden category."""
    other = articles.alias("of_hidden_sources")
    links = article_categories.alias("in_hidden_categories")
    of_sources = sa.select(other.c.id.label("id")).where(other.c.source.in_(sa.select(hidden_sources.c.source)))
    in_categories = sa.select(links.c.article_id.label("id")).where(links.c.category_id.in_(hidden_branches()))
    return of_sources.union(in_categories)


@cache
def unseen_articles() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """The ids of all that a reader never meets."""
    hidden = hidden_articles().subquery("hidden_articles")
    return sa.union(sa.select(hidden.c.id), sa.select(withdrawn.c.article_id))


@cache
def is_seen() -> sa.ColumnElement[bool]:
    """The condition on `articles` for whatever goes to readers."""
    return articles.c.id.not_in(unseen_articles())
