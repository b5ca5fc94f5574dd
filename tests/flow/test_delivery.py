"""From due places to sent parts, with every port but the database a fake."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.render.digest import ClassicRenderer
from digests.announcements.broadcast import Announcer
from digests.delivery.attempt import Terms
from digests.delivery.worker import Courier
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
    TopicGone,
    Unknown,
    Unreachable,
    Wait,
)
from digests.model.place import Place, PlaceState
from digests.planning.planner import Layout, Planner
from digests.ports import Begin
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore, Plan
from digests.storage.places import PlaceStore
from digests.storage.schema import renderings
from tests.factories.articles import parsed_post, read_post
from tests.factories.places import new_place
from tests.factories.times import NOW
from tests.fakes import FakeClock, FakeSender

DAY = timedelta(days=1)
EIGHT = NOW.replace(hour=8, minute=0)


class Room:
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
        self.announcer = Announcer(self.announcements, self.deliveries, self.categories)
        self._ingest = IngestStore(database)
        self.planner = Planner(
            DueStore(database),
            self.deliveries,
            self.articles,
            self.categories,
            ClassicRenderer(),
            Layout(3, 2, True, False),
        )
        self._couriers = 0
        self.courier = self.new_courier()

    def new_courier(self, *, resend: bool = False) -> Courier:
        terms = Terms(8, timedelta(minutes=2), timedelta(hours=6), resend)
        self._couriers += 1
        owner = f"courier {self._couriers}"
        return Courier(self.ledger, self.deliveries, self.places, self.sender, self.clock, terms, owner)

    async def bring(self, *titles: str, category: str = "news", picture: str | None = None) -> None:
        batch = [
            read_post(f"{category}/{title}.md", parsed_post(title, categories=(category,), thumbnail=picture))
            for title in titles
        ]
        await self._ingest.write("folder", batch, self.clock.now())

    async def reader(self, chat: int = 1, category: str = "news") -> Place:
        place = await self.places.meet(new_place(chat), self.clock.now())
        ids = await self.categories.ensure([(category,)])
        await self.places.subscribe(place.id, ids.values(), self.clock.now())
        await self.places.activate(place.id, EIGHT, self.clock.now(), from_now=True)
        return place

    async def tick(self) -> int:
        await self.planner.plan_due(self.clock.now())
        return await self.courier.deliver_due()

    async def move_to_eight(self) -> None:
        self.clock.move(EIGHT - NOW)

    async def state(self, place: Place) -> PlaceState:
        found = await self.places.find(place.chat_id)
        assert found is not None
        return found.state

    async def outcomes(self) -> dict[DeliveryState, int]:
        return await self.deliveries.counts(NOW - DAY)


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


def always(outcome: Outcome, form: Form | None = None, times: int = 10**9) -> FakeSender:
    left = [times]

    def answer(_delivery: Delivery, _part: Part, tried: Form) -> Outcome | None:
        if (form is None or tried is form) and left[0] > 0:
            left[0] -= 1
            return outcome
        return None

    return FakeSender(answer)


def with_sender(room: Room, sender: FakeSender) -> None:
    room.sender = sender
    room.courier = room.new_courier()


async def test_a_digest_comes_at_its_time_and_once(room: Room) -> None:
    await room.reader()
    await room.bring("One", "Two")
    assert await room.tick() == 0
    await room.move_to_eight()
    assert await room.tick() == 1
    (sent,) = room.sender.sent
    assert "One" in sent.html
    assert "Two" in sent.html
    assert not sent.urgent
    assert await room.tick() == 0
    room.clock.move(DAY)
    assert await room.tick() == 0
    assert await room.outcomes() == {DeliveryState.SENT: 1}


async def test_what_max_items_cut_off_is_behind_the_button_and_covered(room: Room) -> None:
    await room.reader()
    await room.bring("One", "Two", "Three", "Four", "Five")
    await room.move_to_eight()
    await room.tick()
    assert room.sender.sent[0].rest == 2
    room.clock.move(DAY)
    assert await room.tick() == 0


async def test_only_subscribed_categories_with_their_children(room: Room) -> None:
    place = await room.reader(category="news")
    await room.bring("Inside")
    await room.bring("Outside", category="sport")
    await room.places.meet(new_place(2), room.clock.now())
    await room.move_to_eight()
    await room.tick()
    (sent,) = room.sender.sent
    assert sent.chat_id == place.chat_id
    assert "Outside" not in sent.html


async def test_three_missed_slots_are_one_digest_that_says_so(room: Room) -> None:
    await room.reader()
    await room.bring("One")
    room.clock.move(3 * DAY)
    assert await room.tick() == 1
    (sent,) = room.sender.sent
    assert "With all that came from 6 Jun 07:30 to 9 Jun 07:30" in sent.html
    due = await room.places.next_moment()
    assert due == EIGHT + 3 * DAY


async def test_a_digest_asked_for_moves_the_window(room: Room) -> None:
    place = await room.reader()
    await room.bring("One")
    delivery = await room.planner.plan_now(place.id, room.clock.now())
    assert delivery is not None
    await room.courier.deliver_due([delivery])
    assert room.sender.sent[0].urgent
    assert await room.planner.plan_now(place.id, room.clock.now()) is None
    await room.bring("Two")
    await room.move_to_eight()
    await room.tick()
    assert "Two" in room.sender.sent[1].html
    assert "One" not in room.sender.sent[1].html


async def test_who_stopped_still_gets_what_he_asks_for(room: Room) -> None:
    place = await room.reader()
    await room.bring("One")
    await room.places.silence(place.id, PlaceState.STOPPED)
    delivery = await room.planner.plan_now(place.id, room.clock.now())
    assert delivery is not None
    await room.courier.deliver_due([delivery])
    assert len(room.sender.sent) == 1


async def test_the_first_digest_is_the_latest_whatever_its_age(room: Room) -> None:
    await room.bring("Old one", "Old two", "Old three")
    place = await room.reader()
    delivery = await room.planner.plan_first(place.id, room.clock.now())
    assert delivery is not None
    await room.courier.deliver_due([delivery])
    assert room.sender.sent[0].html.count("news.example") == 2
    await room.move_to_eight()
    assert await room.tick() == 0


async def test_a_blocked_reader_falls_silent_and_the_others_get_theirs(room: Room) -> None:
    places = [await room.reader(chat) for chat in (1, 2, 3)]
    await room.bring("One")
    await room.move_to_eight()
    with_sender(
        room, FakeSender(lambda delivery, _p, _f: Unreachable("blocked") if delivery.place.chat_id == 2 else None)
    )
    await room.tick()
    assert sorted(one.chat_id for one in room.sender.sent) == [1, 3]
    assert await room.state(places[1]) is PlaceState.UNREACHABLE
    assert await room.outcomes() == {DeliveryState.SENT: 2, DeliveryState.FAILED: 1}


async def test_blocked_readers_pause_no_announcement_however_many_come_at_once(room: Room) -> None:
    for chat in range(1, 31):
        await room.reader(chat)
    draft = await room.announcements.draft(9, "Hello", None, [], NOW)
    await room.announcements.confirm(draft.id, NOW)
    await room.announcer.plan_confirmed(NOW)
    reasons = []

    class Watched(PlaceStore):
        async def lose(self, chat_id: int, reason: str) -> None:
            # One failure of ours would be enough.
            reasons.append(await room.announcer.look_after(await room.announcements.get(draft.id), NOW, 1, 8))
            await super().lose(chat_id, reason)

    room.places = Watched(room.database)
    with_sender(room, always(Unreachable("blocked")))
    await room.courier.deliver_due()
    assert reasons == [""] * 30
    assert (await room.announcer.progress(draft)).counts == {DeliveryState.FAILED: 30}
    assert await room.announcer.look_after(await room.announcements.get(draft.id), NOW, 1, 8) == ""


async def test_a_rate_limit_only_delays(room: Room) -> None:
    await room.reader()
    await room.bring("One")
    await room.move_to_eight()
    with_sender(room, always(Wait(30), times=1))
    await room.tick()
    assert room.sender.sent == []
    room.clock.move(timedelta(seconds=29))
    assert await room.tick() == 0
    room.clock.move(timedelta(seconds=1))
    await room.tick()
    assert len(room.sender.sent) == 1


async def test_a_failing_service_is_tried_again_until_it_is_too_late(room: Room) -> None:
    await room.reader()
    await room.bring("One")
    await room.move_to_eight()
    with_sender(room, always(NotAccepted("Bad Gateway")))
    for _ in range(80):
        await room.tick()
        room.clock.move(timedelta(minutes=10))
    assert 30 < len(room.sender.tried) < 60
    assert await room.outcomes() == {DeliveryState.FAILED: 1}


async def test_an_unknown_end_is_held_not_repeated(room: Room) -> None:
    await room.reader()
    await room.bring("One")
    await room.move_to_eight()
    with_sender(room, always(Unknown("the connection broke off")))
    await room.tick()
    room.clock.move(timedelta(hours=1))
    assert await room.tick() == 0
    assert len(room.sender.tried) == 1
    assert await room.outcomes() == {DeliveryState.UNCERTAIN: 1}


async def test_an_unknown_end_is_repeated_where_the_setting_says_so(room: Room) -> None:
    await room.reader()
    await room.bring("One")
    await room.move_to_eight()
    room.sender = always(Unknown("the connection broke off"), times=1)
    room.courier = room.new_courier(resend=True)
    await room.tick()
    room.clock.move(timedelta(hours=1))
    await room.tick()
    assert len(room.sender.sent) == 1
    assert await room.outcomes() == {DeliveryState.SENT: 1}


async def test_a_failing_picture_never_costs_the_text(room: Room) -> None:
    await room.reader()
    await room.bring("One", picture="https://p.example/1.jpg")
    await room.move_to_eight()
    with_sender(room, always(BadPicture("failed to get HTTP URL content"), Form.WHOLE))
    await room.tick()
    assert [one.form for one in room.sender.sent] == [Form.WITHOUT_PICTURE]


async def test_refused_markup_comes_as_plain_text(room: Room) -> None:
    await room.reader()
    await room.bring("One")
    await room.move_to_eight()
    with_sender(room, always(BadMarkup("can't parse entities"), Form.WHOLE))
    await room.tick()
    assert [one.form for one in room.sender.sent] == [Form.PLAIN]


async def test_a_group_that_moved_gets_it_under_its_new_id(room: Room) -> None:
    await room.reader(-5)
    await room.bring("One")
    await room.move_to_eight()
    with_sender(room, FakeSender(lambda delivery, _p, _f: Moved(-1005) if delivery.place.chat_id == -5 else None))
    await room.tick()
    await room.tick()
    assert [one.chat_id for one in room.sender.sent] == [-1005]


async def test_a_closed_topic_stops_alone_and_is_told_of(room: Room) -> None:
    place = await room.reader()
    await room.bring("One")
    await room.move_to_eight()
    with_sender(room, always(TopicGone("TOPIC_CLOSED")))
    await room.tick()
    assert [one.id for one in room.sender.topics_gone] == [place.id]
    assert await room.state(place) is PlaceState.UNREACHABLE


async def test_another_refusal_ends_the_delivery_alone(room: Room) -> None:
    place = await room.reader()
    await room.bring("One")
    await room.move_to_eight()
    with_sender(room, always(Refused("something new")))
    await room.tick()
    assert await room.outcomes() == {DeliveryState.FAILED: 1}
    assert await room.state(place) is PlaceState.ACTIVE


async def test_a_fault_in_one_delivery_is_left_to_its_lease(room: Room) -> None:
    for chat in (1, 2):
        await room.reader(chat)
    await room.bring("One")
    await room.move_to_eight()

    def answer(delivery: Delivery, _part: Part, _form: Form) -> Outcome | None:
        if delivery.place.chat_id == 1:
            raise ZeroDivisionError("a bug")
        return None

    with_sender(room, FakeSender(answer))
    await room.tick()
    assert [one.chat_id for one in room.sender.sent] == [2]
    with_sender(room, FakeSender())
    room.clock.move(timedelta(minutes=3))
    await room.tick()
    # Whether the first try left is not known any more, so it is held.
    assert await room.outcomes() == {DeliveryState.SENT: 1, DeliveryState.UNCERTAIN: 1}


async def test_stopping_begins_no_further_part(room: Room) -> None:
    for chat in range(1, 30):
        await room.reader(chat)
    await room.bring("One")
    await room.move_to_eight()
    courier = room.courier

    def answer(_delivery: Delivery, _part: Part, _form: Form) -> Outcome | None:
        courier.stop()
        return None

    room.sender.answer = answer
    await room.planner.plan_due(room.clock.now())
    await courier.deliver_due()
    first = len(room.sender.sent)
    assert 0 < first <= 8
    room.sender.answer = lambda _d, _p, _f: None
    await room.new_courier().deliver_due()
    assert sorted(one.chat_id for one in room.sender.sent) == list(range(1, 30))
    assert await room.outcomes() == {DeliveryState.SENT: 29}


async def test_two_couriers_share_the_work_without_doubling_it(room: Room) -> None:
    for chat in range(1, 60):
        await room.reader(chat)
    await room.bring("One")
    await room.move_to_eight()
    await room.planner.plan_due(room.clock.now())
    await asyncio.gather(*[room.new_courier().deliver_due() for _ in range(3)])
    assert sorted(one.chat_id for one in room.sender.sent) == list(range(1, 60))


async def test_an_announcement_reaches_its_audience_once(room: Room) -> None:
    for chat in (1, 2):
        await room.reader(chat)
    await room.reader(3, category="sport")
    ids = await room.categories.ensure([("news",)])
    draft = await room.announcements.draft(9, "<b>Hello</b>", None, list(ids.values()), room.clock.now())
    assert await room.announcer.plan_confirmed(room.clock.now()) == 0
    await room.announcements.confirm(draft.id, room.clock.now())
    for _ in range(2):
        await room.announcer.plan_confirmed(room.clock.now())
        await room.courier.deliver_due()
    assert sorted(one.chat_id for one in room.sender.sent) == [1, 2]
    progress = await room.announcer.progress(draft)
    assert (progress.total, progress.done, progress.open) == (2, 2, 0)
    delivery = await room.deliveries.get(min(range(1, 3)))  # type: ignore[arg-type]
    assert delivery is not None
    assert delivery.kind is DeliveryKind.ANNOUNCEMENT


async def test_stopping_between_two_parts_leaves_the_second_for_the_next_start(room: Room) -> None:
    place = await room.reader()
    two = Rendering("two", (Part("first"), Part("second")))
    window = Window(place.window_from, place.window_from)
    await room.deliveries.commit([Plan(place.id, window, EIGHT, None, two)], room.clock.now())
    courier = room.courier

    def answer(_delivery: Delivery, _part: Part, _form: Form) -> Outcome | None:
        courier.stop()
        return None

    room.sender.answer = answer
    await courier.deliver_due()
    assert [one.html for one in room.sender.sent] == ["first"]
    room.sender.answer = lambda _d, _p, _f: None
    await room.new_courier().deliver_due()
    assert [one.html for one in room.sender.sent] == ["first", "second"]
    assert await room.outcomes() == {DeliveryState.SENT: 1}


async def test_a_text_that_is_not_the_planned_one_is_not_sent(room: Room) -> None:
    place = await room.reader()
    window = Window(place.window_from, place.window_from)
    text = Rendering("text", (Part("planned"),))
    await room.deliveries.commit([Plan(place.id, window, EIGHT, None, text)], room.clock.now())
    async with room.database.write() as connection:
        await connection.execute(sa.update(renderings).values(parts=[{"html": "x", "picture": None, "photo": None}]))
    await room.courier.deliver_due()
    assert room.sender.tried == []
    assert await room.outcomes() == {DeliveryState.FAILED: 1}


class SlowSender(FakeSender):
    """A part waits for its turn and then for its answer."""

    async def send(
        self, delivery: Delivery, part: Part, form: Form, begin: Begin, *, last: bool, rest: int, urgent: bool
    ) -> Outcome:
        await asyncio.sleep(0.2 * (delivery.id % 7))
        await begin()
        outcome = await super().send(delivery, part, form, begin, last=last, rest=rest, urgent=urgent)
        await asyncio.sleep(0.2)
        return outcome


async def test_a_pause_and_a_resume_in_quick_succession_send_nothing_twice(room: Room) -> None:
    for chat in range(1, 25):
        await room.reader(chat)
    with_sender(room, SlowSender())
    draft = await room.announcements.draft(1, "Hello", None, [], NOW)
    await room.announcements.confirm(draft.id, NOW)
    await room.announcer.plan_confirmed(NOW)
    work = asyncio.create_task(room.courier.deliver_due())
    for number in range(8):
        await asyncio.sleep(0.15)
        assert await room.announcer.pause(draft.id)
        await asyncio.sleep(0.6 if number % 4 == 0 else 0.05)
        assert await room.announcer.resume(draft.id, NOW)
    await work
    await room.courier.deliver_due()
    assert sorted(one.chat_id for one in room.sender.sent) == list(range(1, 25))
    assert await room.deliveries.progress(draft.id) == {DeliveryState.SENT: 24}


async def test_a_pause_that_comes_late_keeps_nobody_from_it(room: Room) -> None:
    """Between the report's look at the announcement and its care for the rows, an admin has it go on."""
    for chat in range(1, 9):
        await room.reader(chat)
    with_sender(room, SlowSender())
    draft = await room.announcements.draft(1, "Hello", None, [], NOW)
    await room.announcements.confirm(draft.id, NOW)
    await room.announcer.plan_confirmed(NOW)
    work = asyncio.create_task(room.courier.deliver_due())
    await asyncio.sleep(0.1)
    assert await room.announcer.pause(draft.id)
    as_read = await room.announcements.get(draft.id)
    assert await room.announcer.resume(draft.id, NOW)
    await room.announcer.look_after(as_read, NOW, 20, 128)
    await work
    await room.courier.deliver_due()
    assert sorted(one.chat_id for one in room.sender.sent) == list(range(1, 9))
    assert await room.deliveries.progress(draft.id) == {DeliveryState.SENT: 8}


class Unreadable(DeliveryStore):
    """Texts can't be read the first time."""

    failures = 1

    async def renderings(self, keys: Collection[str]) -> tuple[Rendering, ...]:
        if self.failures:
            self.failures -= 1
            raise StorageError("held by another program")
        return await super().renderings(keys)


async def test_texts_that_cannot_be_read_ahead_are_read_later(room: Room) -> None:
    await room.reader()
    await room.bring("One")
    await room.move_to_eight()
    await room.planner.plan_due(room.clock.now())
    room.deliveries = Unreadable(room.database)
    await room.new_courier().deliver_due()
    assert await room.outcomes() == {DeliveryState.SENT: 1}


async def announced(room: Room, *, despite_quiet: bool) -> Place:
    """To a reader who has had quiet hours since it was planned."""
    place = await room.reader()
    draft = await room.announcements.draft(1, "Hello", None, [], NOW)
    await room.announcements.manner(draft.id, silent=False, pinned=False, paid=False, despite_quiet=despite_quiet)
    await room.announcements.confirm(draft.id, NOW)
    await room.announcer.plan_confirmed(NOW)
    await room.places.set_rhythm(place.id, NOW, quiet="07:00-09:00")
    return place


async def test_an_announcement_that_comes_into_quiet_hours_waits_for_their_end(room: Room) -> None:
    await announced(room, despite_quiet=False)
    room.sender.answer = lambda _d, _p, _f: NotAccepted("down") if room.clock.now().minute == 0 else None
    await room.courier.deliver_due()
    assert room.sender.tried == []
    room.clock.move(timedelta(hours=1, minutes=30))
    await room.courier.deliver_due()
    assert await room.outcomes() == {DeliveryState.PENDING: 1}, "the hours of waiting don't count against it"
    room.clock.move(timedelta(minutes=1))
    await room.courier.deliver_due()
    assert [one.silent for one in room.sender.sent] == [False]


async def test_in_quiet_hours_it_comes_without_a_sound_where_an_admin_chose_that(room: Room) -> None:
    await announced(room, despite_quiet=True)
    await room.courier.deliver_due()
    assert [one.silent for one in room.sender.sent] == [True]
