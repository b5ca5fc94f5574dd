"""What becomes of a digest after each outcome of sending it."""

from __future__ import annotations

from datetime import timedelta

from digests.model.delivery import Delivery, DeliveryState, Part
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
from digests.model.place import PlaceState
from tests.fakes import FakeSender
from tests.flow.delivery_harness import DeliveryHarness, sender_with


async def test_a_reader_who_blocked_the_bot_becomes_unreachable_and_the_others_get_theirs(
    harness: DeliveryHarness,
) -> None:
    places = [await harness.reader(chat) for chat in (1, 2, 3)]
    await harness.publish("One")
    harness.move_to_eight()
    harness.use_sender(
        FakeSender(lambda delivery, _p, _f: Unreachable("blocked") if delivery.place.chat_id == 2 else None)
    )
    await harness.tick()
    assert sorted(part.chat_id for part in harness.sender.sent) == [1, 3]
    assert await harness.state(places[1]) is PlaceState.UNREACHABLE
    assert await harness.counts() == {DeliveryState.SENT: 2, DeliveryState.FAILED: 1}


async def test_a_rate_limit_only_delays(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    harness.move_to_eight()
    harness.use_sender(sender_with(Wait(30), times=1))
    await harness.tick()
    assert harness.sender.sent == []
    harness.clock.move(timedelta(seconds=29))
    assert await harness.tick() == 0
    harness.clock.move(timedelta(seconds=1))
    await harness.tick()
    assert len(harness.sender.sent) == 1


async def test_a_failing_service_is_retried_until_it_is_too_late(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    harness.move_to_eight()
    harness.use_sender(sender_with(NotAccepted("Bad Gateway")))
    for _ in range(80):
        await harness.tick()
        harness.clock.move(timedelta(minutes=10))
    assert 30 < len(harness.sender.tried) < 60
    assert await harness.counts() == {DeliveryState.FAILED: 1}


async def test_what_waited_for_hours_until_its_first_try_is_tried_again_too(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    harness.move_to_eight()
    await harness.planner.plan_due(harness.clock.now())
    # It stood behind a million others, or the bot was down.
    harness.clock.move(timedelta(hours=9))
    harness.use_sender(sender_with(NotAccepted("Bad Gateway"), times=3))
    for _ in range(5):
        await harness.tick()
        harness.clock.move(timedelta(minutes=1))
    assert len(harness.sender.sent) == 1
    assert await harness.counts() == {DeliveryState.SENT: 1}


async def test_an_uncertain_part_is_not_sent_again(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    harness.move_to_eight()
    harness.use_sender(sender_with(Unknown("the connection broke off")))
    await harness.tick()
    harness.clock.move(timedelta(hours=1))
    assert await harness.tick() == 0
    assert len(harness.sender.tried) == 1
    assert await harness.counts() == {DeliveryState.UNCERTAIN: 1}


async def test_an_uncertain_part_is_sent_again_where_the_setting_says_so(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    harness.move_to_eight()
    harness.sender = sender_with(Unknown("the connection broke off"), times=1)
    harness.worker = harness.new_worker(resend=True)
    await harness.tick()
    harness.clock.move(timedelta(hours=1))
    await harness.tick()
    assert len(harness.sender.sent) == 1
    assert await harness.counts() == {DeliveryState.SENT: 1}


async def test_the_text_is_sent_without_a_failing_picture(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One", picture="https://p.example/1.jpg")
    harness.move_to_eight()
    harness.use_sender(sender_with(BadPicture("failed to get HTTP URL content"), Form.WHOLE))
    await harness.tick()
    assert [part.form for part in harness.sender.sent] == [Form.WITHOUT_PICTURE]


async def test_refused_markup_is_sent_as_plain_text(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    harness.move_to_eight()
    harness.use_sender(sender_with(BadMarkup("can't parse entities"), Form.WHOLE))
    await harness.tick()
    assert [part.form for part in harness.sender.sent] == [Form.PLAIN]


async def test_a_group_that_moved_gets_it_under_its_new_id(harness: DeliveryHarness) -> None:
    await harness.reader(-5)
    await harness.publish("One")
    harness.move_to_eight()
    harness.use_sender(FakeSender(lambda delivery, _p, _f: Moved(-1005) if delivery.place.chat_id == -5 else None))
    await harness.tick()
    await harness.tick()
    assert [part.chat_id for part in harness.sender.sent] == [-1005]


async def test_a_closed_topic_becomes_unreachable_and_its_chat_is_told(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    await harness.publish("One")
    harness.move_to_eight()
    harness.use_sender(sender_with(TopicGone("TOPIC_CLOSED")))
    await harness.tick()
    assert [place.id for place in harness.sender.topics_gone] == [place.id]
    assert await harness.state(place) is PlaceState.UNREACHABLE


async def test_an_unknown_refusal_fails_the_delivery_but_keeps_the_place(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    await harness.publish("One")
    harness.move_to_eight()
    harness.use_sender(sender_with(Refused("something new")))
    await harness.tick()
    assert await harness.counts() == {DeliveryState.FAILED: 1}
    assert await harness.state(place) is PlaceState.ACTIVE


async def test_a_bug_in_one_delivery_leaves_it_to_its_lease(harness: DeliveryHarness) -> None:
    for chat in (1, 2):
        await harness.reader(chat)
    await harness.publish("One")
    harness.move_to_eight()

    def answer(delivery: Delivery, _part: Part, _form: Form) -> Outcome | None:
        if delivery.place.chat_id == 1:
            raise ZeroDivisionError("a bug")
        return None

    harness.use_sender(FakeSender(answer))
    await harness.tick()
    assert [part.chat_id for part in harness.sender.sent] == [2]
    harness.use_sender(FakeSender())
    harness.clock.move(timedelta(minutes=3))
    await harness.tick()
    # Whether the first attempt reached Telegram is unknown, so it is not repeated.
    assert await harness.counts() == {DeliveryState.SENT: 1, DeliveryState.UNCERTAIN: 1}
