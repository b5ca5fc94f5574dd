"""What admins type into an announcement's card: buttons, ids, times (pure)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.text.markup import safe_url
from digests.model.announcement import LinkButton
from digests.model.schedule import Schedule, next_slot, parse_time, slot_on

MOST_BUTTONS = 6
LONGEST_LABEL = 64
MOST_IDS = 500
FIRST_YEAR, LAST_YEAR = 1000, 9000

_FULL_WIDTH = str.maketrans("０１２３４５６７８９：／－＝，；　", "0123456789:/-=,; ")
_DAY = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?:[\sT]+|$)")
_ID = re.compile(r"-?\d{1,19}")


class InputError(ValueError):
    """Input that breaks a rule: `what` names the rule, `piece` is the text that breaks it."""

    def __init__(self, what: str, piece: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.piece = piece


def parse_buttons(text: str) -> tuple[LinkButton, ...]:
    """Return the buttons written one per line as "label = https://…". Raises InputError: form, label, url, many."""
    buttons: list[LinkButton] = []
    for line in (raw.strip() for raw in text.splitlines() if raw.strip()):
        # Both the label and the address may contain "="; the address begins at http.
        label, equals, url = _cut(line)
        if not equals:
            raise InputError("form", line)
        if not label or len(label) > LONGEST_LABEL or label.encode(errors="ignore").decode() != label:
            raise InputError("label", label)
        if safe_url(url) is None or "." not in url.partition("://")[2].partition("/")[0]:
            raise InputError("url", url)
        buttons.append(LinkButton(label, url))
    if not buttons:
        raise InputError("form", text)
    if len(buttons) > MOST_BUTTONS:
        raise InputError("many")
    return tuple(buttons)


def _cut(line: str) -> tuple[str, bool, str]:
    found = re.search(r"\s*[=＝]\s*(?=[a-z]+://)", line, re.IGNORECASE) or re.search(r"\s*[=＝]\s*", line)
    if found is None:
        return line, False, ""
    return line[: found.start()].strip(), True, line[found.end() :].strip()


def parse_ids(text: str) -> tuple[int, ...]:
    """Return Telegram ids written with spaces, commas or the like between them. Raises InputError: ids, many."""
    pieces = re.split(r"[\s,;，；、]+", text.strip())
    ids: dict[int, None] = {}
    for piece in pieces:
        if not _ID.fullmatch(piece) or not -(1 << 63) < int(piece) < 1 << 63 or not int(piece):
            raise InputError("ids", piece)
        ids[int(piece)] = None
    if len(ids) > MOST_IDS:
        raise InputError("many")
    return tuple(ids)


def parse_moment(text: str, timezone: str, now: datetime) -> datetime:
    """Return the time that "18:00" (the next), "6-7 18:00" or "2026-06-07 18:00" means in `timezone`.

    Raises InputError: moment (not understood), past.
    """
    day, at = _day_and_time(text, timezone, now)
    zone = ZoneInfo(timezone)
    moment = next_slot(now, Schedule((at,), zone)) if day is None else slot_on(day, at, zone)
    if moment <= now:
        raise InputError("past", text)
    return moment


def parse_local(text: str, now: datetime) -> tuple[date | None, time]:
    """Return the day (None where none is named) and the time, to be read on each chat's own clock.

    Raises InputError: moment (not understood), past (the day is over everywhere).
    """
    day, at = _day_and_time(text, "UTC", now)
    # In the zone furthest behind (UTC-12) it may still be yesterday.
    if day is not None and day < (now.astimezone(UTC) - timedelta(hours=12)).date():
        raise InputError("past", text)
    return day, at


def day_within_reach(day: date) -> date:
    """Return the day itself.

    Raises ValueError for one so far away that a zone's offset would leave the calendar.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(day)
    return day


def parse_iso(text: str, timezone: str) -> datetime:
    """Return the time that "2026-06-07T18:00" means in `timezone`, or by an offset of its own.

    Raises ValueError.
    """
    moment = datetime.fromisoformat(text)
    day_within_reach(moment.date())
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


def _day_and_time(text: str, timezone: str, now: datetime) -> tuple[date | None, time]:
    plain = text.strip().translate(_FULL_WIDTH)
    found = _DAY.match(plain)
    try:
        at = parse_time(plain[found.end() :] if found else plain)
        if found is None:
            return None, at
        today = now.astimezone(ZoneInfo(timezone)).date()
        year, month, day = (int(part) if part else 0 for part in found.groups())
        if year:
            return day_within_reach(date(year, month, day)), at
        this_year = date(today.year, month, day)
        return (this_year if this_year >= today else date(today.year + 1, month, day)), at
    except ValueError as error:
        raise InputError("moment", text) from error
