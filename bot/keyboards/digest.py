"""Keyboards below digests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.helpers import create_deep_linked_url

from bot.callbacks import (
    ActionButton,
    ArticleButton,
    Button,
    DigestItemsButton,
    MissedButton,
    MoreButton,
    ResendButton,
    SeenMagazineButton,
    SourcesButton,
    TryMagazineButton,
)
from bot.i18n import Translator
from bot.keyboards.articles import numbered_rows
from bot.keyboards.base import button, carried_by, placed_keyboard
from bot.render.shorten import shorten
from digests.model.delivery import Delivery, Part
from digests.model.ids import ArticleId, DeliveryId
from digests.model.place import Place, PlaceKind


def more_keyboard(delivery: DeliveryId, offset: int, rest: int, t: Translator) -> InlineKeyboardMarkup:
    """Return a button that shows the `rest` of a digest's items, from `offset` on."""
    label = t.count("Show {n} more", "Show {n} more", rest)
    return InlineKeyboardMarkup([[button(label, MoreButton(delivery, offset))]])


def delivery_keyboard(
    delivery: DeliveryId, rest: int, part: Part, offers: DeliveryId | None, t: Translator, *, items: int = 0
) -> InlineKeyboardMarkup | None:
    """Return the buttons below the last part of a digest; None if there are none.

    They show the `rest` that max_items cut off, what can be done with each of its `items`, the other sources of its
    stories, the same as a magazine, the settings (below a magazine), and the earlier digest that it `offers`, which may
    not have arrived; or say whether a magazine is seen.
    """
    rows = [list(row) for row in more_keyboard(delivery, 0, rest, t).inline_keyboard] if rest else []
    if items and not part.asks_magazine:
        rows.append([_items_button(delivery, t)])
    if part.asks_magazine:
        rows.append([button(t("👀 I can see it"), SeenMagazineButton(1))])
        rows.append([button(t("◻️ It is blank: back"), SeenMagazineButton(0))])
    if part.stories:
        rows.append([button(t("🗞 More sources"), SourcesButton(delivery))])
    if part.offers_magazine:
        rows.append([button(t("✨ Try the magazine"), TryMagazineButton(delivery))])
    if part.rich is not None and not part.asks_magazine:
        rows.append([button(t("⚙️ Settings"), ActionButton("settings"))])
    if offers is not None:
        rows.append([button(t("An earlier digest may not have arrived: show it"), MissedButton(offers))])
    return InlineKeyboardMarkup(rows) if rows else None


def keyboard_at(
    place: Place, delivery: Delivery, rest: int, part: Part, t: Translator, *, items: int, bot_name: Callable[[], str]
) -> InlineKeyboardMarkup | None:
    """Return the buttons below a digest where it goes: those of a topic name it.

    Below a channel's digest nothing can be pressed for oneself: its rest is read in the private chat with the bot.
    """
    if place.kind is PlaceKind.CHANNEL:
        return InlineKeyboardMarkup([[rest_link(delivery.id, 0, rest, bot_name(), t)]]) if rest else None
    keyboard = delivery_keyboard(delivery.id, rest, part, delivery.offers, t, items=items)
    return placed_keyboard(keyboard, place.id) if keyboard is not None and place.thread_id else keyboard


def rest_link(delivery: DeliveryId, offset: int, rest: int, bot_name: str, t: Translator) -> InlineKeyboardButton:
    """Return a button that opens the private chat and shows the `rest` of a channel's digest there."""
    label = t.count("Show {n} more", "Show {n} more", rest)
    return InlineKeyboardButton(label, url=create_deep_linked_url(bot_name, f"m_{delivery}_{offset}"))


def _items_button(delivery: DeliveryId, t: Translator) -> InlineKeyboardButton:
    return button(t("⋯ Save, share, more"), DigestItemsButton(delivery))


def items_opened(
    keyboard: InlineKeyboardMarkup, delivery: DeliveryId, items: Sequence[tuple[int, ArticleId, str]], t: Translator
) -> InlineKeyboardMarkup:
    """Return a digest's keyboard with a button for each item in place of the one that brings them.

    `items` are their numbers, articles and names; without names only the numbers are shown, several in a row. All
    other buttons stay, since some of them may have done their work and be gone by now.
    """
    rows = numbered_rows([(number, article) for number, article, _ in items])
    if all(name for *_, name in items):
        rows = [[button(shorten(f"{number}. {name}", 60), ArticleButton(article))] for number, article, name in items]
    back = [button(t("‹ Back"), DigestItemsButton(delivery, 0))]
    return _with_rows(keyboard, DigestItemsButton, [*rows, back])


def items_closed(keyboard: InlineKeyboardMarkup, delivery: DeliveryId, t: Translator) -> InlineKeyboardMarkup:
    """Return a digest's keyboard as it was before `items_opened`."""
    without = [row for row in keyboard.inline_keyboard if not _is(row[0], ArticleButton)]
    return _with_rows(InlineKeyboardMarkup(without), DigestItemsButton, [[_items_button(delivery, t)]])


def _with_rows(
    keyboard: InlineKeyboardMarkup, kind: type[Button], rows: Sequence[Sequence[InlineKeyboardButton]]
) -> InlineKeyboardMarkup:
    """Return the keyboard with these rows in place of the row with a button of this kind."""
    made: list[Sequence[InlineKeyboardButton]] = []
    for row in keyboard.inline_keyboard:
        made.extend(rows if any(_is(shown, kind) for shown in row) else [row])
    return InlineKeyboardMarkup(made)


def _is(shown: InlineKeyboardButton, kind: type[Button]) -> bool:
    return isinstance(carried_by(shown), kind)


def resend_keyboard(t: Translator) -> InlineKeyboardMarkup:
    """Return the answers to the question whether to send uncertain messages again."""
    return InlineKeyboardMarkup(
        [[button(t("Send them again"), ResendButton()), button(t("Close"), ActionButton("close"))]]
    )
