"""Keyboards that lead from a private chat to groups and channels, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telegram import (
    ChatAdministratorRights,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
)

from bot.callbacks import (
    GREETED,
    BackToOwnButton,
    BrowseButton,
    ForumTopicsButton,
    ManageButton,
    PickChatButton,
    SettingsButton,
    at_place,
    pack,
)
from bot.i18n import Translator
from bot.keyboards.base import LABEL, PAGE, ButtonRow, button, pager
from bot.render.shorten import shorten
from digests.model.place import Place, PlaceKind, PlaceState

GROUP_REQUEST, CHANNEL_REQUEST = 1, 2
"""How Telegram's answer tells which button was used."""


def rights(*named: str) -> ChatAdministratorRights:
    """Return an administrator's rights, of which only these are set."""
    names = (
        "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
        "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
        "can_delete_stories",
    )  # fmt: skip
    given: dict[str, Any] = dict.fromkeys(names, False) | dict.fromkeys(named, True)
    return ChatAdministratorRights(**given)


def picker_keyboard(t: Translator) -> ReplyKeyboardMarkup:
    """Return the buttons that open Telegram's own list of chats.

    It lists groups whose admin the person is, and channels where they may post: there the bot gets the right to post,
    in a group it needs none.
    """
    of_group = KeyboardButtonRequestChat(
        GROUP_REQUEST, chat_is_channel=False, user_administrator_rights=rights("can_manage_chat"), request_title=True
    )
    of_channel = KeyboardButtonRequestChat(
        CHANNEL_REQUEST,
        chat_is_channel=True,
        user_administrator_rights=rights("can_manage_chat", "can_post_messages"),
        bot_administrator_rights=rights("can_post_messages"),
        request_title=True,
    )
    return ReplyKeyboardMarkup(
        [
            [
                KeyboardButton(t("👥 A group"), request_chat=of_group),
                KeyboardButton(t("📢 A channel"), request_chat=of_channel),
            ],
            [KeyboardButton(t("✕ Cancel"))],
        ],
        resize_keyboard=True,
        one_time_keyboard=True,
    )


def managed_keyboard(known: Sequence[Place], t: Translator, *, is_managing: bool) -> InlineKeyboardMarkup:
    """Return the chats that somebody set up before, the way to another, and the way back to their own digest."""
    rows = [[_to(place, place_label(place))] for place in known]
    rows.append([button(t("+ Another group or channel"), PickChatButton())])
    if is_managing:
        rows.append([button(t("↩️ Back to my own digest"), BackToOwnButton())])
    return InlineKeyboardMarkup(rows)


def managing_keyboard(place: Place, t: Translator, *, has_topics: bool) -> InlineKeyboardMarkup:
    """Return what somebody does first with a chat that they manage."""
    rows = [
        [
            button(t("🗂 Categories"), BrowseButton(setup=GREETED if place.state is PlaceState.NEW else 0)),
            button(t("⚙️ Settings"), SettingsButton()),
        ]
    ]
    if has_topics:
        rows.append([button(t("💬 Topics"), ForumTopicsButton())])
    rows.append([button(t("↩️ Back to my own digest"), BackToOwnButton())])
    return InlineKeyboardMarkup(rows)


def topics_keyboard(topics: Sequence[Place], at: Place, page: int, t: Translator) -> InlineKeyboardMarkup:
    """Return the places of a forum, of which `at` is ticked: the group as a whole and each topic."""
    pages = max(1, -(-len(topics) // PAGE))
    page = min(page, pages - 1)
    rows: list[ButtonRow] = [
        [_to(place, ("✅ " if place.id == at.id else "") + topic_label(place, t))]
        for place in topics[page * PAGE : (page + 1) * PAGE]
    ]
    rows += pager(page, pages, ForumTopicsButton)
    rows.append([button(t("‹ Back"), ManageButton())])
    return InlineKeyboardMarkup(rows)


def place_label(place: Place) -> str:
    """Return a chat's name with a sign of what it is."""
    return f"{'📢' if place.kind is PlaceKind.CHANNEL else '👥'} {shorten(place.title, LABEL)}"


def topic_label(place: Place, t: Translator) -> str:
    """Return a topic's name; "General" is what is written to the group as a whole (thread 0)."""
    return shorten(place.title.rpartition(" › ")[2], LABEL) if place.thread_id else t("General")


def _to(place: Place, label: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=at_place(pack(ManageButton()), place.id))


def to_place_keyboard(place: Place, t: Translator) -> InlineKeyboardMarkup:
    """Return a button that leads to a chat that the bot was added to."""
    return InlineKeyboardMarkup([[_to(place, t("⚙️ Set it up"))]])
