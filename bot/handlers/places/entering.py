"""From a private chat into a group or a channel that somebody manages, if Telegram says that they may."""

from __future__ import annotations

from bot.handlers.context import Context
from bot.handlers.presses import older_text
from bot.handlers.rights import GroupRole, role_in_chat
from bot.i18n import Translator
from digests.model.ids import PlaceId
from digests.model.place import Place, PlaceKind
from digests.storage.places.managed import ManagedStore


async def enter(context: Context, managed: ManagedStore) -> bool:
    """Make the place that the update is about the context's, and return True; True as well where it is about none.

    Return False after saying why somebody may not act there. Telegram is asked each time: who was an admin a moment ago
    may be none any more. Who is none leaves the place, so that what they do next concerns their own digest again.
    """
    place = context.elsewhere
    if place is None:
        return True
    if place.kind is PlaceKind.PRIVATE:
        # Nobody manages somebody else's private chat: no button of ours says so.
        await context.answer(older_text(context))
        return False
    role = await role_in_chat(context.client.bot, place.chat_id, context.user.id)
    if role is GroupRole.ADMIN:
        context.enter(place)
        return True
    if not any(known.chat_id == place.chat_id for known in await managed.known_to(context.user.id)):
        # Its name is not for everybody who makes up a number.
        await context.answer(older_text(context))
        return False
    if role is not GroupRole.UNKNOWN:
        await managed.leave(context.user.id, place.chat_id)
    await context.answer(refusal_elsewhere(role, place, context.t), alert=True)
    return False


async def enter_asked(context: Context, managed: ManagedStore, asked: PlaceId | None) -> bool:
    """Make the place that a question was about the context's, and return True; who answers may be elsewhere by now.

    Return False after saying why somebody may not act there.
    """
    if asked is None or asked == context.place.id:
        return True
    if asked == context.home.id:
        context.place = context.home
        return True
    place = (await context.access.visitor(context.chat.id, 0, context.user.id, asked)).named
    if place is None:
        await context.reply(context.t.html("The chat that I asked about is gone."))
        return False
    if place.chat_id == context.chat.id:
        # A topic of their own.
        context.place = place
        return True
    context.elsewhere = place
    return await enter(context, managed)


def refusal_elsewhere(role: GroupRole, place: Place, t: Translator) -> str:
    """Return what somebody is told who may not act on a place from their private chat, and what to do about it."""
    match role:
        case GroupRole.UNKNOWN:
            return t(
                "Please make me an admin of “{chat}”, so that I can see who may change its digest.", chat=place.title
            )
        case GroupRole.OUTSIDE:
            return t(
                "I am not in “{chat}” any more. Add me again, then /manage. From here on, this is about your own "
                "digest.",
                chat=place.title,
            )
        case _:
            return t(
                "You are not an admin of “{chat}”, so you can't change its digest. From here on, this is about your "
                "own digest.",
                chat=place.title,
            )
