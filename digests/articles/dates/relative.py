"""Dates that count from now: `昨天 10:00`, `2 hours ago`, `11月25日` without a year."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from digests.articles.dates.words import hour_of_day

# Chinese, Japanese, Korean, English, German, Spanish, French, Italian, Russian; by how many days ago.
_DAY_WORDS = (
    ("今天", "今日", "本日", "きょう", "오늘", "today", "heute", "hoy", "aujourd'hui", "oggi", "сегодня"),
    ("昨天", "昨日", "きのう", "어제", "yesterday", "gestern", "ayer", "hier", "ieri", "вчера"),
    ("前天", "一昨日", "おととい", "그저께", "vorgestern", "anteayer", "avant-hier", "позавчера"),
    ("大前天",),
)
_DAYS = {word: days for days, words in enumerate(_DAY_WORDS) for word in words}
_HALF = r"上午|下午|凌晨|早上|中午|晚上|午前|午後|오전|오후"
_DAY = re.compile(
    rf"(?P<day>{'|'.join(sorted(_DAYS, key=len, reverse=True))})"
    rf"(?:[\s,]*(?:at\s|um\s|à\s|a las\s|в\s)?\s*(?P<before>{_HALF})?\s*(?P<hour>[0-9]{{1,2}})"
    r"(?:[:时時点點시]\s*(?:(?P<minute>[0-9]{1,2})[分분]?)?(?::(?P<second>[0-9]{2}))?)\s*(?P<after>[ap]\.?m\.?)?)?"
)
_NOW = re.compile(r"刚刚|剛剛|刚才|剛才|たった今|방금(?:\s*전)?|just now|now|gerade eben|à l'instant|ahora|только что")
_UNITS = (
    (timedelta(seconds=1), r"秒[钟鐘]?|초|sec(?:ond)?s?|s|sekunden?|secondes?|segundos?|секунд[уы]?"),
    (timedelta(minutes=1), r"分[钟鐘]?|분|min(?:ute)?s?|m|minuten?|minutos?|минут[уы]?"),
    (timedelta(hours=1), r"小[时時]|時間|시간|hours?|hrs?|h|stunden?|heures?|horas?|час(?:а|ов)?"),
    (timedelta(days=1), r"天|日|일|days?|d|tag(?:en?)?|jours?|d[íi]as?|день|дн(?:я|ей)"),
    (timedelta(days=7), r"[周週]|星期|週間|주일?|weeks?|w|wochen?|semaines?|semanas?|недел[юиь]"),
    (timedelta(days=30), r"月|[ヶか箇]月|개월|달|months?|mos?|monat(?:en?)?|mois|mes(?:es)?|месяц(?:а|ев)?"),
    (timedelta(days=365), r"年|년|years?|yrs?|y|jahr(?:en?)?|ans?|años?|год(?:а)?|лет"),
)
_AMOUNT = r"(?P<amount>[0-9]{1,4}|半|an?|one|eine[rmn]?|une?|una?)"
_BEFORE = re.compile(rf"(?:vor|il y a|hace)\s+{_AMOUNT}\s+(?P<unit>[^\W\d]+)")
_AFTER = re.compile(rf"{_AMOUNT}\s*[个個]?\s*(?P<unit>[^\W\d]+?)\s*(?:之?前|以前|전|ago|назад)")
_UNIT_FORMS = tuple((span, re.compile(forms)) for span, forms in _UNITS)
_YEARLESS = re.compile(
    r"(?P<month>[0-9]{1,2})(?:月|월\s?|-)(?P<day>[0-9]{1,2})(?P<mark>[日号號일]?)(?P<rest>(?!-|\d).*)"
)


class LocalTime(NamedTuple):
    """A time in the zone that was asked for; `day_only` if only the day is known."""

    at: datetime
    day_only: bool


def read_relative(text: str, zone: tzinfo, now: datetime) -> LocalTime | None:
    """Return what `text` means at the time `now`, or None if it does not count from now."""
    text = text.lower()
    local = now.astimezone(zone)
    if match := _DAY.fullmatch(text):
        return _time_of_day(local.date() - timedelta(days=_DAYS[match["day"]]), match, zone)
    if _NOW.fullmatch(text):
        return LocalTime(local, day_only=False)
    if match := _AFTER.fullmatch(text) or _BEFORE.fullmatch(text):
        for span, form in _UNIT_FORMS:
            if form.fullmatch(match["unit"]):
                return _ago(match["amount"], span, local)
    return None


def add_year(text: str, zone: tzinfo, now: datetime) -> str:
    """Return a date without a year, such as `11月25日 10:00`, with the year that makes it the latest one before now."""
    match = _YEARLESS.fullmatch(text)
    # A day and an hour could be anything: `11-25` needs a time after it.
    if match is None or (not match["mark"] and not match["rest"].strip()):
        return text
    today = now.astimezone(zone).date()
    try:
        year = today.year if date(today.year, int(match["month"]), int(match["day"])) <= today else today.year - 1
    except ValueError:
        return text
    return f"{year}-{match['month']}-{match['day']} {match['rest'].strip()}".strip()


def _time_of_day(day: date, match: re.Match[str], zone: tzinfo) -> LocalTime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    if match["hour"] is None:
        return LocalTime(midnight, day_only=True)
    hour = hour_of_day(int(match["hour"]), match["before"] or match["after"] or "")
    minute, second = int(match["minute"] or 0), int(match["second"] or 0)
    if hour > 24 or minute > 59 or second > 59:
        raise ValueError
    return LocalTime(midnight + timedelta(hours=hour, minutes=minute, seconds=second), day_only=False)


def _ago(amount: str, span: timedelta, local: datetime) -> LocalTime:
    number = 0.5 if amount == "半" else int(amount) if amount.isdecimal() else 1
    return LocalTime(local - number * span, day_only=span >= timedelta(days=1))
