"""The settings: each on one screen with its effect, changed in one or two taps, and said in a toast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.callbacks import (
    TICK,
    UNTICK,
    AddTimeButton,
    Button,
    CapsButton,
    SetCapButton,
    SetEmptyButton,
    SetItemsButton,
    SetLeastButton,
    SetOrderButton,
    SetQuietButton,
    SetSoundButton,
    SettingsButton,
)
from bot.handlers.readers import caps, hours, settings, tuning
from bot.keyboards.settings import SETTINGS
from digests.model.category_tree import Category
from digests.model.digest import DigestOrder
from digests.model.wish import WishKind
from tests.factories.times import DAY
from tests.fakes import TelegramCall
from tests.unit.handlers.harness import GROUP, ROBIN, HandlerHarness

Handler = Callable[..., Awaitable[None]]


async def press(harness: HandlerHarness, handler: Handler, pressed: Button, **more: Any) -> TelegramCall:
    await handler(await harness.pressed(pressed, **more), harness.readers, pressed)
    await harness.parts.chats.screens.settle()
    return harness.telegram.shown[-1]


async def follower(harness: HandlerHarness, *titles: str) -> Category:
    """Have Robin follow a category in which these articles are new."""
    science = await harness.publish("Old news")
    await harness.follow(science)
    for title in titles:
        await harness.publish(title)
    harness.stores.categories.forget_readers_tree()
    return science


async def test_the_settings_begin_with_what_they_lead_to(harness: HandlerHarness) -> None:
    await follower(harness, "One", "Two")
    await settings.settings(await harness.written(), harness.readers)
    shown = harness.telegram.shown[-1]
    assert "Next digest: <b>today 08:00</b>, 2 articles so far" in shown.text
    assert len(shown.buttons) == sum(map(len, SETTINGS)) + 1


async def test_the_settings_of_who_follows_nothing_say_how_to_begin(harness: HandlerHarness) -> None:
    await settings.settings(await harness.written(), harness.readers)
    assert "Starts once you have chosen" in harness.telegram.shown[-1].text
    assert "Next digest" not in harness.telegram.shown[-1].text


@pytest.mark.parametrize(
    ("handler", "pressed", "field", "value", "toast"),
    [
        (tuning.max_items_pressed, SetItemsButton(20), "max_items", 20, "At most 20 articles"),
        (
            tuning.order_pressed,
            SetOrderButton("most_told"),
            "digest_order",
            DigestOrder.MOST_TOLD,
            "Most covered first",
        ),
        (tuning.empty_pressed, SetEmptyButton(1), "says_empty", True, "I say so"),
        (tuning.empty_pressed, SetEmptyButton(2), "says_empty", False, "I send nothing"),
        (tuning.add_time_pressed, AddTimeButton("18:00", TICK), "time", "08:00,18:00", "+ 18:00"),
        (settings.sound_pressed, SetSoundButton(0), "silent", True, "Without a sound"),
        (settings.least_pressed, SetLeastButton(3), "least_items", 3, "From 3 new articles on"),
        (hours.quiet_pressed, SetQuietButton("22:00-07:00"), "quiet", "22:00-07:00", "22:00–07:00"),
    ],
    ids=lambda value: value.letters if isinstance(value, Button) else "",
)
async def test_a_setting_is_changed_once_and_said(
    harness: HandlerHarness, handler: Handler, pressed: Button, field: str, value: object, toast: str
) -> None:
    await follower(harness, "News")
    for _ in range(2):
        await press(harness, handler, pressed)
    assert getattr(await harness.place(), field) == value
    (answer,) = harness.telegram.answers
    assert toast in answer.text
    assert not answer.fields["show_alert"]


@pytest.mark.parametrize(
    ("handler", "pressed", "field"),
    [
        (tuning.max_items_pressed, SetItemsButton(20), "max_items"),
        (tuning.order_pressed, SetOrderButton("category"), "digest_order"),
        (tuning.empty_pressed, SetEmptyButton(1), "says_empty"),
        (tuning.add_time_pressed, AddTimeButton("18:00", TICK), "time"),
    ],
    ids=lambda value: value.letters if isinstance(value, Button) else "",
)
async def test_members_of_a_group_change_nothing(
    harness: HandlerHarness, handler: Handler, pressed: Button, field: str
) -> None:
    context = await harness.pressed(pressed, chat=GROUP)
    before = getattr(context.place, field)
    await handler(context, harness.readers, pressed)
    found = await harness.stores.places.find(GROUP["id"])
    assert getattr(found, field) == before
    assert harness.telegram.answers[-1].fields["show_alert"]


@pytest.mark.parametrize(
    ("handler", "pressed"),
    [
        (tuning.max_items_pressed, SetItemsButton(10**14)),
        (tuning.max_items_pressed, SetItemsButton(13)),
        (tuning.order_pressed, SetOrderButton("backwards")),
        (tuning.empty_pressed, SetEmptyButton(3)),
        (tuning.add_time_pressed, AddTimeButton("25:00", TICK)),
        (tuning.add_time_pressed, AddTimeButton("", UNTICK)),
        (tuning.add_time_pressed, AddTimeButton("18:00", UNTICK)),
        (caps.cap_pressed, SetCapButton(1, 4)),
        (caps.cap_pressed, SetCapButton(999, 3)),
    ],
    # The address of a function differs from worker to worker.
    ids=lambda each: each.__name__ if callable(each) else repr(each),
)
async def test_forged_settings_change_nothing(harness: HandlerHarness, handler: Handler, pressed: Button) -> None:
    await follower(harness)
    before = await harness.place()
    await handler(await harness.pressed(pressed), harness.readers, pressed)
    assert await harness.place() == before
    assert not await harness.readers.wishes.of(before)


async def test_of_the_times_the_last_one_stays_and_six_are_enough(harness: HandlerHarness) -> None:
    await follower(harness)
    await press(harness, tuning.add_time_pressed, AddTimeButton("08:00", UNTICK))
    assert (await harness.place()).time == "08:00"
    for hour in (6, 7, 9, 12, 17, 18):
        shown = await press(harness, tuning.add_time_pressed, AddTimeButton(f"{hour:02}:00", TICK))
    assert (await harness.place()).time == "06:00,07:00,08:00,09:00,12:00,17:00"
    assert "At most 6 times" in harness.telegram.answers[-1].text
    assert AddTimeButton("17:00", UNTICK) in shown.buttons.values()
    assert AddTimeButton("18:00", TICK) in shown.buttons.values()


async def test_a_time_that_is_not_among_the_usual_can_be_taken_away(harness: HandlerHarness) -> None:
    await follower(harness)
    await harness.readers.subscriptions.reschedule(await harness.place(), harness.clock.now(), time="07:45,18:00")
    shown = await press(harness, tuning.settings_pressed, SettingsButton("times"))
    assert shown.buttons["✅ 07:45"] == AddTimeButton("07:45", UNTICK)


@pytest.mark.parametrize("what", ["", "days", "quiet", "least", "layout", "times", "items", "order", "empty", "gone"])
async def test_every_screen_leads_back(harness: HandlerHarness, what: str) -> None:
    await follower(harness)
    shown = await press(harness, tuning.settings_pressed, SettingsButton(what))
    if what in ("", "gone"):
        assert "Your digest" in shown.text
    else:
        assert SettingsButton() in shown.buttons.values()


async def test_the_operators_number_and_ways_are_named(harness: HandlerHarness) -> None:
    await follower(harness)
    shown = await press(harness, tuning.settings_pressed, SettingsButton("items"))
    assert shown.buttons["✅ The default here: 12"] == SetItemsButton()
    shown = await press(harness, tuning.settings_pressed, SettingsButton("empty"))
    assert shown.buttons["✅ I send nothing (the default here)"] == SetEmptyButton(0)


async def test_a_followed_category_is_capped_by_its_top_and_uncapped(harness: HandlerHarness) -> None:
    moon = await harness.publish("News of the moon", categories=("Science", "Moon"))
    await harness.follow(moon)
    top = moon.parent_id
    assert top is not None
    shown = await press(harness, caps.caps_pressed, CapsButton())
    assert shown.buttons["▫️ Science"] == CapsButton(0, top)
    shown = await press(harness, caps.caps_pressed, CapsButton(0, top))
    assert shown.buttons["3"] == SetCapButton(top, 3)
    for _ in range(2):
        shown = await press(harness, caps.cap_pressed, SetCapButton(top, 3))
    assert shown.buttons["✂️ Science · at most 3"] == CapsButton(0, top)
    (wish,) = await harness.readers.wishes.of(await harness.place())
    assert (wish.kind, wish.most) == (WishKind.CAP, 3)
    await settings.settings(await harness.written(), harness.readers)
    assert "Limits: at most 3 of Science" in harness.telegram.shown[-1].text
    for _ in range(2):
        await press(harness, caps.cap_pressed, SetCapButton(top, 0))
    assert not await harness.readers.wishes.of(await harness.place())
    assert [answer.text for answer in harness.telegram.answers] == ["At most 3 of Science", "Science: no limit"]


async def test_who_follows_nothing_is_led_to_the_categories(harness: HandlerHarness) -> None:
    shown = await press(harness, caps.caps_pressed, CapsButton(7))
    assert "/categories" in shown.text


async def test_settings_show_what_a_change_leads_to(harness: HandlerHarness) -> None:
    await follower(harness, *(f"News {number}" for number in range(7)))
    shown = await press(harness, tuning.max_items_pressed, SetItemsButton(5))
    assert "5 articles so far" in shown.text
    shown = await press(harness, tuning.max_items_pressed, SetItemsButton(3))
    assert "3 articles so far" in shown.text
    await harness.readers.subscriptions.reschedule(await harness.place(ROBIN), harness.clock.now(), weekdays="7")
    harness.clock.move(2 * DAY)
    await settings.settings(await harness.written(), harness.readers)
    assert "Next digest: <b>14 Jun 08:00</b>" in harness.telegram.shown[-1].text
