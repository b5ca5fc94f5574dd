"""Whether a press may act: Telegram vouches for who pressed and where, but not for what the button said."""

from __future__ import annotations

from telegram import Message

from bot.callbacks import (
    BrowseButton,
    Button,
    FoundButton,
    ListingButton,
    MissedButton,
    MoreButton,
    SourcesButton,
    SubscriptionsButton,
)
from bot.handlers.context import Context
from bot.handlers.rights import GroupRole, question_of, refusal
from digests.model.ids import DeliveryId

_OF_ITS_READERS = (MoreButton, SourcesButton, MissedButton)
"""Below a digest, which belongs to everybody in its chat."""
_LISTS = (ListingButton, FoundButton, BrowseButton, SubscriptionsButton)


async def may_act(context: Context, callback: Button, data: str) -> bool:
    """Return whether the press may act, after telling whoever pressed why not.

    A modified client can send any data with any message, so the data must be on the keyboard that Telegram sends
    along. In a group a list is turned by whoever asked for it; everything else is its admins' (handlers that change
    something ask for that once more), but for what belongs to all readers of a digest.
    """
    if context.pressed is not None:
        return await _may_act_on(context, callback, context.pressed, data)
    if context.is_private or await _is_of_a_digest(context, callback):
        return True
    await context.answer(
        context.t("This message is too old for its buttons. Please send the command again."), alert=True
    )
    return False


async def _may_act_on(context: Context, callback: Button, message: Message, data: str) -> bool:
    if not carries(message, data):
        await context.answer(older_text(context))
        return False
    if context.is_private or isinstance(callback, _OF_ITS_READERS) or _asked(context, message):
        return True
    group_role = await context.group_role()
    if group_role is GroupRole.ADMIN:
        return True
    if isinstance(callback, _LISTS):
        text = context.t("This list belongs to whoever asked for it. Send the command to get your own.")
    else:
        text = refusal(group_role, context.t)
    await context.answer(text, alert=True)
    return False


def older_text(context: Context) -> str:
    return context.t("This button is from an older message. Try /help.")


def carries(message: Message, data: str) -> bool:
    """Return whether the message has a button with this data."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup is not None else ()
    return any(button.callback_data == data for row in rows for button in row)


def _asked(context: Context, message: Message) -> bool:
    """Whether the message answers one of whoever pressed; in groups answers are replies, so that this is known."""
    question = question_of(message)
    return (
        question is not None
        and question.sender_chat is None
        and question.from_user is not None
        and question.from_user.id == context.user.id
    )


async def _is_of_a_digest(context: Context, callback: Button) -> bool:
    """Whether the message that is gone was the digest that the button names; its topic is known then.

    Its button can't be taken away any more, so only admins press it: others would fill the chat with it.
    """
    query = context.update.callback_query
    gone = query.message if query is not None else None
    if (
        gone is None
        or not isinstance(callback, MoreButton | SourcesButton)
        or await context.group_role() is not GroupRole.ADMIN
    ):
        return False
    delivery = await context.services.deliveries.get(DeliveryId(callback.delivery))
    if delivery is None or delivery.place.chat_id != context.chat.id:
        return False
    if all(part.message_id != gone.message_id for part in delivery.parts):
        return False
    context.place = delivery.place
    return True
