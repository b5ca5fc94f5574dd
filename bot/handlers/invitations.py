"""Links that let people in: the owner's of the first start, and invitations."""

from __future__ import annotations

import secrets

from telegram import Chat, Update, User
from telegram.constants import ChatType
from telegram.helpers import create_deep_linked_url

from bot.handlers.context import Context
from bot.handlers.rights import GroupRole, group_role_of, is_oneself, refusal
from bot.handlers.services import INVITE_LIFE, OWNER_LINK_LIFE, Services
from bot.i18n import translator
from digests.model.audit import AuditAct
from digests.model.role import Role

OWNER = "owner"
INVITE = "invite"


async def offer_ownership(services: Services) -> str | None:
    """Return a new link by which somebody becomes the owner.

    None where there are admins; a link that was open is closed then.
    """
    if services.settings.telegram.admins:
        await services.people.close_owner_link()
        return None
    code = secrets.token_urlsafe(24)
    now = services.clock.now()
    if not await services.people.open_owner_link(code, now, now + OWNER_LINK_LIFE):
        return None
    return create_deep_linked_url(services.bot.username, f"{OWNER}_{code}")


async def invite(context: Context) -> None:
    """Send a link that lets one person in, or one group."""
    code = secrets.token_urlsafe(16)
    await context.services.people.open_invite(code, context.now, context.now + INVITE_LIFE)
    await context.services.record(context.user.id, AuditAct.INVITE)
    username, payload = context.services.bot.username, f"{INVITE}_{code}"
    await context.reply(
        context.t.html(
            "This link lets one person in, within {days} days:\n{url}\n\n"
            "To let in a group instead, an admin of the group opens this one:\n{group_url}",
            days=INVITE_LIFE.days,
            url=create_deep_linked_url(username, payload),
            group_url=create_deep_linked_url(username, payload, group=True),
        )
    )


async def open_start_link(services: Services, update: Update, payload: str) -> bool:
    """Deal with /start and a one-time code; return True when nothing more is to follow.

    A code that is spent, wrong, or not for here makes a plain /start.
    """
    purpose, _, code = payload.partition("_")
    user, chat = update.effective_user, update.effective_chat
    if not code or user is None or chat is None:
        return False
    if purpose == OWNER:
        return await _become_owner(services, update, user, code)
    if purpose == INVITE and chat.type == ChatType.PRIVATE:
        await _let_person_in(services, update, user, code)
    elif purpose == INVITE:
        return await _let_group_in(services, update, user, chat, code)
    return False


async def _become_owner(services: Services, update: Update, user: User, code: str) -> bool:
    if services.settings.telegram.admins or not _is_private(update) or not is_oneself(update):
        return False
    if not await services.people.use_owner_link(code, user.id, services.clock.now()):
        return False
    await services.record(user.id, AuditAct.OWN)
    await services.menus.ensure(user.id, Role.OWNER)
    text = translator(services.supported_language(user.language_code)).html(
        "🔑 You are now the owner of this bot. /help shows what an admin can do, /start is what readers see."
    )
    await services.bot.send_message(user.id, text, parse_mode="HTML")
    return True


async def _let_person_in(services: Services, update: Update, user: User, code: str) -> None:
    """Use the invitation up, but for whoever may use the bot already: it is left to somebody else then."""
    if services.settings.chat.access != "invite" or not is_oneself(update) or await services.may_use(user.id, user.id):
        return
    await services.people.use_invite(code, user.id, user.id, services.clock.now())


async def _let_group_in(services: Services, update: Update, user: User, chat: Chat, code: str) -> bool:
    """Let in the group itself, not who opened it; return True where only an admin of the group may.

    Whoever writes there anonymously has the id of all who do so anywhere.
    """
    if services.settings.chat.access != "invite" or await services.people.is_member(chat.id):
        return False
    group_role = await group_role_of(services.bot, update)
    if group_role is not GroupRole.ADMIN:
        t = translator(services.supported_language(user.language_code))
        await services.bot.send_message(chat.id, refusal(group_role, t))
        return True
    await services.people.use_invite(code, user.id, chat.id, services.clock.now())
    return False


def _is_private(update: Update) -> bool:
    return update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE
