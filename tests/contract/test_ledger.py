"""The ledger: a delivery is claimed by one worker, in order, and never forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import sqlalchemy as sa

from digests.model.delivery import Delivery, DeliveryState, Part, Rendering
from digests.model.digest import Window
from digests.model.ids import DeliveryId, IngestNumber
from digests.model.layout import Layout
from digests.model.place import PlaceState
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.renderings import store_renderings
from digests.storage.deliveries.results import PartChange, Postponed, Replaced, Settled
from digests.storage.deliveries.rows import part_hashes
from digests.storage.places.places import PlaceStore
from digests.storage.schema.delivery_tables import parts
from tests.factories.deliveries import plan, plan_digests
from tests.factories.forgetting import forget_before
from tests.factories.places import add_active_place
from tests.factories.times import NOW

GALLERY = Rendering("gallery", (Part("all"),), layout=Layout.GALLERY)
LEASE = timedelta(minutes=2)
LATER = NOW + LEASE + timedelta(seconds=1)


async def claimed_one(database: Database) -> tuple[LedgerStore, Delivery]:
    await plan_digests(database)
    ledger = LedgerStore(database)
    (claimed,) = await ledger.claim("me", NOW, LEASE, 10)
    return ledger, claimed


async def states(database: Database) -> list[str]:
    async with database.read() as connection:
        query = sa.select(parts.c.state).order_by(parts.c.delivery_id, parts.c.number)
        return list((await connection.execute(query)).scalars())


async def test_each_delivery_is_claimed_by_one_worker(database: Database) -> None:
    await plan_digests(database, 20)
    ledger = LedgerStore(database)
    claims = await asyncio.gather(*[ledger.claim(f"w{number}", NOW, LEASE, 7) for number in range(6)])
    ids = [delivery.id for claim in claims for delivery in claim]
    assert len(ids) == len(set(ids)) == 20
    assert await ledger.claim("late", NOW, LEASE, 7) == ()


async def test_a_part_of_an_expired_lease_is_uncertain(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    sent = PartChange(delivery.id, 0, DeliveryState.SENT, 77)
    assert await ledger.write("me", [(delivery.id, 1)], [sent], [], NOW + LEASE) == {delivery.id}
    assert await states(database) == ["sent", "sending"]
    assert await ledger.claim("other", NOW + LEASE, LEASE, 10) == ()
    (again,) = await ledger.claim("other", LATER, LEASE, 10)
    assert [(row.state, row.message_id) for row in again.parts] == [
        (DeliveryState.SENT, 77),
        (DeliveryState.UNCERTAIN, None),
    ]


async def test_a_worker_that_lost_its_lease_begins_and_settles_nothing(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    await ledger.claim("other", LATER, LEASE, 10)
    assert await ledger.write("me", [(delivery.id, 0)], [], [], LATER + LEASE) == frozenset()
    await ledger.write("me", [], [], [Settled(delivery.id, DeliveryState.FAILED, "", LATER)], LATER)
    assert await states(database) == ["pending", "pending"]
    found = await DeliveryStore(database).get(delivery.id)
    assert found is not None
    assert found.state is DeliveryState.SENDING


async def test_what_was_taken_over_is_not_pending_again_because_who_stood_still_gave_it_up(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    await ledger.write("me", [(delivery.id, 0)], [], [], LATER)
    later = LATER + LEASE
    assert [found.id for found in await ledger.claim("other", later, LEASE, 10)] == [delivery.id]
    await ledger.write("me", [], [PartChange(delivery.id, 0, DeliveryState.PENDING)], [], later)
    assert await states(database) == ["uncertain", "pending"]
    await ledger.write("other", [], [], [Settled(delivery.id, DeliveryState.UNCERTAIN, "", later)], later)
    await ledger.write("me", [], [PartChange(delivery.id, 0, DeliveryState.FAILED)], [], later)
    assert await states(database) == ["uncertain", "pending"]
    # It arrived, and that is good to know.
    await ledger.write("me", [], [PartChange(delivery.id, 0, DeliveryState.SENT, 7)], [], later)
    assert await states(database) == ["sent", "pending"]


async def test_what_was_given_up_is_pending_again_though_it_is_released(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    await ledger.write("me", [(delivery.id, 0)], [], [], LATER)
    await ledger.release("me", [delivery.id])
    await ledger.write("me", [], [PartChange(delivery.id, 0, DeliveryState.PENDING)], [], LATER)
    assert await states(database) == ["pending", "pending"]


async def test_a_worker_is_not_given_again_what_it_holds(database: Database) -> None:
    ledger, _ = await claimed_one(database)
    assert await ledger.claim("me", LATER, LEASE, 10) == ()


async def test_beginning_a_part_extends_the_lease(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    await ledger.write("me", [(delivery.id, 0)], [], [], LATER + LEASE)
    assert await ledger.claim("other", LATER, LEASE, 10) == ()


async def test_a_sole_process_takes_over_at_once_after_its_crash(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    assert await ledger.claim("other", NOW, LEASE, 10) == ()
    assert await ledger.release_all() == 1
    assert [found.id for found in await ledger.claim("other", NOW, LEASE, 10)] == [delivery.id]


async def test_a_released_delivery_can_be_claimed_by_anybody(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    await ledger.release("me", [delivery.id])
    assert [found.id for found in await ledger.claim("other", NOW, LEASE, 10)] == [delivery.id]


async def test_a_postponed_delivery_waits_and_counts_failures(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    later = NOW + timedelta(minutes=1)
    await ledger.write("me", [], [], [Postponed(delivery.id, later, "502", failed=True)], later)
    assert await ledger.claim("me", NOW, LEASE, 10) == ()
    (again,) = await ledger.claim("me", later, LEASE, 10)
    assert again.attempts == 1
    await ledger.write("me", [], [], [Postponed(delivery.id, later, "rate limit", failed=False)], later)
    (third,) = await ledger.claim("me", later, LEASE, 10)
    assert third.attempts == 1
    assert await DeliveryStore(database).counts(NOW - timedelta(days=1)) == {DeliveryState.SENDING: 1}


async def test_a_later_delivery_of_a_place_waits_for_the_earlier_one(database: Database) -> None:
    store, ledger = DeliveryStore(database), LedgerStore(database)
    place = await add_active_place(database)
    (first,) = await store.commit([plan(place, next_at=None, guard=None)], NOW)
    following = Window(IngestNumber(9), IngestNumber(10))
    (second,) = await store.commit([plan(place, next_at=None, guard=None, window=following)], NOW)
    assert [delivery.id for delivery in await ledger.claim("me", NOW, LEASE, 10)] == [first]
    await ledger.write("me", [], [], [Postponed(first, NOW + LEASE, "502", failed=True)], NOW)
    assert await ledger.claim("me", NOW, LEASE, 10) == ()
    assert [delivery.id for delivery in await ledger.claim("me", NOW, LEASE, 10, [second])] == [second]
    await ledger.release("me", [second])
    (delivery,) = await ledger.claim("me", NOW + LEASE, LEASE, 10)
    await ledger.write("me", [], [], [Settled(delivery.id, DeliveryState.FAILED, "", NOW)], NOW)
    assert [delivery.id for delivery in await ledger.claim("me", NOW + LEASE, LEASE, 10)] == [second]


async def test_a_settled_delivery_is_never_claimed_again_and_deleted_later(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    await ledger.write("me", [], [], [Settled(delivery.id, DeliveryState.SENT, "", NOW)], NOW)
    assert await ledger.claim("me", NOW + timedelta(days=9), LEASE, 10) == ()
    store = DeliveryStore(database)
    assert await forget_before(database, NOW) == {}
    assert (await forget_before(database, NOW + timedelta(days=1)))["deliveries"] == 1
    assert await store.get(delivery.id) is None
    assert await store.rendering("key") is None


async def test_unsubscribing_cancels_waiting_deliveries(database: Database) -> None:
    (made,) = await plan_digests(database)
    places, store = PlaceStore(database), DeliveryStore(database)
    place = await places.find(1)
    assert place is not None
    await places.silence(place.id, PlaceState.STOPPED)
    assert await LedgerStore(database).claim("me", NOW, LEASE, 10) == ()
    found = await store.get(made)
    assert found is not None
    assert found.state is DeliveryState.CANCELLED


async def uncertain_one(database: Database) -> tuple[LedgerStore, DeliveryId]:
    ledger, delivery = await claimed_one(database)
    changes = [
        PartChange(delivery.id, 0, DeliveryState.SENT, 5),
        PartChange(delivery.id, 1, DeliveryState.UNCERTAIN, None, "no answer"),
    ]
    end = Settled(delivery.id, DeliveryState.UNCERTAIN, "no answer", NOW)
    await ledger.write("me", [], changes, [end], NOW)
    return ledger, delivery.id


async def test_uncertain_deliveries_can_be_sent_again(database: Database) -> None:
    ledger, delivery = await uncertain_one(database)
    assert await ledger.uncertain() == 1
    assert await ledger.claim("me", LATER, LEASE, 10) == ()
    assert await ledger.resend_uncertain(LATER) == 1
    assert await ledger.uncertain() == 0
    (again,) = await ledger.claim("me", LATER, LEASE, 10)
    assert (again.id, again.resent_at, again.attempts) == (delivery, LATER, 0)
    assert [row.state for row in again.parts] == [DeliveryState.SENT, DeliveryState.PENDING]


async def test_only_the_next_digest_offers_an_uncertain_one(database: Database) -> None:
    _, unsure = await uncertain_one(database)
    places, store = PlaceStore(database), DeliveryStore(database)
    await add_active_place(database, 2)
    offered = []
    for number in (1, 2):
        place = await places.find(1)
        assert place is not None
        window = Window(place.window_from, IngestNumber(place.window_from + 1))
        slot = NOW + timedelta(days=number)
        (made,) = await store.commit([plan(place, guard=None, window=window, slot=slot)], NOW)
        found = await store.get(made)
        assert found is not None
        offered.append(found.offers)
    assert offered == [unsure, None]


async def test_deliveries_stay_due_when_the_clock_is_set_back(database: Database) -> None:
    await plan_digests(database, 3)
    ledger, before = LedgerStore(database), NOW - timedelta(hours=1)
    failing, put_off, _ = await ledger.claim("me", NOW, LEASE, 10)
    minute = timedelta(minutes=1)
    ends = [
        Postponed(failing.id, NOW + minute, "no connection", failed=True),
        Postponed(put_off.id, NOW + minute, "told to wait", failed=False),
    ]
    await ledger.write("me", [], [], ends, NOW)
    await ledger.release_all()
    assert await ledger.claim("me", before, LEASE, 10) == ()
    await ledger.set_back(before, timedelta(minutes=10))
    due = {delivery.id for delivery in await ledger.claim("me", before, LEASE, 10)}
    assert failing.id in due
    assert put_off.id not in due
    assert len(due) == 2


async def other_layout(database: Database, delivery: Delivery, *, for_good: bool = True) -> Replaced:
    """Store a rendering in one part, which a delivery can send instead of its own."""
    async with database.write() as connection:
        await store_renderings(database, connection, [GALLERY], NOW)
    return Replaced(delivery.id, delivery.place.id, delivery.rendering, "gallery", part_hashes(GALLERY), for_good)


async def test_a_delivery_falls_back_in_one_transaction(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    places = PlaceStore(database)
    await places.set_schedule(delivery.place.id, NOW, layout=Layout.MAGAZINE)
    await ledger.write("me", [(delivery.id, 0)], [], [], NOW + LEASE)
    replaced = await other_layout(database, delivery)
    assert await ledger.replace("me", replaced, LATER + LEASE)
    found = await DeliveryStore(database).get(delivery.id)
    assert found is not None
    assert (found.rendering, found.state) == ("gallery", DeliveryState.SENDING)
    assert [(row.number, row.hash, row.state) for row in found.parts] == [
        (0, part_hashes(GALLERY)[0], DeliveryState.PENDING)
    ]
    assert (found.place.layout, found.place.refuses_magazine) == (Layout.GALLERY, True)
    assert await ledger.claim("other", LATER, LEASE, 10) == (), "the lease goes on"
    assert not await ledger.replace("me", replaced, LATER + LEASE), "it sends something else by now"


async def test_a_worker_that_lost_its_lease_replaces_nothing(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    replaced = await other_layout(database, delivery)
    await ledger.claim("other", LATER, LEASE, 10)
    assert not await ledger.replace("me", replaced, LATER)
    found = await DeliveryStore(database).get(delivery.id)
    assert found is not None
    assert (found.rendering, len(found.parts), found.place.refuses_magazine) == ("key", 2, False)


async def test_falling_back_keeps_a_layout_that_was_chosen_meanwhile(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    places = PlaceStore(database)
    await places.set_schedule(delivery.place.id, NOW, layout=Layout.HEADLINES)
    assert await ledger.replace("me", await other_layout(database, delivery), LATER)
    place = await places.find(delivery.place.chat_id)
    assert place is not None
    assert (place.layout, place.refuses_magazine) == (Layout.HEADLINES, True)


async def test_falling_back_once_leaves_the_place_as_it_is(database: Database) -> None:
    ledger, delivery = await claimed_one(database)
    places = PlaceStore(database)
    await places.set_schedule(delivery.place.id, NOW, layout=Layout.MAGAZINE)
    assert await ledger.replace("me", await other_layout(database, delivery, for_good=False), LATER)
    place = await places.find(delivery.place.chat_id)
    assert place is not None
    assert (place.layout, place.refuses_magazine) == (Layout.MAGAZINE, False)
