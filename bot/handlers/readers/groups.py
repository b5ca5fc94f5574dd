"""Changes to the bot's membership: added, removed, blocked, let in again; a group becomes a supergroup."""

from __future__ import annotations

import logging

from telegram import ChatMember, ChatMemberUpdated, Message
from telegram.constants import ChatType

from bot.handlers.access import Access
from bot.handlers.notifier import Notifier
from bot.telegram.client import DigestBot
from digests.ports import Clock
from digests.storage.places import PlaceStore

logger = logging.getLogger(__name__)

_INSIDE = (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


class Memberships:
    """Follows the bot's own membership in chats. Methods may raise StorageError."""

    def __init__(self, bot: DigestBot, places: PlaceStore, access: Access, notifier: Notifier, clock: Clock) -> None:
        self._bot = bot
        self._places = places
        self._access = access
        self._notifier = notifier
        self._clock = clock

    async def changed(self, change: ChatMemberUpdated) -> None:
        """Silence the places of a chat that the bot had to leave, revive them when it is back, greet new groups."""
        chat, now_inside = change.chat, _is_inside(change)
        if chat.type == ChatType.PRIVATE:
            if not now_inside:
                await self._places.mark_lost(chat.id, "blocked by the user")
            return
        if not now_inside:
            await self._places.mark_lost(chat.id, "removed from the chat")
        elif change.old_chat_member.status not in _INSIDE and chat.type != ChatType.CHANNEL:
            await self._greet(change)

    async def _greet(self, change: ChatMemberUpdated) -> None:
        chat, user = change.chat, change.from_user
        if await self._places.regain(chat.id, self._clock.now()) or not await self._access.may_use(chat.id, user.id):
            return
        t = self._notifier.translator_for(user.language_code)
        text = t.html("Hello! I send this group one news digest a day. A group admin chooses what is in it: /start")
        await self._bot.send_message(chat_id=chat.id, text=text)

    async def moved(self, message: Message, to: int) -> None:
        """Move the places of a group that became a supergroup to its new id."""
        logger.info("group became a supergroup", extra={"from": message.chat_id, "to": to})
        await self._places.move_chat(message.chat_id, to)


def _is_inside(change: ChatMemberUpdated) -> bool:
    member = change.new_chat_member
    return member.status in _INSIDE or (
        member.status == ChatMember.RESTRICTED and bool(getattr(member, "is_member", 0))
    )
