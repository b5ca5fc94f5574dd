"""Finding articles that share telling words, in the titles and summaries that the index has."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Sequence

from digests.search.marks import category_token, language_tokens, source_token
from digests.search.telling import COMMON, TellingToken
from digests.storage.search.match import SearchFilters

Fetch = Callable[[str, Sequence[object]], Awaitable[list[tuple[int, ...]]]]

_SCORE_STEPS = 1000
"""Weights are whole numbers in the statement."""
# Of titles and summaries alone, which is a fifth of the index.
_FREQUENCIES = """
SELECT wanted.key, (SELECT count(*) FROM (SELECT 1 FROM leads WHERE leads MATCH wanted.value LIMIT ?))
FROM json_each(?) AS wanted
"""
_SCORES = """
SELECT article, score FROM (
  SELECT leads.rowid AS document, sum(json_extract(wanted.value, '$[1]')) AS score
  FROM json_each(?) AS wanted CROSS JOIN leads
  WHERE leads MATCH json_extract(wanted.value, '$[0]')
  GROUP BY leads.rowid HAVING score >= ? ORDER BY score DESC, document DESC LIMIT ?
) CROSS JOIN documents USING (document)
ORDER BY score DESC, document DESC
"""


async def count_articles_with(fetch: Fetch, tokens: Collection[str]) -> dict[str, int]:
    """Return how many articles have each token in title or summary, counted up to COMMON."""
    listed = list(tokens)
    expressions = json.dumps([f'{{title summary}} : "{token}"' for token in listed])
    rows = await fetch(_FREQUENCIES, (COMMON, expressions))
    return {listed[number]: count for number, count in rows}


async def find_similar(
    fetch: Fetch, telling: Sequence[TellingToken], language: str, filters: SearchFilters, least: float, limit: int
) -> list[tuple[int, float]]:
    """Return articles with the telling tokens and their scores, the best first.

    A score is the sum of the weights of those that an article has; it is at least `least`. With a language, only
    articles in it are found, and nothing that is hidden.
    """
    mark = next(iter(language_tokens(language)), "")
    narrowed = f' AND marks : "{mark}"' if mark else ""
    hidden = [
        *map(category_token, sorted(filters.hidden_categories)),
        *map(source_token, sorted(filters.hidden_sources)),
    ]
    any_hidden = " OR ".join([f'"{token}"' for token in hidden])
    left_out = f" NOT (marks : ({any_hidden}))" if hidden else ""
    wanted = [
        (f'({{title summary}} : "{word.token}"{narrowed}){left_out}', round(word.weight * _SCORE_STEPS))
        for word in telling
    ]
    rows = await fetch(_SCORES, (json.dumps(wanted), round(least * _SCORE_STEPS), limit))
    return [(article, score / _SCORE_STEPS) for article, score in rows]
