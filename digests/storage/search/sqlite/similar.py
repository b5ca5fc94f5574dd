"""Finding articles that share telling words, in the titles and summaries that the index has."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Sequence

from digests.search.marks import language_tokens
from digests.storage.search.sharing import COUNTED_ARTICLES, LEAST_SHARED, TITLE_BONUS, score_of, score_steps
from digests.stories.telling import COMMON, TellingToken

Fetch = Callable[[str, Sequence[object]], Awaitable[list[tuple[int, ...]]]]

# Of titles and summaries alone, which is a fifth of the index.
_COUNTS = """
SELECT wanted.key, (SELECT count(*) FROM (SELECT 1 FROM leads WHERE leads MATCH wanted.value LIMIT ?))
FROM json_each(?) AS wanted
"""
# What was withdrawn or has changed is left out before the limit: it must take nobody's place.
_SCORES = """
SELECT documents.article, sum(json_extract(wanted.value, '$[1]')) AS score
FROM json_each(?) AS wanted CROSS JOIN leads CROSS JOIN documents ON document = leads.rowid
WHERE leads MATCH json_extract(wanted.value, '$[0]')
GROUP BY leads.rowid
HAVING score >= ? AND (sum(json_extract(wanted.value, '$[2]')) >= ? OR sum(json_extract(wanted.value, '$[3]')) > 0)
ORDER BY score DESC, leads.rowid DESC LIMIT ?
"""


async def count_articles_with(fetch: Fetch, tokens: Collection[str]) -> dict[str, int]:
    """Return how many articles have each token in title or summary, counted up to COMMON."""
    listed = list(tokens)
    expressions = json.dumps([f'{{title summary}} : "{token}"' for token in listed])
    return {listed[number]: count for number, count in await fetch(_COUNTS, (COMMON, expressions))}


async def count_articles_in(fetch: Fetch, language: str) -> int:
    """Return how many articles there are in a language, counted up to COUNTED_ARTICLES; in all if it is empty."""
    marks = language_tokens(language)
    if not marks:
        return (await fetch("SELECT count(*) FROM documents", ()))[0][0]
    counted = "SELECT count(*) FROM (SELECT 1 FROM leads WHERE leads MATCH ? LIMIT ?)"
    return (await fetch(counted, (f'marks : "{marks[0]}"', COUNTED_ARTICLES)))[0][0]


async def find_similar(
    fetch: Fetch, telling: Sequence[TellingToken], least: float, limit: int
) -> list[tuple[int, float]]:
    """Return articles with the telling tokens and their scores, the best first.

    A score is the sum of the weights of those that an article has, more for those in its title; it is at least `least`.
    An article shares two of them, or one that is in the title of the article that it is to be like. What is hidden, and
    other languages, are found too: telling words have few articles, and leaving these out here would take ten times as
    long (measured).
    """
    wanted: list[tuple[str, int, int, int]] = []
    for word in telling:
        weight, is_of_title = score_steps(word.weight), int(word.is_of_title)
        wanted.append((f'{{title summary}} : "{word.token}"', weight, 1, is_of_title))
        wanted.append((f'title : "{word.token}"', round(weight * TITLE_BONUS), 0, 0))
    rows = await fetch(_SCORES, (json.dumps(wanted), score_steps(least), LEAST_SHARED, limit))
    return [(article, score_of(score)) for article, score in rows]
