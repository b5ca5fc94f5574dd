"""What options may contain: each check raises NotAllowed, whose text says what can be written instead.

The text never contains the value: a password may have been written in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from enum import Enum
from pathlib import Path
from typing import Annotated, TypeGuard
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr

from config.accounts import foreign_ids
from config.languages import spoken_languages

_SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql://"
# As SQLAlchemy writes it with the name of a driver, and as libpq allows it (PostgreSQL, 34.1.1.2, Connection URIs).
_OTHER_POSTGRESQL = re.compile(r"\A(postgres|postgresql\+psycopg)://")
_LAST_PORT = 65535
_LONGEST_ADDRESS = 2_000
_LONGEST_STORE = 500
# What git takes for a host and a path, if https:// was left out.
_USER_AND_PASSWORD = re.compile(r"[^/:@]*:(?!//)[^/@]*@")
_NO_PASSWORD = "an address without a user and a password: set user, and token_file or token, beside it"  # noqa: S105
_INVISIBLE = re.compile(r"[\x00-\x20\x7f]")


class NotAllowed(ValueError):  # noqa: N818
    """The value can't be used; the text says what can be, without showing the value."""


class Shown(Enum):
    """How a text option may be shown where settings or their mistakes are printed; others are masked."""

    TEXT = "as it is"
    ADDRESS = "without user, password and query"
    PATH = "if it is a path: it may be, by mistake, what should be in the file"


def _split_ids(value: object) -> object:
    """Split a list of ids, which comes as "1,2" from the environment, or as a number if there is only one."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [value] if isinstance(value, int) else value


def _split_texts(value: object) -> object:
    """Split a list of texts, which comes as "a,b" from the environment."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _people(value: tuple[int, ...]) -> tuple[int, ...]:
    if wrong := foreign_ids(value, groups=False):
        raise NotAllowed(f"the ids of people, as /id shows them; no person has {', '.join(wrong)}")
    return value


def _people_and_groups(value: tuple[int, ...]) -> tuple[int, ...]:
    if wrong := foreign_ids(value, groups=True):
        raise NotAllowed(f"the ids of people and groups, as /id shows them; none of them has {', '.join(wrong)}")
    return value


def _kept_days(value: int) -> int:
    # What is younger may still be needed: for a chat's next digest, or to send one again.
    if value != 0 and not 7 <= value <= 36500:
        raise NotAllowed("a number of days from 7 to 36500, or 0 for ever")
    return value


def _local_time(value: str) -> str:
    if not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value):
        raise NotAllowed('a time of day from "00:00" to "23:59"')
    hour, minute = value.split(":")
    return time(int(hour), int(minute)).strftime("%H:%M")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise NotAllowed('a zone of the IANA database, such as "Europe/Berlin" or "Asia/Shanghai"') from error
    return value


def _language(value: str) -> str:
    if value not in spoken_languages():
        raise NotAllowed(f"one of {', '.join(map(repr, spoken_languages()))}")
    return value


def _split_address(address: str) -> SplitResult | None:
    """Return the parts of an address; None if it is invalid. urllib's errors quote the address, so none gets out."""
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and (parts.port is None or 0 < parts.port <= _LAST_PORT)
        (parts.hostname or "").encode("idna")
    except ValueError:
        return None
    return parts if usable and not _INVISIBLE.search(address) else None


def _web_url(value: str) -> str:
    parts = _split_address(value)
    if parts is None or parts.scheme not in ("http", "https"):
        raise NotAllowed("an address that begins with http:// or https://, with a host")
    return value.rstrip("/")


def _without_password(value: str) -> str:
    parts = _split_address(value)
    is_written = parts is not None and (parts.username is not None or parts.password is not None)
    if is_written or _USER_AND_PASSWORD.match(value):
        raise NotAllowed("an address without a user and a password")
    return value


def _site_url(value: str) -> str:
    parts = _split_address(_without_password(value))
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
    if value and (not is_plain or _split_address(value) is None):
        raise NotAllowed("an address that begins with https://, with a host, and without a user; or nothing")
    return value.rstrip("/")


def is_this_machine(address: str) -> bool:
    """Return whether a web address leads to this machine, by a number or as localhost."""
    host = urlsplit(address).hostname or ""
    return host == "localhost" or re.fullmatch(r"127(\.[0-9]{1,3}){3}|::1", host) is not None


def _public_url(value: str) -> str:
    if not value:
        return value
    parts = _split_address(value)
    if parts is None or parts.scheme not in ("https", "http") or parts.query or parts.fragment or parts.username:
        raise NotAllowed("an address that begins with https://, with a host, or nothing")
    return value.rstrip("/")


def _feed_address(value: str) -> str:
    if value.startswith("rsshub://"):
        return value
    parts = _split_address(_without_password(value)) if value else None
    if value and (parts is None or parts.scheme not in ("http", "https") or len(value) > _LONGEST_ADDRESS):
        raise NotAllowed("the address of a feed, which begins with http://, https:// or rsshub://")
    return value


def _host_ports(value: tuple[str, ...]) -> tuple[str, ...]:
    for each in value:
        parts = _split_address(f"//{each}")
        if parts is None or parts.port is None or parts.netloc != each or parts.username or parts.password:
            raise NotAllowed("host:port, such as rsshub.example:1200 or 127.0.0.1:8080")
    return tuple(each.lower() for each in value)


def _contact(value: str) -> str:
    parts = _split_address(value) if value.startswith(("http://", "https://")) else None
    is_page = parts is not None and not (parts.username or parts.password or parts.query)
    if value and not (is_page or re.fullmatch(r"[^\s@:]{1,64}@[^\s@:/]{1,200}\.[^\s@:/]{2,60}", value)):
        raise NotAllowed("an address that begins with https://, without a user, or a mail address; or nothing")
    return value


def _webhook_url(value: str) -> str:
    if not value:
        return value
    parts = _split_address(value)
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
    parts = _split_address(raw) if raw else None
    if raw and (parts is None or parts.scheme not in ("http", "socks4", "socks5") or not parts.port):
        raise NotAllowed("scheme://host:port, with the scheme http, socks4 or socks5")
    return value


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    is_number = re.fullmatch(r"\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*", host) is not None
    parts = _split_address(f"//{host}")
    is_name = parts is not None and parts.netloc == parts.hostname == host.lower() and parts.port is None
    is_port = colon and re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= _LAST_PORT
    if not (is_port and (is_number or is_name)):
        raise NotAllowed("host:port, such as 127.0.0.1:8443 or [::1]:8443")
    return value


def _optional_listen(value: str) -> str:
    """Allow `off` as well as nothing: an empty variable of the environment counts as none."""
    return "" if value in ("", "off") else _listen(value)


def _collector_url(value: str) -> str:
    parts = _split_address(_without_password(value)) if value else None
    if value and (parts is None or parts.scheme not in ("http", "https") or parts.query or parts.fragment):
        raise NotAllowed("an address that begins with http:// or https://, without a user and ?; or nothing")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", value.get_secret_value()):
        raise NotAllowed("1 to 256 of A-Z a-z 0-9 _ -")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    raw = value.get_secret_value()
    if not raw:
        return value
    try:
        text = unquote(raw, errors="strict")
    except UnicodeDecodeError:
        text = ""
    if re.search(r"%(?![0-9A-Fa-f]{2})", raw) or not text.isprintable() or not text:
        raise NotAllowed('an address that writes "%" as %25, and other special characters as %XX')
    if raw.startswith("sqlite:"):
        return SecretStr(_sqlite_url(raw))
    raw = _OTHER_POSTGRESQL.sub(_POSTGRESQL, raw)
    _check_postgresql(raw)
    return SecretStr(raw)


def _sqlite_url(raw: str) -> str:
    """Return the address with the home folder expanded."""
    file = raw.removeprefix(_SQLITE)
    if not raw.startswith(_SQLITE) or not file.strip("/") or file.startswith((":memory:", "file:")) or "?" in file:
        raise NotAllowed("sqlite:///relative/file or sqlite:////absolute/file, with a file and no options")
    return f"{_SQLITE}{_expand_home(file)}" if file.startswith("~") else raw


def _check_postgresql(raw: str) -> None:
    if not raw.startswith(_POSTGRESQL):
        raise NotAllowed("sqlite:///file or postgresql://host/name; USER:PASSWORD@ goes before the host")
    authority = re.split(r"[/?#]", raw.removeprefix(_POSTGRESQL), maxsplit=1)[0]
    if raw.count("@") > 1 or "#" in raw or ("@" in raw and "@" not in authority):
        raise NotAllowed("an address whose user and password write @ as %40, / as %2F, # as %23 and ? as %3F")
    host = authority.rpartition("@")[2]
    # Without a host, it is this machine's socket.
    if host and _split_address(f"{_POSTGRESQL}{host}") is None:
        raise NotAllowed("postgresql://host:port/name, with the port a number up to 65535")


def _git_address(value: str) -> str:
    """Allow `https://`, `ssh://`, `git@host:path` and local paths; a password belongs in an option of its own."""
    if _INVISIBLE.search(value.replace(" ", "")) or value.startswith("-") or "::" in value:
        raise NotAllowed("the address of a repository: https://…, ssh://…, git@host:path, or a folder on this machine")
    if _USER_AND_PASSWORD.match(value):
        raise NotAllowed(_NO_PASSWORD)
    if "://" in value:
        parts = _split_address(value)
        if parts is None or parts.scheme not in ("https", "http", "ssh"):
            raise NotAllowed("an address that begins with https:// or ssh://")
        if parts.password or (parts.scheme != "ssh" and parts.username):
            raise NotAllowed(_NO_PASSWORD)
    return value


def _glob(value: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in value:
        if not pattern or pattern.startswith("/") or ".." in pattern.split("/"):
            raise NotAllowed('patterns below the origin, such as "news/**/*.md" or "drafts/*"')
    return value


def _inside(value: str) -> str:
    parts = value.strip("/").split("/")
    if value.startswith("/") or ".." in parts or "" in parts[:-1] or "\0" in value:
        raise NotAllowed('a folder inside the origin, such as "source/_posts"')
    return "/".join(part for part in parts if part not in ("", "."))


def _expand_home(value: str) -> str:
    """Return the path with "~" expanded to the home folder."""
    if "\0" in value:
        raise NotAllowed("a path without a zero byte")
    try:
        return str(Path(value).expanduser()) if value.startswith("~") else value
    except RuntimeError:
        raise NotAllowed('a path whose "~" names a home folder on this machine') from None


def _path(value: Path) -> Path:
    return Path(_expand_home(str(value)))


def _category_path(value: object) -> object:
    """Split a category's path, written as "World/Japan"; a name with a slash is written in a list: ["C/C++"]."""
    if isinstance(value, str):
        value = value.split("/")
    return tuple(part.strip() for part in value if part.strip()) if _are_texts(value) else value


def _are_texts(value: object) -> TypeGuard[Sequence[str]]:
    return isinstance(value, list | tuple) and all(isinstance(part, str) for part in value)


def matching(pattern: str, what: str) -> AfterValidator:
    """Return a check that the whole text matches the pattern; `what` says what is allowed."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise NotAllowed(what)
        return value

    return AfterValidator(check)


PlainText = Annotated[str, Shown.TEXT]
PlainTexts = Annotated[tuple[str, ...], BeforeValidator(_split_texts), Shown.TEXT]
CategoryPath = Annotated[tuple[str, ...], BeforeValidator(_category_path), Shown.TEXT]
GlobPatterns = Annotated[tuple[str, ...], BeforeValidator(_split_texts), AfterValidator(_glob), Shown.TEXT]
Ids = Annotated[tuple[Annotated[int, Shown.TEXT], ...], BeforeValidator(_split_ids), Shown.TEXT]
People = Annotated[Ids, AfterValidator(_people)]
PeopleAndGroups = Annotated[Ids, AfterValidator(_people_and_groups)]
KeptDays = Annotated[int, AfterValidator(_kept_days)]
LocalTime = Annotated[str, AfterValidator(_local_time), Shown.TEXT]
Language = Annotated[str, AfterValidator(_language), Shown.TEXT]
Zone = Annotated[str, AfterValidator(_zone), Shown.TEXT]
Listen = Annotated[str, AfterValidator(_listen), Shown.TEXT]
OptionalListen = Annotated[str, AfterValidator(_optional_listen), Shown.TEXT]
CollectorUrl = Annotated[str, AfterValidator(_collector_url), Shown.ADDRESS]
FolderInside = Annotated[str, AfterValidator(_inside), Shown.TEXT]
FilePath = Annotated[Path, AfterValidator(_path), Shown.TEXT]
SecretPath = Annotated[Path, AfterValidator(_path), Shown.PATH]
OptionalPath = Annotated[str, AfterValidator(_expand_home), Shown.TEXT]
StoreAddress = Annotated[str, AfterValidator(_store_address), Shown.TEXT]
StoreEndpoint = Annotated[str, AfterValidator(_store_endpoint), Shown.ADDRESS]
StoreRegion = Annotated[str, matching(r"[a-z0-9-]{0,40}", "a region such as eu-central-1, or nothing"), Shown.TEXT]
SiteConfig = Annotated[str, AfterValidator(_expand_home), Shown.ADDRESS]
FeedAddress = Annotated[str, AfterValidator(_feed_address), Shown.ADDRESS]
UserAgent = Annotated[str, matching(r"[ -~]{0,200}", "up to 200 plain characters"), Shown.TEXT]
WebUrl = Annotated[str, AfterValidator(_web_url), Shown.ADDRESS]
SiteUrl = Annotated[str, AfterValidator(_site_url), Shown.ADDRESS]
PublicUrl = Annotated[str, AfterValidator(_public_url), Shown.ADDRESS]
HostPorts = Annotated[tuple[str, ...], BeforeValidator(_split_texts), AfterValidator(_host_ports), Shown.TEXT]
Contact = Annotated[str, AfterValidator(_contact), Shown.TEXT]
WebhookUrl = Annotated[str, AfterValidator(_webhook_url), Shown.ADDRESS]
GitAddress = Annotated[str, AfterValidator(_git_address), Shown.ADDRESS]
Token = Annotated[SecretStr, AfterValidator(_token)]
Proxy = Annotated[SecretStr, AfterValidator(_proxy)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_webhook_secret)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
