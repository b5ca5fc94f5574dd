"""Standing pictures of a site: those that it shows with many posts, and that represent none of them.

A default cover, the banner of a column and an author's portrait look like an article's picture. A post alone doesn't
show that its picture is that of others too, so a caller who has them all counts, and then has the posts of these
pictures read again without them (`reading.read_post`). What follows may be a standing picture as well: a post with one
in its front matter often has another at the end of its text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import ceil

_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_FILE = re.compile(r"\.(?:gif|png|jpe?g|jfif|webp|bmp)$", re.IGNORECASE)
_FEWEST = 4
"""Three parts of a story share a picture now and then."""
_SHARE = 0.05
_MOST = 12
"""However many posts there are: an origin may hold many sources, and no picture is the news twelve times."""


def standing_pictures(counts: Mapping[str, int], posts: int) -> frozenset[str]:
    """Return the keys of the pictures that stand with many of an origin's posts.

    Many are four and a twentieth of all, or twelve.

    Args:
        counts: How many articles have each address as their picture. Copies of an article count once.
        posts: How many articles the origin has, with and without a picture.
    """
    together: Counter[str] = Counter()
    for address, count in counts.items():
        together[picture_key(address)] += count
    many = min(max(_FEWEST, ceil(posts * _SHARE)), _MOST)
    return frozenset(key for key, count in together.items() if count >= many)


def without_standing(addresses: Sequence[str], standing: Collection[str]) -> tuple[str, ...]:
    """Return the addresses of the pictures that are none of these, which are given as keys."""
    return tuple(address for address in addresses if picture_key(address) not in standing)


def picture_key(address: str) -> str:
    """Return what is the same in all addresses of a picture: neither its size in the query nor the scheme counts.

    The query stays where no file is named before it: `?id=5` is then the picture.
    """
    place = _SCHEME.sub("", address.partition("#")[0], count=1)
    path, _, query = place.partition("?")
    host, slash, rest = path.partition("/")
    path = host.lower() + slash + rest
    return path if not query or _FILE.search(path) else f"{path}?{query}"
