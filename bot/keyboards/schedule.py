"""Keyboards for when digests come: times, zones, days, quiet hours."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    TICK,
    UNTICK,
    ActionButton,
    BrowseButton,
    SetDaysButton,
    SetLeastButton,
    SetQuietButton,
    SetTimeButton,
    SettingsButton,
    ZonesButton,
)
from bot.i18n import Translator
from bot.keyboards.base import TICKED, button
from digests.model.place import EVERY_DAY
from digests.model.timezones import zone_label

TIMES = ("06:00", "07:00", "07:30", "08:00", "09:00", "12:00", "17:00", "18:00", "19:00", "20:00", "21:00", "22:00")
QUIET_HOURS = ("21:00-07:00", "22:00-07:00", "22:00-08:00", "23:00-07:00", "23:00-08:00", "00:00-09:00")


def time_keyboard(current: str, timezone: str, t: Translator, *, setup: int) -> InlineKeyboardMarkup:
    """Return the times of day to choose from, with the current ones marked."""
    chosen = current.split(",")
    buttons = [button(f"•{time}•" if time in chosen else time, SetTimeButton(time, int(setup))) for time in TIMES]
    rows = [buttons[start : start + 4] for start in range(0, len(buttons), 4)]
    rows.append([button(f"🌍 {zone_label(timezone)}", ZonesButton(0, int(setup)))])
    rows.append(
        [button(t("‹ Back"), BrowseButton(setup=int(setup)))] if setup else [button(t("Close"), ActionButton("close"))]
    )
    return InlineKeyboardMarkup(rows)


def days_keyboard(weekdays: str, t: Translator) -> InlineKeyboardMarkup:
    """Return the days to tick. Each button changes only its own day: others may be pressed before it is shown again."""
    row = [
        button(
            f"{TICKED if day in weekdays else '▫️'} {t.weekday(int(day))}",
            SetDaysButton(day, UNTICK if day in weekdays else TICK),
        )
        for day in EVERY_DAY
    ]
    return InlineKeyboardMarkup(
        [
            row[:4],
            row[4:],
            [button(t("Every day"), SetDaysButton(EVERY_DAY)), button(t("Workdays"), SetDaysButton("12345"))],
            [button(t("‹ Back"), SettingsButton())],
        ]
    )


def quiet_keyboard(quiet: str, t: Translator) -> InlineKeyboardMarkup:
    """Return the quiet hours to choose from, with the current ones ticked."""
    choices = [
        button(f"{'✅ ' if hours == quiet else ''}{hours.replace('-', '–')}", SetQuietButton(hours))
        for hours in QUIET_HOURS
    ]
    rows = [choices[start : start + 2] for start in range(0, len(choices), 2)]
    none = t("No quiet hours")
    rows.append([button(none if quiet else f"✅ {none}", SetQuietButton()), button(t("‹ Back"), SettingsButton())])
    return InlineKeyboardMarkup(rows)


def least_keyboard(least: int, t: Translator) -> InlineKeyboardMarkup:
    """Return the numbers of new items that a digest can wait for, with the current one ticked."""
    row = [button(f"{'✅ ' if number == least else ''}{number}", SetLeastButton(number)) for number in (1, 2, 3, 5, 10)]
    return InlineKeyboardMarkup([row, [button(t("‹ Back"), SettingsButton())]])
