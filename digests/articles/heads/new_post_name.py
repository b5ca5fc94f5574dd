"""Hexo's `new_post_name`: what the name of a post's file says of it, beside the title.

As hexo/lib/plugins/processor/post.js reads it: a year has four digits, a month and a day two, anything else is the
shortest text that fits. Hexo makes a regular expression of it, which would take time in a power of the name's length.
"""

from __future__ import annotations

import re

_VARIABLE = re.compile(r":(\w*[^_\W])", re.ASCII)
# How many characters a variable takes, the longest first, and of what kind.
_DIGITS, _HASH = frozenset("0123456789"), frozenset("0123456789abcdef")
_SHAPES = {
    "year": ((4,), _DIGITS),
    "month": ((2,), _DIGITS),
    "day": ((2,), _DIGITS),
    "i_month": ((2, 1), _DIGITS),
    "i_day": ((2, 1), _DIGITS),
    "hash": ((12,), _HASH),
}
_MAX_STEM = 5_000


def name_variables(stem: str, new_post_name: str) -> dict[str, str]:
    """Return the variables that `new_post_name` finds in a path without its extension; none where it does not fit.

    Of a variable that stands there twice, the last one counts.
    """
    pattern = new_post_name.rpartition(".")[0] or new_post_name
    if pattern == ":title":
        return {"title": stem}
    # Texts and the names of variables, in turns.
    parts = _VARIABLE.split(pattern)
    if len(stem) > _MAX_STEM:
        return {}
    fits = _fitting_places(stem, parts)
    if 0 not in fits[0]:
        return {}
    found: dict[str, str] = {}
    at = 0
    for number, part in enumerate(parts):
        after = fits[number + 1]
        if number % 2 == 0:
            at += len(part)
            continue
        sizes, letters = _SHAPES.get(part, ((), _DIGITS))
        size = next((size for size in sizes if at + size in after and letters.issuperset(stem[at : at + size])), 0)
        end = at + size if size else next(place for place in range(at + 1, len(stem) + 1) if place in after)
        found[part] = stem[at:end]
        at = end
    return found


def _fitting_places(stem: str, parts: list[str]) -> list[set[int]]:
    """Return for each of the parts, and for the end, the places from which all that follows fits."""
    fits: list[set[int]] = [{len(stem)}]
    for number, part in reversed(list(enumerate(parts))):
        after = fits[-1]
        if number % 2 == 0:
            begins = {end - len(part) for end in after if end >= len(part)}
            fits.append({begin for begin in begins if stem.startswith(part, begin)})
        elif part in _SHAPES:
            sizes, letters = _SHAPES[part]
            spans = ((end - size, end) for end in after for size in sizes if end >= size)
            fits.append({begin for begin, end in spans if letters.issuperset(stem[begin:end])})
        else:
            fits.append(_before(stem, after))
    return fits[::-1]


def _before(stem: str, after: set[int]) -> set[int]:
    """Return the places from which some text on one line leads to one of those after it."""
    places: set[int] = set()
    leads = False
    for place in range(len(stem) - 1, -1, -1):
        leads = stem[place] != "\n" and (leads or place + 1 in after)
        if leads:
            places.add(place)
    return places
