"""Keyboards from data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import (
    TICK,
    UNTICK,
    Browse,
    Callback,
    Do,
    Finish,
    Listing,
    Missed,
    More,
    Resend,
    SetDays,
    SetLeast,
    SetQuiet,
    SetTime,
    SetZone,
    Sources,
    Subscriptions,
    Times,
    Toggle,
    Tune,
    Unsubscribe,
    Zones,
    pack,
)
from bot.callbacks import Found as FoundPage
from bot.render.cut import cut
from bot.texts import Speech
from digests.categories import Tree
from digests.search.ranking import Cursor
from digests.storage.search_index import Found
from digests.storage.search_pages import COUNTED
from digests.timezones import city_of, zone_label
from digests.types import EVERY_DAY, Category, CategoryId, DeliveryId

Row = list[InlineKeyboardButton]

PAGE = 8
TIMES = ("06:00", "07:00", "07:30", "08:00", "09:00", "12:00", "17:00", "18:00", "19:00", "20:00", "21:00", "22:00")
ZONES = (
    "Asia/Shanghai", "Asia/Taipei", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Tokyo", "Asia/Kolkata", "Asia/Dubai",
    "Europe/Moscow", "Europe/Berlin", "Europe/London", "America/Sao_Paulo", "America/New_York", "America/Chicago",
    "America/Denver", "America/Los_Angeles", "Australia/Sydney", "Pacific/Auckland", "UTC",
)  # fmt: skip
QUIET_HOURS = ("21:00-07:00", "22:00-07:00", "22:00-08:00", "23:00-07:00", "23:00-08:00", "00:00-09:00")
_LABEL = 40
_TICKED = "✅"


def button(text: str, callback: Callback) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=pack(callback))


def more_keyboard(delivery: DeliveryId, offset: int, rest: int, words: Speech) -> InlineKeyboardMarkup:
    label = words.count("Show {n} more", "Show {n} more", rest)
    return InlineKeyboardMarkup([[button(label, More(delivery, offset))]])


def delivery_keyboard(
    delivery: DeliveryId, rest: int, stories: int, offers: DeliveryId | None, words: Speech
) -> InlineKeyboardMarkup | None:
    """Below a digest: what max_items cut off, who else tells its stories, and an earlier digest that may not have
    come."""
    rows = [list(row) for row in more_keyboard(delivery, 0, rest, words).inline_keyboard] if rest else []
    if stories:
        rows.append([button(words.say("🗞 More sources"), Sources(delivery))])
    if offers is not None:
        rows.append([button(words.say("An earlier digest may not have come: show it"), Missed(offers))])
    return InlineKeyboardMarkup(rows) if rows else None


def without_button(keyboard: InlineKeyboardMarkup | None, data: str | None) -> InlineKeyboardMarkup | None:
    """The keyboard that is left when a button has done what it is for."""
    rows = [[one for one in row if one.callback_data != data] for row in (keyboard.inline_keyboard if keyboard else ())]
    left = [row for row in rows if row]
    return InlineKeyboardMarkup(left) if left else None


def resend_keyboard(words: Speech) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[button(words.say("Send them again"), Resend()), button(words.say("Close"), Do("close"))]]
    )


def category_keyboard(
    tree: Tree, parent: int, page: int, chosen: Collection[CategoryId], words: Speech, *, setup: bool, time_label: str
) -> InlineKeyboardMarkup:
    """One level of the tree: each category to tick, with an arrow to what lies below it."""
    level = tree.children(CategoryId(parent) if parent else None)
    pages = max(1, -(-len(level) // PAGE))
    page = min(page, pages - 1)
    rows = [
        _category_row(tree, category, parent, page, chosen, setup=setup)
        for category in level[page * PAGE : (page + 1) * PAGE]
    ]
    rows.extend(_pager(page, pages, lambda number: Browse(parent, number, int(setup))))
    if parent:
        above = tree.get(CategoryId(parent))
        back = Browse((above.parent_id if above else 0) or 0, 0, int(setup))
        rows.append([button(words.say("‹ Back"), back)])
    if setup:
        rows.append([button(time_label, Times(1))])
        rows.append([button(words.say("✅ Done"), Finish())])
    else:
        rows.append([button(words.say("My subscriptions"), Subscriptions()), button(words.say("Close"), Do("close"))])
    return InlineKeyboardMarkup(rows)


def _category_row(
    tree: Tree, category: Category, parent: int, page: int, chosen: Collection[CategoryId], *, setup: bool
) -> Row:
    mark = tick_of(tree, category, chosen)
    label = f"{mark} {cut(category.name, _LABEL)} · {category.count:,}"
    to = UNTICK if mark == _TICKED else TICK
    row = [button(label, Toggle(category.id, parent, page, int(setup), to))]
    if tree.children(category.id):
        row.append(button("›", Browse(category.id, 0, int(setup))))
    return row


def tick_of(tree: Tree, category: Category, chosen: Collection[CategoryId]) -> str:
    """✅ subscribed, by itself or through what it lies in; ☑️ something below it is; ▫️ neither."""
    if any(one.id in chosen for one in tree.ancestors(category.id)):
        return _TICKED
    below = tree.with_descendants([category.id])
    return "☑️" if any(one in below for one in chosen) else "▫️"


def _pager(page: int, pages: int, target: Callable[[int], Callback]) -> list[Row]:
    if pages < 2:
        return []
    row: Row = []
    if page > 0:
        row.append(button("‹", target(page - 1)))
    row.append(button(f"{page + 1} / {pages}", target(page)))
    if page < pages - 1:
        row.append(button("›", target(page + 1)))
    return [row]


def listing_keyboard(
    kind: str, key: int, offset: int, size: int, total: int, extra: Iterable[Row] = ()
) -> InlineKeyboardMarkup | None:
    """Pages of a list of articles, and what else is offered below it."""
    pages = -(-total // size)
    rows = _pager(offset // size, pages, lambda number: Listing(kind, key, number * size))
    rows.extend(extra)
    return InlineKeyboardMarkup(rows) if rows else None


def found_keyboard(page: FoundPage, found: Found, size: int, words: Speech) -> InlineKeyboardMarkup | None:
    """Neighbouring pages, from the ends of this one, and the other order."""
    row: Row = []
    pages = -(-found.total // size)
    if page.page > 1 and found.first is not None:
        row.append(button("‹", _beside(page, found.first, -1)))
    if found.total > size:
        row.append(button(f"{page.page} / {pages if found.total <= COUNTED else '…'}", page))
    if found.last is not None and (page.page < pages or found.total > COUNTED):
        row.append(button("›", _beside(page, found.last, 1)))
    rows = [row] if row else []
    if found.total > 1:
        label = words.say("⭐ Best first") if page.newest else words.say("🕘 Newest first")
        rows.append([button(label, FoundPage(page.search, int(not page.newest)))])
    return InlineKeyboardMarkup(rows) if rows else None


def _beside(page: FoundPage, end: Cursor, step: int) -> FoundPage:
    return FoundPage(page.search, page.newest, page.page + step, end.tier + 1, end.document, int(step < 0))


def choice_keyboard(choices: Sequence[tuple[str, Callback]]) -> InlineKeyboardMarkup:
    """One button a row: for an ambiguous name, or near matches."""
    return InlineKeyboardMarkup([[button(cut(label, 60), callback)] for label, callback in choices])


def subscriptions_keyboard(names: Sequence[tuple[str, CategoryId]], page: int, words: Speech) -> InlineKeyboardMarkup:
    pages = max(1, -(-len(names) // PAGE))
    page = min(page, pages - 1)
    rows = [
        [button(f"✖️ {cut(name, _LABEL)}", Unsubscribe(category, page))]
        for name, category in names[page * PAGE : (page + 1) * PAGE]
    ]
    rows.extend(_pager(page, pages, lambda number: Subscriptions(number)))
    rows.append([button(words.say("Add more"), Browse()), button(words.say("Close"), Do("close"))])
    return InlineKeyboardMarkup(rows)


def time_keyboard(current: str, timezone: str, words: Speech, *, setup: bool) -> InlineKeyboardMarkup:
    chosen = current.split(",")
    buttons = [button(f"• {one} •" if one in chosen else one, SetTime(one, int(setup))) for one in TIMES]
    rows = [buttons[start : start + 4] for start in range(0, len(buttons), 4)]
    rows.append([button(f"🌍 {zone_label(timezone)}", Zones(0, int(setup)))])
    rows.append([button(words.say("‹ Back"), Browse(setup=1))] if setup else [button(words.say("Close"), Do("close"))])
    return InlineKeyboardMarkup(rows)


def zone_keyboard(now: datetime, current: str, words: Speech, *, setup: bool) -> InlineKeyboardMarkup:
    """Zones with the time that it is there: one finds one's own by looking at the clock."""
    names = list(dict.fromkeys([*ZONES, current]))
    buttons = [
        button(
            f"{'✅ ' if name == current else ''}{city_of(name)} {now.astimezone(ZoneInfo(name)):%H:%M}",
            SetZone(name, int(setup)),
        )
        for name in names
    ]
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    rows.append([button(words.say("‹ Back"), Times(int(setup)))])
    return InlineKeyboardMarkup(rows)


def zone_choice(zones: Sequence[str], now: datetime, words: Speech) -> InlineKeyboardMarkup:
    """What somebody may have meant, each with the time that it is there; and the way to all clocks."""
    rows = [[button(f"{zone_label(name)} · {now.astimezone(ZoneInfo(name)):%H:%M}", SetZone(name))] for name in zones]
    rows.append([button(words.say("🌍 Find my clock"), Zones())])
    return InlineKeyboardMarkup(rows)


def days_keyboard(weekdays: str, words: Speech) -> InlineKeyboardMarkup:
    """The days to tick. Each button changes its own day alone: others may have been pressed before it is shown."""
    row = [
        button(
            f"{_TICKED if day in weekdays else '▫️'} {words.weekday(int(day))}",
            SetDays(day, UNTICK if day in weekdays else TICK),
        )
        for day in EVERY_DAY
    ]
    return InlineKeyboardMarkup(
        [
            row[:4],
            row[4:],
            [button(words.say("Every day"), SetDays(EVERY_DAY)), button(words.say("Workdays"), SetDays("12345"))],
            [button(words.say("‹ Back"), Tune())],
        ]
    )


def quiet_keyboard(quiet: str, words: Speech) -> InlineKeyboardMarkup:
    choices = [
        button(f"{'✅ ' if hours == quiet else ''}{hours.replace('-', '–')}", SetQuiet(hours)) for hours in QUIET_HOURS
    ]
    rows = [choices[start : start + 2] for start in range(0, len(choices), 2)]
    rows.append([button(words.say("No quiet hours"), SetQuiet()), button(words.say("‹ Back"), Tune())])
    return InlineKeyboardMarkup(rows)


def least_keyboard(least: int, words: Speech) -> InlineKeyboardMarkup:
    row = [button(f"{'✅ ' if number == least else ''}{number}", SetLeast(number)) for number in (1, 2, 3, 5, 10)]
    return InlineKeyboardMarkup([row, [button(words.say("‹ Back"), Tune())]])
