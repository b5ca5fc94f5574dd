"""What must not be read over an operator's shoulder, taken out of texts (pure)."""

from __future__ import annotations

import re

MASK = "********"

_TOKEN = re.compile(r"(?<!\d)(\d{5,20}):[A-Za-z0-9_-]{20,}")
# A password may hold slashes, so that it ends at the last "@" there is; without one, the user ends before the path.
# A path that was made of an address has lost a slash.
_CREDENTIALS = re.compile(r"(:/{1,2})(?:[^\s/:@]*:\S*|[^\s/?#@]*)@")
_SHORTHAND = re.compile(r"[^\s/:@]+@(?=[^\s/:@]+:)")
_QUERY = re.compile(r"[?#].*", re.DOTALL)
# A bot's token, or a long run of letters and digits as keys are made of.
_SECRET = re.compile(
    r"\d{3,}:[A-Za-z0-9_-]{3,}|.*(?=[A-Za-z0-9_-]{20})(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z]).*", re.DOTALL
)
_WORDS = re.compile(r"[A-Za-z]{1,16}([_.-]{1,2}[A-Za-z]{1,16}){0,5}")


def mask(text: str) -> str:
    """Any text without bot tokens, and without user and password in the addresses that it holds."""
    return _CREDENTIALS.sub(rf"\1{MASK}@", _TOKEN.sub(rf"\1:{MASK}", text))


def plain_address(address: str) -> str:
    """The address without user, password, query and tokens: `https://…`, or git's `user@host:path`."""
    if "://" not in address:
        return mask(_SHORTHAND.sub("", address, count=1))
    return mask(_QUERY.sub("?…", _CREDENTIALS.sub(r"\1", address)))


def looks_secret(text: str) -> bool:
    """Whether it has the form of a token or a key, wherever it was written."""
    return _SECRET.fullmatch(text) is not None or mask(text) != text


def is_words(name: str) -> bool:
    """Whether a name is made of words, as options are, and not of what a key is made of."""
    return _WORDS.fullmatch(name) is not None
