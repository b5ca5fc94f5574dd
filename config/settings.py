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
)


def _split_ids(value: object) -> object:
    """Lists come as "1,2" from the environment and as a number when there is but one."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [value] if isinstance(value, int) else value


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


Ids = Annotated[tuple[int, ...], BeforeValidator(_split_ids)]
LocalTime = Annotated[str, AfterValidator(_local_time)]
Zone = Annotated[str, AfterValidator(_zone)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TelegramSettings(_Section):
    token: Annotated[SecretStr, AfterValidator(_token)]
    api_url: Annotated[str, AfterValidator(_web_url)]
    admins: Ids
    rate: Annotated[float, Field(gt=0, le=1000)]
    chat_rate: Annotated[float, Field(gt=0, le=1000)]
    group_rate: Annotated[float, Field(gt=0, le=1000)]
    proxy: Annotated[SecretStr, AfterValidator(_proxy)]
    poll_seconds: Annotated[int, Field(ge=1, le=50)]
    webhook_url: Annotated[str, AfterValidator(_webhook_url)]
    webhook_listen: Annotated[str, AfterValidator(_listen)]
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)]


class ChatSettings(_Section):
    access: Literal["open", "invite", "list"]
    allowed: Ids
    language: Literal["en", "zh_CN"]


class PostsSettings(_Section):
    folder: Path
    site_config: str
    scan_seconds: Annotated[float, Field(gt=0, le=86400)]
    max_age_days: Annotated[float, Field(ge=0, le=36500)]
    timezone: Zone
    max_file_mb: Annotated[float, Field(gt=0, le=1000)]


class DatabaseSettings(_Section):
    url: Annotated[SecretStr, AfterValidator(_database_url)]


class DigestSettings(_Section):
    time: LocalTime
    timezone: Zone
    max_items: Annotated[int, Field(ge=1, le=50)]
    first_items: Annotated[int, Field(ge=1, le=50)]
    send_empty: bool
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


class Settings(_Section):
    """All options, checked. Built by `config.load.load_settings`, which knows the defaults."""

    data_dir: Path
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
