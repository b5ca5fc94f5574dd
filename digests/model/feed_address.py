"""Addresses of feeds as people write them, and the one form in which they are compared and stored (pure)."""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from digests.errors import InvalidInput

LONGEST_ADDRESS = 2_000
"""How many characters an address may have, as for those in the settings."""
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


class FeedRefusal(StrEnum):
    """Why something can't be done with a feed, or with a file of feeds."""

    NOT_WEB = "not_web"
    """It is no address of the web."""
    HAS_PASSWORD = "has_password"  # noqa: S105 - a word, not a password
    """It holds a user or a password."""
    TOO_LONG = "too_long"
    """It has more than LONGEST_ADDRESS characters."""
    NOT_PUBLIC = "not_public"
    """It leads into a network of the bot's own machine, by a port that is none of the web, or to no host at all."""
    BAD_CATEGORY = "bad_category"
    """The category has no name that can be read, or too many or too long ones."""
    CONFIGURED = "configured"
    """The settings hold the feed, so it is changed there."""
    NOT_OPML = "not_opml"
    """The file holds no list of feeds, or can't be read."""
    TOO_LARGE = "too_large"
    """The file, or the number of feeds in it, is larger than anybody's list."""


_WORDS = {
    FeedRefusal.NOT_WEB: "This is no address of the web: write it like https://example.com/feed.xml.",
    FeedRefusal.HAS_PASSWORD: "The address holds a user or a password: leave them out; feeds are read without.",
    FeedRefusal.TOO_LONG: f"The address has more than {LONGEST_ADDRESS:,} characters: use a shorter one.",
    FeedRefusal.NOT_PUBLIC: "The address is not a public one: set fetch.allow_hosts if the host is your own.",
    FeedRefusal.BAD_CATEGORY: "The category can't be used: write names and slashes, such as World/Japan.",
    FeedRefusal.CONFIGURED: "The feed is in the settings file: change it there.",
    FeedRefusal.NOT_OPML: "The file is no OPML, the lists of feeds that readers of feeds export.",
    FeedRefusal.TOO_LARGE: "The file is larger than a list of feeds may be.",
}


class FeedRefused(InvalidInput):
    """Something can't be done with a feed; `reason` says why, and the text says it to an operator, without a secret."""

    def __init__(self, reason: FeedRefusal, words: str = "") -> None:
        super().__init__(words or _WORDS[reason])
        self.reason = reason


def feed_address(text: str, rsshub: str = "") -> str:
    """Return the canonical form of an address as somebody wrote it.

    Scheme and host are in lower case, the scheme's own port and the fragment are off, and everything else is as it was
    written. An address without a scheme gets https, `feed:` is dropped, and a route of RSSHub (`rsshub://route`) is one
    at `rsshub`.

    Raises:
        FeedRefused: It is no address of the web, holds a user or a password, or is too long.
    """
    written = text.strip(_AROUND)
    if len(written) > 2 * LONGEST_ADDRESS:
        raise FeedRefused(FeedRefusal.TOO_LONG)
    if not written or _UNFIT.search(written):
        raise FeedRefused(FeedRefusal.NOT_WEB)
    if written[: len(RSSHUB_SCHEME)].lower() == RSSHUB_SCHEME:
        written = rsshub_address(written[len(RSSHUB_SCHEME) :], rsshub)
    return canonical_address(_with_scheme(_FEED_SCHEME.sub(_without_feed, written, count=1)))


def rsshub_address(route: str, rsshub: str) -> str:
    """Return the address of a route at an RSSHub. Raises FeedRefused if there is no route, or no RSSHub."""
    route = route.strip("/")
    if not route or not rsshub:
        raise FeedRefused(FeedRefusal.NOT_WEB)
    return f"{rsshub.rstrip('/')}/{route}"


def canonical_address(address: str) -> str:
    """Return the canonical form of an absolute address. Raises FeedRefused as `feed_address` does."""
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
    found = f"{parts.scheme}://{netloc}{rest or '/'}"
    if len(found) > LONGEST_ADDRESS:
        raise FeedRefused(FeedRefusal.TOO_LONG)
    return found


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
