"""What `digestbot doctor` and /doctor check: all that an operator may have to fix, each with how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from config.settings import Settings
from digests.alerts.findings import alert_findings
from digests.alerts.stored import STORED_ALERTS, load_states
from digests.doctor.database import database_checks
from digests.doctor.files import file_checks
from digests.doctor.posts import commonest_causes, count_by_origin
from digests.doctor.processes import BOT, process_checks
from digests.errors import StorageError
from digests.feeds.findings import feed_findings
from digests.feeds.overview import FeedOverviews
from digests.ingest.status import LAST_SCAN, recorded_unreadable
from digests.media.findings import picture_findings
from digests.media.pipeline import PICTURES_TROUBLE
from digests.media.place import place_checks
from digests.model.check import Check
from digests.model.delivery import DeliveryState
from digests.model.feed import FEED_ORIGIN, FeedHealth
from digests.origins.feed.full_text import full_text_is_installed
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.gaps import FlawedPost, GapStore
from digests.storage.articles.read import ArticleStore
from digests.storage.cluster.processes import ProcessStore
from digests.storage.database import Database
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.media.report import PictureReportStore
from digests.storage.people.people import PeopleStore
from digests.storage.places.places import PlaceStore
from digests.storage.search.port import ArticleIndex

ALIVE = "alive"
ALIVE_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many of everything there are; `messages` are those of the last day, by state, `feeds` by how they are."""

    places: dict[str, int]
    articles: int
    quarantined: int
    categories: int
    messages: dict[DeliveryState, int]
    feeds: Mapping[FeedHealth, int]


@dataclass(frozen=True, slots=True)
class CheckedStores:
    """What is checked besides files; None for what the caller leaves out.

    With `processes`, all of the bot's work must be done by the processes together; without, the one that there is has
    given a sign of life.
    """

    articles: ArticleStore
    people: PeopleStore
    index: ArticleIndex
    gaps: GapStore
    pictures: PictureReportStore | None = None
    feeds: FeedOverviews | None = None
    processes: ProcessStore | None = None
    database: Database | None = None


class Health:
    """Says how the bot is. Methods may raise StorageError, but for `checks`."""

    def __init__(
        self,
        settings: Settings,
        checked: CheckedStores,
        categories: CategoryStore,
        places: PlaceStore,
        deliveries: DeliveryStore,
        feeds: FeedOverviews,
    ) -> None:
        self._settings = settings
        self._checked = checked
        self._categories = categories
        self._places = places
        self._deliveries = deliveries
        self._feeds = feeds

    async def checks(self, now: datetime) -> list[Check]:
        """Check everything, as `run_checks` does."""
        return await run_checks(self._settings, self._checked, now)

    async def flawed_posts(self) -> tuple[FlawedPost, ...]:
        """Return the posts that lack something, or that no reader may see."""
        return await self._checked.gaps.flawed_posts()

    async def statistics(self, now: datetime) -> Statistics:
        """Count readers, articles and messages."""
        articles, quarantined = await self._checked.articles.counts()
        return Statistics(
            places=await self._places.counts(),
            articles=articles,
            quarantined=quarantined,
            categories=len(await self._categories.tree()),
            messages=await self._deliveries.counts(now - timedelta(days=1)),
            feeds=await self.feeds(now),
        )

    async def feeds(self, now: datetime) -> Mapping[FeedHealth, int]:
        """Count the feeds by how they are, in the order of FeedHealth; those of which there are none are left out."""
        return (await self._feeds.overview(now)).counts


async def run_checks(settings: Settings, stores: CheckedStores, now: datetime) -> list[Check]:
    """Check everything, and return what is worst first. Never raises for what it finds."""
    checks = await file_checks(settings)
    try:
        for look in _LOOKS:
            checks += await look(settings, stores, now)
    except StorageError as error:
        checks.append(Check("error", "database", str(error)))
    try:
        text = f"{stores.index.place}, up to revision {await stores.index.revision():,}"
        checks.append(Check("ok", "search index", text))
    except StorageError as error:
        checks.append(Check("error", "search index", str(error)))
    return in_order(checks)


def in_order(checks: Iterable[Check]) -> list[Check]:
    """Return the checks, the worst first."""
    order = {"error": 0, "warning": 1, "ok": 2}
    return sorted(checks, key=lambda check: order[check.level])


async def _database(_settings: Settings, stores: CheckedStores, now: datetime) -> list[Check]:
    if stores.database is None:
        return []
    return await database_checks(stores.database, stores.people, now)


async def _articles(_settings: Settings, stores: CheckedStores, _now: datetime) -> list[Check]:
    stored, _ = await stores.articles.counts()
    return [Check("ok", "articles", f"{stored:,} stored")]


async def _posts(_settings: Settings, stores: CheckedStores, _now: datetime) -> list[Check]:
    """Return a line for each origin with what its posts lack, and the causes that are mostly to blame."""
    flawed = await stores.gaps.flawed_groups()
    origins = [
        Check(
            "ok",
            "posts of feeds" if counts.origin == FEED_ORIGIN else f"posts of the origin {counts.origin}",
            str(counts),
        )
        for counts in count_by_origin(flawed, await stores.gaps.counts())
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


async def _pictures(settings: Settings, stores: CheckedStores, _now: datetime) -> list[Check]:
    if stores.pictures is None:
        return []
    if not settings.digest.picture or settings.media.pictures != "mosaic":
        chosen = settings.media.pictures if settings.digest.picture else "none"
        return [Check("ok", "pictures", f"none are fetched, as media.pictures is {chosen}")]
    trouble = await stores.people.fact(PICTURES_TROUBLE)
    checks = await place_checks(settings)
    if trouble is not None and trouble[0] not in [check.text for check in checks]:
        checks.append(Check("error", "folder of pictures", trouble[0]))
    findings = picture_findings(await stores.pictures.report(), settings.media.folder_mb)
    return [*checks, *(Check(*finding) for finding in findings)]


async def _feeds(_settings: Settings, stores: CheckedStores, now: datetime) -> list[Check]:
    if stores.feeds is None:
        return []
    return list(feed_findings(await stores.feeds.overview(now), is_installed=full_text_is_installed()))


async def _scan(settings: Settings, stores: CheckedStores, now: datetime) -> list[Check]:
    last = await stores.people.fact(LAST_SCAN)
    if last is None:
        return [Check("warning", "last look at the posts", "never yet: start the bot, or run `digestbot ingest`")]
    text, at = last
    late = timedelta(seconds=max(300.0, 5 * settings.posts.scan_seconds))
    # Under a clock that was set back it lies ahead, and says as little.
    level: Literal["ok", "warning"] = "warning" if abs(now - at) > late else "ok"
    return [Check(level, "last look at the posts", f"{at:%Y-%m-%d %H:%M:%S} UTC: {text}")]


async def _processes(_settings: Settings, stores: CheckedStores, now: datetime) -> list[Check]:
    if stores.processes is not None:
        return process_checks(await stores.processes.alive(now))
    if await is_alive(stores.people, now):
        return [Check("ok", BOT, "running")]
    return [Check("warning", BOT, "not running: start it with `digestbot run`")]


async def _alerts(_settings: Settings, stores: CheckedStores, now: datetime) -> list[Check]:
    stored = await stores.people.fact(STORED_ALERTS)
    return alert_findings(load_states(stored[0] if stored else ""), now)


async def _unreadable_folders(_settings: Settings, stores: CheckedStores, _now: datetime) -> list[Check]:
    return [
        Check("warning", "folder of posts", f"{folder} can't be read: give the bot the right to read it")
        for folder in await recorded_unreadable(stores.people)
    ]


async def _posts_put_aside(_settings: Settings, stores: CheckedStores, _now: datetime) -> list[Check]:
    checks: list[Check] = []
    _, aside = await stores.articles.counts()
    if aside:
        checks.append(Check("warning", "posts put aside", f"{aside:,}; each is named below with its mend"))
    checks.extend(
        Check("warning", f"{post.path}:{post.line or 1}", f"{post.cause}. Mend: {post.fix}")
        for post in await stores.articles.quarantined()
    )
    return checks


_LOOKS = (
    _database,
    _articles,
    _posts,
    _pictures,
    _feeds,
    _scan,
    _processes,
    _alerts,
    _unreadable_folders,
    _posts_put_aside,
)
"""In this order, so that what was found before the database failed is told too."""


async def is_alive(people: PeopleStore, now: datetime) -> bool:
    """Return whether a running bot gave a sign of life lately.

    One that lies ahead was given before the clock was set back, and says nothing.
    """
    fact = await people.fact(ALIVE)
    return fact is not None and abs(now - fact[1]) <= timedelta(seconds=ALIVE_SECONDS)
