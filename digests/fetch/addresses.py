"""Addresses as they are written in posts, feeds and answers, and what may be asked of them (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from yarl import URL

from digests.fetch.guard import AllowedHosts, host_fault
from digests.fetch.outcome import FetchFault, NotFetched

MAX_ADDRESS = 8_192
MOST_REDIRECTS = 5
_PLAIN = re.compile(r"[!-~]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")


def parse_address(address: str) -> URL | NotFetched:
    """Return an address that somebody wrote; bytes that are fit for a request stay as they are written."""
    text = address.strip().partition("#")[0]
    if len(text) > MAX_ADDRESS:
        return NotFetched(f"its address is longer than {MAX_ADDRESS:,} characters", kind=FetchFault.NOT_WEB)
    if _scheme(text) not in ("", "http", "https"):
        return NotFetched("its address is not one of the web", kind=FetchFault.NOT_WEB)
    return _parse(text, None) or NotFetched("its address is not valid", kind=FetchFault.NOT_WEB)


def parse_redirect(location: str, base: URL) -> URL | NotFetched:
    """Return where a redirect leads; `location` is the header Location, which may be relative (RFC 9110, 10.2.2)."""
    text = location.strip().partition("#")[0]
    if _scheme(text) not in ("", "http", "https"):
        return NotFetched("it redirects out of the web", kind=FetchFault.REDIRECT)
    found = _parse(text, base) if len(text) <= MAX_ADDRESS else None
    return found or NotFetched("it redirects to an address that is not valid", kind=FetchFault.REDIRECT)


def address_as_sent(location: bytes) -> str:
    """Return the header Location as text. What is not UTF-8 is percent-encoded: the same bytes are asked for."""
    try:
        return location.decode()
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in location)


def request_fault(
    url: URL, visited: Sequence[URL], allowed: AllowedHosts, *, allows_downgrade: bool
) -> NotFetched | None:
    """Return why an address is not asked, as far as the addresses tell; `visited` are those that redirected to it."""
    if visited and (words := _redirect_fault(url, visited, allowed, allows_downgrade=allows_downgrade)):
        return NotFetched(words, kind=FetchFault.REDIRECT)
    if url.raw_user or url.raw_password:
        return NotFetched(
            "it redirects to an address with a password" if visited else "its address holds a password",
            kind=FetchFault.REDIRECT if visited else FetchFault.HAS_PASSWORD,
        )
    words = host_fault(url.raw_host or "", url.port or 0, allowed)
    return NotFetched(words, kind=FetchFault.FORBIDDEN_HOST) if words else None


def _redirect_fault(url: URL, visited: Sequence[URL], allowed: AllowedHosts, *, allows_downgrade: bool) -> str:
    if is_downgrade(visited[-1], url) and not allows_downgrade:
        return "it redirects from https to http"
    if url in visited:
        return "it redirects in a circle"
    if len(visited) > MOST_REDIRECTS:
        return f"it redirects more than {MOST_REDIRECTS} times"
    if _is_allowed(url, allowed) and not _is_allowed(visited[-1], allowed):
        # The operator lets the addresses that he knows lead there, not whoever has a server of his own.
        return "it redirects to a host that only its own address may name"
    return ""


def is_downgrade(before: URL, after: URL) -> bool:
    """Return whether a redirect leaves what others on the way can't change."""
    return before.scheme == "https" and after.scheme == "http"


def is_same_origin(first: URL, url: URL) -> bool:
    """Return whether an address has the same origin as the first, or is that by https where the first is by http."""
    if first.origin() == url.origin():
        return True
    is_upgrade = (first.scheme, first.port, url.scheme, url.port) == ("http", 80, "https", 443)
    return is_upgrade and first.raw_host == url.raw_host


def _is_allowed(url: URL, allowed: AllowedHosts) -> bool:
    return allowed.allow(url.raw_host or "", url.port or 0)


def _scheme(text: str) -> str:
    found = _SCHEME.match(text)
    return found[1].lower() if found else ""


def _parse(text: str, base: URL | None) -> URL | None:
    if not text or any(character < " " or character == "\x7f" for character in text):
        return None
    try:
        url = URL(text, encoded=_PLAIN.fullmatch(text) is not None)
        url = url if base is None else base.join(url)
        is_whole = url.absolute and url.raw_host and url.scheme in ("http", "https") and url.port is not None
    except (ValueError, UnicodeError):
        return None
    return url if is_whole else None
