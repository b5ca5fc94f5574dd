"""Finding articles that share telling words in PostgreSQL's index (pure): by the bits of their keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from digests.storage.search.postgresql.bits import places_of
from digests.storage.search.postgresql.keys import DEAD, IN_LEAD, IN_TITLE, short_token
from digests.storage.search.sharing import LEAST_SHARED, TITLE_BONUS, score_steps
from digests.stories.telling import TellingToken


def similar_keys(telling: Sequence[TellingToken]) -> list[str]:
    """Return the keys of which the bits are needed."""
    return [DEAD, *(kind + short_token(word.token) for word in telling for kind in (IN_LEAD, IN_TITLE))]


def similar_documents(
    bits: Mapping[str, int], telling: Sequence[TellingToken], least: float, limit: int
) -> list[tuple[int, int]]:
    """Return documents with the telling tokens, and their scores in steps, the best first, the newer of equal ones."""
    alive = ~bits.get(DEAD, 0)
    shared: list[int] = [0] * LEAST_SHARED
    of_title = 0
    for word in telling:
        has = bits.get(IN_LEAD + short_token(word.token), 0) & alive
        # Whoever has it and as many others before has one more.
        for number in reversed(range(LEAST_SHARED)):
            shared[number] |= has & (shared[number - 1] if number else -1)
        if word.is_of_title:
            of_title |= has
    enough = shared[-1] | of_title
    scores: Counter[int] = Counter()
    for word in telling:
        weight, token = score_steps(word.weight), short_token(word.token)
        for kind, steps in ((IN_LEAD, weight), (IN_TITLE, round(weight * TITLE_BONUS))):
            for document in places_of(bits.get(kind + token, 0) & enough):
                scores[document] += steps
    best = [(score, document) for document, score in scores.items() if score >= score_steps(least)]
    return [(document, score) for score, document in sorted(best, reverse=True)[:limit]]
