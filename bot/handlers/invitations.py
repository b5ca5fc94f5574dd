"""Links that let people in: the owner's of the first start, and invitations."""

from __future__ import annotations

import secrets

from telegram import Chat, Update, User
from telegram.constants import ChatType
from telegram.helpers import create_deep_linked_url

from bot.handlers.context import Talk
from bot.handlers.rights import Standing, is_oneself, refusal, standing_of
from bot.handlers.services import INVITE_LIFE, OWNER_LINK_LIFE, House
from bot.i18n import speech
from digests.model.role import Role

OWNER = "owner"
INVITE = "invite"


async def offer_ownership(house: House) -> str | None:
    """Return a new link by which somebody becomes the owner.

    None where there are admins; a link that was open is closed then.
    """
    if house.settings.telegram.admins:
        await house.people.close_owner_link()
        return None
    code = secrets.token_urlsafe(24)
    now = house.clock.now()
    if not await house.people.open_owner_link(code, now, now + OWNER_LINK_LIFE):
        return None
    return create_deep_linked_url(house.bot.username, f"{OWNER}_{code}")


async def invite(talk: Talk) -> None:
    """Send a link that lets one person in, or one group."""
    code = secrets.token_urlsafe(16)
    await talk.house.people.open_invite(code, talk.now, talk.now + INVITE_LIFE)
    await talk.house.audit(talk.user.id, "invite")
    username, payload = talk.house.bot.username, f"{INVITE}_{code}"
    await talk.reply(
        talk.words.html(
            "This link lets one person in, within {days} days:\n{url}\n\n"
            "To let in a group instead, an admin of the group opens this one:\n{group_url}",
            days=INVITE_LIFE.days,
            url=create_deep_linked_url(username, payload),
            group_url=create_deep_linked_url(username, payload, group=True),
        )
    )


async def open_start_link(house: House, update: Update, payload: str) -> bool:
    """Deal with /start and a one-time code; return True when nothing more is to follow.

    A code that is spent, wrong, or not for here makes a plain /start.
    """
    purpose, _, code = payload.partition("_")
    user, chat = update.effective_user, update.effective_chat
    if not code or user is None or chat is None:
        return False
    if purpose == OWNER:
        return await _become_owner(house, update, user, code)
    if purpose == INVITE and chat.type == ChatType.PRIVATE:
        await _let_person_in(house, update, user, code)
    elif purpose == INVITE:
        return await _let_group_in(house, update, user, chat, code)
    return False


async def _become_owner(house: House, update: Update, user: User, code: str) -> bool:
    if house.settings.telegram.admins or not _is_private(update) or not is_oneself(update):
        return False
    if not await house.people.use_owner_link(code, user.id, house.clock.now()):
        return False
    await house.audit(user.id, "own")
    await house.menus.ensure(user.id, Role.OWNER)
    text = speech(house.language(user.language_code)).html(
        "🔑 You are now the owner of this bot. /help shows what an admin can do, /start is what readers see."
    )
    await house.bot.send_message(user.id, text, parse_mode="HTML")
    return True


async def _let_person_in(house: House, update: Update, user: User, code: str) -> None:
    """Use the invitation up, but for whoever may use the bot already: it is left to somebody else then."""
    if house.settings.chat.access != "invite" or not is_oneself(update) or await house.may_use(user.id, user.id):
        return
    await house.people.use_invite(code, user.id, user.id, house.clock.now())


async def _let_group_in(house: House, update: Update, user: User, chat: Chat, code: str) -> bool:
    """Let in the group itself, not who opened it; return True where only an admin of the group may.

    Whoever writes there anonymously has the id of all who do so anywhere.
    """
    if house.settings.chat.access != "invite" or await house.people.is_member(chat.id):
        return False
    standing = await standing_of(house.bot, update)
    if standing is not Standing.ADMIN:
        words = speech(house.language(user.language_code))
        await house.bot.send_message(chat.id, refusal(standing, words))
        return True
    await house.people.use_invite(code, user.id, chat.id, house.clock.now())
    return False


def _is_private(update: Update) -> bool:
    return update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE
