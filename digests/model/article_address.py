"""The addresses that lead to the same article, as people copy them from browsers and messages (pure)."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit, urlunsplit

_WEB = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_TRACKING = re.compile(r"(?:^|(?<=&))(?:utm_\w+|[fg]clid|mc_[ce]id|igshid|spm)=[^&]*(?:&|$)", re.IGNORECASE)
_AROUND = "()[]{}<>,.;:!?'\"“”‘’「」『』（）《》【】，。；：！？、"
_SAFE = "/:?#[]@!$&'()*+,;=%~-._"
_LONGEST = 2048


def addresses_in(text: str) -> tuple[str, ...]:
    """Return the web addresses in a text, in their order, each once, without the signs around them."""
    found = [match[0].rstrip(_AROUND) for match in _WEB.finditer(text)]
    return tuple(dict.fromkeys(address for address in found if len(address) <= _LONGEST))


def same_addresses(address: str) -> tuple[str, ...]:
    """Return the forms in which an address may be stored: with and without what browsers and apps add to it.

    Empty for what is no web address.
    """
    try:
        scheme, host, path, query, _ = urlsplit(address)
        if scheme.lower() not in ("http", "https") or not host:
            return ()
    except ValueError:
        return ()
    found = [address]
    tracked = _TRACKING.sub("", query).strip("&")
    for web in ("https", "http"):
        for way in (path, unquote(path), quote(path, safe=_SAFE)):
            for end in (way, f"{way}/", way.rstrip("/")):
                found += [urlunsplit((web, host, end, asked, "")) for asked in (query, tracked)]
    return tuple(dict.fromkeys(found))
