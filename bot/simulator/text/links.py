"""Addresses as TDLib checks and rewrites them: what becomes a link, and what a button may open."""

from __future__ import annotations

import ipaddress
import re
import string
from typing import NamedTuple

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_WHITESPACE = " \t\r\n\x00\x0b"
_PART = r"(?:[A-Za-z0-9.\-_!$,~*'();&+=%s\x80-\U0010ffff]|%%[0-9a-fA-F]{2})*"
_HOST_PART = re.compile(_PART % "")
_USERINFO_PART = re.compile(_PART % ":")
_SCHEME = re.compile(r"([^:/?#@\[\]]*)://")
_SPECIAL = re.compile(r"(tg|ton|tonsite):(?://)?", re.IGNORECASE)
_LAST_PORT = 65535
_START = re.compile(r"https?://t\.me/\w+\?(?:start|startgroup)=(.*)")
START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")


class LinkError(ValueError):
    """The address is not valid; the text is TDLib's reason."""


class Url(NamedTuple):
    """The parts of an http or https address; port 0 is the default port, and `path` includes the query."""

    scheme: str
    userinfo: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        userinfo = f"{self.userinfo}@" if self.userinfo else ""
        port = f":{self.port}" if self.port > 0 else ""
        return f"{self.scheme}://{userinfo}{self.host}{port}{self.path}"


def parse_url(url: str) -> Url:
    """Return the parts of an http or https address, http if it has no scheme; raise LinkError for others."""
    scheme = "http"
    match = _SCHEME.match(url)
    if match:
        scheme = match[1].translate(_LOWER)
        if scheme not in ("http", "https"):
            raise LinkError("Unsupported URL protocol")
        url = url[match.end() :]
    end = next((at for at, character in enumerate(url) if character in "/?#"), len(url))
    authority, port = _split_port(url[:end])
    userinfo, _, host = authority.rpartition("@")
    is_ipv6 = host.startswith("[") and host.endswith("]")
    if is_ipv6:
        _check_ipv6(host[1:-1])
    if not host:
        raise LinkError("URL host is empty")
    if host == ".":
        raise LinkError("Host is invalid")
    host = host.translate(_LOWER)
    if not is_ipv6:
        _check_part(host, _HOST_PART, "host")
        _check_part(userinfo, _USERINFO_PART, "userinfo")
    return Url(scheme, userinfo, host, port, _path(url[end:]))


def normalize_link(link: str) -> str:
    """Return the address as Telegram keeps it; raise LinkError for what can't be linked to."""
    special = _SPECIAL.match(link)
    if special is None:
        url = parse_url(link)
        if "." not in url.host and not url.host.startswith("["):
            raise LinkError("Wrong HTTP URL")
        return str(url)
    name = special[1].translate(_LOWER)
    rest = link[special.end() :]
    url = parse_url(rest)
    wrong = url.scheme == "https" or url.userinfo or url.port or url.host.startswith("[")
    if wrong or rest[:7].translate(_LOWER) == "http://":
        raise LinkError("Wrong tg URL" if name == "tg" else "Wrong ton URL")
    allowed = string.ascii_letters + string.digits + "-_" + ("." if name == "tonsite" else "")
    if any(character not in allowed for character in url.host):
        raise LinkError("Unallowed characters in URL host")
    path = url.path[1:] if url.path.startswith("/?") else url.path
    return f"{name}://{url.host}{path}"


def try_normalize_link(link: str) -> str | None:
    """Return the address as Telegram keeps it; None for what it silently drops."""
    try:
        return normalize_link(link)
    except LinkError:
        return None


def mentioned_user(link: str) -> int:
    """Return the id in tg://user?id=1; 0 for all other addresses."""
    link = link.translate(_LOWER)
    if not link.startswith("tg:"):
        return 0
    rest = link[3:].removeprefix("//")
    if not rest.startswith("user"):
        return 0
    rest = rest[4:].removeprefix("/")
    if not rest.startswith("?"):
        return 0
    for parameter in rest[1:].partition("#")[0].split("&"):
        key, _, value = parameter.partition("=")
        if key == "id":
            # TDLib accepts ids of up to 40 bits.
            is_id = value.isascii() and value.isdigit() and str(int(value)) == value and 0 < int(value) < 1 << 40
            return int(value) if is_id else 0
    return 0


def has_bad_start_parameter(url: str) -> bool:
    """Return whether a link would open a bot without its parameter.

    Telegram accepts such a link, but drops a parameter that is not 1-64 of A-Z a-z 0-9 _ -.
    """
    match = _START.fullmatch(url)
    return match is not None and START_PARAMETER.fullmatch(match[1].partition("&")[0]) is None


def _split_port(authority: str) -> tuple[str, int]:
    at = len(authority) - 1
    while at > 0 and authority[at] not in ":]@":
        at -= 1
    if at <= 0 or authority[at] != ":":
        return authority, 0
    digits = authority[at + 1 :]
    digits = digits.lstrip("0") or digits[-1:]
    if not (digits.isascii() and digits.isdigit()) or not 0 < int(digits) <= _LAST_PORT:
        raise LinkError("Wrong port number specified in the URL")
    return authority[:at], int(digits)


def _check_ipv6(host: str) -> None:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        raise LinkError("Wrong IPv6 address specified in the URL") from None


def _check_part(part: str, allowed: re.Pattern[str], name: str) -> None:
    match = allowed.match(part)
    end = match.end() if match else 0
    if end == len(part):
        return
    if part[end] == "%":
        raise LinkError(f"Wrong percent-encoded symbol in URL {name}")
    raise LinkError(f"Disallowed character in URL {name}")


def _path(rest: str) -> str:
    path = rest.rstrip(_WHITESPACE) or "/"
    if not path.startswith("/"):
        path = "/" + path
    return "".join(character if character > " " else f"%{ord(character):02X}" for character in path)
