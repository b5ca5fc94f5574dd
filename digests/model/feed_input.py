"""Addresses of feeds as people write them (pure)."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from digests.model.feed_refusal import LONGEST_ADDRESS, FeedRefusal, FeedRefused

RSSHUB_SCHEME = "rsshub://"

_AROUND = " \t\r\n<>\"'“”‘’「」《》，。；"
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# What browsers hand over for a feed: `feed://host/path` and `feed:https://host/path`.
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?://)|feed://", re.IGNORECASE)
# `host:8080/path`, which begins like a scheme.
_HOST_PORT = re.compile(r"[^/?#:@]+:[0-9]{1,5}(?:[/?#]|$)")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_LAST_PORT = 65_535


def feed_address(text: str) -> str:
    """Return the canonical form of an address as somebody wrote it.

    Scheme and host are in lower case, the scheme's own port and the fragment are off, and everything else is as it was
    written. An address without a scheme gets https, and `feed:` is dropped. A route of RSSHub stays one
    (`rsshub://route`): the settings say where it is read from.

    Raises:
        FeedRefused: It is no address of the web, holds a user or a password, or is too long.
    """
    written = text.strip(_AROUND)
    if len(written) > 2 * LONGEST_ADDRESS:
        raise FeedRefused(FeedRefusal.TOO_LONG)
    if not written or _UNFIT.search(written):
        raise FeedRefused(FeedRefusal.NOT_WEB)
    if written[: len(RSSHUB_SCHEME)].lower() == RSSHUB_SCHEME:
        return _route(written[len(RSSHUB_SCHEME) :])
    return _canonical(_with_scheme(_FEED_SCHEME.sub(_without_feed, written, count=1)))


def _route(written: str) -> str:
    route = written.partition("#")[0].strip("/")
    if not route or ".." in route.split("/"):
        raise FeedRefused(FeedRefusal.NOT_WEB)
    return _not_too_long(f"{RSSHUB_SCHEME}{route}")


def _canonical(address: str) -> str:
    parts = _split(address)
    if "@" in parts.netloc:
        raise FeedRefused(FeedRefusal.HAS_PASSWORD)
    host, port = parts.hostname or "", _port(parts)
    if parts.scheme not in _DEFAULT_PORTS or not host.strip("."):
        raise FeedRefused(FeedRefusal.NOT_WEB)
    host = f"[{host}]" if ":" in host else host
    netloc = host if port in ("", _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    # Not put together again by urllib, which drops an empty query: what follows the host is as it was written.
    rest = re.sub(r"^[^:]+://[^/?#]*", "", address).partition("#")[0]
    rest = rest if rest.startswith("/") else f"/{rest}"
    return _not_too_long(f"{parts.scheme}://{netloc}{rest}")


def _not_too_long(address: str) -> str:
    if len(address) > LONGEST_ADDRESS:
        raise FeedRefused(FeedRefusal.TOO_LONG)
    return address


def _without_feed(match: re.Match[str]) -> str:
    return "https://" if match[0].lower() == "feed://" else ""


def _with_scheme(text: str) -> str:
    if text.startswith("//"):
        return f"https:{text}"
    scheme = _SCHEME.match(text)
    if scheme is None or _HOST_PORT.match(text):
        authority = re.split(r"[/?#]", text, maxsplit=1)[0]
        if "@" in authority:
            raise FeedRefused(FeedRefusal.HAS_PASSWORD)
        return f"https://{text}"
    if not text[scheme.end() :].startswith("//"):
        # `user:password@host`, or what a browser does something else with, such as mailto:.
        is_password = "@" in re.split(r"[/?#]", text, maxsplit=1)[0] and scheme[1].lower() != "mailto"
        raise FeedRefused(FeedRefusal.HAS_PASSWORD if is_password else FeedRefusal.NOT_WEB)
    return text


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        raise FeedRefused(FeedRefusal.NOT_WEB) from None


def _port(parts: SplitResult) -> str:
    try:
        port = parts.port
    except ValueError:
        raise FeedRefused(FeedRefusal.NOT_WEB) from None
    if port is not None and not 0 < port <= _LAST_PORT:
        raise FeedRefused(FeedRefusal.NOT_WEB)
    return "" if port is None else str(port)
