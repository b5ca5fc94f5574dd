"""From due places to sent parts, with every port but the database a fake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.render.digest import ClassicRenderer
from digests.delivery.attempt import DeliveryOptions
from digests.delivery.worker import DeliveryWorker
from digests.errors import StorageError
from digests.model.delivery import Delivery, DeliveryKind, DeliveryState, Part, Rendering
from digests.model.digest import Window
from digests.model.outcome import (
    BadMarkup,
    BadPicture,
    Form,
    Moved,
    NotAccepted,
    Outcome,
    Refused,
    Throttled,
    TopicGone,
    Unknown,
    Unreachable,
    Wait,
)
from digests.model.place import Place, PlaceState
from digests.planning.planner import DigestOptions, Planner
from digests.ports import Turn
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plan import Plan
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.places import PlaceStore
from digests.storage.schema import renderings
from tests.builders import NOW, parsed
from tests.contract.test_announcements import announcer
from tests.contract.test_articles import read
from tests.contract.test_places import newcomer
from tests.contract.test_upkeep import upkeep_of
from tests.fakes import FakeClock, FakeSender

DAY = timedelta(days=1)
EIGHT = NOW.replace(hour=8, minute=0)


class DeliveryHarness:
    """Planner and courier over a database, with a clock that stands still."""

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
        self.broadcaster = announcer(database)
        self._ingest = IngestStore(database)
        self.planner = Planner(
            DueStore(database),
            self.deliveries,
            self.articles,
            self.categories,
            ClassicRenderer(),
            DigestOptions(3, 2, True, False),
        )
        self._couriers = 0
        self.delivery_worker = self.new_worker()

    def new_worker(self, *, resend: bool = False) -> DeliveryWorker:
        options = DeliveryOptions(8, timedelta(minutes=2), timedelta(hours=6), resend)
        self._couriers += 1
        owner = f"courier {self._couriers}"
        return DeliveryWorker(self.ledger, self.deliveries, self.places, self.sender, self.clock, options, owner)

    async def publish(self, *titles: str, category: str = "news", picture: str | None = None) -> None:
        batch = [
            read(f"{category}/{title}.md", parsed(title, categories=(category,), thumbnail=picture)) for title in titles
        ]
        await self._ingest.write("folder", batch, self.clock.now())

    async def reader(self, chat: int = 1, category: str = "news") -> Place:
        place = await self.places.meet(newcomer(chat), self.clock.now())
        ids = await self.categories.ensure([(category,)])
        await self.places.subscribe(place.id, ids.values(), self.clock.now())
        await self.places.activate(place.id, EIGHT, self.clock.now(), from_now=True)
        return place

    async def tick(self) -> int:
        await self.planner.plan_due(self.clock.now())
        return await self.delivery_worker.deliver_due()

    async def move_to_eight(self) -> None:
        self.clock.move(EIGHT - NOW)

    async def state(self, place: Place) -> PlaceState:
        found = await self.places.find(place.chat_id)
        assert found is not None
        return found.state

    async def outcomes(self) -> dict[DeliveryState, int]:
        return await self.deliveries.counts(NOW - DAY)


@pytest.fixture
def harness(database: Database) -> DeliveryHarness:
    return DeliveryHarness(database)


def always(outcome: Outcome, form: Form | None = None, times: int = 10**9) -> FakeSender:
    left = [times]

    def answer(_delivery: Delivery, _part: Part, tried: Form) -> Outcome | None:
        if (form is None or tried is form) and left[0] > 0:
            left[0] -= 1
            return outcome
        return None

    return FakeSender(answer)


def with_sender(harness: DeliveryHarness, sender: FakeSender) -> None:
    harness.sender = sender
    harness.delivery_worker = harness.new_worker()


async def test_a_digest_comes_at_its_time_and_once(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One", "Two")
    assert await harness.tick() == 0
    await harness.move_to_eight()
    assert await harness.tick() == 1
    (sent,) = harness.sender.sent
    assert "One" in sent.html
    assert "Two" in sent.html
    assert not sent.urgent
    assert await harness.tick() == 0
    harness.clock.move(DAY)
    assert await harness.tick() == 0
    assert await harness.outcomes() == {DeliveryState.SENT: 1}


async def test_what_max_items_cut_off_is_behind_the_button_and_covered(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One", "Two", "Three", "Four", "Five")
    await harness.move_to_eight()
    await harness.tick()
    assert harness.sender.sent[0].rest == 2
    harness.clock.move(DAY)
    assert await harness.tick() == 0


async def test_only_subscribed_categories_with_their_children(harness: DeliveryHarness) -> None:
    place = await harness.reader(category="news")
    await harness.publish("Inside")
    await harness.publish("Outside", category="sport")
    await harness.places.meet(newcomer(2), harness.clock.now())
    await harness.move_to_eight()
    await harness.tick()
    (sent,) = harness.sender.sent
    assert sent.chat_id == place.chat_id
    assert "Outside" not in sent.html


async def test_three_missed_slots_are_one_digest_that_says_so(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    harness.clock.move(3 * DAY)
    assert await harness.tick() == 1
    (sent,) = harness.sender.sent
    assert "With all that came from 6 Jun 07:30 to 9 Jun 07:30" in sent.html
    due = await harness.places.next_moment()
    assert due == EIGHT + 3 * DAY


async def test_a_digest_asked_for_moves_the_window(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    await harness.publish("One")
    delivery = await harness.planner.plan_now(place.id, harness.clock.now())
    assert delivery is not None
    await harness.delivery_worker.deliver_due([delivery])
    assert harness.sender.sent[0].urgent
    assert await harness.planner.plan_now(place.id, harness.clock.now()) is None
    await harness.publish("Two")
    await harness.move_to_eight()
    await harness.tick()
    assert "Two" in harness.sender.sent[1].html
    assert "One" not in harness.sender.sent[1].html


async def test_who_stopped_still_gets_what_he_asks_for(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    await harness.publish("One")
    await harness.places.silence(place.id, PlaceState.STOPPED)
    delivery = await harness.planner.plan_now(place.id, harness.clock.now())
    assert delivery is not None
    await harness.delivery_worker.deliver_due([delivery])
    assert len(harness.sender.sent) == 1


async def test_the_first_digest_is_the_latest_whatever_its_age(harness: DeliveryHarness) -> None:
    await harness.publish("Old one", "Old two", "Old three")
    place = await harness.reader()
    delivery = await harness.planner.plan_first(place.id, harness.clock.now())
    assert delivery is not None
    await harness.delivery_worker.deliver_due([delivery])
    assert harness.sender.sent[0].html.count("news.example") == 2
    await harness.move_to_eight()
    assert await harness.tick() == 0


async def test_a_blocked_reader_falls_silent_and_the_others_get_theirs(harness: DeliveryHarness) -> None:
    places = [await harness.reader(chat) for chat in (1, 2, 3)]
    await harness.publish("One")
    await harness.move_to_eight()
    with_sender(
        harness, FakeSender(lambda delivery, _p, _f: Unreachable("blocked") if delivery.place.chat_id == 2 else None)
    )
    await harness.tick()
    assert sorted(one.chat_id for one in harness.sender.sent) == [1, 3]
    assert await harness.state(places[1]) is PlaceState.UNREACHABLE
    assert await harness.outcomes() == {DeliveryState.SENT: 2, DeliveryState.FAILED: 1}


async def test_blocked_readers_pause_no_announcement_however_many_come_at_once(harness: DeliveryHarness) -> None:
    for chat in range(1, 31):
        await harness.reader(chat)
    draft = await harness.announcements.draft(9, "Hello", None, [], NOW)
    await harness.announcements.confirm(draft.id, NOW)
    await harness.broadcaster.plan_confirmed(NOW)
    # One failure of ours would be enough.
    upkeep, reasons = upkeep_of(harness.database, percent=1, workers=8), []

    class Watched(PlaceStore):
        async def mark_lost(self, chat_id: int, reason: str) -> None:
            reasons.append(await upkeep.pause_if_failing(await harness.announcements.get(draft.id), NOW))
            await super().mark_lost(chat_id, reason)

    harness.places = Watched(harness.database)
    with_sender(harness, always(Unreachable("blocked")))
    await harness.delivery_worker.deliver_due()
    assert reasons == [""] * 30
    assert (await harness.broadcaster.progress(draft)).counts == {DeliveryState.FAILED: 30}
    assert await upkeep.pause_if_failing(await harness.announcements.get(draft.id), NOW) == ""


async def test_a_rate_limit_only_delays(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    await harness.move_to_eight()
    with_sender(harness, always(Wait(30), times=1))
    await harness.tick()
    assert harness.sender.sent == []
    harness.clock.move(timedelta(seconds=29))
    assert await harness.tick() == 0
    harness.clock.move(timedelta(seconds=1))
    await harness.tick()
    assert len(harness.sender.sent) == 1


async def test_a_failing_service_is_tried_again_until_it_is_too_late(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    await harness.move_to_eight()
    with_sender(harness, always(NotAccepted("Bad Gateway")))
    for _ in range(80):
        await harness.tick()
        harness.clock.move(timedelta(minutes=10))
    assert 30 < len(harness.sender.tried) < 60
    assert await harness.outcomes() == {DeliveryState.FAILED: 1}


async def test_an_unknown_end_is_held_not_repeated(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    await harness.move_to_eight()
    with_sender(harness, always(Unknown("the connection broke off")))
    await harness.tick()
    harness.clock.move(timedelta(hours=1))
    assert await harness.tick() == 0
    assert len(harness.sender.tried) == 1
    assert await harness.outcomes() == {DeliveryState.UNCERTAIN: 1}


async def test_an_unknown_end_is_repeated_where_the_setting_says_so(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    await harness.move_to_eight()
    harness.sender = always(Unknown("the connection broke off"), times=1)
    harness.delivery_worker = harness.new_worker(resend=True)
    await harness.tick()
    harness.clock.move(timedelta(hours=1))
    await harness.tick()
    assert len(harness.sender.sent) == 1
    assert await harness.outcomes() == {DeliveryState.SENT: 1}


async def test_a_failing_picture_never_costs_the_text(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One", picture="https://p.example/1.jpg")
    await harness.move_to_eight()
    with_sender(harness, always(BadPicture("failed to get HTTP URL content"), Form.WHOLE))
    await harness.tick()
    assert [one.form for one in harness.sender.sent] == [Form.WITHOUT_PICTURE]


async def test_refused_markup_comes_as_plain_text(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    await harness.move_to_eight()
    with_sender(harness, always(BadMarkup("can't parse entities"), Form.WHOLE))
    await harness.tick()
    assert [one.form for one in harness.sender.sent] == [Form.PLAIN]


async def test_a_group_that_moved_gets_it_under_its_new_id(harness: DeliveryHarness) -> None:
    await harness.reader(-5)
    await harness.publish("One")
    await harness.move_to_eight()
    with_sender(harness, FakeSender(lambda delivery, _p, _f: Moved(-1005) if delivery.place.chat_id == -5 else None))
    await harness.tick()
    await harness.tick()
    assert [one.chat_id for one in harness.sender.sent] == [-1005]


async def test_a_closed_topic_stops_alone_and_is_told_of(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    await harness.publish("One")
    await harness.move_to_eight()
    with_sender(harness, always(TopicGone("TOPIC_CLOSED")))
    await harness.tick()
    assert [one.id for one in harness.sender.topics_gone] == [place.id]
    assert await harness.state(place) is PlaceState.UNREACHABLE


async def test_another_refusal_ends_the_delivery_alone(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    await harness.publish("One")
    await harness.move_to_eight()
    with_sender(harness, always(Refused("something new")))
    await harness.tick()
    assert await harness.outcomes() == {DeliveryState.FAILED: 1}
    assert await harness.state(place) is PlaceState.ACTIVE


async def test_a_fault_in_one_delivery_is_left_to_its_lease(harness: DeliveryHarness) -> None:
    for chat in (1, 2):
        await harness.reader(chat)
    await harness.publish("One")
    await harness.move_to_eight()

    def answer(delivery: Delivery, _part: Part, _form: Form) -> Outcome | None:
        if delivery.place.chat_id == 1:
            raise ZeroDivisionError("a bug")
        return None

    with_sender(harness, FakeSender(answer))
    await harness.tick()
    assert [one.chat_id for one in harness.sender.sent] == [2]
    with_sender(harness, FakeSender())
    harness.clock.move(timedelta(minutes=3))
    await harness.tick()
    # Whether the first try left is not known any more, so it is held.
    assert await harness.outcomes() == {DeliveryState.SENT: 1, DeliveryState.UNCERTAIN: 1}


async def test_stopping_begins_no_further_part(harness: DeliveryHarness) -> None:
    for chat in range(1, 30):
        await harness.reader(chat)
    await harness.publish("One")
    await harness.move_to_eight()
    delivery_worker = harness.delivery_worker

    def answer(_delivery: Delivery, _part: Part, _form: Form) -> Outcome | None:
        delivery_worker.stop()
        return None

    harness.sender.answer = answer
    await harness.planner.plan_due(harness.clock.now())
    await delivery_worker.deliver_due()
    first = len(harness.sender.sent)
    assert 0 < first <= 8
    harness.sender.answer = lambda _d, _p, _f: None
    await harness.new_worker().deliver_due()
    assert sorted(one.chat_id for one in harness.sender.sent) == list(range(1, 30))
    assert await harness.outcomes() == {DeliveryState.SENT: 29}


async def test_two_couriers_share_the_work_without_doubling_it(harness: DeliveryHarness) -> None:
    for chat in range(1, 60):
        await harness.reader(chat)
    await harness.publish("One")
    await harness.move_to_eight()
    await harness.planner.plan_due(harness.clock.now())
    await asyncio.gather(*[harness.new_worker().deliver_due() for _ in range(3)])
    assert sorted(one.chat_id for one in harness.sender.sent) == list(range(1, 60))


async def test_an_announcement_reaches_its_audience_once(harness: DeliveryHarness) -> None:
    for chat in (1, 2):
        await harness.reader(chat)
    await harness.reader(3, category="sport")
    ids = await harness.categories.ensure([("news",)])
    draft = await harness.announcements.draft(9, "<b>Hello</b>", None, list(ids.values()), harness.clock.now())
    assert await harness.broadcaster.plan_confirmed(harness.clock.now()) == 0
    await harness.announcements.confirm(draft.id, harness.clock.now())
    for _ in range(2):
        await harness.broadcaster.plan_confirmed(harness.clock.now())
        await harness.delivery_worker.deliver_due()
    assert sorted(one.chat_id for one in harness.sender.sent) == [1, 2]
    progress = await harness.broadcaster.progress(draft)
    assert (progress.total, progress.done, progress.open) == (2, 2, 0)
    delivery = await harness.deliveries.get(min(range(1, 3)))  # type: ignore[arg-type]
    assert delivery is not None
    assert delivery.kind is DeliveryKind.ANNOUNCEMENT


async def test_stopping_between_two_parts_leaves_the_second_for_the_next_start(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    two = Rendering("two", (Part("first"), Part("second")))
    window = Window(place.window_from, place.window_from)
    await harness.deliveries.commit([Plan(place.id, window, EIGHT, None, two)], harness.clock.now())
    delivery_worker = harness.delivery_worker

    def answer(_delivery: Delivery, _part: Part, _form: Form) -> Outcome | None:
        delivery_worker.stop()
        return None

    harness.sender.answer = answer
    await delivery_worker.deliver_due()
    assert [one.html for one in harness.sender.sent] == ["first"]
    harness.sender.answer = lambda _d, _p, _f: None
    await harness.new_worker().deliver_due()
    assert [one.html for one in harness.sender.sent] == ["first", "second"]
    assert await harness.outcomes() == {DeliveryState.SENT: 1}


async def test_a_text_that_is_not_the_planned_one_is_not_sent(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    window = Window(place.window_from, place.window_from)
    text = Rendering("text", (Part("planned"),))
    await harness.deliveries.commit([Plan(place.id, window, EIGHT, None, text)], harness.clock.now())
    async with harness.database.write() as connection:
        await connection.execute(sa.update(renderings).values(parts=[{"html": "x", "picture": None, "photo": None}]))
    await harness.delivery_worker.deliver_due()
    assert harness.sender.tried == []
    assert await harness.outcomes() == {DeliveryState.FAILED: 1}


class SlowSender(FakeSender):
    """A part waits for its turn and then for its answer."""

    @asynccontextmanager
    async def turn(
        self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, urgent: bool
    ) -> AsyncIterator[Turn | Throttled]:
        await asyncio.sleep(0.2 * (delivery.id % 7))
        async with super().turn(delivery, part, form, last=last, rest=rest, urgent=urgent) as turn:
            yield turn
        await asyncio.sleep(0.2)


async def test_a_pause_and_a_resume_in_quick_succession_send_nothing_twice(harness: DeliveryHarness) -> None:
    for chat in range(1, 25):
        await harness.reader(chat)
    with_sender(harness, SlowSender())
    draft = await harness.announcements.draft(1, "Hello", None, [], NOW)
    await harness.announcements.confirm(draft.id, NOW)
    await harness.broadcaster.plan_confirmed(NOW)
    work = asyncio.create_task(harness.delivery_worker.deliver_due())
    for number in range(8):
        await asyncio.sleep(0.15)
        assert await harness.broadcaster.pause(draft.id)
        await asyncio.sleep(0.6 if number % 4 == 0 else 0.05)
        assert await harness.broadcaster.resume(draft.id, NOW)
    await work
    await harness.delivery_worker.deliver_due()
    assert sorted(one.chat_id for one in harness.sender.sent) == list(range(1, 25))
    assert await harness.deliveries.progress(draft.id) == {DeliveryState.SENT: 24}


async def test_a_pause_that_comes_late_keeps_nobody_from_it(harness: DeliveryHarness) -> None:
    """Between the report's look at the announcement and its care for the rows, an admin has it go on."""
    for chat in range(1, 9):
        await harness.reader(chat)
    with_sender(harness, SlowSender())
    draft = await harness.announcements.draft(1, "Hello", None, [], NOW)
    await harness.announcements.confirm(draft.id, NOW)
    await harness.broadcaster.plan_confirmed(NOW)
    work = asyncio.create_task(harness.delivery_worker.deliver_due())
    await asyncio.sleep(0.1)
    assert await harness.broadcaster.pause(draft.id)
    as_read = await harness.announcements.get(draft.id)
    assert await harness.broadcaster.resume(draft.id, NOW)
    await harness.broadcaster.align(as_read, NOW)
    await work
    await harness.delivery_worker.deliver_due()
    assert sorted(one.chat_id for one in harness.sender.sent) == list(range(1, 9))
    assert await harness.deliveries.progress(draft.id) == {DeliveryState.SENT: 8}


class UnreadableTexts(DeliveryStore):
    """Texts can't be read the first time."""

    failures = 1

    async def renderings(self, keys: Collection[str]) -> tuple[Rendering, ...]:
        if self.failures:
            self.failures -= 1
            raise StorageError("held by another program")
        return await super().renderings(keys)


async def test_texts_that_cannot_be_read_ahead_are_read_later(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    await harness.move_to_eight()
    await harness.planner.plan_due(harness.clock.now())
    harness.deliveries = UnreadableTexts(harness.database)
    await harness.new_worker().deliver_due()
    assert await harness.outcomes() == {DeliveryState.SENT: 1}


async def announced(harness: DeliveryHarness, *, despite_quiet: bool) -> Place:
    """To a reader who has had quiet hours since it was planned."""
    place = await harness.reader()
    draft = await harness.announcements.draft(1, "Hello", None, [], NOW)
    await harness.announcements.set_options(
        draft.id, silent=False, pinned=False, paid=False, despite_quiet=despite_quiet
    )
    await harness.announcements.confirm(draft.id, NOW)
    await harness.broadcaster.plan_confirmed(NOW)
    await harness.places.set_schedule(place.id, NOW, quiet="07:00-09:00")
    return place


async def test_an_announcement_that_comes_into_quiet_hours_waits_for_their_end(harness: DeliveryHarness) -> None:
    await announced(harness, despite_quiet=False)
    harness.sender.answer = lambda _d, _p, _f: NotAccepted("down") if harness.clock.now().minute == 0 else None
    await harness.delivery_worker.deliver_due()
    assert harness.sender.tried == []
    harness.clock.move(timedelta(hours=1, minutes=30))
    await harness.delivery_worker.deliver_due()
    assert await harness.outcomes() == {DeliveryState.PENDING: 1}, "the hours of waiting don't count against it"
    harness.clock.move(timedelta(minutes=1))
    await harness.delivery_worker.deliver_due()
    assert [one.silent for one in harness.sender.sent] == [False]


async def test_in_quiet_hours_it_comes_without_a_sound_where_an_admin_chose_that(harness: DeliveryHarness) -> None:
    await announced(harness, despite_quiet=True)
    await harness.delivery_worker.deliver_due()
    assert [one.silent for one in harness.sender.sent] == [True]
