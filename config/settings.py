"""The options as typed, frozen values; `default.toml` has their defaults and explains each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import AfterValidator, Field, SecretStr, model_validator

from config.checks.addresses import (
    CollectorUrl,
    Contact,
    HostPorts,
    Listen,
    OptionalListen,
    Proxy,
    PublicUrl,
    SiteUrl,
    StoreAddress,
    StoreEndpoint,
    StoreRegion,
    Token,
    WebhookSecret,
    WebhookUrl,
    WebUrl,
    is_this_machine,
)
from config.checks.databases import DatabaseUrl
from config.checks.refusal import NotAllowed
from config.checks.values import FilePath, KeptDays, Language, LocalTime, OptionalPath, People, PeopleAndGroups, Zone
from config.origins import OriginSettings, PostsSettings, check_names
from config.section import Section


class TelegramSettings(Section):
    """[telegram]: the token, the way to Telegram, and how fast messages go out."""

    token: Token
    api_url: WebUrl
    admins: People
    rate: Annotated[float, Field(gt=0, le=1000)]
    paid: bool
    paid_announcements: bool
    paid_rate: Annotated[float, Field(gt=0, le=1000)]
    chat_rate: Annotated[float, Field(gt=0, le=1000)]
    group_rate: Annotated[float, Field(gt=0, le=1000)]
    proxy: Proxy
    poll_seconds: Annotated[int, Field(ge=1, le=50)]
    webhook_url: WebhookUrl
    webhook_listen: Listen
    webhook_secret: WebhookSecret


class ChatSettings(Section):
    """[chat]: who may use the bot, and in which language."""

    access: Literal["open", "invite", "list"]
    allowed: PeopleAndGroups
    language: Language
    ephemeral: bool
    forget_days: Annotated[int, Field(ge=0, le=36500)]


class DatabaseSettings(Section):
    """[database]: where everything is stored."""

    url: DatabaseUrl


class DigestSettings(Section):
    """[digest]: when digests are due by default, and what they contain."""

    time: LocalTime
    timezone: Zone
    timezones: dict[Language, Zone]
    max_items: Annotated[int, Field(ge=1, le=50)]
    first_items: Annotated[int, Field(ge=1, le=50)]
    send_empty: bool
    max_late: Annotated[float, Field(gt=0, le=365)]
    picture: bool
    layout: Literal["gallery", "list", "headlines", "magazine"]


class MediaSettings(Section):
    """[media]: articles' pictures, and the mosaics made of them."""

    pictures: Literal["mosaic", "lead", "none"]
    folder: OptionalPath
    folder_mb: Annotated[int, Field(ge=10, le=1_000_000)]
    mosaics: Annotated[int, Field(ge=0, le=100_000)]
    category_tiles: bool
    store: StoreAddress
    store_endpoint: StoreEndpoint
    store_plain: bool
    store_region: StoreRegion
    store_key: SecretStr
    store_secret: SecretStr
    cache_mb: Annotated[int, Field(ge=20, le=1_000_000)]

    @model_validator(mode="after")
    def _check_store(self) -> MediaSettings:
        has_key, has_secret = (bool(each.get_secret_value()) for each in (self.store_key, self.store_secret))
        if not self.store and (self.store_endpoint or has_key or has_secret):
            raise NotAllowed(
                'given store = "s3://bucket/prefix", if it has a store_endpoint, store_key or store_secret'
            )
        if has_key != has_secret:
            raise NotAllowed("given both store_key and store_secret, or neither")
        is_plain = self.store_endpoint.startswith("http://") and not is_this_machine(self.store_endpoint)
        if is_plain and not self.store_plain:
            raise NotAllowed(
                "given a store_endpoint that begins with https://; store_plain = true allows http:// to another machine"
            )
        return self


class FetchSettings(Section):
    """[fetch]: what the bot fetches from the web by itself."""

    allow_hosts: HostPorts
    per_host: Annotated[int, Field(ge=1, le=100)]
    seconds: Annotated[float, Field(gt=0, le=600)]
    max_mb: Annotated[float, Field(gt=0, le=1000)]
    contact: Contact


class FeedsSettings(Section):
    """[feeds]: how often feeds are looked at, and within which bounds."""

    every: Annotated[int, Field(ge=1, le=10080)]
    least_every: Annotated[float, Field(ge=0, le=1440)]
    at_once: Annotated[int, Field(ge=1, le=100)]
    host_seconds: Annotated[float, Field(ge=0, le=60)]
    seconds: Annotated[float, Field(gt=0, le=600)]
    max_mb: Annotated[float, Field(gt=0, le=100)]
    max_items: Annotated[int, Field(ge=1, le=100_000)]
    rsshub: SiteUrl


class WebSettings(Section):
    """[web]: the address under which Telegram fetches mosaics."""

    public_url: PublicUrl
    listen: Listen


class DeliverySettings(Section):
    """[delivery]: how deliveries are made and retried."""

    tick_seconds: Annotated[float, Field(gt=0, le=3600)]
    workers: Annotated[int, Field(ge=1, le=1000)]
    lease_seconds: Annotated[float, Field(ge=5, le=86400)]
    retry_hours: Annotated[float, Field(gt=0, le=720)]
    uncertain: Literal["hold", "resend"]
    pause_failures: Annotated[float, Field(ge=0, le=100)]


class WishSettings(Section):
    """[wishes]: what chats may ask for beyond categories."""

    most: Annotated[int, Field(ge=1, le=1000)]
    at_once_per_day: Annotated[int, Field(ge=0, le=1000)]


class SearchSettings(Section):
    """[search]: how results are shown."""

    page_size: Annotated[int, Field(ge=1, le=20)]


class RetentionSettings(Section):
    """[retention]: for how many days things are kept; 0 is for ever."""

    articles: KeptDays
    ledger: KeptDays
    pictures: KeptDays
    audit: KeptDays


class LogSettings(Section):
    """[log]: what is logged, and how."""

    level: Literal["debug", "info", "warning", "error"]
    format: Literal["auto", "text", "json"]


class MetricsSettings(Section):
    """[metrics]: where measurements, and whether the bot works, can be asked for."""

    listen: OptionalListen


class TracingSettings(Section):
    """[tracing]: where spans are sent."""

    endpoint: CollectorUrl


class AlertSettings(Section):
    """[alerts]: of what the admins are told in their chats; 0 is never."""

    no_article_hours: Annotated[float, Field(ge=0, le=8760)]
    silent_sources: bool
    failure_percent: Annotated[float, Field(ge=0, le=100)]
    failures_least: Annotated[int, Field(ge=1, le=1_000_000)]
    disk_free_mb: Annotated[int, Field(ge=0, le=10_000_000)]
    telegram_minutes: Annotated[float, Field(ge=0, le=1440)]
    clock_seconds: Annotated[float, Field(ge=0, le=86400)]
    queue_minutes: Annotated[float, Field(ge=0, le=1440)]


class Settings(Section):
    """All options, checked; `config.load.load_settings` builds them, and knows the defaults."""

    data_dir: FilePath
    origins: Annotated[tuple[OriginSettings, ...], AfterValidator(check_names)]
    telegram: TelegramSettings
    chat: ChatSettings
    posts: PostsSettings
    database: DatabaseSettings
    digest: DigestSettings
    media: MediaSettings
    fetch: FetchSettings
    feeds: FeedsSettings
    web: WebSettings
    delivery: DeliverySettings
    wishes: WishSettings
    search: SearchSettings
    retention: RetentionSettings
    log: LogSettings
    metrics: MetricsSettings
    tracing: TracingSettings
    alerts: AlertSettings

    @property
    def database_url(self) -> str:
        """The database's address, in the form that storage takes; it may contain a password."""
        return self.database.url.get_secret_value() or sqlite_url(self.data_dir / "digestbot.db")

    @property
    def database_file(self) -> Path | None:
        """The file of a SQLite database; None for any other database."""
        file = self.database_url.removeprefix("sqlite:///")
        return Path(unquote(file)) if file != self.database_url else None

    @property
    def pictures_folder(self) -> Path:
        """The folder of kept pictures and mosaics, or of copies of those that are in a store."""
        return Path(self.media.folder) if self.media.folder else self.data_dir / "pictures"

    @property
    def search_path(self) -> Path:
        """The file of the search index."""
        return self.data_dir / "search.db"


def sqlite_url(file: Path) -> str:
    """Return the address of a SQLite file, whatever characters are in its name."""
    return f"sqlite:///{str(file).replace('%', '%25').replace('?', '%3F')}"
