"""The options of posts: of the folder of [posts], and of the further origins, which may be feeds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator

from config.checks.addresses import FeedAddress, GitAddress, UserAgent
from config.checks.refusal import NotAllowed, Shown
from config.checks.values import (
    CategoryPath,
    FilePath,
    FolderInside,
    GlobPatterns,
    PlainText,
    PlainTexts,
    SecretPath,
    SiteConfig,
    Zone,
    matching,
)
from config.section import Section

DEFAULT_ORIGIN = "folder"
"""The name of the origin that [posts] describes."""

SourceSetting = Literal["auto", "site", "category", "author"]
LinkSetting = Literal["auto", "original", "own"]
ProtectedSetting = Literal["hide", "abstract"]


class PostsSettings(Section):
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


class OriginSettings(Section):
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


def check_names(value: tuple[OriginSettings, ...]) -> tuple[OriginSettings, ...]:
    """Check that all origins can be told apart. Raises NotAllowed."""
    names = [origin.name for origin in value if origin.name]
    repeated = sorted({name for name in names if names.count(name) > 1 or name == DEFAULT_ORIGIN})
    if repeated:
        raise NotAllowed(f"given different names; {', '.join(repeated)} is taken twice")
    addresses = [origin.url for origin in value if origin.is_feed]
    if len(addresses) > len(set(addresses)):
        raise NotAllowed("different feeds; the url of one is given twice")
    return value
