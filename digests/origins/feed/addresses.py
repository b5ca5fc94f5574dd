"""Addresses as a feed writes them, made absolute."""

from __future__ import annotations

import re
from urllib.parse import urljoin

_BREAKS = re.compile(r"[\t\r\n]+\s*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:")
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_HOST_ALONE = re.compile(r"www\.[\w-]+\.\w", re.IGNORECASE)
"""How an address begins whose scheme was forgotten: no page is called so."""
MAX_ADDRESS = 4_096
"""Characters of an address; a longer one is none."""


def is_web_address(address: str) -> bool:
    """Whether an address is absolute and of the web."""
    return _WEB.match(address) is not None


def absolute_address(base: str, address: str) -> str:
    """Return an address resolved against a base (RFC 3986, section 5), as it is where that can't be done.

    One that begins with `www.` lacks its scheme. Line breaks in it are taken out (URL Standard, 4.4). The scheme may be
    any: `is_web_address` says whether it is of the web.
    """
    address = _BREAKS.sub("", address.strip())
    if len(address) > MAX_ADDRESS:
        return ""
    if _HOST_ALONE.match(address):
        return f"http://{address}"
    if not address or not base or _SCHEME.match(address):
        return address
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def resolved_web_address(base: str, address: str) -> str:
    """Return an address resolved against a base if it is one of the web, else ""."""
    address = absolute_address(base, address)
    return address if is_web_address(address) else ""
