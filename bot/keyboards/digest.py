"""The keyboards below digests."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    ActionButton,
    MissedButton,
    MoreButton,
    ResendButton,
    SourcesButton,
)
from bot.i18n import Speech
from bot.keyboards.base import button
from digests.model.ids import DeliveryId


def more_keyboard(delivery: DeliveryId, offset: int, rest: int, words: Speech) -> InlineKeyboardMarkup:
    label = words.count("Show {n} more", "Show {n} more", rest)
    return InlineKeyboardMarkup([[button(label, MoreButton(delivery, offset))]])


def delivery_keyboard(
    delivery: DeliveryId, rest: int, stories: int, offers: DeliveryId | None, words: Speech
) -> InlineKeyboardMarkup | None:
    """Below a digest: what max_items cut off, who else tells its stories, and an earlier digest that may not have
    come."""
    rows = [list(row) for row in more_keyboard(delivery, 0, rest, words).inline_keyboard] if rest else []
    if stories:
        rows.append([button(words.say("🗞 More sources"), SourcesButton(delivery))])
    if offers is not None:
        rows.append([button(words.say("An earlier digest may not have come: show it"), MissedButton(offers))])
    return InlineKeyboardMarkup(rows) if rows else None


def resend_keyboard(words: Speech) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[button(words.say("Send them again"), ResendButton()), button(words.say("Close"), ActionButton("close"))]]
    )
