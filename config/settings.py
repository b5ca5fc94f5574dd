"""The options as typed, frozen values; `default.toml` has their defaults and explains each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from config.checks import (
    CategoryPath,
    CollectorUrl,
    Contact,
    DatabaseUrl,
    FeedAddress,
    FilePath,
    FolderInside,
    GitAddress,
    GlobPatterns,
    HostPorts,
    KeptDays,
    Language,
    Listen,
    LocalTime,
    NotAllowed,
    OptionalListen,
    OptionalPath,
    People,
    PeopleAndGroups,
    PlainText,
    PlainTexts,
    Proxy,
    PublicUrl,
    SecretPath,
    Shown,
    SiteConfig,
    SiteUrl,
    StoreAddress,
    StoreEndpoint,
    StoreRegion,
    Token,
    UserAgent,
    WebhookSecret,
    WebhookUrl,
    WebUrl,
    Zone,
    is_this_machine,
    matching,
)

DEFAULT_ORIGIN = "folder"
"""The name of the origin that [posts] describes."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TelegramSettings(_Section):
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


class ChatSettings(_Section):
    """[chat]: who may use the bot, and in which language."""

    access: Literal["open", "invite", "list"]
    allowed: PeopleAndGroups
    language: Language
    ephemeral: bool
    forget_days: Annotated[int, Field(ge=0, le=36500)]


SourceSetting = Literal["auto", "site", "category", "author"]
LinkSetting = Literal["auto", "original", "own"]
ProtectedSetting = Literal["hide", "abstract"]


class PostsSettings(_Section):
    """[posts]: where posts are, and how they are read."""

    folder: FilePath
    name: PlainText
    site_config: SiteConfig
    scan_seconds: Annotated[float, Field(gt=0, le=86400)]
    max_age_days: Annotated[float, Field(ge=0, le=36500)]
    story_days: Annotated[float, Field(ge=0, le=30)]
    timezone: Zone
    max_file_mb: Annotated[float, Field(gt=0, le=1000)]
    default_pictures: PlainTexts
    source: SourceSetting
    link: LinkSetting
    category_from_tags: bool
    month_first: bool
    protected: ProtectedSetting
    advertisements: bool
    watch: bool
    delete_missing: bool


class OriginSettings(_Section):
    """[[origins]]: a further origin of posts; what it leaves out is as in [posts].

    With kind = "feed" it is a feed of the web, which needs no name.
    """

    kind: Literal["", "folder", "git", "feed"] = ""
    name: Annotated[str, matching(r"([a-z0-9][a-z0-9_-]{0,39})?", "up to 40 of a-z 0-9 _ -"), Shown.TEXT] = ""
    folder: FilePath | None = None
    git: GitAddress = ""
    url: FeedAddress = ""
    category: CategoryPath = ()
    every: Annotated[int, Field(ge=1, le=10080)] | None = None
    full_text: bool = False
    tags_as_categories: bool = False
    user_agent: UserAgent = ""
    branch: Annotated[
        str, matching(r"([A-Za-z0-9_][A-Za-z0-9_./-]{0,199})?", "the name of a branch, such as main"), Shown.TEXT
    ] = ""
    path: FolderInside = ""
    user: Annotated[str, matching(r"[^\s:@/]{0,100}", "a user's name")] = ""
    token: SecretStr = SecretStr("")
    token_file: SecretPath | None = None
    ca_file: SecretPath | None = None
    site_config: SiteConfig = ""
    timezone: Zone | None = None
    language: Annotated[
        str, matching(r"([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?", "a language such as en or zh-Hans"), Shown.TEXT
    ] = ""
    category_prefix: CategoryPath = ()
    source: SourceSetting | None = None
    link: LinkSetting | None = None
    category_from_tags: bool | None = None
    month_first: bool | None = None
    protected: ProtectedSetting | None = None
    advertisements: bool | None = None
    include: GlobPatterns = ()
    exclude: GlobPatterns = ()

    @model_validator(mode="after")
    def _check_place(self) -> OriginSettings:
        if self.is_feed:
            self._check_feed()
            return self
        if self.feed_options_given:
            raise NotAllowed('of kind = "feed", if it has a url, a category, every, full_text or a user_agent')
        if not self.name:
            raise NotAllowed("given a name")
        if bool(self.folder) == bool(self.git):
            raise NotAllowed("given either a folder or a git repository, not both")
        if self.kind and self.kind != ("folder" if self.folder else "git"):
            raise NotAllowed(f'given kind = "{"folder" if self.folder else "git"}", or none')
        secret = self.token.get_secret_value() or self.token_file
        if not self.git and (self.branch or self.user or secret or self.ca_file):
            raise NotAllowed("a git repository, if it has a branch, a user, a token or a ca_file")
        if self.token.get_secret_value() and self.token_file:
            raise NotAllowed("given either a token or a token_file, not both")
        return self

    @property
    def is_feed(self) -> bool:
        """Whether it is a feed of the web."""
        return self.kind == "feed"

    @property
    def feed_options_given(self) -> bool:
        """Whether anything is set that only a feed has."""
        return bool(
            self.url or self.category or self.every or self.full_text or self.tags_as_categories or self.user_agent
        )

    def _check_feed(self) -> None:
        if not self.url:
            raise NotAllowed("given the url of the feed")
        own = {"kind", "name", "url", "category", "language", "every", "full_text", "tags_as_categories", "user_agent"}
        if other := sorted(self.model_fields_set - own):
            raise NotAllowed(f"without {', '.join(other)}: a feed has only {', '.join(sorted(own))}")


class DatabaseSettings(_Section):
    """[database]: where everything is stored."""

    url: DatabaseUrl


class DigestSettings(_Section):
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


class MediaSettings(_Section):
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


class FetchSettings(_Section):
    """[fetch]: what the bot fetches from the web by itself."""

    allow_hosts: HostPorts
    per_host: Annotated[int, Field(ge=1, le=100)]
    seconds: Annotated[float, Field(gt=0, le=600)]
    max_mb: Annotated[float, Field(gt=0, le=1000)]
    contact: Contact


class FeedsSettings(_Section):
    """[feeds]: how often feeds are looked at, and within which bounds."""

    every: Annotated[int, Field(ge=1, le=10080)]
    least_every: Annotated[float, Field(ge=0, le=1440)]
    at_once: Annotated[int, Field(ge=1, le=100)]
    host_seconds: Annotated[float, Field(ge=0, le=60)]
    seconds: Annotated[float, Field(gt=0, le=600)]
    max_mb: Annotated[float, Field(gt=0, le=100)]
    max_items: Annotated[int, Field(ge=1, le=100_000)]
    rsshub: SiteUrl


class WebSettings(_Section):
    """[web]: the address under which Telegram fetches mosaics."""

    public_url: PublicUrl
    listen: Listen


class DeliverySettings(_Section):
    """[delivery]: how deliveries are made and retried."""

    tick_seconds: Annotated[float, Field(gt=0, le=3600)]
    workers: Annotated[int, Field(ge=1, le=1000)]
    lease_seconds: Annotated[float, Field(ge=5, le=86400)]
    retry_hours: Annotated[float, Field(gt=0, le=720)]
    uncertain: Literal["hold", "resend"]
    pause_failures: Annotated[float, Field(ge=0, le=100)]


class WishSettings(_Section):
    """[wishes]: what chats may ask for beyond categories."""

    most: Annotated[int, Field(ge=1, le=1000)]
    at_once_per_day: Annotated[int, Field(ge=0, le=1000)]


class SearchSettings(_Section):
    """[search]: how results are shown."""

    page_size: Annotated[int, Field(ge=1, le=20)]


class RetentionSettings(_Section):
    """[retention]: for how many days things are kept; 0 is for ever."""

    articles: KeptDays
    ledger: KeptDays
    pictures: KeptDays
    audit: KeptDays


class LogSettings(_Section):
    """[log]: what is logged, and how."""

    level: Literal["debug", "info", "warning", "error"]
    format: Literal["auto", "text", "json"]


class MetricsSettings(_Section):
    """[metrics]: where measurements, and whether the bot works, can be asked for."""

    listen: OptionalListen


class TracingSettings(_Section):
    """[tracing]: where spans are sent."""

    endpoint: CollectorUrl


class AlertSettings(_Section):
    """[alerts]: of what the admins are told in their chats; 0 is never."""

    no_article_hours: Annotated[float, Field(ge=0, le=8760)]
    silent_sources: bool
    failure_percent: Annotated[float, Field(ge=0, le=100)]
    failures_least: Annotated[int, Field(ge=1, le=1_000_000)]
    disk_free_mb: Annotated[int, Field(ge=0, le=10_000_000)]
    telegram_minutes: Annotated[float, Field(ge=0, le=1440)]
    clock_seconds: Annotated[float, Field(ge=0, le=86400)]
    queue_minutes: Annotated[float, Field(ge=0, le=1440)]


def _check_names(value: tuple[OriginSettings, ...]) -> tuple[OriginSettings, ...]:
    names = [origin.name for origin in value if origin.name]
    repeated = sorted({name for name in names if names.count(name) > 1 or name == DEFAULT_ORIGIN})
    if repeated:
        raise NotAllowed(f"given different names; {', '.join(repeated)} is taken twice")
    addresses = [origin.url for origin in value if origin.is_feed]
    if len(addresses) > len(set(addresses)):
        raise NotAllowed("different feeds; the url of one is given twice")
    return value


class Settings(_Section):
    """All options, checked; `config.load.load_settings` builds them, and knows the defaults."""

    data_dir: FilePath
    origins: Annotated[tuple[OriginSettings, ...], AfterValidator(_check_names)]
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
