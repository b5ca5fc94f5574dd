"""Setting up a group or a channel from a private chat: which one, what the bot may do there, and the way back."""

from __future__ import annotations

from telegram import ChatShared, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove
from telegram.helpers import create_deep_linked_url

from bot.callbacks import BackToOwnButton, ForumTopicsButton, ManageButton, PickChatButton
from bot.handlers.context import Context, place_line
from bot.handlers.rights import GroupRole, posting_obstacle, role_in_chat
from bot.handlers.services import PlaceServices
from bot.keyboards.places import (
    CHANNEL_REQUEST,
    managed_keyboard,
    managing_keyboard,
    picker_keyboard,
    topics_keyboard,
)
from bot.text.markup import LINE_BREAK, Html
from digests.model.dialogs import AwaitedReply, Question
from digests.model.place import Place, PlaceKind, PlaceState, usable_layout
from digests.storage.places.places import NewPlace

_SHOWN = 20
"""Chats on the list; who set up more finds them by Telegram's own."""
_ADDS_BOT = "manage"


async def manage(context: Context, services: PlaceServices) -> None:
    """List the chats that somebody set up before; who set up none is asked for one."""
    known = (await services.managed.known_to(context.user.id))[:_SHOWN]
    now_at = context.elsewhere
    if not known:
        await pick(context, services)
        return
    t = context.t
    text = t.html("👥 <b>Groups and channels</b>\nWhose digest do you want to set up?")
    if now_at is not None:
        text = text + "\n" + t.html("You are setting up {chat} now.", chat=place_line(now_at))
    await context.reply(text, managed_keyboard(known, t, is_managing=now_at is not None))


async def pick_pressed(context: Context, services: PlaceServices, _pressed: PickChatButton) -> None:
    """Ask for another chat."""
    await pick(context, services)


async def pick(context: Context, services: PlaceServices) -> None:
    """Ask for a group or a channel, by buttons that open Telegram's own list of chats."""
    await services.people.set_dialog(context.chat.id, context.user.id, AwaitedReply(Question.CHAT), context.now)
    text = context.t.html(
        "👥 <b>Which chat shall I write to?</b>\nChoose a group or channel where you are an admin, with the "
        "buttons below. In a channel I get the right to post messages, and no other."
    )
    await _send(context, text, picker_keyboard(context.t))


async def not_picked(context: Context, services: PlaceServices) -> bool:
    """Put the buttons away when a text comes instead of a chat; return whether the text said no more than that."""
    await services.people.set_dialog(context.chat.id, context.user.id, None, context.now)
    if context.text != context.t("✕ Cancel"):
        return False
    await _send(context, context.t.html("Cancelled."), ReplyKeyboardRemove())
    return True


async def _send(context: Context, text: Html, markup: ReplyKeyboardMarkup | ReplyKeyboardRemove) -> None:
    thread = context.thread_id or None
    await context.client.bot.send_message(context.chat.id, text, reply_markup=markup, message_thread_id=thread)


async def chat_shared(context: Context, services: PlaceServices, shared: ChatShared) -> None:
    """Begin to manage the chat that somebody chose, if Telegram says that they are its admin."""
    try:
        await _take(context, services, shared)
    finally:
        # Until then, it is known that the bot was added there in order to be set up.
        await services.people.set_dialog(context.chat.id, context.user.id, None, context.now)


async def _take(context: Context, services: PlaceServices, shared: ChatShared) -> None:
    title = shared.title or context.t("this chat")
    await _send(context, context.t.html("You chose <b>{chat}</b>.", chat=title), ReplyKeyboardRemove())
    role = await role_in_chat(context.client.bot, shared.chat_id, context.user.id)
    if role is not GroupRole.ADMIN:
        await context.reply(*_why_not(context, role, shared, title))
        return
    await _begin(context, services, await _met(context, services, shared.chat_id, title))


def _why_not(
    context: Context, role: GroupRole, shared: ChatShared, title: str
) -> tuple[Html, InlineKeyboardMarkup | None]:
    """Return why a chosen chat can't be managed, what to do about it, and a button for that."""
    t = context.t
    if role is GroupRole.UNKNOWN:
        return t.html("Please make me an admin there, so that I can see who may change its digest; then /manage."), None
    if role is not GroupRole.OUTSIDE:
        return t.html("You are not an admin there, so you can't change its digest."), None
    if shared.request_id == CHANNEL_REQUEST:
        return t.html(
            "I am not in that channel. Add me as an admin with the right to post messages, then /manage."
        ), None
    add = create_deep_linked_url(context.client.bot.username, _ADDS_BOT, group=True)
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(t("+ Add me to a group"), url=add)]])
    return t.html("I am not in that group yet. Add me to it, then choose it again: /manage"), keyboard


async def _met(context: Context, services: PlaceServices, chat_id: int, title: str) -> Place:
    """Return the place of a chat; a new one has the language and the clock of whoever sets it up."""
    known, own = await services.places.find(chat_id), context.place
    if known is not None:
        return known
    kind = PlaceKind((await context.client.bot.get_chat(chat_id)).type)
    new_place = NewPlace(
        chat_id=chat_id,
        thread_id=0,
        kind=kind,
        title=title[:200],
        language=own.language,
        time=own.time,
        timezone=own.timezone,
        layout=usable_layout(own.layout, kind),
        knows_zone=own.knows_zone,
    )
    return await services.places.meet(new_place, context.now)


async def manage_pressed(context: Context, services: PlaceServices, _pressed: ManageButton) -> None:
    """Begin to manage the place of the button, of which the router has asked Telegram whether they may."""
    if not context.is_managing:
        await context.show(context.t.html("This is your own digest: /settings"))
        return
    await _begin(context, services, context.place)


async def _begin(context: Context, services: PlaceServices, place: Place) -> None:
    await services.managed.begin(context.user.id, place.id, context.now)
    obstacle = await posting_obstacle(context.client.bot, place, context.t)
    if obstacle is None and place.state is PlaceState.UNREACHABLE:
        await services.places.regain(place.chat_id, context.now)
        place = await services.places.find(place.chat_id, place.thread_id) or place
    context.enter(place)
    topics = await services.places.of_chat(place.chat_id)
    lines = [
        context.t.html("From here on, what you do here is about this chat: /categories, /settings, /digest and so on."),
        await _state_html(context, services),
    ]
    if obstacle is not None:
        lines.append(context.t.html("⚠️ {obstacle}", obstacle=obstacle))
    keyboard = managing_keyboard(place, context.t, has_topics=len(topics) > 1)
    await context.show(LINE_BREAK.join(lines), keyboard)


async def _state_html(context: Context, services: PlaceServices) -> Html:
    """Return what comes of the managed place at the moment."""
    place, t = context.place, context.t
    if not await services.places.wants_anything(place.id):
        return t.html("It follows nothing yet: choose its categories.")
    followed = await services.places.subscriptions(place.id)
    count = t.count_html("{n} category", "{n} categories", len(followed)) if followed else t.html("what it watches")
    if place.state is PlaceState.ACTIVE and place.next_at is not None:
        return t.html(
            "It follows {count}; next digest: {next}.", count=count, next=t.moment(place.next_at, place.timezone)
        )
    return t.html("It follows {count}, but its digest is off. /resume turns it on.", count=count)


async def back_pressed(context: Context, services: PlaceServices, _pressed: BackToOwnButton) -> None:
    """End managing: what they do concerns their own digest again."""
    await services.managed.end(context.user.id)
    context.place = context.home
    await context.show(
        context.t.html("↩️ This is about your own digest again. /manage leads back to groups and channels.")
    )


async def forum_topics_pressed(context: Context, services: PlaceServices, pressed: ForumTopicsButton) -> None:
    """Show the topics of the managed group that the bot knows, since somebody sent it a command in them."""
    if not context.is_managing:
        await context.show(context.t.html("This is your own digest: /settings"))
        return
    text = context.t.html(
        "💬 <b>Topics</b>\nEach can have a digest of its own. To add one, send /start in it, as an admin of the group."
    )
    topics = await services.places.of_chat(context.place.chat_id)
    await context.show(text, topics_keyboard(topics, context.place, pressed.page, context.t))
