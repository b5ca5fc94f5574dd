"""By what an item is known within its feed from one look to the next.

A guid is for that (RSS 2.0, https://www.rssboard.org/rss-specification#ltguidgtSubelementOfLtitemgt; RFC 4287, 4.2.6;
JSON Feed 1.1), but there are feeds in which all items have the same one, their site's address, or none.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

_LONGEST = 200
_FRONT_PAGE = re.compile(r"https?://[^/?#]*/?", re.IGNORECASE)
_LINK, _BOTH, _SAID = "link:", "both:", "text:"
"""How keys begin that are no guids."""


class KeyParts(NamedTuple):
    """What an item may be known by: its guid and address, "" for none, and its title and text."""

    guid: str
    url: str
    title: str
    text: str


def keys_of_items(items: Sequence[KeyParts]) -> tuple[str, ...]:
    """Return the key of each item, no two of which are the same.

    It is the guid, unless several items share it; then the address, unless they share that too; then both of them and
    the title; without either, title and text. What stands beside an item changes its key only if it has the same guid
    or address. The address of a site's front page is that of no item.
    """
    # What a feed lists twice is one item.
    different = {_both(item) for item in items}
    guids = Counter(guid for guid, _, _ in different if _usable(guid))
    urls = Counter(url for _, url, _ in different if _usable(url))
    taken = Counter[str]()
    keys: list[str] = []
    for item in items:
        guid, url = _usable(item.guid), _usable(item.url)
        if guids[guid] == 1:
            key = _short(guid)
        elif urls[url] == 1:
            key = _LINK + _short(url)
        elif guid or url:
            key = _BOTH + _digest(*_both(item))
        else:
            key = _SAID + _digest(item.title, item.text)
        # The same item twice, or what was made to look so.
        taken[key] += 1
        while taken[key] > 1:
            key = f"{key}#{taken[key]}"
            taken[key] += 1
        keys.append(key)
    return tuple(keys)


def _usable(address: str) -> str:
    return "" if _FRONT_PAGE.fullmatch(address) else address


def _both(item: KeyParts) -> tuple[str, str, str]:
    return item.guid, item.url, item.title


def _short(text: str) -> str:
    """Return a text that a database takes for a key: a digest instead of one that is long or can't be printed."""
    return text if len(text) <= _LONGEST and text.isprintable() else _digest(text)


def _digest(*parts: str) -> str:
    told = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, digest_size=16).hexdigest()
