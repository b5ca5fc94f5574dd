"""The origins that the settings name: where each lies, and how its posts are read."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from config.masking import plain_address
from config.origins import DEFAULT_ORIGIN, OriginSettings
from config.settings import Settings
from config.showing import shown_path
from digests.articles.hexo.site import SiteConfigError, SiteRules, read_site_config
from digests.articles.hexo.versions import PackageError, package_fault, package_path, read_package
from digests.articles.options import PostOptions
from digests.errors import OriginError
from digests.ingest.listing import ScanState
from digests.ingest.parsing import ReadingOptions
from digests.origins.folder import FolderOrigin
from digests.origins.git import GitOrigin
from digests.origins.git_environment import Repository
from digests.origins.globs import Globs
from digests.ports import Origin

logger = logging.getLogger(__name__)

_OWN_RULES = ("source", "link", "category_from_tags", "month_first", "protected", "advertisements")
"""The options of [posts] that an origin's own table may give otherwise, by their names in PostOptions."""
_DEFAULT_ZONE = "UTC"
"""The default of `posts.timezone`."""
_PLAIN_FOLDERS = frozenset({"_posts", "posts", "post", "source", "src", "content", "data"})
_FETCH_SHARE = 0.9
"""A repository is asked once in this share of `posts.scan_seconds`, however often a folder's changes wake the scan."""


@dataclass(frozen=True)
class ConfiguredOrigin:
    """An origin with its settings, and with what its last scan left to the next one.

    `own` is its [[origins]] table; None: it is read by [posts] alone.
    """

    origin: Origin
    settings: Settings
    own: OriginSettings | None = None
    state: ScanState = field(default_factory=ScanState)

    @property
    def folder(self) -> Path | None:
        """The folder that can be watched; None for a repository."""
        if self.own is None:
            return self.settings.posts.folder
        return self.own.folder / self.own.path if self.own.folder else None

    def reading(self) -> ReadingOptions:
        """Return how its posts are read. Blocks; raises OriginError when the site's configuration can't be used."""
        reading = reading_of(self.settings, with_site=self.own is None)
        own = self.own
        if own is None:
            return reading
        given = {name: value for name in _OWN_RULES if (value := getattr(own, name)) is not None}
        site = self._site(own)
        post = replace(
            reading.post,
            site=site,
            timezone=_zone(own.timezone or self.settings.posts.timezone, site),
            origin=own.name,
            folder="",
            language=own.language,
            category_prefix=own.category_prefix,
            **given,
        )
        return replace(reading, post=post)

    def reading_without_site(self) -> ReadingOptions:
        """Return what is left to go on with when `reading` raised: its posts get no links to the site. Blocks."""
        without = self.own.model_copy(update={"site_config": ""}) if self.own else None
        posts = self.settings.posts.model_copy(update={"site_config": ""})
        configured = replace(self, settings=self.settings.model_copy(update={"posts": posts}), own=without)
        return replace(configured.reading(), broken=True)

    def _site(self, own: OriginSettings) -> SiteRules | None:
        if not own.site_config:
            return None
        if isinstance(self.origin, GitOrigin) and not Path(own.site_config).is_absolute():
            return _site(own.site_config, f"origins.{own.name}.site_config", self.origin)
        return _site(own.site_config, f"origins.{own.name}.site_config")


def build_origins(settings: Settings) -> tuple[ConfiguredOrigin, ...]:
    """Return the folder of [posts] first, then the origin of each [[origins]] table but of feeds.

    Nothing is opened yet.
    """
    first = ConfiguredOrigin(FolderOrigin(settings.posts.folder, DEFAULT_ORIGIN), settings)
    others = (own for own in settings.origins if not own.is_feed)
    return (first, *(ConfiguredOrigin(_origin(settings, own), settings, own) for own in others))


def _origin(settings: Settings, own: OriginSettings) -> Origin:
    globs = Globs(own.include, own.exclude)
    if own.folder is not None:
        return FolderOrigin(own.folder / own.path, own.name, f"the folder of [[origins]] {own.name}", globs)
    repository = Repository(_address(own.git), own.branch, own.path, own.user, lambda: _secret(own), own.ca_file)
    copy = settings.data_dir / "origins" / own.name
    return GitOrigin(own.name, repository, copy, globs, settings.posts.scan_seconds * _FETCH_SHARE)


def _address(git: str) -> str:
    """A folder on this machine is named from where the bot was started."""
    is_remote = "://" in git or (":" in git and "/" not in git.partition(":")[0])
    return git if is_remote else str(Path(git).expanduser().absolute())


def _secret(own: OriginSettings) -> str:
    """Read at each use, so that a token can be replaced while the bot runs."""
    if own.token_file is None:
        return own.token.get_secret_value()
    try:
        return own.token_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise OriginError(
            f"The origin {own.name}: its token_file {shown_path(own.token_file)} can't be read ({why}): mend it."
        ) from error


def reading_of(settings: Settings, *, with_site: bool = True) -> ReadingOptions:
    """Return how the posts of `posts.folder` are read.

    Blocks, with a site; raises OriginError when its configuration can't be used.
    """
    posts = settings.posts
    site = _site(posts.site_config, "posts.site_config") if posts.site_config and with_site else None
    post = PostOptions(
        site=site,
        timezone=_zone(posts.timezone, site),
        default_pictures=posts.default_pictures,
        origin=posts.name.strip(),
        folder=_folder_name(posts.folder),
        picture_hosts=settings.fetch.allow_hosts,
        **{name: getattr(posts, name) for name in _OWN_RULES},
    )
    return ReadingOptions(
        post,
        max_age=timedelta(days=posts.max_age_days) if posts.max_age_days else None,
        max_bytes=int(posts.max_file_mb * 1_000_000),
        delete_missing=posts.delete_missing,
    )


def _zone(given: str, site: SiteRules | None) -> tzinfo:
    """Return the zone of dates that don't name theirs: the one in the settings, else the site's own.

    The default says nothing of where a site's authors live; who means UTC in any case writes Etc/UTC.
    """
    own = (site.timezone or site.process_timezone) if site is not None else None
    return own or UTC if given == _DEFAULT_ZONE else ZoneInfo(given)


def _folder_name(folder: Path) -> str:
    """Return what the folder of posts is called, without the names that all such folders have."""
    return next((part for part in folder.absolute().parts[:0:-1] if part.casefold() not in _PLAIN_FOLDERS), "")


def _site(path: str, setting: str, repository: GitOrigin | None = None) -> SiteRules:
    shown = plain_address(path)
    try:
        text = repository.text(path) if repository else Path(path).read_text(encoding="utf-8")
        return read_site_config(text, _package_beside(path, repository))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise OriginError(f"The site's configuration {shown} can't be read ({why}): set {setting}.") from error
    except SiteConfigError as error:
        raise OriginError(f"The site's configuration {shown} can't be used: {error}") from error


def _package_beside(config: str, repository: GitOrigin | None) -> str:
    """Return the package.json beside a `_config.yml`, which names Hexo's version; "" where none can be used."""
    path = package_path(config)
    try:
        text = repository.text(path) if repository else Path(path).read_text(encoding="utf-8")
        read_package(text)
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError, PackageError) as error:
        _warn_of_package(plain_address(path), package_fault(error))
        return ""
    return text


@lru_cache(maxsize=100)
def _warn_of_package(shown: str, why: str) -> None:
    """Say once what is wrong with a package.json: it is read at each scan."""
    logger.warning("The site's %s can't be used (%s): Hexo's version is taken for unknown.", shown, why)
