"""Links that let people in: the owner's link of the first start, and invitations."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from telegram import Chat, Update, User
from telegram.constants import ChatType
from telegram.helpers import create_deep_linked_url

from bot.handlers.access import Access
from bot.handlers.menus import CommandMenus
from bot.handlers.notifier import Notifier
from bot.handlers.rights import GroupRole, group_role_of, is_oneself, refusal
from bot.telegram.client import DigestBot
from bot.text.markup import escape
from digests.model.audit import AuditAct
from digests.model.role import Role
from digests.ports import Clock
from digests.storage.people.audit import AuditLog
from digests.storage.people.people import PeopleStore

OWNER = "owner"
INVITE = "invite"
OWNER_LINK_LIFE = timedelta(days=7)
INVITE_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The two links of one invitation: together they let in one person or one group."""

    url: str
    group_url: str


class Invitations:
    """Makes links that work once, and handles those who open them. Methods may raise StorageError."""

    def __init__(
        self,
        bot: DigestBot,
        people: PeopleStore,
        access: Access,
        notifier: Notifier,
        menus: CommandMenus,
        audit: AuditLog,
        clock: Clock,
        *,
        is_needed: bool,
    ) -> None:
        self._bot = bot
        self._people = people
        self._access = access
        self._notifier = notifier
        self._menus = menus
        self._audit = audit
        self._clock = clock
        self._is_needed = is_needed

    async def offer_ownership(self) -> str | None:
        """Return a new link by which somebody becomes the owner.

        None where there are admins; a link that was open is closed then.
        """
        if self._access.has_owners_by_settings:
            await self._people.close_owner_link()
            return None
        code = secrets.token_urlsafe(24)
        now = self._clock.now()
        if not await self._people.open_owner_link(code, now, now + OWNER_LINK_LIFE):
            return None
        return create_deep_linked_url(self._bot.username, f"{OWNER}_{code}")

    async def invite(self) -> Invitation:
        """Return links that let one person in, or one group, for INVITE_LIFE."""
        code = secrets.token_urlsafe(16)
        now = self._clock.now()
        await self._people.open_invite(code, now, now + INVITE_LIFE)
        username, payload = self._bot.username, f"{INVITE}_{code}"
        return Invitation(
            create_deep_linked_url(username, payload), create_deep_linked_url(username, payload, group=True)
        )

    async def open(self, update: Update, payload: str) -> bool:
        """Handle /start with a one-time code; return True when nothing more is to follow.

        A code that is used up, wrong, or not meant for this chat makes a plain /start.
        """
        purpose, _, code = payload.partition("_")
        user, chat = update.effective_user, update.effective_chat
        if not code or user is None or chat is None:
            return False
        if purpose == OWNER:
            return await self._become_owner(update, user, code)
        if purpose == INVITE and chat.type == ChatType.PRIVATE:
            await self._let_person_in(update, user, code)
        elif purpose == INVITE:
            return await self._let_group_in(update, user, chat, code)
        return False

    async def _become_owner(self, update: Update, user: User, code: str) -> bool:
        if self._access.has_owners_by_settings or not _is_private(update) or not is_oneself(update):
            return False
        now = self._clock.now()
        if not await self._people.use_owner_link(code, user.id, now):
            return False
        await self._audit.add(user.id, AuditAct.OWN, {}, now)
        await self._menus.ensure(user.id, Role.OWNER)
        text = self._notifier.translator_for(user.language_code).html(
            "🔑 You are now the owner of this bot. /help shows what admins can do, /start shows what readers see."
        )
        await self._bot.send_message(user.id, text)
        return True

    async def _let_person_in(self, update: Update, user: User, code: str) -> None:
        """Use up the invitation, unless they may use the bot already: it is then left for somebody else."""
        if not self._is_needed or not is_oneself(update) or await self._access.may_use(user.id, user.id):
            return
        await self._people.use_invite(code, user.id, user.id, self._clock.now())

    async def _let_group_in(self, update: Update, user: User, chat: Chat, code: str) -> bool:
        """Let in the group itself, not whoever opened the link; return True where only its admins may.

        Everybody who writes anonymously has the same id in every group.
        """
        if not self._is_needed or await self._people.is_member(chat.id):
            return False
        group_role = await group_role_of(self._bot, update)
        if group_role is not GroupRole.ADMIN:
            t = self._notifier.translator_for(user.language_code)
            await self._bot.send_message(chat.id, escape(refusal(group_role, t)))
            return True
        await self._people.use_invite(code, user.id, chat.id, self._clock.now())
        return False


def _is_private(update: Update) -> bool:
    return update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE
