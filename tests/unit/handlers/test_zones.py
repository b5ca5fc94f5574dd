"""The reader's zone: by the clock, by a city's name, kept as it is, and asked for once after the set-up."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.callbacks import (
    AFTER_SETUP,
    ClockButton,
    ClocksButton,
    FinishButton,
    KeepZoneButton,
    SetTimeButton,
    SetZoneButton,
    TypeCityButton,
    ZonesButton,
)
from bot.handlers.readers import start, zones
from bot.handlers.readers.replies import replied
from digests.model.dialogs import AwaitedReply, Question
from digests.model.place import PlaceState
from tests.unit.handlers.harness import GROUP, ROBIN, HandlerHarness, open_harness

CHINESE = {**ROBIN, "language_code": "zh-hans"}
TAIWANESE = {**ROBIN, "language_code": "zh-hant"}


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Beijing", "Asia/Shanghai"),
        ("北京", "Asia/Shanghai"),
        ("Washington", "America/New_York"),
        ("德国", "Europe/Berlin"),
    ],
)
async def test_a_city_sets_its_zone(harness: HandlerHarness, written: str, zone: str) -> None:
    await zones.timezone(await harness.written(written), harness.readers)
    place = await harness.place()
    assert (place.timezone, place.knows_zone) == (zone, True)


@pytest.mark.parametrize(
    ("written", "says", "label"),
    [
        ("St Petersburg", "may be several places", "Saint Petersburg, Russia · 10:30"),
        ("GMT+8", "Several places have the time", "Shanghai · 15:30"),
        ("Etc/GMT+8", "is what everybody else calls <b>UTC-8</b>", "UTC+8 · 15:30"),
        ("shanghia", "I don't know a place called exactly", "Shanghai · 15:30"),
    ],
)
async def test_a_guess_is_asked(harness: HandlerHarness, written: str, says: str, label: str) -> None:
    await zones.timezone(await harness.written(written), harness.readers)
    place = await harness.place()
    assert (place.timezone, place.knows_zone) == ("UTC", False)
    (shown,) = harness.telegram.shown
    assert says in shown.text
    assert label in shown.buttons


async def test_choices_are_named_in_the_readers_language(harness: HandlerHarness) -> None:
    await zones.timezone(await harness.written("圣彼得堡", by=TAIWANESE), harness.readers)
    (shown,) = harness.telegram.shown
    assert [*shown.buttons][:2] == ["聖彼得堡（俄羅斯） · 10:30", "聖彼得堡（美國） · 03:30"]


async def test_the_clock_leads_to_the_city_and_the_city_to_the_zone(harness: HandlerHarness) -> None:
    await zones.timezone(await harness.written(), harness.readers)
    clocks = harness.telegram.shown[-1]
    assert "What time is it where you are?" in clocks.text
    assert clocks.buttons["•07:30•"] == ClockButton.at(0)
    assert clocks.buttons["✅ 07:30 is right"] == KeepZoneButton()
    pressed = ClockButton.at(330)
    await zones.clock_pressed(await harness.pressed(pressed), harness.readers, pressed)
    cities = harness.telegram.shown[-1]
    assert "It is 13:00 where you are" in cities.text
    assert cities.buttons["Kolkata"] == SetZoneButton("Asia/Kolkata")
    assert "knows_zone" not in cities.text
    place = await harness.place()
    assert (place.timezone, place.knows_zone) == ("UTC", False)
    chosen = SetZoneButton("Asia/Kolkata")
    await zones.zone_pressed(await harness.pressed(chosen), harness.readers, chosen)
    place = await harness.place()
    assert (place.timezone, place.knows_zone) == ("Asia/Kolkata", True)


@pytest.mark.parametrize(("by", "first"), [(ROBIN, "Shanghai"), (CHINESE, "上海"), (TAIWANESE, "台北")])
async def test_the_readers_own_country_comes_first(harness: HandlerHarness, by: dict[str, object], first: str) -> None:
    pressed = ClockButton.at(480)
    await zones.clock_pressed(await harness.pressed(pressed, by=by), harness.readers, pressed)
    await zones.timezone(await harness.written("+8", by=by), harness.readers)
    cities, typed = harness.telegram.shown
    assert next(iter(cities.buttons)) == first
    assert next(iter(typed.buttons)) == f"{first} · 15:30"


async def test_a_clock_of_one_place_sets_its_zone(harness: HandlerHarness) -> None:
    pressed = ClockButton.at(345)
    await zones.clock_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert (await harness.place()).timezone == "Asia/Kathmandu"


@pytest.mark.parametrize("minutes", [0, 7, 10**9, 24 * 60 + 7])
async def test_a_clock_that_nobody_has_does_nothing(harness: HandlerHarness, minutes: int) -> None:
    forged = ClockButton(minutes)
    await zones.clock_pressed(await harness.pressed(forged), harness.readers, forged)
    assert not harness.telegram.calls


@pytest.mark.parametrize("first", [0, 26, 10**12])
async def test_any_page_of_clocks_has_twelve(harness: HandlerHarness, first: int) -> None:
    pressed = ClocksButton(first)
    await zones.clocks_pressed(await harness.pressed(pressed), harness.readers, pressed)
    (shown,) = harness.telegram.shown
    assert len([each for each in shown.buttons.values() if isinstance(each, ClockButton)]) == 12


async def test_what_is_right_is_kept_and_known(harness: HandlerHarness) -> None:
    pressed = KeepZoneButton()
    for _ in range(2):
        await zones.keep_pressed(await harness.pressed(pressed), harness.readers, pressed)
    place = await harness.place()
    assert (place.timezone, place.knows_zone) == ("UTC", True)


async def test_within_the_set_up_the_zone_leads_back_to_the_times(harness: HandlerHarness) -> None:
    pressed = SetZoneButton("Asia/Tokyo", 1)
    await zones.zone_pressed(await harness.pressed(pressed), harness.readers, pressed)
    (shown,) = harness.telegram.shown
    assert "It is now 16:30 in Tokyo" in shown.text
    assert SetTimeButton("08:00", 1) in shown.buttons.values()
    assert ZonesButton(0, 1) in shown.buttons.values()


async def test_a_city_may_be_written_after_the_button(harness: HandlerHarness) -> None:
    pressed = TypeCityButton(1)
    await zones.type_pressed(await harness.pressed(pressed), harness.readers, pressed)
    dialog = await harness.readers.people.dialog(ROBIN["id"], ROBIN["id"])
    assert dialog == AwaitedReply(Question.ZONE, "1", (await harness.place()).id)
    assert await replied(await harness.written("广州"), harness.readers, dialog)
    assert (await harness.place()).timezone == "Asia/Shanghai"
    assert "It is now 15:30 in Shanghai" in harness.telegram.shown[-1].text
    assert await harness.readers.people.dialog(ROBIN["id"], ROBIN["id"]) is None


async def test_in_a_group_the_city_comes_with_the_command(harness: HandlerHarness) -> None:
    harness.telegram.member_status = "creator"
    pressed = TypeCityButton()
    await zones.type_pressed(await harness.pressed(pressed, chat=GROUP), harness.readers, pressed)
    (answer,) = harness.telegram.answers
    assert "/timezone Berlin" in answer.text
    assert await harness.readers.people.dialog(GROUP["id"], ROBIN["id"]) is None


async def _finish(harness: HandlerHarness) -> None:
    category = await harness.publish("Moon")
    context = await harness.written()
    await harness.readers.subscriptions.follow(context.place, category, context.now, in_setup=True)
    pressed = FinishButton()
    await start.finish(await harness.pressed(pressed), harness.readers, pressed)


def _asks_for_the_clock(harness: HandlerHarness) -> bool:
    return any("What time is it where you are?" in call.text for call in harness.telegram.shown)


async def test_whose_zone_is_unknown_is_asked_after_the_set_up(harness: HandlerHarness) -> None:
    await _finish(harness)
    assert (await harness.place()).state is PlaceState.ACTIVE
    assert "What time is it where you are?" in harness.telegram.shown[-1].text
    buttons = harness.telegram.shown[-1].buttons
    assert buttons["✅ 07:30 is right"] == KeepZoneButton(AFTER_SETUP)
    assert "‹ Back" not in buttons
    pressed = SetZoneButton("Asia/Tokyo", AFTER_SETUP)
    await zones.zone_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert "Your digest arrives" in harness.telegram.shown[-1].text


async def test_whose_zone_is_known_is_not_asked(harness: HandlerHarness) -> None:
    await zones.timezone(await harness.written("Berlin"), harness.readers)
    await _finish(harness)
    assert not _asks_for_the_clock(harness)


async def test_a_group_is_not_asked(harness: HandlerHarness) -> None:
    harness.telegram.member_status = "creator"
    category = await harness.publish("Moon")
    context = await harness.written(chat=GROUP)
    await harness.readers.subscriptions.follow(context.place, category, context.now, in_setup=True)
    pressed = FinishButton()
    await start.finish(await harness.pressed(pressed, chat=GROUP), harness.readers, pressed)
    assert not _asks_for_the_clock(harness)


async def test_each_language_has_the_operators_zone(folder: Path) -> None:
    zones_of = {"zh_CN": "Asia/Shanghai", "zh_TW": "Asia/Taipei"}
    async with open_harness(folder, digest={"timezone": "Europe/London", "timezones": zones_of}) as harness:
        for number, (code, zone) in enumerate(
            [("zh-hans", "Asia/Shanghai"), ("zh-hant", "Asia/Taipei"), ("en", "Europe/London"), ("fr", "Europe/London")]
        ):
            by = {**ROBIN, "id": 900 + number, "language_code": code}
            place = (await harness.written(by=by)).place
            assert (place.timezone, place.knows_zone) == (zone, False)
