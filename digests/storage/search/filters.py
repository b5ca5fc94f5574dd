"""The marks that a search is limited to, whichever engine it has (pure)."""

from __future__ import annotations

from digests.search.marks import category_token, language_tokens, source_token, tag_token
from digests.search.query import Query
from digests.storage.search.port import SearchFilters


def wanted_marks(query: Query, filters: SearchFilters) -> list[list[str]]:
    """Return groups of marks, of each of which a hit must have one."""
    groups: list[list[str]] = []
    if filters.categories is not None:
        # No category has the number 0.
        groups.append([category_token(category) for category in sorted(filters.categories)] or ["c0"])
    if query.sources:
        groups.append([source_token(source) for source in query.sources])
    if query.tags:
        groups.append([tag_token(tag) for tag in query.tags])
    if query.languages:
        groups.append([next(iter(language_tokens(language)), "l_") for language in query.languages])
    return groups


def hidden_marks(filters: SearchFilters) -> list[str]:
    """Return the marks of which no hit may have any."""
    return [
        *(category_token(category) for category in sorted(filters.hidden_categories)),
        *(source_token(source) for source in sorted(filters.hidden_sources)),
    ]
