"""From due places to sent digests."""

from __future__ import annotations

from digests.model.delivery import DeliveryState
from digests.model.place import PlaceState
from tests.factories.places import new_place
from tests.factories.times import DAY
from tests.flow.delivery_harness import EIGHT, DeliveryHarness


async def test_a_digest_is_sent_once_at_its_time(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One", "Two")
    assert await harness.tick() == 0
    harness.move_to_eight()
    assert await harness.tick() == 1
    (sent,) = harness.sender.sent
    assert "One" in sent.html
    assert "Two" in sent.html
    assert not sent.urgent
    assert await harness.tick() == 0
    harness.clock.move(DAY)
    assert await harness.tick() == 0
    assert await harness.counts() == {DeliveryState.SENT: 1}


async def test_items_beyond_max_items_are_behind_the_button_and_count_as_sent(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One", "Two", "Three", "Four", "Five")
    harness.move_to_eight()
    await harness.tick()
    assert harness.sender.sent[0].rest == 2
    harness.clock.move(DAY)
    assert await harness.tick() == 0


async def test_only_subscribed_categories_are_in_it(harness: DeliveryHarness) -> None:
    place = await harness.reader(category="news")
    await harness.publish("Inside")
    await harness.publish("Outside", category="sport")
    await harness.places.meet(new_place(2), harness.clock.now())
    harness.move_to_eight()
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
    assert "Covers everything from 6 Jun 07:30 to 9 Jun 07:30" in sent.html
    due = await harness.places.next_moment()
    assert due == EIGHT + 3 * DAY


async def test_a_digest_on_request_moves_the_window(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    await harness.publish("One")
    delivery = await harness.planner.plan_now(place.id, harness.clock.now())
    assert delivery is not None
    await harness.worker.deliver_due([delivery])
    assert harness.sender.sent[0].urgent
    assert await harness.planner.plan_now(place.id, harness.clock.now()) is None
    await harness.publish("Two")
    harness.move_to_eight()
    await harness.tick()
    assert "Two" in harness.sender.sent[1].html
    assert "One" not in harness.sender.sent[1].html


async def test_a_stopped_place_still_gets_a_digest_on_request(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    await harness.publish("One")
    await harness.places.silence(place.id, PlaceState.STOPPED)
    delivery = await harness.planner.plan_now(place.id, harness.clock.now())
    assert delivery is not None
    await harness.worker.deliver_due([delivery])
    assert len(harness.sender.sent) == 1


async def test_the_first_digest_holds_the_latest_articles_whatever_their_age(harness: DeliveryHarness) -> None:
    await harness.publish("Old one", "Old two", "Old three")
    place = await harness.reader()
    delivery = await harness.planner.plan_first(place.id, harness.clock.now())
    assert delivery is not None
    await harness.worker.deliver_due([delivery])
    assert harness.sender.sent[0].html.count("news.example") == 2
    harness.move_to_eight()
    assert await harness.tick() == 0
