"""When the digest comes: typed, pressed, mistyped, and asked for by people who may not change it."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from bot.callbacks import ActionButton, SetDaysButton, SetQuietButton, SetSoundButton, SetTimeButton, SetZoneButton
from bot.handlers.readers import hours, schedule, settings, zones
from digests.model.place import PlaceState
from tests.factories.times import DAY, NOW
from tests.unit.handlers.harness import GROUP, MESSAGE, HandlerHarness


async def test_times_are_stored_as_they_were_written(harness: HandlerHarness) -> None:
    await schedule.time(await harness.written("7:30 18:00"), harness.readers)
    assert (await harness.place()).time == "07:30,18:00"
    (shown,) = harness.telegram.shown
    assert "07:30, 18:00" in shown.text


async def test_a_mistyped_time_changes_nothing_and_offers_times(harness: HandlerHarness) -> None:
    await schedule.time(await harness.written("25:00 <b>"), harness.readers)
    assert (await harness.place()).time == "08:00"
    (shown,) = harness.telegram.shown
    assert "“25:00 &lt;b&gt;”" in shown.text
    assert any(isinstance(button, SetTimeButton) for button in shown.buttons.values())


async def test_a_button_with_a_time_that_is_none_does_nothing(harness: HandlerHarness) -> None:
    """A modified client can send anything."""
    forged = SetTimeButton("99:99")
    await schedule.time_pressed(await harness.pressed(forged), harness.readers, forged)
    assert (await harness.place()).time == "08:00"
    assert not harness.telegram.calls


async def test_a_pressed_zone_is_stored_and_named_in_the_answer(harness: HandlerHarness) -> None:
    pressed = SetZoneButton("Asia/Shanghai")
    await zones.zone_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert (await harness.place()).timezone == "Asia/Shanghai"
    (answer,) = harness.telegram.answers
    assert "Shanghai" in answer.text


@pytest.mark.parametrize(("written", "offered"), [("Berl", True), ("Atlantis", False)])
async def test_a_zone_that_is_not_exact_is_asked_for(harness: HandlerHarness, written: str, offered: bool) -> None:
    await zones.timezone(await harness.written(written), harness.readers)
    assert (await harness.place()).timezone == "UTC"
    (shown,) = harness.telegram.shown
    assert (SetZoneButton("Europe/Berlin") in shown.buttons.values()) is offered
    assert shown.buttons


async def test_a_member_may_not_change_a_groups_time(harness: HandlerHarness) -> None:
    context = await harness.written("07:30", chat=GROUP)
    await schedule.time(context, harness.readers)
    assert context.place.time == "08:00"
    (shown,) = harness.telegram.shown
    assert shown.text == "Only this group's admins can change that."


async def test_an_admin_changes_a_groups_time_and_is_answered_there(harness: HandlerHarness) -> None:
    harness.telegram.member_status = "creator"
    context = await harness.written("07:30", chat=GROUP)
    await schedule.time(context, harness.readers)
    assert context.place.time == "07:30"
    (shown,) = harness.telegram.shown
    assert shown.chat_id == GROUP["id"]
    assert shown.fields["reply_parameters"]["message_id"] == MESSAGE


async def test_the_last_day_cannot_be_unticked(harness: HandlerHarness) -> None:
    await hours.days(await harness.written("mon"), harness.readers)
    pressed = SetDaysButton("1", to=2)
    await hours.days_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert (await harness.place()).weekdays == "1"
    (answer,) = harness.telegram.answers
    assert answer.fields["show_alert"]


async def test_quiet_hours_are_set_and_lifted(harness: HandlerHarness) -> None:
    await hours.quiet(await harness.written("22-7"), harness.readers)
    assert (await harness.place()).quiet == "22:00-07:00"
    pressed = SetQuietButton("")
    await hours.quiet_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert (await harness.place()).quiet == ""


async def test_the_button_for_no_sound_becomes_the_one_for_a_sound(harness: HandlerHarness) -> None:
    pressed = SetSoundButton(0)
    await settings.sound_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert (await harness.place()).silent
    (shown,) = harness.telegram.shown
    assert SetSoundButton(1) in shown.buttons.values()


async def test_nothing_is_paused_before_it_has_begun(harness: HandlerHarness) -> None:
    await schedule.pause(await harness.written(), harness.readers)
    assert (await harness.place()).state is PlaceState.NEW
    (shown,) = harness.telegram.shown
    assert "/start" in shown.text


@pytest.mark.parametrize(("written", "days"), [("7d", 7), ("2w", 14)])
async def test_a_break_ends_by_itself_when_a_digest_is_due(harness: HandlerHarness, written: str, days: int) -> None:
    await harness.follow(await harness.publish("News"))
    await schedule.pause(await harness.written(written), harness.readers)
    place = await harness.place()
    assert place.state is PlaceState.PAUSED
    assert place.resume_at is not None
    assert place.resume_at == datetime.combine(NOW.date(), time(8), UTC) + days * DAY


async def test_a_break_of_no_length_is_refused(harness: HandlerHarness) -> None:
    await harness.follow(await harness.publish("News"))
    await schedule.pause(await harness.written("for a while"), harness.readers)
    assert (await harness.place()).state is PlaceState.ACTIVE
    (shown,) = harness.telegram.shown
    assert "“for a while”" in shown.text


async def test_whoever_stops_is_offered_to_be_forgotten(harness: HandlerHarness) -> None:
    await harness.follow(await harness.publish("News"))
    await schedule.stop(await harness.written(), harness.readers)
    assert (await harness.place()).state is PlaceState.STOPPED
    (shown,) = harness.telegram.shown
    assert list(shown.buttons.values()) == [ActionButton("erase")]
