"""Taking off an address what only counts who comes from where (`tracking.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

_RULES: Mapping[str, Any] = tomllib.loads(files(__package__).joinpath("tracking.toml").read_text(encoding="utf-8"))
_HOST = re.compile(r"https?://([^/?#:]+)", re.IGNORECASE)
# What careless feeds put after an address that has a query already.
_SECOND_QUERY = re.compile(r"\?utm_[a-z]+=.*", re.IGNORECASE | re.DOTALL)


class _Names:
    """A set of names of parameters, of which some end in anything."""

    def __init__(self, names: Iterable[str]) -> None:
        names = [name.lower() for name in names]
        self._whole = frozenset(name for name in names if not name.endswith("*"))
        self._beginnings = tuple(name[:-1] for name in names if name.endswith("*"))

    def __contains__(self, name: str) -> bool:
        return name in self._whole or (bool(self._beginnings) and name.startswith(self._beginnings))


def _by_site() -> Mapping[str, _Names]:
    names: dict[str, list[str]] = defaultdict(list)
    for site in _RULES["sites"]:
        for host in site["hosts"]:
            names[host].extend(site["names"])
    return {host: _Names(found) for host, found in names.items()}


_ANYWHERE, _FRAGMENTS = _Names(_RULES["names"]), _Names(_RULES["fragments"])
_BY_SITE = _by_site()
_VALUES = tuple((frozenset(rule["names"]), re.compile(rule["value"], re.IGNORECASE)) for rule in _RULES["values"])


def without_tracking(url: str) -> str:
    """Return an address of the web without the parameters that only count; all else stays byte for byte."""
    if "?" not in url and "#" not in url:
        return url
    names = tuple(_names_of(url))
    head, mark, fragment = url.partition("#")
    head = _without_parameters(head, names)
    if not mark or _only_tracks(fragment):
        return head
    if fragment.startswith(("/", "!")):
        # The route of a program in the browser has a query of its own.
        fragment = _without_parameters(fragment, names)
    return f"{head}#{fragment}"


def _without_parameters(address: str, names: Iterable[_Names]) -> str:
    """Return an address or a route without the parameters of its query that track."""
    place, mark, query = address.partition("?")
    if not mark:
        return address
    if "?utm_" in query.lower():
        query = _SECOND_QUERY.sub("", query)
    kept = "&".join([part for part in query.split("&") if not _tracks(part, names)])
    return f"{place}?{kept}" if kept or address.endswith("?") else place


def _tracks(part: str, names: Iterable[_Names]) -> bool:
    written, _, value = part.partition("=")
    name = unquote(written).lower()
    # An address may have an entity left in it, as in `&amp;utm_source`.
    name = name.removeprefix("amp;")
    if name in _ANYWHERE or any(name in own for own in names):
        return True
    return any(name in own and pattern.fullmatch(unquote(value)) for own, pattern in _VALUES)


def _only_tracks(fragment: str) -> bool:
    return all("=" in part and part.partition("=")[0].lower() in _FRAGMENTS for part in fragment.split("&"))


def _names_of(url: str) -> Iterator[_Names]:
    match = _HOST.match(url)
    labels = match[1].lower().rstrip(".").split(".") if match else []
    for start in range(max(0, len(labels) - 5), len(labels) - 1):
        if (names := _BY_SITE.get(".".join(labels[start:]))) is not None:
            yield names
