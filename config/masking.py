"""Masking secrets in texts that an operator sees (pure)."""

from __future__ import annotations

import re

MASK = "********"

_TOKEN = re.compile(r"(?<!\d)(\d{5,20}):[A-Za-z0-9_-]{20,}")
# A password may contain slashes, so it ends at the last "@"; without a password, the user ends before the path.
# An address that was turned into a path has lost a slash.
_CREDENTIALS = re.compile(r"(:/{1,2})(?:[^\s/:@]*:\S*|[^\s/?#@]*)@")
_SHORTHAND = re.compile(r"[^\s/:@]+@(?=[^\s/:@]+:)")
_QUERY = re.compile(r"[?#].*", re.DOTALL)
# A bot's token, or a long run of letters and digits, as in keys.
_SECRET = re.compile(
    r"\d{3,}:[A-Za-z0-9_-]{3,}|.*(?=[A-Za-z0-9_-]{20})(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z]).*", re.DOTALL
)
_WORDS = re.compile(r"[A-Za-z]{1,16}([_.-]{1,2}[A-Za-z]{1,16}){0,5}")


def mask(text: str) -> str:
    """Return the text with bot tokens masked, and with user and password masked in any address."""
    return _CREDENTIALS.sub(rf"\1{MASK}@", _TOKEN.sub(rf"\1:{MASK}", text))


def plain_address(address: str) -> str:
    """Return the address, `https://…` or git's `user@host:path`, without user, password, query and tokens."""
    if "://" not in address:
        return mask(_SHORTHAND.sub("", address, count=1))
    return mask(_QUERY.sub("?…", _CREDENTIALS.sub(r"\1", address)))


def looks_secret(text: str) -> bool:
    """Return whether the text has the form of a token or a key."""
    return _SECRET.fullmatch(text) is not None or mask(text) != text


def is_words(name: str) -> bool:
    """Return whether a name consists of words, as options do, and so is not a key."""
    return _WORDS.fullmatch(name) is not None
