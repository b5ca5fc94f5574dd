"""The options as typed, frozen values. `default.toml` holds their defaults and explains each."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from config.accounts import strangers_of

DEFAULT_ORIGIN = "folder"
"""The name of the origin that [posts] describes."""


def _split_ids(value: object) -> object:
    """Lists come as "1,2" from the environment and as a number when there is but one."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [value] if isinstance(value, int) else value


def _people(value: tuple[int, ...]) -> tuple[int, ...]:
    if wrong := strangers_of(value, groups=False):
        raise ValueError(f"the ids of people, as /id tells them; no person has {', '.join(wrong)}")
    return value


def _people_and_groups(value: tuple[int, ...]) -> tuple[int, ...]:
    if wrong := strangers_of(value, groups=True):
        raise ValueError(f"the ids of people and groups, as /id tells them; none of them has {', '.join(wrong)}")
    return value


def _local_time(value: str) -> str:
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        raise ValueError('a time of day from "00:00" to "23:59"')
    hour, minute = value.split(":")
    return time(int(hour), int(minute)).strftime("%H:%M")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError('a zone of the IANA list, such as "Europe/Berlin" or "Asia/Shanghai"') from error
    return value


def _web_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address that begins with http:// or https://")
    return value.rstrip("/")


def _token(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not re.fullmatch(r"\d{1,20}:[A-Za-z0-9_-]{3,}", value.get_secret_value()):
        raise ValueError("a token as @BotFather gives it: digits, a colon, letters and digits")
    return value


def _proxy(value: SecretStr) -> SecretStr:
    raw = value.get_secret_value()
    if raw:
        try:
            parts = urlsplit(raw)
            good = parts.scheme in ("http", "https", "socks4", "socks5") and parts.hostname and parts.port
        except ValueError:
            good = None
        if not good:
            raise ValueError("scheme://host:port, with the scheme http, https, socks4 or socks5")
    return value


def _webhook_url(value: str) -> str:
    if value and not value.startswith("https://"):
        raise ValueError("an address that begins with https://, or nothing")
    return value


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isdigit() and 0 <= int(port) <= 65535):
        raise ValueError("host:port, such as 127.0.0.1:8443")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", value.get_secret_value()):
        raise ValueError("1 to 256 of A-Z a-z 0-9 _ -")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    raw = value.get_secret_value()
    if raw and urlsplit(raw).scheme not in ("sqlite", "postgresql"):
        raise ValueError("sqlite:///file or postgresql://user:password@host/name")
    return value


def _split_texts(value: object) -> object:
    """As `_split_ids`, for texts."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _git_address(value: str) -> str:
    """`https://`, `ssh://`, `git@host:path`, or a path on this machine; a password belongs into its own option."""
    if "\n" in value or value.startswith("-") or "::" in value:
        raise ValueError("the address of a repository: https://…, ssh://…, git@host:path, or a folder on this machine")
    if "://" in value:
        parts = urlsplit(value)
        if parts.scheme not in ("https", "http", "ssh") or not parts.hostname:
            raise ValueError("an address that begins with https:// or ssh://")
        if parts.password or (parts.scheme != "ssh" and parts.username):
            raise ValueError("an address without a user and a password: set user, and token_file or token, beside it")
    return value


def _glob(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        if not one or one.startswith("/") or ".." in one.split("/"):
            raise ValueError('patterns below the origin, such as "news/**/*.md" or "drafts/*"')
    return value


def _spelt(pattern: str, what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(what)
        return value

    return AfterValidator(check)


def _inside(value: str) -> str:
    parts = value.strip("/").split("/")
    if value.startswith("/") or ".." in parts or "" in parts[:-1]:
        raise ValueError('a folder inside the origin, such as "source/_posts"')
    return "/".join(part for part in parts if part not in ("", "."))


Texts = Annotated[tuple[str, ...], BeforeValidator(_split_texts)]
Globs = Annotated[tuple[str, ...], BeforeValidator(_split_texts), AfterValidator(_glob)]
Ids = Annotated[tuple[int, ...], BeforeValidator(_split_ids)]
People = Annotated[Ids, AfterValidator(_people)]
PeopleAndGroups = Annotated[Ids, AfterValidator(_people_and_groups)]
LocalTime = Annotated[str, AfterValidator(_local_time)]
Zone = Annotated[str, AfterValidator(_zone)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TelegramSettings(_Section):
    token: Annotated[SecretStr, AfterValidator(_token)]
    api_url: Annotated[str, AfterValidator(_web_url)]
    admins: People
    rate: Annotated[float, Field(gt=0, le=1000)]
    paid: bool
    paid_announcements: bool
    paid_rate: Annotated[float, Field(gt=0, le=1000)]
    chat_rate: Annotated[float, Field(gt=0, le=1000)]
    group_rate: Annotated[float, Field(gt=0, le=1000)]
    proxy: Annotated[SecretStr, AfterValidator(_proxy)]
    poll_seconds: Annotated[int, Field(ge=1, le=50)]
    webhook_url: Annotated[str, AfterValidator(_webhook_url)]
    webhook_listen: Annotated[str, AfterValidator(_listen)]
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)]


class ChatSettings(_Section):
    access: Literal["open", "invite", "list"]
    allowed: PeopleAndGroups
    language: Literal["en", "zh_CN"]


class PostsSettings(_Section):
    folder: Path
    site_config: str
    scan_seconds: Annotated[float, Field(gt=0, le=86400)]
    max_age_days: Annotated[float, Field(ge=0, le=36500)]
    story_days: Annotated[float, Field(ge=0, le=30)]
    timezone: Zone
    max_file_mb: Annotated[float, Field(gt=0, le=1000)]
    default_pictures: Texts
    watch: bool
    delete_missing: bool


class OriginSettings(_Section):
    """One more place where posts lie; what it leaves out is as in [posts]."""

    name: Annotated[str, _spelt(r"[a-z0-9][a-z0-9_-]{0,39}", "up to 40 of a-z 0-9 _ -")]
    folder: Path | None = None
    git: Annotated[str, AfterValidator(_git_address)] = ""
    branch: Annotated[str, _spelt(r"([A-Za-z0-9_][A-Za-z0-9_./-]{0,199})?", "the name of a branch, such as main")] = ""
    path: Annotated[str, AfterValidator(_inside)] = ""
    user: Annotated[str, _spelt(r"[^\s:@/]{0,100}", "a user's name")] = ""
    token: SecretStr = SecretStr("")
    token_file: Path | None = None
    ca_file: Path | None = None
    site_config: str = ""
    timezone: Zone | None = None
    language: Annotated[str, _spelt(r"([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?", "a language such as en or zh-Hans")] = ""
    category_prefix: str = ""
    include: Globs = ()
    exclude: Globs = ()

    @model_validator(mode="after")
    def _one_place(self) -> OriginSettings:
        if bool(self.folder) == bool(self.git):
            raise ValueError("given either a folder or a git repository, not both")
        secret = self.token.get_secret_value() or self.token_file
        if not self.git and (self.branch or self.user or secret or self.ca_file):
            raise ValueError("a git repository, if it has a branch, a user, a token or a ca_file")
        if self.token.get_secret_value() and self.token_file:
            raise ValueError("given either a token or a token_file, not both")
        return self


class DatabaseSettings(_Section):
    url: Annotated[SecretStr, AfterValidator(_database_url)]


class DigestSettings(_Section):
    time: LocalTime
    timezone: Zone
    max_items: Annotated[int, Field(ge=1, le=50)]
    first_items: Annotated[int, Field(ge=1, le=50)]
    send_empty: bool
    max_late: Annotated[float, Field(gt=0, le=365)]
    picture: bool


class DeliverySettings(_Section):
    tick_seconds: Annotated[float, Field(gt=0, le=3600)]
    workers: Annotated[int, Field(ge=1, le=1000)]
    lease_seconds: Annotated[float, Field(ge=5, le=86400)]
    retry_hours: Annotated[float, Field(gt=0, le=720)]
    uncertain: Literal["hold", "resend"]
    pause_failures: Annotated[float, Field(ge=0, le=100)]


class SearchSettings(_Section):
    page_size: Annotated[int, Field(ge=1, le=20)]


class LogSettings(_Section):
    level: Literal["debug", "info", "warning", "error"]
    format: Literal["auto", "text", "json"]


def _different_names(value: tuple[OriginSettings, ...]) -> tuple[OriginSettings, ...]:
    names = [one.name for one in value]
    twice = sorted({name for name in names if names.count(name) > 1 or name == DEFAULT_ORIGIN})
    if twice:
        raise ValueError(f"given a name of its own each; {', '.join(twice)} is taken twice")
    return value


class Settings(_Section):
    """All options, checked. Built by `config.load.load_settings`, which knows the defaults."""

    data_dir: Path
    origins: Annotated[tuple[OriginSettings, ...], AfterValidator(_different_names)]
    telegram: TelegramSettings
    chat: ChatSettings
    posts: PostsSettings
    database: DatabaseSettings
    digest: DigestSettings
    delivery: DeliverySettings
    search: SearchSettings
    log: LogSettings

    @property
    def database_url(self) -> str:
        """The database's address, in the form that storage takes; it may hold a password."""
        return self.database.url.get_secret_value() or f"sqlite:///{self.data_dir / 'digestbot.db'}"

    @property
    def search_path(self) -> Path:
        return self.data_dir / "search.db"
