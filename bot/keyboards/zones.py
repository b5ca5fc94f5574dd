"""Keyboards for the clock and the language of a place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    AFTER_SETUP,
    ClockButton,
    ClocksButton,
    KeepZoneButton,
    SetLanguageButton,
    SettingsButton,
    SetZoneButton,
    TimesButton,
    TypeCityButton,
    ZonesButton,
)
from bot.i18n import LANGUAGES, Translator, territory_of
from bot.keyboards.base import TICKED, ButtonRow, button
from bot.render.shorten import shorten
from digests.model.timezones import ZoneChoice, choice_labels, country_of, offset_at, offsets_of_day

CLOCKS = 12
"""How many clocks are on a page."""
_IN_A_ROW = 4
_CITY = 48
"""Characters of a city's name in a button."""


def clocks_keyboard(
    now: datetime, timezone: str, t: Translator, *, setup: int, first: int | None = None, may_type: bool
) -> InlineKeyboardMarkup:
    """Return a page of the clocks that there are now, around the one of the zone or from number `first` on.

    The question that ends the set-up leads back to nothing.
    """
    offsets = offsets_of_day(now)
    present = offset_at(timezone, now)
    if first is None:
        first = sum(offset < present for offset in offsets) - CLOCKS // 2
    first = max(0, min(first, len(offsets) - CLOCKS))
    buttons = [
        button(_clock_label(now, offset, present, t), ClockButton.at(offset, setup))
        for offset in offsets[first : first + CLOCKS]
    ]
    rows = [buttons[start : start + _IN_A_ROW] for start in range(0, len(buttons), _IN_A_ROW)]
    pages: ButtonRow = []
    if first > 0:
        pages.append(button(t("‹ Earlier"), ClocksButton(max(0, first - CLOCKS), setup)))
    if first + CLOCKS < len(offsets):
        pages.append(button(t("Later ›"), ClocksButton(first + CLOCKS, setup)))
    rows.append(pages)
    local = t.clock(now.astimezone(ZoneInfo(timezone)).time())
    rows.append([button(t("✅ {time} is right", time=local), KeepZoneButton(setup))])
    last: ButtonRow = []
    if may_type:
        last.append(button(t("✍️ Write my city"), TypeCityButton(setup)))
    if setup != AFTER_SETUP:
        last.append(button(t("‹ Back"), TimesButton(setup) if setup else SettingsButton()))
    return InlineKeyboardMarkup([row for row in (*rows, last) if row])


def _clock_label(now: datetime, offset: int, present: int, t: Translator) -> str:
    """Return a clock's time; with its day of the week where that is another than at the place."""
    there, here = now + timedelta(minutes=offset), now + timedelta(minutes=present)
    shown = t.clock(there.time())
    if there.date() != here.date():
        return f"{t.weekday(there.isoweekday())} {shown}"
    return f"•{shown}•" if offset == present else shown


def cities_keyboard(choices: Sequence[ZoneChoice], t: Translator, *, setup: int) -> InlineKeyboardMarkup:
    """Return the cities that have one clock now, two in a row."""
    choices = near_first(choices, t)
    labels = choice_labels(choices, t.language)
    buttons = [
        button(shorten(label, _CITY), SetZoneButton(choice.zone, setup))
        for label, choice in zip(labels, choices, strict=True)
    ]
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    return InlineKeyboardMarkup([*rows, [button(t("‹ Back"), ZonesButton(0, setup))]])


def near_first(choices: Sequence[ZoneChoice], t: Translator) -> list[ZoneChoice]:
    """Return the choices with those first that lie where most speak the reader's language."""
    return sorted(choices, key=lambda choice: country_of(choice.zone) != territory_of(t.language))


def zone_choice(choices: Sequence[ZoneChoice], now: datetime, t: Translator, *, setup: int = 0) -> InlineKeyboardMarkup:
    """Return the places that somebody may have meant, with their present time, and a button that shows all clocks."""
    labels = choice_labels(choices, t.language)
    rows = [
        [
            button(
                f"{shorten(label, _CITY)} · {t.clock(now.astimezone(ZoneInfo(choice.zone)).time())}",
                SetZoneButton(choice.zone, setup),
            )
        ]
        for label, choice in zip(labels, choices, strict=True)
    ]
    rows.append([button(t("🌍 Find my time zone"), ZonesButton(0, setup))])
    return InlineKeyboardMarkup(rows)


def languages_keyboard(chosen: str, app: str | None, t: Translator) -> InlineKeyboardMarkup:
    """Return the languages to choose from by their own names, with the chosen one ticked.

    `app` is that of the reader's app, which can be followed instead (then `chosen` is ""); None in groups and channels.
    """
    rows = [
        [button(f"{TICKED} {name}" if language == chosen else name, SetLanguageButton(language))]
        for language, name in LANGUAGES.items()
    ]
    if app is not None:
        label = t("📱 As my app: {language}", language=LANGUAGES[app])
        rows.append([button(f"{TICKED} {label}" if not chosen else label, SetLanguageButton())])
    rows.append([button(t("‹ Back"), SettingsButton())])
    return InlineKeyboardMarkup(rows)
