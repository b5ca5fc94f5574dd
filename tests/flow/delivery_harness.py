"""Planning and delivery over a real database, with a sender and a clock that the test controls."""

from __future__ import annotations

from datetime import timedelta

from bot.render.renderer import DigestRenderer
from digests.delivery.options import DeliveryOptions
from digests.delivery.worker import DeliveryWorker
from digests.model.announcement import Announcement
from digests.model.delivery import Delivery, DeliveryState, Part
from digests.model.outcome import Form, Outcome
from digests.model.place import Place, PlaceState
from digests.planning.options import DigestOptions
from digests.planning.planner import Planner
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.places.places import PlaceStore
from tests.factories.announcements import make_broadcaster
from tests.factories.articles import parsed_post, read_post
from tests.factories.places import new_place
from tests.factories.times import DAY, NOW
from tests.fakes import FakeClock, FakeSender

EIGHT = NOW.replace(hour=8, minute=0)


class DeliveryHarness:
    """A planner and a worker over one database."""

    def __init__(self, database: Database) -> None:
        self.clock = FakeClock(NOW)
        self.database = database
        self.sender = FakeSender()
        self.articles = ArticleStore(database)
        self.categories = CategoryStore(database)
        self.places = PlaceStore(database)
        self.deliveries = DeliveryStore(database)
        self.ledger = LedgerStore(database)
        self.announcements = AnnouncementStore(database)
        self.broadcaster = make_broadcaster(database)
        self._ingest = IngestStore(database)
        self.planner = Planner(
            DueStore(database),
            self.deliveries,
            self.articles,
            self.categories,
            DigestRenderer(),
            DigestOptions(3, 2, True, False),
        )
        self._workers = 0
        self.worker = self.new_worker()

    def new_worker(self, *, resend: bool = False) -> DeliveryWorker:
        """Return a worker of a name of its own; `resend`: it sends uncertain parts again."""
        self._workers += 1
        options = DeliveryOptions(8, timedelta(minutes=2), timedelta(hours=6), resend)
        name = f"worker {self._workers}"
        return DeliveryWorker(self.ledger, self.deliveries, self.places, self.sender, self.clock, options, name)

    def use_sender(self, sender: FakeSender) -> None:
        """Let another worker send through this sender from now on."""
        self.sender = sender
        self.worker = self.new_worker()

    async def publish(self, *titles: str, category: str = "news", picture: str | None = None) -> None:
        """Store new articles of these titles."""
        posts = [parsed_post(title, categories=(category,), thumbnail=picture) for title in titles]
        batch = [read_post(f"{category}/{parsed.title}.md", parsed) for parsed in posts]
        await self._ingest.write("folder", batch, self.clock.now())

    async def reader(self, chat: int = 1, category: str = "news") -> Place:
        """Add a place that gets its next digest at eight."""
        place = await self.places.meet(new_place(chat), self.clock.now())
        ids = await self.categories.ensure([(category,)])
        await self.places.subscribe(place.id, ids.values(), self.clock.now())
        await self.places.activate(place.id, EIGHT, self.clock.now(), from_now=True)
        return place

    async def announcement(self, *, despite_quiet: bool = False) -> Announcement:
        """Confirm and plan an announcement to everybody."""
        draft = await self.announcements.draft(1, "Hello", None, [], NOW)
        await self.announcements.set_options(
            draft.id, silent=False, pinned=False, paid=False, despite_quiet=despite_quiet
        )
        await self.announcements.confirm(draft.id, NOW)
        await self.broadcaster.plan_confirmed(NOW)
        return await self.announcements.get(draft.id)

    async def tick(self) -> int:
        """Plan and deliver what is due; return the number of deliveries."""
        await self.planner.plan_due(self.clock.now())
        return await self.worker.deliver_due()

    def move_to_eight(self) -> None:
        """Set the clock to the time of the digests."""
        self.clock.move(EIGHT - NOW)

    async def state(self, place: Place) -> PlaceState:
        """Return the state that the place has by now."""
        found = await self.places.find(place.chat_id)
        assert found is not None
        return found.state

    async def counts(self) -> dict[DeliveryState, int]:
        """Return how many deliveries are in each state."""
        return await self.deliveries.counts(NOW - DAY)


def sender_with(outcome: Outcome, form: Form | None = None, times: int = 10**9) -> FakeSender:
    """Return a sender whose first `times` attempts, where they have this form, come to the outcome."""
    left = [times]

    def answer(_delivery: Delivery, _part: Part, tried: Form) -> Outcome | None:
        if (form is None or tried is form) and left[0] > 0:
            left[0] -= 1
            return outcome
        return None

    return FakeSender(answer)
