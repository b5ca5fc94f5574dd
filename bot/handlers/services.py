"""What the handlers of each room work with: use cases and stores, joined once by `bot.wiring.parts`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.handlers.background import BackgroundWork
from bot.handlers.covers import StartCovers
from bot.handlers.invitations import Invitations
from bot.handlers.menus import CommandMenus
from bot.handlers.recent_presses import RecentPresses
from bot.render.settings import DigestDefaults
from bot.telegram.photos import ArticlePhotos
from digests.announcements.broadcast import Broadcaster
from digests.announcements.edit import AnnouncementEditor
from digests.announcements.upkeep import AnnouncementUpkeep
from digests.delivery.worker import DeliveryWorker
from digests.doctor.health import Health
from digests.feeds.book import FeedBook
from digests.media.charts import Chart
from digests.operation.statistics import StatisticsKeeper
from digests.planning.planner import Planner
from digests.planning.trial import TrialPlanner
from digests.readers.curation import Curation
from digests.readers.explaining import Explainer
from digests.readers.lookup import Lookup
from digests.readers.place_wishes import PlaceWishes
from digests.readers.private_topics import PrivateTopics
from digests.readers.reading_list import ReadingList
from digests.readers.subjects import Subjects
from digests.readers.subscriptions import Subscriptions
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.top import TopStore
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.feeds.feeds import FeedStore
from digests.storage.feeds.lists import FeedListStore
from digests.storage.people.audit import AuditLog
from digests.storage.people.people import PeopleStore
from digests.storage.places.managed import ManagedStore
from digests.storage.places.own_data import OwnDataStore
from digests.storage.places.places import PlaceStore


@dataclass(frozen=True, slots=True)
class ListOptions:
    """How lists of articles look.

    `page_size` articles go on a page, `rest_size` of the rest of a digest are sent at a time.
    """

    page_size: int
    rest_size: int
    shows_pictures: bool


@dataclass(frozen=True, slots=True)
class ArticleServices:
    """For looking articles up: by time, category, words and story, and keeping them to read later.

    `people` keeps searches, for their buttons. `photos` has the kept pictures of articles.
    """

    lookup: Lookup
    articles: ArticleStore
    categories: CategoryStore
    subscriptions: Subscriptions
    deliveries: DeliveryStore
    people: PeopleStore
    top: TopStore
    wishes: PlaceWishes
    reading_list: ReadingList
    photos: ArticlePhotos
    recent: RecentPresses
    options: ListOptions


@dataclass(frozen=True, slots=True)
class ReaderServices:
    """For readers: what they follow, and their digests.

    `people` keeps what the bot waits for them to write, `managed` which groups they set up. `planner` is asked for what
    is to come. Without `covers` new readers are greeted in words alone. A place's watches bring at most `most_at_once`
    articles at once in a day; `defaults` hold where it chose nothing else. What came is known for `ledger_days`, with 0
    for good.
    """

    subscriptions: Subscriptions
    planner: Planner
    explainer: Explainer
    wishes: PlaceWishes
    subjects: Subjects
    most_at_once: int
    ledger_days: int
    trials: TrialPlanner
    categories: CategoryStore
    articles: ArticleStore
    deliveries: DeliveryStore
    delivery_worker: DeliveryWorker
    people: PeopleStore
    managed: ManagedStore
    options: ListOptions
    defaults: DigestDefaults
    covers: StartCovers | None
    menus: CommandMenus
    own_data: OwnDataStore
    look_up: ArticleServices


@dataclass(frozen=True, slots=True)
class PlaceServices:
    """For those who set up groups, channels and the topics of their private chat.

    `people` keeps what the bot waits for them to do.
    """

    places: PlaceStore
    managed: ManagedStore
    people: PeopleStore
    private_topics: PrivateTopics


@dataclass(frozen=True, slots=True)
class AdminServices:
    """For admins and owners: roles, what readers may see, the bot's health and its numbers over time.

    `draw_chart` returns a chart as a PNG file, given the language of its texts ("zh-CN"); it raises whatever drawing
    raises.
    """

    people: PeopleStore
    menus: CommandMenus
    invitations: Invitations
    curation: Curation
    health: Health
    statistics: StatisticsKeeper
    draw_chart: Callable[[Chart, str], Awaitable[bytes]]
    ledger: LedgerStore
    audit: AuditLog


@dataclass(frozen=True, slots=True)
class FeedServices:
    """For admins who look after feeds.

    `people` keeps what the bot waits for them to write, and what is too long for buttons. `background` fetches for
    them, and `following` waits for looks that screens are to show. `has_full_text` says whether articles' own pages can
    be read; `wake_feeds` has due feeds looked at soon.
    """

    book: FeedBook
    feeds: FeedStore
    lists: FeedListStore
    articles: ArticleStore
    categories: CategoryStore
    people: PeopleStore
    background: BackgroundWork
    following: BackgroundWork
    recent: RecentPresses
    has_full_text: bool
    wake_feeds: Callable[[], None]


@dataclass(frozen=True, slots=True)
class SendRates:
    """The rates at which announcements are sent, in messages per second, free and paid for.

    `is_paid`: the settings have every announcement paid for, unless it says otherwise; `may_pay`: they allow it.
    """

    free: float
    paid: float
    is_paid: bool
    may_pay: bool


@dataclass(frozen=True, slots=True)
class AnnouncementServices:
    """For editors and admins who announce. `people` keeps what the bot waits for them to write.

    `wake` runs a job as soon as possible: "deliver" or "follow".
    """

    announcements: AnnouncementStore
    broadcaster: Broadcaster
    editor: AnnouncementEditor
    upkeep: AnnouncementUpkeep
    categories: CategoryStore
    people: PeopleStore
    rates: SendRates
    wake: Callable[[str], None]
