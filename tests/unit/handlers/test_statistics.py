"""/stats: a picture that changes in place, and its numbers whatever happens to the picture."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.callbacks import StatisticsButton
from bot.handlers.admins import statistics
from bot.handlers.services import AdminServices
from digests.errors import StorageError
from digests.isolation.process import WorkLost
from digests.media.charts import Chart
from tests.factories.times import DAY
from tests.unit.handlers.harness import ADA, MESSAGE, HandlerHarness


class FakeDrawing:
    """Draws charts as their titles and languages, unless it is broken."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.drawn: list[Chart] = []

    async def __call__(self, chart: Chart, language: str) -> bytes:
        """Return what stands for the picture."""
        self.drawn.append(chart)
        if self.error is not None:
            raise self.error
        return f"{chart.subtitle} {language}".encode()


def admins(harness: HandlerHarness, drawing: FakeDrawing) -> AdminServices:
    """Return the services of admins, with a drawing of the test's."""
    return replace(harness.admins, draw_chart=drawing)


async def test_the_numbers_of_a_month_come_as_a_picture(harness: HandlerHarness) -> None:
    drawing = FakeDrawing()
    await harness.follow(await harness.publish("Moon"))
    await statistics.stats(await harness.written(by=ADA), admins(harness, drawing))
    (shown,) = harness.telegram.shown
    assert shown.method == "sendPhoto"
    assert shown.upload == b"8 May 2026 to 6 Jun 2026, in UTC en"
    assert "active 1" in shown.text
    assert "1, most from: Tidewater 1" in shown.text
    assert "Science 1" in shown.text
    assert shown.buttons["✅ 30 days"] == StatisticsButton(30)


async def test_another_span_changes_the_picture_in_place(harness: HandlerHarness) -> None:
    drawing = FakeDrawing()
    for days in (7, 365):
        pressed = StatisticsButton(days)
        await statistics.span_pressed(
            await harness.pressed(pressed, by=ADA, has_photo=True), admins(harness, drawing), pressed
        )
        await harness.parts.chats.screens.settle()
    assert [call.method for call in harness.telegram.shown] == ["editMessageMedia"] * 2
    assert {call.fields["message_id"] for call in harness.telegram.shown} == {str(MESSAGE)}
    assert [len(chart.panels[0].labels) for chart in drawing.drawn] == [7, 52]
    assert "✅ 365 days" in harness.telegram.shown[-1].buttons


@pytest.mark.parametrize("days", [0, 1, 31, 10**14])
async def test_a_span_that_is_not_offered_is_ignored(harness: HandlerHarness, days: int) -> None:
    """A modified client can send anything."""
    forged = StatisticsButton(days)
    await statistics.span_pressed(await harness.pressed(forged, by=ADA), harness.admins, forged)
    assert not harness.telegram.calls


@pytest.mark.parametrize("error", [WorkLost("it ended"), ImportError("no Pillow"), ValueError("too much")])
async def test_without_a_picture_the_numbers_come_as_text(harness: HandlerHarness, error: Exception) -> None:
    drawing = FakeDrawing()
    drawing.error = error
    await statistics.stats(await harness.written(by=ADA), admins(harness, drawing))
    pressed = StatisticsButton(7)
    await statistics.span_pressed(await harness.pressed(pressed, by=ADA), admins(harness, drawing), pressed)
    assert [call.method for call in harness.telegram.shown] == ["sendMessage", "editMessageText"]
    assert all("Readers now" in call.text for call in harness.telegram.shown)


async def test_drawing_that_never_ends_is_not_waited_for(
    harness: HandlerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "_DRAW_SECONDS", 0.01)

    async def hang(_chart: Chart, _language: str) -> bytes:
        never: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        return await never

    await statistics.stats(await harness.written(by=ADA), replace(harness.admins, draw_chart=hang))
    (shown,) = harness.telegram.shown
    assert shown.method == "sendMessage"


async def test_the_past_is_shown_even_when_today_can_not_be_counted(
    harness: HandlerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.follow(await harness.publish("Moon"))
    await harness.parts.statistics.count(harness.clock.now())
    harness.clock.move(DAY)

    async def fail(*_arguments: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(type(harness.stores.daily_counts), "count", fail)
    await statistics.stats(await harness.written(by=ADA), admins(harness, FakeDrawing()))
    (shown,) = harness.telegram.shown
    assert "active 1" in shown.text


async def test_a_count_that_takes_long_is_not_waited_for(
    harness: HandlerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.follow(await harness.publish("Moon"))
    await harness.parts.statistics.count(harness.clock.now())
    harness.clock.move(DAY)
    counting = asyncio.Event()

    async def take_long(*_arguments: object) -> None:
        counting.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("digests.operation.statistics._PATIENCE", 0.01)
    monkeypatch.setattr(type(harness.stores.daily_counts), "count", take_long)
    for _ in range(2):
        await statistics.stats(await harness.written(by=ADA), admins(harness, FakeDrawing()))
    assert counting.is_set()
    assert ["active 1" in call.text for call in harness.telegram.shown] == [True, True]
    await harness.parts.statistics.close()


async def test_numbers_are_counted_again_only_when_they_are_minutes_old(harness: HandlerHarness) -> None:
    services = admins(harness, FakeDrawing())
    await statistics.stats(await harness.written(by=ADA), services)
    await harness.follow(await harness.publish("Moon"))
    await statistics.stats(await harness.written(by=ADA), services)
    assert "active 0" in harness.telegram.shown[-1].text
    harness.clock.move(DAY)
    await statistics.stats(await harness.written(by=ADA), services)
    assert "active 1" in harness.telegram.shown[-1].text
