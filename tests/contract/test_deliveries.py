"""The ledger: planned once, claimed by one, counted from its rows."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from digests.storage.announcements import AnnouncementStore
from digests.storage.database import Database
from digests.storage.deliveries import DeliveryStore, Plan, part_hash
from digests.storage.places import PlaceStore, audience
from digests.types import (
    AnnouncementState,
    ArticleId,
    Delivery,
    DeliveryId,
    DeliveryState,
    IngestNumber,
    Part,
    Place,
    PlaceState,
    Rendering,
    Window,
)
from tests.builders import NOW
from tests.contract.test_places import active, categories

LEASE = timedelta(minutes=2)
RENDERING = Rendering(
    "key", (Part("<b>one</b>", "https://p.example/1.jpg"), Part("two")), (ArticleId(1),), (ArticleId(2),)
)
WINDOW = Window(IngestNumber(0), IngestNumber(9))


def plan(place: Place, **changed: object) -> Plan:
    values = {
        "place_id": place.id,
        "window": WINDOW,
        "slot": NOW,
        "next_at": NOW + timedelta(days=1),
        "rendering": RENDERING,
        "guard": place.next_at,
    }
    return Plan(**(values | changed))  # type: ignore[arg-type]


async def planned(database: Database, chats: int = 1) -> list[DeliveryId]:
    places, store = PlaceStore(database), DeliveryStore(database)
    made: list[DeliveryId] = []
    for chat in range(1, chats + 1):
        made.extend(await store.commit([plan(await active(places, database, chat))], NOW))
    return made


async def one(database: Database) -> tuple[DeliveryStore, Delivery]:
    await planned(database)
    store = DeliveryStore(database)
    (claimed,) = await store.claim("me", NOW, LEASE, 10)
    return store, claimed


async def test_a_plan_is_stored_whole_and_moves_the_window(database: Database) -> None:
    store, delivery = await one(database)
    assert delivery.state is DeliveryState.SENDING
    assert [(row.number, row.state, row.hash) for row in delivery.parts] == [
        (0, DeliveryState.PENDING, part_hash(RENDERING.parts[0])),
        (1, DeliveryState.PENDING, part_hash(RENDERING.parts[1])),
    ]
    assert await store.rendering("key") == RENDERING
    assert await store.rendering("other") is None
    place = await PlaceStore(database).find(1)
    assert place is not None
    assert (place.window_from, place.window_from_at, place.next_at) == (9, NOW, NOW + timedelta(days=1))


async def test_what_is_due(database: Database) -> None:
    places, store = PlaceStore(database), DeliveryStore(database)
    first = await active(places, database, 1)
    paused = await active(places, database, 2)
    await places.silence(paused.id, PlaceState.PAUSED)
    assert await store.due(NOW, 10) == ()
    (due,) = await store.due(NOW + timedelta(hours=1), 10)
    assert (due.place.id, due.wanted) == (first.id, frozenset(await categories(database, "news")))
    assert (await store.due_one(paused.id)) is not None


async def test_the_same_plan_twice_is_one_delivery(database: Database) -> None:
    places, store = PlaceStore(database), DeliveryStore(database)
    place = await active(places, database)
    results = await asyncio.gather(*[store.commit([plan(place)], NOW) for _ in range(4)])
    assert sum(len(made) for made in results) == 1


async def test_a_place_that_moved_on_is_left_out(database: Database) -> None:
    places, store = PlaceStore(database), DeliveryStore(database)
    place = await active(places, database)
    await places.reschedule(place.id, "10:00", "UTC", NOW + timedelta(hours=3))
    assert await store.commit([plan(place)], NOW) == ()
    unmoved = await places.find(place.chat_id)
    assert unmoved is not None
    assert unmoved.window_from == 0


async def test_two_digests_asked_for_at_one_moment_both_come(database: Database) -> None:
    places, store = PlaceStore(database), DeliveryStore(database)
    place = await active(places, database)
    first = await store.commit([plan(place, next_at=None, guard=None)], NOW)
    second = Window(IngestNumber(9), IngestNumber(10))
    assert len(await store.commit([plan(place, next_at=None, guard=None, window=second)], NOW)) == len(first) == 1


async def test_nothing_new_moves_the_window_without_a_delivery(database: Database) -> None:
    places, store = PlaceStore(database), DeliveryStore(database)
    place = await active(places, database)
    assert await store.commit([plan(place, rendering=None)], NOW) == ()
    assert (await places.find(place.chat_id) or place).window_from == 9


async def test_each_delivery_is_claimed_by_one_worker(database: Database) -> None:
    await planned(database, 20)
    store = DeliveryStore(database)
    claims = await asyncio.gather(*[store.claim(f"w{number}", NOW, LEASE, 7) for number in range(6)])
    ids = [delivery.id for claim in claims for delivery in claim]
    assert len(ids) == len(set(ids)) == 20
    assert await store.claim("late", NOW, LEASE, 7) == ()


async def test_a_lease_that_ran_out_is_taken_up_with_its_doubts(database: Database) -> None:
    store, delivery = await one(database)
    await store.settle_part(delivery.id, 0, DeliveryState.SENT, 77)
    await store.begin_part(delivery.id, 1)
    assert await store.claim("other", NOW + LEASE, LEASE, 10) == ()
    (again,) = await store.claim("other", NOW + LEASE + timedelta(seconds=1), LEASE, 10)
    assert [(row.state, row.message_id) for row in again.parts] == [
        (DeliveryState.SENT, 77),
        (DeliveryState.UNCERTAIN, None),
    ]


async def test_a_sole_process_takes_up_at_once_what_its_dead_self_held(database: Database) -> None:
    store, delivery = await one(database)
    assert await store.claim("other", NOW, LEASE, 10) == ()
    assert await store.release_all() == 1
    assert [found.id for found in await store.claim("other", NOW, LEASE, 10)] == [delivery.id]


async def test_a_postponed_delivery_waits_and_counts_failures(database: Database) -> None:
    store, delivery = await one(database)
    later = NOW + timedelta(minutes=1)
    await store.postpone(delivery.id, later, "502", failed=True)
    assert await store.claim("me", NOW, LEASE, 10) == ()
    (again,) = await store.claim("me", later, LEASE, 10)
    assert again.attempts == 1
    await store.postpone(delivery.id, later, "rate limit", failed=False)
    ((third,), counts) = await store.claim("me", later, LEASE, 10), await store.counts(NOW - timedelta(days=1))
    assert third.attempts == 1
    assert counts == {DeliveryState.SENDING: 1}


async def test_a_settled_delivery_is_never_claimed_again_and_tidied_in_time(database: Database) -> None:
    store, delivery = await one(database)
    await store.settle(delivery.id, DeliveryState.SENT, "", NOW)
    assert await store.claim("me", NOW + timedelta(days=9), LEASE, 10) == ()
    assert await store.tidy(NOW) == 0
    assert await store.tidy(NOW + timedelta(days=1)) == 1
    assert await store.get(delivery.id) is None
    assert await store.rendering("key") is None


async def test_leaving_cancels_what_waits(database: Database) -> None:
    (made,) = await planned(database)
    places, store = PlaceStore(database), DeliveryStore(database)
    place = await places.find(1)
    assert place is not None
    await places.silence(place.id, PlaceState.STOPPED)
    assert await store.claim("me", NOW, LEASE, 10) == ()
    assert (await store.get(made) or (await one(database))[1]).state is DeliveryState.CANCELLED


async def test_an_announcement_has_one_row_a_chat_however_often_it_is_planned(database: Database) -> None:
    places, store, announcements = PlaceStore(database), DeliveryStore(database), AnnouncementStore(database)
    for chat in range(1, 6):
        await active(places, database, chat)
    draft = await announcements.draft(1, "<b>Hello</b>", None, [], NOW)
    rendering = Rendering("announcement", (Part("<b>Hello</b>"),))
    for _ in range(2):
        assert await store.plan_announcement(draft.id, rendering, NOW, audience(None), NOW) == 5
    assert await store.progress(draft.id) == {DeliveryState.PENDING: 5}
    claimed = await store.claim("me", NOW, LEASE, 10)
    assert {delivery.announcement_id for delivery in claimed} == {draft.id}
    assert all(len(delivery.parts) == 1 for delivery in claimed)


async def test_the_life_of_an_announcement(database: Database) -> None:
    store = AnnouncementStore(database)
    (news,) = await categories(database, "news")
    draft = await store.draft(1, "text", "photo-id", [], NOW)
    await store.address(draft.id, [news])
    await store.report_to(draft.id, 5, 6)
    other = await store.draft(2, "second", None, [], NOW)
    assert await store.confirm(draft.id, NOW)
    assert await store.confirm(other.id, NOW)
    assert not await store.confirm(draft.id, NOW)
    assert not await store.cancel(draft.id)
    sending = await store.sending()
    assert [found.id for found in sending] == [draft.id, other.id]
    assert sending[0].send_at != sending[1].send_at
    first = sending[0]
    assert (first.audience.categories, first.report_chat, first.report_message) == ((news,), 5, 6)
    assert first.part("en") == Part("text", photo="photo-id")
    assert await store.finish(draft.id, NOW)
    assert (await store.get(draft.id)).state is AnnouncementState.DONE
