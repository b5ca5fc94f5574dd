from __future__ import annotations

from datetime import timedelta

from digests.model.place import PlaceKind, PlaceState
from digests.storage.database import Database
from digests.storage.places.places import PlaceStore
from tests.factories.categories import ensure_categories
from tests.factories.places import add_active_place, new_place
from tests.factories.times import NOW


async def test_a_chat_is_met_once_and_keeps_its_settings(database: Database) -> None:
    store = PlaceStore(database)
    first = await store.meet(new_place(), NOW)
    assert (first.state, first.next_at, first.window_from) == (PlaceState.NEW, None, 0)
    await store.set_schedule(first.id, NOW, time="09:15", timezone="Asia/Tokyo")
    again = await store.meet(new_place(title="Robin B."), NOW + timedelta(days=1))
    assert (again.id, again.time, again.timezone, again.title) == (first.id, "09:15", "Asia/Tokyo", "Robin B.")
    topic = await store.meet(new_place(thread_id=7), NOW)
    assert topic.id != first.id


async def test_subscriptions_are_a_set(database: Database) -> None:
    store = PlaceStore(database)
    place = await store.meet(new_place(), NOW)
    first, second = await ensure_categories(database, "one", "two")
    await store.subscribe(place.id, [first, second, first], NOW)
    await store.subscribe(place.id, [first], NOW)
    await store.unsubscribe(place.id, [second])
    await store.unsubscribe(place.id, [second])
    assert await store.subscriptions(place.id) == {first}


async def test_a_place_can_be_silenced_and_activated_again(database: Database) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database)
    await store.silence(place.id, PlaceState.PAUSED, "a break")
    paused = await store.find(5)
    assert paused is not None
    assert (paused.state, paused.state_reason, paused.next_at) == (PlaceState.PAUSED, "a break", None)
    await store.activate(place.id, NOW, NOW)
    assert (await store.find(5) or place).state is PlaceState.ACTIVE
    assert await store.subscriptions(place.id)


async def test_a_chat_that_was_lost_comes_back_with_its_settings(database: Database) -> None:
    store = PlaceStore(database)
    await add_active_place(database, 5, time="09:00", timezone="Europe/Berlin")
    await store.meet(new_place(5, thread_id=3), NOW)
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


async def test_a_stopped_place_does_not_become_unreachable(database: Database) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database)
    await store.silence(place.id, PlaceState.STOPPED)
    await store.mark_lost(5, "blocked")
    assert (await store.find(5) or place).state is PlaceState.STOPPED


async def test_a_group_that_becomes_a_supergroup_keeps_its_place(database: Database) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database, -5, kind=PlaceKind.GROUP)
    await store.move_chat(-5, -1005)
    moved = await store.find(-1005)
    assert moved is not None
    assert (moved.id, moved.kind, moved.state) == (place.id, PlaceKind.SUPERGROUP, PlaceState.ACTIVE)
    assert await store.find(-5) is None


async def test_counts_subscribers_and_the_next_slot(database: Database) -> None:
    store = PlaceStore(database)
    assert await store.next_moment() is None
    await add_active_place(database, 5)
    other = await store.meet(new_place(6), NOW)
    await store.subscribe(other.id, await ensure_categories(database, "sport"), NOW)
    await store.activate(other.id, NOW, NOW)
    await store.silence(other.id, PlaceState.PAUSED)
    await store.meet(new_place(7), NOW)
    assert await store.counts() == {"active": 1, "paused": 1, "new": 1}
    assert await store.next_moment() == NOW + timedelta(hours=1)


async def test_a_changed_schedule_moves_the_next_slot(database: Database) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database)
    changed = await store.set_schedule(
        place.id, NOW, time="09:15,20:00", weekdays="67", quiet="22:00-07:00", least_items=3, silent=True
    )
    # NOW is a Saturday, 07:30.
    assert changed.next_at == NOW.replace(hour=9, minute=15)
    assert await store.find(place.chat_id) == changed
    assert (changed.weekdays, changed.quiet, changed.least_items, changed.silent) == ("67", "22:00-07:00", 3, True)
    paused = await store.meet(new_place(6), NOW)
    assert (await store.set_schedule(paused.id, NOW, time="10:00")).next_at is None


async def test_a_pause_ends_by_itself(database: Database) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database)
    await store.pause_until(place.id, NOW + timedelta(days=7))
    assert await store.end_pauses(NOW) == 0
    assert await store.next_moment() is None
    assert await store.end_pauses(NOW + timedelta(days=7)) == 1
    back = await store.find(place.chat_id)
    assert back is not None
    assert (back.state, back.next_at, back.resume_at) == (PlaceState.ACTIVE, NOW + timedelta(days=7), None)


async def test_a_group_met_under_its_new_id_keeps_its_old_settings(database: Database) -> None:
    store = PlaceStore(database)
    old = await add_active_place(database, -5, kind=PlaceKind.GROUP)
    met = await store.meet(new_place(-1005, kind=PlaceKind.SUPERGROUP), NOW)
    await store.move_chat(-5, -1005)
    found = await store.find(-1005)
    assert found is not None
    assert (found.id, found.state, met.id != old.id) == (old.id, PlaceState.ACTIVE, True)
    assert await store.find(-5) is None


async def test_choices_under_the_new_id_win_and_the_old_place_stops(database: Database) -> None:
    store = PlaceStore(database)
    old = await add_active_place(database, -5, kind=PlaceKind.GROUP)
    new = await add_active_place(database, -1005, kind=PlaceKind.SUPERGROUP)
    await store.move_chat(-5, -1005)
    stopped, going = await store.find(-5), await store.find(-1005)
    assert stopped is not None
    assert going is not None
    assert (stopped.id, stopped.state) == (old.id, PlaceState.STOPPED)
    assert (going.id, going.state) == (new.id, PlaceState.ACTIVE)


async def test_a_chosen_language_is_that_of_all_topics_of_a_private_chat(database: Database) -> None:
    store = PlaceStore(database)
    chat = await store.meet(new_place(5), NOW)
    await store.meet(new_place(5, thread_id=3), NOW)
    await store.meet(new_place(6), NOW)
    await store.set_language(chat.id, "zh_TW", is_chosen=True)
    found = [await store.find(*where) for where in ((5, 0), (5, 3), (6, 0))]
    assert [place and (place.language, place.has_chosen_language) for place in found] == [
        ("zh_TW", True), ("zh_TW", True), ("en", False),
    ]  # fmt: skip
    await store.set_language(chat.id, "en")
    again = await store.find(5, 3)
    assert again is not None
    assert (again.language, again.has_chosen_language) == ("en", False)


async def test_each_topic_of_a_group_has_a_language_of_its_own(database: Database) -> None:
    store = PlaceStore(database)
    topics = [await store.meet(new_place(-5, thread_id=thread, kind=PlaceKind.SUPERGROUP), NOW) for thread in (0, 3)]
    await store.set_language(topics[1].id, "zh_CN", is_chosen=True)
    found = [await store.find(-5, thread) for thread in (0, 3)]
    assert [place and place.language for place in found] == ["en", "zh_CN"]
