from __future__ import annotations

from datetime import timedelta
from typing import Any

from digests.model.ids import CategoryId
from digests.model.place import Place, PlaceKind, PlaceState
from digests.storage.articles.categories import CategoryStore
from digests.storage.database import Database
from digests.storage.places import NewPlace, PlaceStore
from tests.builders import NOW


def newcomer(chat: int = 5, **changed: Any) -> NewPlace:
    values: dict[str, Any] = {
        "chat_id": chat,
        "thread_id": 0,
        "kind": PlaceKind.PRIVATE,
        "title": "Robin",
        "language": "en",
        "time": "08:00",
        "timezone": "UTC",
    }
    return NewPlace(**(values | changed))


async def categories(database: Database, *names: str) -> list[CategoryId]:
    made = await CategoryStore(database).ensure([(name,) for name in names])
    return [made[(name,)] for name in names]


async def active(store: PlaceStore, database: Database, chat: int = 5, **changed: Any) -> Place:
    place = await store.meet(newcomer(chat, **changed), NOW)
    await store.subscribe(place.id, await categories(database, "news"), NOW)
    await store.activate(place.id, NOW + timedelta(hours=1), NOW)
    found = await store.find(place.chat_id, place.thread_id)
    assert found is not None
    return found


async def test_a_chat_is_met_once_and_keeps_its_settings(database: Database) -> None:
    store = PlaceStore(database)
    first = await store.meet(newcomer(), NOW)
    assert (first.state, first.next_at, first.window_from) == (PlaceState.NEW, None, 0)
    await store.set_schedule(first.id, NOW, time="09:15", timezone="Asia/Tokyo")
    again = await store.meet(newcomer(title="Robin B."), NOW + timedelta(days=1))
    assert (again.id, again.time, again.timezone, again.title) == (first.id, "09:15", "Asia/Tokyo", "Robin B.")
    topic = await store.meet(newcomer(thread_id=7), NOW)
    assert topic.id != first.id


async def test_subscriptions_are_a_set(database: Database) -> None:
    store = PlaceStore(database)
    place = await store.meet(newcomer(), NOW)
    one, two = await categories(database, "one", "two")
    await store.subscribe(place.id, [one, two, one], NOW)
    await store.subscribe(place.id, [one], NOW)
    await store.unsubscribe(place.id, [two])
    await store.unsubscribe(place.id, [two])
    assert await store.subscriptions(place.id) == {one}


async def test_silence_and_back(database: Database) -> None:
    store = PlaceStore(database)
    place = await active(store, database)
    await store.silence(place.id, PlaceState.PAUSED, "a break")
    paused = await store.find(5)
    assert paused is not None
    assert (paused.state, paused.state_reason, paused.next_at) == (PlaceState.PAUSED, "a break", None)
    await store.activate(place.id, NOW, NOW)
    assert (await store.find(5) or place).state is PlaceState.ACTIVE
    assert await store.subscriptions(place.id)


async def test_a_lost_chat_is_regained_with_its_settings(database: Database) -> None:
    store = PlaceStore(database)
    await active(store, database, 5, time="09:00", timezone="Europe/Berlin")
    await store.meet(newcomer(5, thread_id=3), NOW)
    await store.mark_lost(5, "blocked")
    lost = await store.find(5)
    assert lost is not None
    assert (lost.state, lost.state_reason, lost.next_at) == (PlaceState.UNREACHABLE, "blocked", None)
    assert await store.regain(5, NOW) == 2
    back = await store.find(5)
    assert back is not None
    assert back.state is PlaceState.ACTIVE
    # 09:00 in Berlin is 07:00 UTC, which has passed today.
    assert back.next_at == (NOW + timedelta(days=1)).replace(hour=7, minute=0)
    assert (await store.find(5, 3) or back).state is PlaceState.NEW
    assert await store.regain(5, NOW) == 0


async def test_who_left_by_himself_is_not_unreachable(database: Database) -> None:
    store = PlaceStore(database)
    place = await active(store, database)
    await store.silence(place.id, PlaceState.STOPPED)
    await store.mark_lost(5, "blocked")
    assert (await store.find(5) or place).state is PlaceState.STOPPED


async def test_a_group_that_moves_keeps_everything(database: Database) -> None:
    store = PlaceStore(database)
    place = await active(store, database, -5, kind=PlaceKind.GROUP)
    await store.move_chat(-5, -1005)
    moved = await store.find(-1005)
    assert moved is not None
    assert (moved.id, moved.kind, moved.state) == (place.id, PlaceKind.SUPERGROUP, PlaceState.ACTIVE)
    assert await store.find(-5) is None


async def test_a_place_can_be_erased(database: Database) -> None:
    store = PlaceStore(database)
    place = await active(store, database)
    await store.erase(place.id)
    assert await store.find(5) is None
    assert await store.export() == ()


async def test_counts_audience_and_the_next_moment(database: Database) -> None:
    store = PlaceStore(database)
    assert await store.next_moment() is None
    await active(store, database, 5)
    other = await store.meet(newcomer(6), NOW)
    await store.subscribe(other.id, await categories(database, "sport"), NOW)
    await store.activate(other.id, NOW, NOW)
    await store.silence(other.id, PlaceState.PAUSED)
    await store.meet(newcomer(7), NOW)
    assert await store.counts() == {"active": 1, "paused": 1, "new": 1}
    assert await store.subscribers(None) == 2
    assert await store.subscribers(await categories(database, "sport")) == 1
    assert await store.next_moment() == NOW + timedelta(hours=1)


async def test_a_rhythm_moves_the_next_slot(database: Database) -> None:
    store = PlaceStore(database)
    place = await active(store, database)
    changed = await store.set_schedule(
        place.id, NOW, time="09:15,20:00", weekdays="67", quiet="22:00-07:00", least_items=3, silent=True
    )
    # NOW is a Saturday, 07:30.
    assert changed.next_at == NOW.replace(hour=9, minute=15)
    assert await store.find(place.chat_id) == changed
    assert (changed.weekdays, changed.quiet, changed.least_items, changed.silent) == ("67", "22:00-07:00", 3, True)
    paused = await store.meet(newcomer(6), NOW)
    assert (await store.set_schedule(paused.id, NOW, time="10:00")).next_at is None


async def test_a_break_ends_by_itself(database: Database) -> None:
    store = PlaceStore(database)
    place = await active(store, database)
    await store.pause_until(place.id, NOW + timedelta(days=7))
    assert await store.end_pauses(NOW) == 0
    assert await store.next_moment() is None
    assert await store.end_pauses(NOW + timedelta(days=7)) == 1
    back = await store.find(place.chat_id)
    assert back is not None
    assert (back.state, back.next_at, back.resume_at) == (PlaceState.ACTIVE, NOW + timedelta(days=7), None)


async def test_a_group_that_was_met_under_its_new_id_keeps_its_settings(database: Database) -> None:
    store = PlaceStore(database)
    old = await active(store, database, -5, kind=PlaceKind.GROUP)
    met = await store.meet(newcomer(-1005, kind=PlaceKind.SUPERGROUP), NOW)
    await store.move_chat(-5, -1005)
    found = await store.find(-1005)
    assert found is not None
    assert (found.id, found.state, met.id != old.id) == (old.id, PlaceState.ACTIVE, True)
    assert await store.find(-5) is None


async def test_what_was_chosen_under_the_new_id_stays_and_the_old_place_stops(database: Database) -> None:
    store = PlaceStore(database)
    old = await active(store, database, -5, kind=PlaceKind.GROUP)
    new = await active(store, database, -1005, kind=PlaceKind.SUPERGROUP)
    await store.move_chat(-5, -1005)
    stopped, going = await store.find(-5), await store.find(-1005)
    assert stopped is not None
    assert going is not None
    assert (stopped.id, stopped.state) == (old.id, PlaceState.STOPPED)
    assert (going.id, going.state) == (new.id, PlaceState.ACTIVE)
