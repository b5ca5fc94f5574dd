"""Translates what the bot says, by gettext. A message without a translation is shown in English."""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from bot.i18n.catalogues import LOCALES, read_catalogue
from bot.i18n.dates import (
    DAY,
    DAY_OF_YEAR,
    SHORT_DAY,
    WEEKDAY_OF_YEAR,
    separator_of,
    short_weekdays,
    show_clock,
    show_date,
    show_language,
    show_moment,
    show_number,
)
from bot.text.inert import inert_in_line
from bot.text.markup import Html, escape


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogues where no language is known yet; a translator gets it later."""
    return message


class Translator:
    """Translates into one language. Messages take named values.

    In markup, values that are text may be anybody's: they are escaped, and Telegram makes no link, mention or command
    of them. What is to be tapped or copied is given as markup (`escape`).
    """

    def __init__(self, language: str, translations: gettext.NullTranslations) -> None:
        self.language = language
        self._translations = translations

    def __call__(self, message: str, **values: object) -> str:
        """Return plain text, for buttons and alerts."""
        return self._translations.gettext(message).format(**values)

    def html(self, message: str, **values: object) -> Html:
        """Return markup, for messages."""
        return Html(self._translations.gettext(message).format(**_shown(values)))

    def count(self, singular: str, plural: str, n: int, **values: object) -> str:
        """Return plain text that depends on a number, which it may show as {n}."""
        return self._translations.ngettext(singular, plural, n).format(n=self.number(n), **values)

    def count_html(self, singular: str, plural: str, n: int, **values: object) -> Html:
        """Return markup that depends on a number, which it may show as {n}."""
        return Html(self._translations.ngettext(singular, plural, n).format(n=self.number(n), **_shown(values)))

    def number(self, number: int) -> str:
        """Return a whole number as the language writes it: "1,234"."""
        return show_number(number, self.language)

    def language_name(self, code: str) -> str:
        """Return the name of a language by its code, such as "zh-Hans"; the code itself if it is not known."""
        return show_language(code, self.language)

    def day(self, day: date) -> str:
        """Return a date such as "Saturday, 6 June" or "6月6日星期六"."""
        return show_date(day, DAY, self.language)

    def short_day(self, day: date) -> str:
        """Return a date such as "6 Jun" or "6月6日"."""
        return show_date(day, SHORT_DAY, self.language)

    def day_of_year(self, day: date) -> str:
        """Return a date such as "6 Jun 2026" or "2026年6月6日"."""
        return show_date(day, DAY_OF_YEAR, self.language)

    def clock(self, at: time) -> str:
        """Return a time of day such as "08:00"."""
        return show_clock(at, self.language)

    def weekdays(self, days: str) -> str:
        """Return the names of weekdays given as ISO numbers, with ranges for neighbours: "Mon–Fri, Sun"."""
        numbers = [int(day) for day in days]
        runs = [[number, number] for number in numbers[:1]]
        for number in numbers[1:]:
            if number == runs[-1][1] + 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        return self.joined(
            self.weekday(first) if first == last else f"{self.weekday(first)}–{self.weekday(last)}"
            for first, last in runs
        )

    def joined(self, names: Iterable[str]) -> str:
        """Return the names as a list: "a, b" or "a、b"."""
        return separator_of(self.language).join(names)

    def weekday(self, number: int) -> str:
        """Return the short name of a weekday given as its ISO number."""
        return short_weekdays(self.language)[number - 1]

    def moment(self, moment: datetime, timezone: str) -> str:
        """Return a local time such as "6 Jun 08:00" in the zone given."""
        local = moment.astimezone(ZoneInfo(timezone))
        return f"{self.short_day(local.date())} {self.clock(local.time())}"

    def dated_moment(self, moment: datetime, timezone: str) -> str:
        """Return a local time such as "Sat, 6 June 2026, 08:00", where a wrong day or year would show."""
        return show_moment(moment.astimezone(ZoneInfo(timezone)), WEEKDAY_OF_YEAR, self.language)


# Markup's own `format` escapes too, but takes five times as long.
def _shown(values: Mapping[str, object]) -> dict[str, Html]:
    return {name: inert_in_line(value) if type(value) is str else escape(value) for name, value in values.items()}


@cache
def translator(language: str) -> Translator:
    """Return the translator for a language that `supported_language` returned."""
    return Translator(language, read_catalogue(LOCALES, language))
