"""What `digestbot doctor` and /doctor check: all that an operator may have to fix, each with how."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from config.masking import plain_address
from config.settings import OriginSettings, Settings
from config.showing import shown_path
from digests.articles.hexo.site import SiteConfigError, read_site_config
from digests.articles.hexo.versions import PackageError, package_fault, package_path, read_package
from digests.errors import StorageError
from digests.ingest.status import LAST_SCAN, recorded_unreadable
from digests.media.findings import picture_findings
from digests.media.fonts import find_font
from digests.media.pipeline import PICTURES_TROUBLE
from digests.model.delivery import DeliveryState
from digests.offload import in_own_thread
from digests.post_report import commonest_causes, count_by_origin
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.gaps import FlawedPost, GapStore
from digests.storage.articles.read import ArticleStore
from digests.storage.data_folder import open_to_others
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.media.report import PictureReportStore
from digests.storage.people import PeopleStore
from digests.storage.places import PlaceStore
from digests.storage.search.index import SearchIndex

ALIVE = "alive"
BOT = "bot"
ALIVE_SECONDS = 90
_FILES_SECONDS = 10.0
_LEAST_DISK = 100_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and how it is. `text` says how to fix it."""

    level: Literal["ok", "warning", "error"]
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many of everything there are; `messages` are those of the last day, by state."""

    places: dict[str, int]
    articles: int
    quarantined: int
    categories: int
    messages: dict[DeliveryState, int]


class Health:
    """Says how the bot is. Methods may raise StorageError, but for `checks`."""

    def __init__(
        self,
        settings: Settings,
        articles: ArticleStore,
        categories: CategoryStore,
        places: PlaceStore,
        deliveries: DeliveryStore,
        people: PeopleStore,
        index: SearchIndex,
        gaps: GapStore,
        pictures: PictureReportStore,
    ) -> None:
        self._gaps = gaps
        self._pictures = pictures
        self._settings = settings
        self._articles = articles
        self._categories = categories
        self._places = places
        self._deliveries = deliveries
        self._people = people
        self._index = index

    async def checks(self, now: datetime) -> list[Check]:
        """Check everything, as `run_checks` does."""
        return await run_checks(
            self._settings, self._articles, self._people, self._index, self._gaps, now, self._pictures
        )

    async def flawed_posts(self) -> tuple[FlawedPost, ...]:
        """Return the posts that lack something, or that no reader may see."""
        return await self._gaps.flawed_posts()

    async def statistics(self, now: datetime) -> Statistics:
        """Count readers, articles and messages."""
        articles, quarantined = await self._articles.counts()
        return Statistics(
            places=await self._places.counts(),
            articles=articles,
            quarantined=quarantined,
            categories=len(await self._categories.tree()),
            messages=await self._deliveries.counts(now - timedelta(days=1)),
        )


async def run_checks(
    settings: Settings,
    articles: ArticleStore,
    people: PeopleStore,
    index: SearchIndex,
    gaps: GapStore,
    now: datetime,
    pictures: PictureReportStore | None = None,
) -> list[Check]:
    """Check everything, and return what is worst first. Never raises for what it finds."""
    checks = await _files(settings)
    try:
        stored, aside = await articles.counts()
        checks.append(Check("ok", "articles", f"{stored:,} stored"))
        checks += await _posts(gaps)
        if pictures is not None:
            checks += await _pictures(settings, pictures, people)
        checks.append(await _scan(people, settings, now))
        checks.append(await _alive(people, now))
        checks.extend(
            Check("warning", "folder of posts", f"{folder} can't be read: give the bot the right to read it")
            for folder in await recorded_unreadable(people)
        )
        if aside:
            checks.append(Check("warning", "posts put aside", f"{aside:,}; each is named below with its mend"))
        checks.extend(
            Check("warning", f"{post.path}:{post.line or 1}", f"{post.cause}. Mend: {post.fix}")
            for post in await articles.quarantined()
        )
    except StorageError as error:
        checks.append(Check("error", "database", str(error)))
    try:
        checks.append(Check("ok", "search index", f"up to revision {await index.revision():,}"))
    except StorageError as error:
        checks.append(Check("error", "search index", str(error)))
    order = {"error": 0, "warning": 1, "ok": 2}
    return sorted(checks, key=lambda check: order[check.level])


async def _posts(gaps: GapStore) -> list[Check]:
    """Return a line for each origin with what its posts lack, and the causes that are mostly to blame."""
    flawed = await gaps.flawed_groups()
    origins = [
        Check("ok", f"posts of the origin {counts.origin}", str(counts))
        for counts in count_by_origin(flawed, await gaps.counts())
    ]
    causes = [
        Check(
            "ok" if cause.may_be_right else "warning",
            cause.what,
            f"{cause.sentence}; for example {cause.example.path}. Fix: {cause.fix}",
        )
        for cause in commonest_causes(flawed)
    ]
    return [*causes, *origins]


async def _pictures(settings: Settings, pictures: PictureReportStore, people: PeopleStore) -> list[Check]:
    if not settings.digest.picture or settings.media.pictures != "mosaic":
        chosen = settings.media.pictures if settings.digest.picture else "none"
        return [Check("ok", "pictures", f"none are fetched, as media.pictures is {chosen}")]
    trouble = await people.fact(PICTURES_TROUBLE)
    checks = [Check("error", "folder of pictures", trouble[0])] if trouble is not None else []
    findings = picture_findings(await pictures.report(), settings.media.folder_mb)
    return [*checks, *(Check(*finding) for finding in findings)]


async def _files(settings: Settings) -> list[Check]:
    """Check files off the event loop: a folder on a host that is gone never answers, and would hold up everybody."""
    try:
        async with asyncio.timeout(_FILES_SECONDS):
            return await in_own_thread(_look_at_files, settings)
    except TimeoutError:
        return [Check("error", "files", "a folder of posts or data_dir does not answer: look after its disk or host")]


def _look_at_files(settings: Settings) -> list[Check]:
    checks = [_folder(settings.posts.folder), *_site(settings.posts.site_config), _disk(settings.data_dir)]
    checks.extend(
        check for origin in settings.origins if not origin.is_feed for check in _origin(origin, settings.data_dir)
    )
    if settings.digest.picture and settings.media.pictures == "mosaic":
        checks.append(_fonts())
    checks.extend(
        Check("warning", "rights", f"others on this machine may get at {path}: take their rights away (chmod go= …)")
        for path in open_to_others(settings)
    )
    return checks


def _fonts() -> Check:
    if (font := find_font()) is not None:
        return Check("ok", "fonts", f"{Path(font.path).name} has Chinese letters")
    return Check(
        "warning",
        "fonts",
        "none with Chinese letters: covers have no words, and charts only Latin ones. Install one, such as Debian's "
        "fonts-noto-cjk, or any that fontconfig finds",
    )


def _folder(folder: Path) -> Check:
    if not folder.is_dir():
        return Check("error", "posts folder", f"{folder} is not there: create it, or set posts.folder")
    if not os.access(folder, os.R_OK | os.X_OK):
        return Check("error", "posts folder", f"{folder} can't be read: give the bot the right to read it")
    return Check("ok", "posts folder", str(folder))


def _origin(origin: OriginSettings, data_dir: Path) -> list[Check]:
    """Check what can be seen of an origin without asking its host."""
    what = f"origin {origin.name}"
    for file in (origin.token_file, origin.ca_file):
        if file is not None and not os.access(file, os.R_OK):
            return [Check("error", what, f"{shown_path(file)} can't be read: give the bot the right to, or mend it")]
    if origin.folder is not None:
        folder = origin.folder / origin.path
        there = folder.is_dir()
        found = Check("ok", what, str(folder)) if there else Check("error", what, f"{folder} is not there")
        return [found, *_site(origin.site_config, f"site of {what}")]
    address = plain_address(origin.git)
    if shutil.which("git") is None:
        return [Check("error", what, "the program git is not there: install it")]
    if not (data_dir / "origins" / origin.name / "HEAD").is_file():
        return [Check("warning", what, f"{address} was not fetched yet: the log says why, if it failed")]
    return [Check("ok", what, address)]


def _site(path: str, what: str = "site config") -> list[Check]:
    if not path:
        return []
    shown = plain_address(path)
    try:
        rules = read_site_config(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        return [Check("error", what, f"{shown} can't be read ({why}): set posts.site_config")]
    except SiteConfigError as error:
        return [Check("error", what, f"{shown}: {error}")]
    if not rules.url:
        return [Check("warning", what, f"{shown} gives no address of the site: write it as url, or posts get no links")]
    return [Check("ok", what, shown), *_package(package_path(path), what)]


def _package(path: str, what: str) -> list[Check]:
    """Check the package.json beside a `_config.yml`, which may be missing."""
    try:
        read_package(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, PackageError) as error:
        why = package_fault(error)
        return [Check("warning", what, f"{plain_address(path)} can't be used ({why}): it would tell Hexo's version")]
    return []


def _disk(folder: Path) -> Check:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("error", "data folder", f"{folder} can't be read ({error.strerror}): set data_dir")
    if free < _LEAST_DISK:
        return Check("error", "data folder", f"only {free / 1e6:.0f} MB are free: make room")
    return Check("ok", "data folder", f"{free / 1e9:.1f} GB free")


async def _scan(people: PeopleStore, settings: Settings, now: datetime) -> Check:
    last = await people.fact(LAST_SCAN)
    if last is None:
        return Check("warning", "last look at the posts", "never yet: start the bot, or run `digestbot ingest`")
    text, at = last
    late = timedelta(seconds=max(300.0, 5 * settings.posts.scan_seconds))
    # Under a clock that was set back it lies ahead, and says as little.
    level: Literal["ok", "warning"] = "warning" if abs(now - at) > late else "ok"
    return Check(level, "last look at the posts", f"{at:%Y-%m-%d %H:%M:%S} UTC: {text}")


async def _alive(people: PeopleStore, now: datetime) -> Check:
    if await is_alive(people, now):
        return Check("ok", BOT, "running")
    return Check("warning", BOT, "not running: start it with `digestbot run`")


async def is_alive(people: PeopleStore, now: datetime) -> bool:
    """Return whether a running bot gave a sign of life lately.

    One that lies ahead was given before the clock was set back, and says nothing.
    """
    fact = await people.fact(ALIVE)
    return fact is not None and abs(now - fact[1]) <= timedelta(seconds=ALIVE_SECONDS)
