"""Addresses of feeds as people write them (pure)."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from digests.model.feed_address import RSSHUB, canonical_feed_url
from digests.model.feed_refusal import LONGEST_ADDRESS, FeedRefusal, FeedRefused

_PAIRS = {"<": ">", '"': '"', "'": "'", "“": "”", "‘": "’", "「": "」", "《": "》", "(": ")", "（": "）"}
"""What people put around an address."""
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
# As keyboards for Chinese and Japanese write it.
_WIDE_START = re.compile(r"^(https?|feed|rsshub)\s*[:：]\s*[/／]{2}", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# What browsers hand over for a feed: `feed://host/path` and `feed:https://host/path`.
_BEFORE_SCHEME = re.compile(r"^feed:(?://)?(?=https?://)", re.IGNORECASE)
_FEED_SCHEME = re.compile(r"^feed://", re.IGNORECASE)
# `host:8080/path`, which begins like a scheme.
_HOST_PORT = re.compile(r"[^/?#:@]+:[0-9]{1,5}(?:[/?#]|$)")
_LAST_PORT = 65_535
# With a colon, all up to the last "@"; without, a user, who ends before the path.
_CREDENTIALS = re.compile(r"^((?:[a-z][a-z0-9+.-]*+:/{1,2}+|//)?)(?:[^\s/:@?#]*+:\S*|[^\s/?#@]*+)@", re.IGNORECASE)
_MASK = "********"
_LONGEST_SHOWN = 200


def feed_address(text: str) -> str:
    """Return the canonical form of an address as somebody wrote it.

    Scheme and host are in lower case, the scheme's own port and the fragment are off, and everything else is as it was
    written. An address without a scheme gets https, and `feed:` is dropped. A route of RSSHub stays one
    (`rsshub://route`): the settings say where it is read from.

    Raises:
        FeedRefused: It is no address of the web, holds a user or a password, or is too long.
    """
    written = _as_typed(text)
    if len(written) > 2 * LONGEST_ADDRESS:
        raise FeedRefused(FeedRefusal.TOO_LONG)
    if not written or _UNFIT.search(written):
        raise FeedRefused(FeedRefusal.NOT_WEB)
    if written[: len(RSSHUB)].lower() == RSSHUB:
        return _route(written[len(RSSHUB) :])
    return _canonical(_with_scheme(_FEED_SCHEME.sub("https://", _BEFORE_SCHEME.sub("", written))))


def leaves_scheme_open(text: str) -> bool:
    """Return whether an address as somebody wrote it does not say https or http, so that https is a guess."""
    written = _as_typed(text)
    if written.startswith("//") or (_FEED_SCHEME.match(written) and not _BEFORE_SCHEME.match(written)):
        return True
    return _SCHEME.match(written) is None or _HOST_PORT.match(written) is not None


def shown_address(address: str) -> str:
    """Return an address as it may be shown: on one line, not too long, and with user and password masked.

    A password may hold a slash, so it is taken to end at the last "@".
    """
    shown = _CREDENTIALS.sub(rf"\1{_MASK}@", "".join(address.split()))
    shown = _UNFIT.sub("", shown)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"


def _as_typed(text: str) -> str:
    return _WIDE_START.sub(lambda match: f"{match[1]}://", _without_pairs(text.strip()))


def _without_pairs(text: str) -> str:
    while len(text) > 1 and _PAIRS.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    return text


def _route(written: str) -> str:
    route = written.partition("#")[0].strip("/")
    if not route or ".." in route.split("/"):
        raise FeedRefused(FeedRefusal.NOT_WEB)
    return _not_too_long(f"{RSSHUB}{route}")


def _canonical(address: str) -> str:
    parts = _split(address)
    if "@" in parts.netloc:
        raise FeedRefused(FeedRefusal.HAS_PASSWORD)
    if parts.scheme not in ("http", "https") or not (parts.hostname or "").strip(".") or not _has_usable_port(parts):
        raise FeedRefused(FeedRefusal.NOT_WEB)
    return _not_too_long(canonical_feed_url(address))


def _not_too_long(address: str) -> str:
    if len(address) > LONGEST_ADDRESS:
        raise FeedRefused(FeedRefusal.TOO_LONG)
    return address


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


def _has_usable_port(parts: SplitResult) -> bool:
    try:
        return parts.port is None or 0 < parts.port <= _LAST_PORT
    except ValueError:
        return False
