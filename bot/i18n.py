"""What the bot says, in the reader's language, from gettext catalogues, which are read uncompiled from `locales/`.

The sources are in English; `zh_CN` has a catalogue. A message without a translation is shown in English; a test keeps
the catalogue complete.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.inert import inert_in_line
from bot.markup import Html, escape

LANGUAGES: Mapping[str, str] = {"en": "English", "zh_CN": "简体中文"}


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
        return self._translations.ngettext(singular, plural, n).format(n=f"{n:,}", **values)

    def count_html(self, singular: str, plural: str, n: int, **values: object) -> Html:
        """Return markup that depends on a number, which it may show as {n}."""
        return Html(self._translations.ngettext(singular, plural, n).format(n=f"{n:,}", **_shown(values)))

    def day(self, day: date) -> str:
        """Return a date such as "Saturday, 6 June" or "6月6日星期六"."""
        pattern = "M月d日EEEE" if self.language == "zh_CN" else "EEEE, d MMMM"
        return _shown_day(day, pattern, self.language)

    def short_day(self, day: date) -> str:
        """Return a date such as "6 Jun" or "6月6日"."""
        return _shown_day(day, "M月d日" if self.language == "zh_CN" else "d MMM", self.language)

    def weekdays(self, days: str) -> str:
        """Return the names of weekdays given as ISO numbers, with ranges for neighbours: "Mon–Fri, Sun"."""
        names = get_day_names("abbreviated", locale=self.language)
        numbers = [int(day) for day in days]
        runs = [[number, number] for number in numbers[:1]]
        for number in numbers[1:]:
            if number == runs[-1][1] + 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        shown = [names[first - 1] if first == last else f"{names[first - 1]}–{names[last - 1]}" for first, last in runs]
        return self.joined(shown)

    def joined(self, names: Iterable[str]) -> str:
        """Return the names as a list: "a, b" or "a、b"."""
        return (", " if self.language == "en" else "、").join(names)

    def weekday(self, number: int) -> str:
        """Return the short name of a weekday given as its ISO number."""
        return str(get_day_names("abbreviated", locale=self.language)[number - 1])

    def moment(self, moment: datetime, timezone: str) -> str:
        """Return a local time such as "6 Jun 08:00" in the zone given."""
        pattern = "M月d日 HH:mm" if self.language == "zh_CN" else "d MMM HH:mm"
        return format_datetime(moment.astimezone(ZoneInfo(timezone)), pattern, locale=self.language)

    def dated_moment(self, moment: datetime, timezone: str) -> str:
        """Return a local time such as "Sat, 6 June 2026, 08:00", where a wrong day or year would show."""
        pattern = "y年M月d日EEE HH:mm" if self.language == "zh_CN" else "EEE, d MMMM y, HH:mm"
        return format_datetime(moment.astimezone(ZoneInfo(timezone)), pattern, locale=self.language)


# Very many articles have one of a few days, and Babel looks the locale up each time.
@lru_cache(maxsize=512)
def _shown_day(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


# Markup's own `format` escapes too, but takes five times as long.
def _shown(values: Mapping[str, object]) -> dict[str, Html]:
    return {name: inert_in_line(value) if type(value) is str else escape(value) for name, value in values.items()}


@cache
def translator(language: str) -> Translator:
    """Return the translator for a language that `supported_language` returned."""
    return Translator(language, _catalogue(language))


def supported_language(code: str | None, default: str = "en") -> str:
    """Return the language with texts that is closest to a user's app language ("zh-hans", "en-GB", None)."""
    plain = (code or "").lower().replace("_", "-")
    if plain.startswith("zh"):
        return "zh_CN"
    if plain.startswith("en"):
        return "en"
    return default


def _catalogue(language: str) -> gettext.NullTranslations:
    file = resources.files("bot") / "locales" / language / "LC_MESSAGES" / "digestbot.po"
    if language == "en" or not file.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as opened:
        write_mo(compiled, read_po(opened, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
