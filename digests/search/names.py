"""Which source or tag a person means by a name, and which are near to one that is unknown (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

from digests.search.marks import plain_name
from digests.search.query import MAX_TERMS
from digests.search.tokens import is_dense

_MIN_SIMILARITY = 70
_MOST_NEAR = 5


def names_meant(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known names that a name means: those written like it, or else those that begin with its words."""
    wanted = plain_name(name)
    if not wanted:
        return ()
    plain = [(plain_name(each), each) for each in known]
    same = [each for form, each in plain if form == wanted]
    return tuple((same or [each for form, each in plain if _begins(form, wanted)])[:MAX_TERMS])


def names_like(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known names that are most similar to a name, the most similar first."""
    wanted = plain_name(name).replace("_", " ")
    forms = {each: plain_name(each).replace("_", " ") for each in known}
    if not wanted:
        return ()
    found = process.extract(wanted, forms, scorer=fuzz.WRatio, score_cutoff=_MIN_SIMILARITY, limit=_MOST_NEAR)
    return tuple(each for _, _, each in found)


def _begins(form: str, wanted: str) -> bool:
    """Return whether a name begins with these words; of dense scripts, with these characters."""
    if not form.startswith(wanted):
        return False
    rest = form[len(wanted) :]
    return not rest or rest[0] == "_" or is_dense(rest[0]) or is_dense(wanted[-1])
