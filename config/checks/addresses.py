"""Checks of addresses: of web servers, feeds, repositories, stores and Telegram, with what opens them."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

from config.checks.refusal import NotAllowed, Shown
from config.checks.values import matching, split_texts

_LAST_PORT = 65535
_LONGEST_ADDRESS = 2_000
_LONGEST_STORE = 500
# What git takes for a host and a path, if https:// was left out.
_USER_AND_PASSWORD = re.compile(r"[^/:@]*:(?!//)[^/@]*@")
_NO_PASSWORD = "an address without a user and a password: set user, and token_file or token, beside it"  # noqa: S105
_INVISIBLE = re.compile(r"[\x00-\x20\x7f]")


def split_address(address: str) -> SplitResult | None:
    """Return the parts of an address; None if it is invalid. urllib's errors quote the address, so none gets out."""
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and (parts.port is None or 0 < parts.port <= _LAST_PORT)
        (parts.hostname or "").encode("idna")
    except ValueError:
        return None
    return parts if usable and not _INVISIBLE.search(address) else None


def _web_url(value: str) -> str:
    parts = split_address(value)
    if parts is None or parts.scheme not in ("http", "https"):
        raise NotAllowed("an address that begins with http:// or https://, with a host")
    return value.rstrip("/")


def _without_password(value: str) -> str:
    parts = split_address(value)
    is_written = parts is not None and (parts.username is not None or parts.password is not None)
    if is_written or _USER_AND_PASSWORD.match(value):
        raise NotAllowed("an address without a user and a password")
    return value


def _site_url(value: str) -> str:
    parts = split_address(_without_password(value))
    if parts is not None and (parts.query or parts.fragment):
        raise NotAllowed("an address to which routes can be added, without ? and #")
    return _web_url(value)


def _store_address(value: str) -> str:
    if not value:
        return value
    found = re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()-]+)*/?", value)
    if found is None or len(value) > _LONGEST_STORE or {".", ".."} & set(value.split("/")):
        raise NotAllowed("s3://bucket or s3://bucket/prefix, of plain letters, digits and - _ . ; or nothing")
    return value.rstrip("/")


def _store_endpoint(value: str) -> str:
    host = r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    is_plain = re.fullmatch(rf"https?://{host}(/[A-Za-z0-9._~-]+)*/?", value) is not None
    if value and (not is_plain or split_address(value) is None):
        raise NotAllowed("an address that begins with https://, with a host, and without a user; or nothing")
    return value.rstrip("/")


def is_this_machine(address: str) -> bool:
    """Return whether a web address leads to this machine, by a number or as localhost."""
    host = urlsplit(address).hostname or ""
    return host == "localhost" or re.fullmatch(r"127(\.[0-9]{1,3}){3}|::1", host) is not None


def _public_url(value: str) -> str:
    if not value:
        return value
    parts = split_address(value)
    if parts is None or parts.scheme not in ("https", "http") or parts.query or parts.fragment or parts.username:
        raise NotAllowed("an address that begins with https://, with a host, or nothing")
    return value.rstrip("/")


def _feed_address(value: str) -> str:
    if value.startswith("rsshub://"):
        return value
    parts = split_address(_without_password(value)) if value else None
    if value and (parts is None or parts.scheme not in ("http", "https") or len(value) > _LONGEST_ADDRESS):
        raise NotAllowed("the address of a feed, which begins with http://, https:// or rsshub://")
    return value


def _host_ports(value: tuple[str, ...]) -> tuple[str, ...]:
    for each in value:
        parts = split_address(f"//{each}")
        if parts is None or parts.port is None or parts.netloc != each or parts.username or parts.password:
            raise NotAllowed("host:port, such as rsshub.example:1200 or 127.0.0.1:8080")
    return tuple(each.lower() for each in value)


def _contact(value: str) -> str:
    parts = split_address(value) if value.startswith(("http://", "https://")) else None
    is_page = parts is not None and not (parts.username or parts.password or parts.query)
    if value and not (is_page or re.fullmatch(r"[^\s@:]{1,64}@[^\s@:/]{1,200}\.[^\s@:/]{2,60}", value)):
        raise NotAllowed("an address that begins with https://, without a user, or a mail address; or nothing")
    return value


def _webhook_url(value: str) -> str:
    if not value:
        return value
    parts = split_address(value)
    # The path becomes a route of the web server, where braces have a meaning.
    if parts is None or parts.scheme != "https" or set("{}") & set(parts.path):
        raise NotAllowed("an address that begins with https://, with a host; or nothing")
    return value


def _token(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not re.fullmatch(r"[0-9]{1,20}:[A-Za-z0-9_-]{3,}", value.get_secret_value()):
        raise NotAllowed("a token as @BotFather gives it: digits, a colon, letters and digits")
    return value


def _proxy(value: SecretStr) -> SecretStr:
    raw = value.get_secret_value()
    parts = split_address(raw) if raw else None
    if raw and (parts is None or parts.scheme not in ("http", "socks4", "socks5") or not parts.port):
        raise NotAllowed("scheme://host:port, with the scheme http, socks4 or socks5")
    return value


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    is_number = re.fullmatch(r"\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*", host) is not None
    parts = split_address(f"//{host}")
    is_name = parts is not None and parts.netloc == parts.hostname == host.lower() and parts.port is None
    is_port = colon and re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= _LAST_PORT
    if not (is_port and (is_number or is_name)):
        raise NotAllowed("host:port, such as 127.0.0.1:8443 or [::1]:8443")
    return value


def _optional_listen(value: str) -> str:
    """Allow `off` as well as nothing: an empty variable of the environment counts as none."""
    return "" if value in ("", "off") else _listen(value)


def _collector_url(value: str) -> str:
    parts = split_address(_without_password(value)) if value else None
    if value and (parts is None or parts.scheme not in ("http", "https") or parts.query or parts.fragment):
        raise NotAllowed("an address that begins with http:// or https://, without a user and ?; or nothing")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", value.get_secret_value()):
        raise NotAllowed("1 to 256 of A-Z a-z 0-9 _ -")
    return value


def _git_address(value: str) -> str:
    """Allow `https://`, `ssh://`, `git@host:path` and local paths; a password belongs in an option of its own."""
    if _INVISIBLE.search(value.replace(" ", "")) or value.startswith("-") or "::" in value:
        raise NotAllowed("the address of a repository: https://…, ssh://…, git@host:path, or a folder on this machine")
    if _USER_AND_PASSWORD.match(value):
        raise NotAllowed(_NO_PASSWORD)
    if "://" in value:
        parts = split_address(value)
        if parts is None or parts.scheme not in ("https", "http", "ssh"):
            raise NotAllowed("an address that begins with https:// or ssh://")
        if parts.password or (parts.scheme != "ssh" and parts.username):
            raise NotAllowed(_NO_PASSWORD)
    return value


Listen = Annotated[str, AfterValidator(_listen), Shown.TEXT]
OptionalListen = Annotated[str, AfterValidator(_optional_listen), Shown.TEXT]
CollectorUrl = Annotated[str, AfterValidator(_collector_url), Shown.ADDRESS]
StoreAddress = Annotated[str, AfterValidator(_store_address), Shown.TEXT]
StoreEndpoint = Annotated[str, AfterValidator(_store_endpoint), Shown.ADDRESS]
StoreRegion = Annotated[str, matching(r"[a-z0-9-]{0,40}", "a region such as eu-central-1, or nothing"), Shown.TEXT]
FeedAddress = Annotated[str, AfterValidator(_feed_address), Shown.ADDRESS]
UserAgent = Annotated[str, matching(r"[ -~]{0,200}", "up to 200 plain characters"), Shown.TEXT]
WebUrl = Annotated[str, AfterValidator(_web_url), Shown.ADDRESS]
SiteUrl = Annotated[str, AfterValidator(_site_url), Shown.ADDRESS]
PublicUrl = Annotated[str, AfterValidator(_public_url), Shown.ADDRESS]
HostPorts = Annotated[tuple[str, ...], BeforeValidator(split_texts), AfterValidator(_host_ports), Shown.TEXT]
Contact = Annotated[str, AfterValidator(_contact), Shown.TEXT]
WebhookUrl = Annotated[str, AfterValidator(_webhook_url), Shown.ADDRESS]
GitAddress = Annotated[str, AfterValidator(_git_address), Shown.ADDRESS]
Token = Annotated[SecretStr, AfterValidator(_token)]
Proxy = Annotated[SecretStr, AfterValidator(_proxy)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_webhook_secret)]
