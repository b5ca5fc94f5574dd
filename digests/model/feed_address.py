"""Addresses of feeds: when two are one, and where `rsshub://` leads (pure)."""

from __future__ import annotations

from urllib.parse import urlsplit

RSSHUB = "rsshub://"
"""How addresses begin that leave it to the settings from which RSSHub they are read."""
_BREAKS = dict.fromkeys(map(ord, "\t\r\n"))
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def canonical_feed_url(url: str) -> str:
    """Return the form in which addresses of feeds are compared and stored; what is no address stays as it is.

    The scheme and the host are in lower case, and a port that goes without saying and a fragment are left out. All else
    may mean something to the server.
    """
    # As whoever asks for it leaves them out (URL Standard, 4.4).
    url = url.translate(_BREAKS).strip()
    if url.lower().startswith(RSSHUB):
        return RSSHUB + url[len(RSSHUB) :].partition("#")[0].strip("/")
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if not parts.scheme or not parts.netloc:
        return url
    user, at, host = parts.netloc.rpartition("@")
    host = host.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, "\0")).removesuffix(":")
    path, question, query = url.partition("#")[0].split("://", 1)[1][len(parts.netloc) :].partition("?")
    return f"{parts.scheme}://{user}{at}{host}{path or '/'}{question}{query}"


def asked_address(url: str, rsshub: str) -> str:
    """Return the address of the web at which a feed is asked; `rsshub` is where `rsshub://` leads."""
    return f"{rsshub.rstrip('/')}/{url[len(RSSHUB) :].lstrip('/')}" if url.startswith(RSSHUB) else url
