"""The role of somebody where they write or press: admin of the group, member, or unknown."""

from __future__ import annotations

from enum import Enum, auto

from telegram import ChatMember, Message, Update
from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.i18n import Translator
from bot.telegram.client import DigestBot
from config.accounts import is_person
from digests.model.place import Place, PlaceKind

_HIDDEN = ("member list is inaccessible", "chat_admin_required")
_STRANGERS = ("user not found", "member not found", "participant_id_invalid", "user_not_participant")
_GONE = ("chat not found", "channel_private", "channel_invalid")
_ADMINS = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)


class GroupRole(Enum):
    """What somebody is in a group or a channel."""

    ADMIN = auto()
    MEMBER = auto()
    """Somebody who is no admin there, whether they are in it or not."""
    AS_CHANNEL = auto()
    """It was said in the name of a channel, which is nobody's admin."""
    UNKNOWN = auto()
    """The chat hides its members from the bot."""
    OUTSIDE = auto()
    """The bot is not in the chat, or the chat is gone."""


async def group_role_of(bot: DigestBot, update: Update) -> GroupRole:
    """Return the role in the group of whoever wrote or pressed.

    For a press, Telegram is always asked: the message is the bot's own, and says nothing about who pressed. A message
    sent as the group is an anonymous admin's; a message sent as a channel is never an admin's, whoever wrote it. Raises
    TelegramError where Telegram can't be asked.
    """
    user, chat, message = update.effective_user, update.effective_chat, written(update)
    if user is None or chat is None:
        return GroupRole.MEMBER
    if message is not None and message.sender_chat is not None:
        return GroupRole.ADMIN if message.sender_chat.id == chat.id else GroupRole.AS_CHANNEL
    return await role_in_chat(bot, chat.id, user.id)


async def role_in_chat(bot: DigestBot, chat_id: int, user_id: int) -> GroupRole:
    """Return somebody's role in a group or a channel now. Raises TelegramError where Telegram can't be asked."""
    if chat_id > 0:
        # A private chat has no admins.
        return GroupRole.MEMBER
    try:
        member = await _member(bot, chat_id, user_id)
    except Forbidden:
        return GroupRole.OUTSIDE
    except BadRequest as error:
        reason = error.message.lower()
        if any(words in reason for words in _HIDDEN):
            return GroupRole.UNKNOWN
        if any(words in reason for words in _STRANGERS):
            return GroupRole.MEMBER
        if any(words in reason for words in _GONE):
            return GroupRole.OUTSIDE
        raise
    return GroupRole.ADMIN if member.status in _ADMINS else GroupRole.MEMBER


async def _member(bot: DigestBot, chat_id: int, user_id: int) -> ChatMember:
    """Return a chat's member; of a group that became a supergroup, which the bot may not know yet, the supergroup's."""
    try:
        return await bot.get_chat_member(chat_id, user_id)
    except ChatMigrated as moved:
        return await bot.get_chat_member(moved.new_chat_id, user_id)


async def is_inside(bot: DigestBot, chat_id: int, user_id: int) -> bool:
    """Return whether somebody is in a group or a channel; False where Telegram does not say."""
    try:
        member = await _member(bot, chat_id, user_id)
    except (BadRequest, Forbidden):
        return False
    return member.status in (*_ADMINS, ChatMemberStatus.MEMBER) or bool(getattr(member, "is_member", False))


async def posting_obstacle(bot: DigestBot, place: Place, t: Translator) -> str | None:
    """Return what keeps the bot from writing to a group or a channel now, and what to do; None for nothing."""
    try:
        own = await _member(bot, place.chat_id, bot.id)
    except (BadRequest, Forbidden):
        return t("I am not in this chat any more. Please add me again.")
    if place.kind is PlaceKind.CHANNEL:
        if own.status == ChatMemberStatus.OWNER or getattr(own, "can_post_messages", False):
            return None
        return t("I may not post here. Please make me an admin with the right “Post Messages”.")
    if own.status in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED):
        return t("I am not in this chat any more. Please add me again.")
    if own.status == ChatMemberStatus.RESTRICTED and not getattr(own, "can_send_messages", False):
        return t("I may not write here. Please let me send messages, or make me an admin.")
    return None


def is_oneself(update: Update) -> bool:
    """Return whether a person acts in their own name, and not as a bot, a channel or a group."""
    user, message = update.effective_user, written(update)
    if user is None or user.is_bot or not is_person(user.id):
        return False
    return message is None or message.sender_chat is None


def written(update: Update) -> Message | None:
    """Return the message that somebody wrote; None for a press, whose message is the bot's."""
    return None if update.callback_query is not None else update.effective_message


def message_of(update: Update) -> Message | None:
    """Return the message that somebody wrote, or whose button they pressed while it is still accessible."""
    query = update.callback_query
    if query is None:
        return update.effective_message
    # PTB makes a Message even of one that is gone, marked by its date.
    message = query.message
    return message if isinstance(message, Message) and message.is_accessible else None


def ephemeral_number(message: Message) -> int:
    """Return the number of a message that only one person sees (Bot API 10.2, `ephemeral_message_id`); 0 for others."""
    number = message.api_kwargs.get("ephemeral_message_id", 0)
    return number if isinstance(number, int) else 0


def refusal(group_role: GroupRole, t: Translator) -> str:
    """Return what somebody is told who is not known to be an admin of the group."""
    if group_role is GroupRole.UNKNOWN:
        return t(
            "This group hides its members, so I can't see who its admins are. Please make me an admin here, "
            "and try again."
        )
    if group_role is GroupRole.AS_CHANNEL:
        return t(
            "Only this group's admins can change that, and a channel is none. Please send it as yourself, or as the "
            "group."
        )
    return t("Only this group's admins can change that.")


def question_of(message: Message) -> Message | None:
    """Return the command that the bot's message answers; None for what the bot sent by itself.

    In a topic, a message that answers nothing else is a reply to the topic's first message, by whoever opened it.
    """
    question = message.reply_to_message
    return question if question is not None and (question.text or question.caption or "").startswith("/") else None
