"""Keyboards for wishes: all that a digest is made of, and what can be changed about each part of it."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    ActionButton,
    AskWishButton,
    BrowseButton,
    Button,
    CapsButton,
    EndWishButton,
    FollowAgainButton,
    ListingButton,
    MuteButton,
    RestoreWishButton,
    SetAtOnceButton,
    SetMuteButton,
    SubscriptionsButton,
    TastesButton,
    UnsubscribeButton,
    WatchButton,
)
from bot.i18n import Translator
from bot.keyboards.base import PAGE, TICKED, ButtonRow, button, pager
from digests.model.category_tree import Category
from digests.model.wish import Wish, WishKind

DAY, WEEK = 24, 7 * 24
"""The hours of a day and a week."""

Row = tuple[str, Button]


def _page_of(rows: Sequence[Row], page: int) -> tuple[list[ButtonRow], int, int]:
    """Return the buttons of a page, its number within bounds, and how many pages there are."""
    pages = max(1, -(-len(rows) // PAGE))
    page = min(page, pages - 1)
    return [[button(label, target)] for label, target in rows[page * PAGE : (page + 1) * PAGE]], page, pages


def subscriptions_keyboard(rows: Sequence[Row], page: int, tastes: int, t: Translator) -> InlineKeyboardMarkup:
    """Return a page of what the digest is made of, each part to be changed by a press, and ways to add to it.

    `tastes` is how many things there are to be more or less of.
    """
    shown, page, pages = _page_of(rows, page)
    shown.extend(pager(page, pages, SubscriptionsButton))
    shown.append(
        [
            button(t("+ Category"), BrowseButton()),
            button(t("+ Watch"), AskWishButton("watch")),
            button(t("+ Mute"), AskWishButton("mute")),
        ]
    )
    more_and_less = f"{t('More and less')} · {tastes}" if tastes else t("More and less")
    shown.append([button(more_and_less, TastesButton()), button(t("Close"), ActionButton("close"))])
    return InlineKeyboardMarkup(shown)


def wishes_keyboard(rows: Sequence[Row], kind: WishKind, t: Translator) -> InlineKeyboardMarkup:
    """Return the first watches or mutes, a way to add one, and the way to all that the digest is made of."""
    add = button(t("+ Watch"), AskWishButton("watch"))
    if kind is WishKind.MUTE:
        add = button(t("+ Mute"), AskWishButton("mute"))
    shown, _, _ = _page_of(rows, 0)
    return InlineKeyboardMarkup([*shown, [add, button(t("My subscriptions"), SubscriptionsButton())]])


def tastes_keyboard(rows: Sequence[Row], page: int, t: Translator) -> InlineKeyboardMarkup:
    """Return a page of what there is to be more and less of, each to be ended by a press."""
    shown, page, pages = _page_of(rows, page)
    shown.extend(pager(page, pages, TastesButton))
    shown.append([button(t("My subscriptions"), SubscriptionsButton()), button(t("Close"), ActionButton("close"))])
    return InlineKeyboardMarkup(shown)


def proposed_watch_keyboard(token: str, t: Translator, *, may_be_at_once: bool) -> InlineKeyboardMarkup:
    """Return the ways in which the words under the token can be watched."""
    rows = [[button(t("👁 Watch in my digest"), WatchButton(token))]]
    if may_be_at_once:
        rows.append([button(t("⚡ Watch and tell me at once"), WatchButton(token, 1))])
    rows.append([button(t("Cancel"), ActionButton("cancel"))])
    return InlineKeyboardMarkup(rows)


def proposed_mute_keyboard(matter: str, key: str, others: Sequence[Row], t: Translator) -> InlineKeyboardMarkup:
    """Return for how long something can be muted, and what `others` may have been meant."""
    return InlineKeyboardMarkup(
        [
            [
                button(t("For a day"), MuteButton(matter, key, DAY)),
                button(t("For a week"), MuteButton(matter, key, WEEK)),
                button(t("For good"), MuteButton(matter, key)),
            ],
            *([button(label, target)] for label, target in others),
            [button(t("Cancel"), ActionButton("cancel"))],
        ]
    )


def wish_keyboard(wish: Wish, page: int, t: Translator, *, may_be_at_once: bool) -> InlineKeyboardMarkup:
    """Return what can be changed about a wish; `page` is that of the list to go back to."""
    rows: list[ButtonRow] = []
    end = EndWishButton(wish.id, page)
    match wish.kind:
        case WishKind.WATCH:
            if wish.at_once:
                rows.append([button(t("📰 Only in my digest"), SetAtOnceButton(wish.id, 0, page))])
            elif may_be_at_once:
                rows.append([button(t("⚡ Tell me at once"), SetAtOnceButton(wish.id, 1, page))])
            rows.append([button(t("✕ Stop watching"), end)])
        case WishKind.MUTE:
            for_good = t("For good") if wish.until else f"{TICKED} {t('For good')}"
            rows.append(
                [
                    button(t("For a day"), SetMuteButton(wish.id, DAY, page)),
                    button(t("For a week"), SetMuteButton(wish.id, WEEK, page)),
                    button(for_good, SetMuteButton(wish.id, 0, page)),
                ]
            )
            rows.append([button(t("✕ End the mute"), end)])
        case WishKind.CAP:
            rows.append([button(t("🔢 Another number"), CapsButton(category=wish.subject.category or 0))])
            rows.append([button(t("✕ No limit"), end)])
        case WishKind.MORE | WishKind.LESS:
            rows.append([button(t("↩️ Undo"), end)])
    rows.append([button(t("‹ Back"), _list_of(wish.kind, page))])
    return InlineKeyboardMarkup(rows)


def _list_of(kind: WishKind, page: int) -> Button:
    return TastesButton(page) if kind in (WishKind.MORE, WishKind.LESS) else SubscriptionsButton(page)


def followed_keyboard(category: Category, page: int, t: Translator) -> InlineKeyboardMarkup:
    """Return what can be changed about a category that is followed."""
    return InlineKeyboardMarkup(
        [
            [button(t("🕘 Its latest"), ListingButton("c", category.id))],
            [button(t("✂️ Limit"), CapsButton(category=category.id))],
            [button(t("✕ Unfollow"), UnsubscribeButton(category.id, page))],
            [button(t("‹ Back"), SubscriptionsButton(page))],
        ]
    )


def unfollowed_keyboard(category: int, page: int, t: Translator) -> InlineKeyboardMarkup:
    """Return the way to follow a category again that was unfollowed."""
    return _undo_keyboard(FollowAgainButton(category, page), SubscriptionsButton(page), t)


def ended_keyboard(kind: WishKind, token: str, page: int, t: Translator) -> InlineKeyboardMarkup:
    """Return the way to have a wish back that is stored under the token."""
    return _undo_keyboard(RestoreWishButton(token, page), _list_of(kind, page), t)


def _undo_keyboard(undo: Button, back: Button, t: Translator) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[button(t("↩️ Undo"), undo), button(t("‹ Back"), back)]])
