"""What readers don't see: hidden categories and sources, and withdrawn articles. Only this module decides it.

It is expressed in subqueries without parameters, so that planning, lists and counts leave out the same articles within
their own statement. Each is built only once: building them took a seventh of the cost of a search (measured).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa

from digests.storage.schema.article_tables import (
    article_categories,
    articles,
    categories,
    hidden_categories,
    hidden_sources,
    withdrawn,
)


@cache
def hidden_branches() -> sa.Select[*tuple[Any, ...]]:
    """Return the ids of the hidden categories and of everything below them."""
    branches = sa.select(hidden_categories.c.category_id.label("id")).cte("hidden_branches", recursive=True)
    below = sa.select(categories.c.id).join(branches, categories.c.parent_id == branches.c.id)
    branches = branches.union(below)
    return sa.select(branches.c.id)


@cache
def select_hidden_sources() -> sa.Select[*tuple[Any, ...]]:
    """Return the names of the hidden sources."""
    return sa.select(hidden_sources.c.source)


@cache
def hidden_articles() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Return the ids of articles that are from a hidden source or in any hidden category."""
    other = articles.alias("of_hidden_sources")
    links = article_categories.alias("in_hidden_categories")
    of_sources = sa.select(other.c.id.label("id")).where(other.c.source.in_(select_hidden_sources()))
    in_categories = sa.select(links.c.article_id.label("id")).where(links.c.category_id.in_(hidden_branches()))
    return of_sources.union(in_categories)


@cache
def invisible_articles() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Return the ids of all articles that readers don't see."""
    hidden = hidden_articles().subquery("hidden_articles")
    return sa.union(sa.select(hidden.c.id), sa.select(withdrawn.c.article_id))


@cache
def is_visible() -> sa.ColumnElement[bool]:
    """Return the condition on `articles` for everything that goes to readers."""
    return articles.c.id.not_in(invisible_articles())
