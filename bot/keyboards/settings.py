"""The keyboard of the settings, which is a table of rows, and those of the screens that it leads to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import (
    TICK,
    UNTICK,
    ActionButton,
    AddTimeButton,
    CapsButton,
    LanguagesButton,
    SetCapButton,
    SetEmptyButton,
    SetItemsButton,
    SetOrderButton,
    SetSoundButton,
    SettingsButton,
    SubscriptionsButton,
    TastesButton,
    TopicsButton,
    ZonesButton,
)
from bot.i18n import Translator
from bot.keyboards.base import LABEL, PAGE, TICKED, ButtonRow, button, pager
from bot.keyboards.schedule import TIMES
from bot.render.settings import DigestDefaults, empty_name, order_name
from bot.render.shorten import shorten
from digests.model.digest import DigestOrder
from digests.model.ids import CategoryId
from digests.model.place import Place
from digests.model.timezones import city_of

ITEMS = (3, 5, 8, 12, 20, 30)
"""The numbers of articles to choose from."""
CAPS = (1, 2, 3, 5)

SettingButton = Callable[[Place, Translator], InlineKeyboardButton]
"""Makes the button of a setting; it shows what the place has chosen where that is short."""


def _zone(place: Place, t: Translator) -> InlineKeyboardButton:
    return button(f"🌍 {shorten(city_of(place.timezone, t.language), LABEL)}", ZonesButton())


def _sound(place: Place, t: Translator) -> InlineKeyboardButton:
    return button(t("🔔 With a sound") if place.silent else t("🔕 Without a sound"), SetSoundButton(int(place.silent)))


SETTINGS: tuple[tuple[SettingButton, ...], ...] = (
    (lambda _, t: button(t("⏰ Time"), SettingsButton("times")), _zone),
    (
        lambda _, t: button(t("📅 Days"), SettingsButton("days")),
        lambda _, t: button(t("🌙 Quiet hours"), SettingsButton("quiet")),
    ),
    (
        lambda _, t: button(t("🔢 Articles"), SettingsButton("items")),
        lambda _, t: button(t("↕️ Order"), SettingsButton("order")),
    ),
    (
        lambda _, t: button(t("✂️ Limits"), CapsButton()),
        lambda _, t: button(t("📭 Nothing new"), SettingsButton("empty")),
    ),
    (lambda _, t: button(t("📏 Minimum"), SettingsButton("least")), _sound),
    (
        lambda _, t: button(t("🖼 Layout"), SettingsButton("layout")),
        lambda _, t: button(t("🌐 Language"), LanguagesButton()),
    ),
    (
        lambda _, t: button(t("More and less"), TastesButton()),
        lambda _, t: button(t("My subscriptions"), SubscriptionsButton()),
    ),
)
"""The rows of the settings. What else readers set has its row here."""


def settings_keyboard(place: Place, t: Translator, *, may_have_topics: bool = False) -> InlineKeyboardMarkup:
    """Return the button of each setting."""
    rows = [[setting(place, t) for setting in row] for row in SETTINGS]
    if may_have_topics:
        rows.append([button(t("💬 A topic for each category"), TopicsButton())])
    rows.append([button(t("Close"), ActionButton("close"))])
    return InlineKeyboardMarkup(rows)


def _back(t: Translator) -> ButtonRow:
    return [button(t("‹ Back"), SettingsButton())]


def _ticked(label: str, *, is_chosen: bool) -> str:
    return f"{TICKED} {label}" if is_chosen else label


def items_keyboard(chosen: int, defaults: DigestDefaults, t: Translator) -> InlineKeyboardMarkup:
    """Return the numbers of articles to choose from, and the operator's, with the chosen one ticked."""
    buttons = [
        button(_ticked(str(number), is_chosen=number == chosen), SetItemsButton(number))
        for number in sorted({*ITEMS, *([chosen] if chosen else [])})
    ]
    rows = [buttons[start : start + 3] for start in range(0, len(buttons), 3)]
    usual = _ticked(t("The default here: {n}", n=defaults.max_items), is_chosen=not chosen)
    rows.append([button(usual, SetItemsButton())])
    return InlineKeyboardMarkup([*rows, _back(t)])


def order_keyboard(chosen: DigestOrder, t: Translator) -> InlineKeyboardMarkup:
    """Return the orders to choose from, with the chosen one ticked."""
    rows = [
        [button(_ticked(order_name(order, t), is_chosen=order is chosen), SetOrderButton(order))]
        for order in DigestOrder
    ]
    return InlineKeyboardMarkup([*rows, _back(t)])


def empty_keyboard(chosen: bool | None, defaults: DigestDefaults, t: Translator) -> InlineKeyboardMarkup:
    """Return what can happen when nothing is new, with what was chosen ticked."""
    choices = ((True, SetEmptyButton(1)), (False, SetEmptyButton(2)), (None, SetEmptyButton(0)))
    rows = [
        [button(_ticked(empty_name(choice, defaults, t), is_chosen=choice is chosen), pressed)]
        for choice, pressed in choices
    ]
    return InlineKeyboardMarkup([*rows, _back(t)])


def times_keyboard(chosen: Sequence[str], zone: str, t: Translator) -> InlineKeyboardMarkup:
    """Return times of day to add and to take away: those that are usual, and those that were chosen."""
    buttons = [
        button(f"{TICKED if time in chosen else '▫️'} {time}", AddTimeButton(time, UNTICK if time in chosen else TICK))
        for time in sorted({*TIMES, *chosen})
    ]
    rows = [buttons[start : start + 3] for start in range(0, len(buttons), 3)]
    return InlineKeyboardMarkup(
        [*rows, [button(f"🌍 {shorten(city_of(zone, t.language), LABEL)}", ZonesButton())], _back(t)]
    )


def caps_keyboard(categories: Sequence[tuple[CategoryId, str, int]], page: int, t: Translator) -> InlineKeyboardMarkup:
    """Return a page of categories, each with its cap (0: none), to be changed by a press."""
    pages = max(1, -(-len(categories) // PAGE))
    page = min(page, pages - 1)
    rows = [
        [button(_cap_label(name, most, t), CapsButton(page, category))]
        for category, name, most in categories[page * PAGE : (page + 1) * PAGE]
    ]
    rows.extend(pager(page, pages, CapsButton))
    return InlineKeyboardMarkup([*rows, _back(t)])


def _cap_label(name: str, most: int, t: Translator) -> str:
    shown = shorten(name, LABEL)
    return t("✂️ {name} · at most {most}", name=shown, most=most) if most else f"▫️ {shown}"


def cap_keyboard(category: CategoryId, chosen: int, page: int, t: Translator) -> InlineKeyboardMarkup:
    """Return the caps that a category can have, with the chosen one (0: none) ticked."""
    row = [
        button(_ticked(str(most), is_chosen=most == chosen), SetCapButton(category, most, page))
        for most in sorted({*CAPS, *([chosen] if chosen else [])})
    ]
    none = button(_ticked(t("No limit"), is_chosen=not chosen), SetCapButton(category, 0, page))
    return InlineKeyboardMarkup([row, [none], [button(t("‹ Back"), CapsButton(page))]])
