"""When an item was published and changed, by its feed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from digests.articles.dates.parse import read_date
from digests.articles.dates.plausible import plausible
from digests.articles.options import PostOptions
from digests.model.gaps import Gap, GapKind
from digests.origins.feed.contents import FeedEntry

_MAX_SHOWN = 60
# A year alone, and a day of a year, by ISO 8601.
_YEAR = re.compile(r"[0-9]{4}(?:-?[0-9]{3}(?:[Tt ].{1,30})?)?")
# Of the programs that write 4/5/2026, those that write the halves of the day too are mostly American.
_HALF_OF_DAY = re.compile(r"[0-9]\s?[AaPp]\.?[Mm]\b")
_NUMBER, _LETTERS = re.compile(r"[0-9]+"), re.compile(r"[^\W\d_]{3}")


class ItemDates(NamedTuple):
    """When an item was published and changed, in UTC, and what is wrong with what it says of that."""

    published_at: datetime | None
    updated_at: datetime | None
    gap: Gap | None
    problems: tuple[str, ...]


def dates_of_entry(entry: FeedEntry, options: PostOptions, language: str, now: datetime) -> ItemDates:
    """Return the dates of an entry; one that only says when it was changed was published then.

    The raw string is read first: what libraries make of a date that follows no standard is often another one. Dates
    that can't be true are returned as they are, as those of posts, and named in `problems`.

    Args:
        entry: The entry.
        options: The zone of dates that don't name theirs, and whether 4/5/2026 is in April.
        language: The language of feed or entry, by which CST is China's or America's.
        now: The time from which `2 hours ago` counts, and by which dates are judged.
    """
    problems: list[str] = []
    is_american = entry.language.strip().lower().replace("_", "-") == "en-us"
    reader = partial(_moment, options=options, language=language, now=now, is_american=is_american, problems=problems)
    published_at = reader(entry.published, entry.published_at)
    updated_at = reader(entry.updated, entry.updated_at)
    if published_at is None:
        published_at = updated_at
    gap = None
    if published_at is None:
        raw = _shown(entry.published or entry.updated)
        gap = Gap(GapKind.DATE, "feed unreadable", raw) if raw else Gap(GapKind.DATE, "feed")
    elif plausible(published_at, now) is None:
        problems.append(f'the date "{_shown(entry.published or entry.updated)}" can\'t be true')
    return ItemDates(published_at, updated_at, gap, tuple(problems))


def _moment(
    raw: str,
    last_resort: datetime | None,
    *,
    options: PostOptions,
    language: str,
    now: datetime,
    is_american: bool,
    problems: list[str],
) -> datetime | None:
    if not raw:
        return last_resort
    month_first = options.month_first or (is_american and _HALF_OF_DAY.search(raw[:100]) is not None)
    found = read_date(raw, options.timezone, now=now, month_first=month_first, language=language)
    if found is not None:
        return found.at
    if last_resort is not None and _agrees(raw, last_resort):
        return last_resort
    problems.append(f'the date "{_shown(raw)}" can\'t be read')
    return None


def _agrees(raw: str, reading: datetime) -> bool:
    """Return whether a reading holds what was written: feedparser fills in from today what it does not understand."""
    if _YEAR.fullmatch(raw):
        return True
    numbers = {int(number) for number in _NUMBER.findall(raw[:100])}
    days = {(reading.date() + timedelta(days=days)).day for days in (-1, 0, 1)}
    has_month = reading.month in numbers or _LETTERS.search(raw) is not None
    return bool(numbers & {reading.year, reading.year % 100}) and bool(numbers & days) and has_month


def _shown(raw: str) -> str:
    return " ".join(raw.split())[:_MAX_SHOWN]
