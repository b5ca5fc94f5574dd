"""Keyboards below digests."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    ActionButton,
    MissedButton,
    MoreButton,
    ResendButton,
    SeenMagazineButton,
    SourcesButton,
    TryMagazineButton,
)
from bot.i18n import Translator
from bot.keyboards.base import button
from digests.model.delivery import Part
from digests.model.ids import DeliveryId


def more_keyboard(delivery: DeliveryId, offset: int, rest: int, t: Translator) -> InlineKeyboardMarkup:
    """Return a button that shows the `rest` of a digest's items, from `offset` on."""
    label = t.count("Show {n} more", "Show {n} more", rest)
    return InlineKeyboardMarkup([[button(label, MoreButton(delivery, offset))]])


def delivery_keyboard(
    delivery: DeliveryId, rest: int, part: Part, offers: DeliveryId | None, t: Translator
) -> InlineKeyboardMarkup | None:
    """Return the buttons below the last part of a digest; None if there are none.

    They show the `rest` that max_items cut off, the other sources of its stories, the same as a magazine, the settings
    (below a magazine), and the earlier digest that it `offers`, which may not have arrived; or say whether a magazine
    is seen.
    """
    rows = [list(row) for row in more_keyboard(delivery, 0, rest, t).inline_keyboard] if rest else []
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


def resend_keyboard(t: Translator) -> InlineKeyboardMarkup:
    """Return the answers to the question whether to send uncertain messages again."""
    return InlineKeyboardMarkup(
        [[button(t("Send them again"), ResendButton()), button(t("Close"), ActionButton("close"))]]
    )
