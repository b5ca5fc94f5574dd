"""/stats: readers, deliveries and articles over time, as a picture."""

from __future__ import annotations

import asyncio
import logging

from bot.callbacks import StatisticsButton
from bot.handlers.context import Context
from bot.handlers.services import AdminServices
from bot.keyboards.statistics import SPANS, statistics_keyboard
from bot.render.statistics import statistics_chart, statistics_html
from bot.telegram.photos import Photo
from digests.media.charts import Chart

logger = logging.getLogger(__name__)

_USUAL = 30
_DRAW_SECONDS = 20.0


async def stats(context: Context, services: AdminServices) -> None:
    """Show the numbers of the last month."""
    await _show(context, services, _USUAL)


async def span_pressed(context: Context, services: AdminServices, pressed: StatisticsButton) -> None:
    """Show the numbers of as many days as the button says."""
    if pressed.days in SPANS:
        await _show(context, services, pressed.days)


async def _show(context: Context, services: AdminServices, days: int) -> None:
    history = await services.statistics.history(days, context.now)
    photo = await _drawn(services, statistics_chart(history, context.t), context.t.language)
    feeds = await services.health.feeds(context.now)
    await context.show(statistics_html(history, context.t, feeds), statistics_keyboard(days, context.t), photo=photo)


async def _drawn(services: AdminServices, chart: Chart, language: str) -> Photo | None:
    """Return the chart as a picture; None where none can be drawn, which the log explains."""
    try:
        async with asyncio.timeout(_DRAW_SECONDS):
            return Photo(await services.draw_chart(chart, language.replace("_", "-")))
    except Exception:
        # Drawing needs much that a machine may lack: a second process, Pillow with its libraries, a font.
        logger.exception("a chart could not be drawn; its numbers are shown without it")
        return None
