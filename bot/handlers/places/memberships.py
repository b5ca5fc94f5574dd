"""Changes to the bot's membership: added, removed, blocked, let in again; a group becomes a supergroup."""

from __future__ import annotations

import logging

from telegram import ChatMember, ChatMemberAdministrator, ChatMemberOwner, ChatMemberUpdated, Message
from telegram.constants import ChatType
from telegram.error import TelegramError

from bot.handlers.access import Access
from bot.handlers.notifier import Notifier
from bot.i18n import translator
from bot.keyboards.places import to_place_keyboard
from bot.telegram.client import DigestBot
from digests.model.dialogs import AwaitedReply, Question
from digests.model.place import Place, PlaceKind, usable_layout
from digests.ports import Clock
from digests.storage.people.people import PeopleStore
from digests.storage.places.managed import ManagedStore
from digests.storage.places.places import NewPlace, PlaceStore

logger = logging.getLogger(__name__)

_INSIDE = (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


class Memberships:
    """Follows the bot's own membership in chats. Methods may raise StorageError."""

    def __init__(
        self,
        bot: DigestBot,
        places: PlaceStore,
        managed: ManagedStore,
        people: PeopleStore,
        access: Access,
        notifier: Notifier,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._places = places
        self._managed = managed
        self._people = people
        self._access = access
        self._notifier = notifier
        self._clock = clock

    async def changed(self, change: ChatMemberUpdated) -> None:
        """Silence the places of a chat that the bot had to leave, revive them when it is back, greet new chats."""
        chat, now_inside = change.chat, _is_inside(change)
        if chat.type == ChatType.PRIVATE:
            if not now_inside:
                await self._places.mark_lost(chat.id, "blocked by the user")
        elif not now_inside:
            await self._places.mark_lost(chat.id, "removed from the chat")
        elif chat.type == ChatType.CHANNEL:
            await self._in_channel(change)
        elif change.old_chat_member.status not in _INSIDE:
            await self._greet(change)

    async def _greet(self, change: ChatMemberUpdated) -> None:
        chat, user = change.chat, change.from_user
        if await self._places.regain(chat.id, self._clock.now()) or not await self._access.may_use(chat.id, user.id):
            return
        t = self._notifier.translator_for(user.language_code)
        text = t.html("Hello! I send this group one news digest a day. A group admin chooses what is in it: /start")
        try:
            await self._bot.send_message(chat_id=chat.id, text=text)
        except TelegramError as error:
            # It may not write there, or was removed again before its turn came.
            logger.info("a group was not greeted", extra={"reason": error.message})

    async def _in_channel(self, change: ChatMemberUpdated) -> None:
        """Write to a channel where the bot may post, and to no other; tell who added it how to set it up.

        Nothing is said in the channel itself, where everybody reads the digest and nothing else.
        """
        chat, user = change.chat, change.from_user
        if not _may_post(change.new_chat_member):
            await self._places.mark_lost(chat.id, "may not post in the channel")
        elif not await self._places.regain(chat.id, self._clock.now()) and not _may_post(change.old_chat_member):
            own = await self._places.find(user.id)
            if own is None or not await self._access.may_use(chat.id, user.id):
                return
            place = await self._met(change, own)
            await self._managed.note(user.id, place.id, self._clock.now())
            if await self._is_choosing(user.id, chat.id):
                # They are told of it by that.
                return
            t = translator(own.language)
            text = t.html("📢 I am in the channel “{chat}” now. Shall we set up its digest?", chat=place.title)
            await self._notifier.notify(user.id, text, to_place_keyboard(place, t))

    async def _is_choosing(self, user_id: int, chat_id: int) -> bool:
        """Return whether somebody adds the bot by choosing the chat for it, or has just done so."""
        if await self._people.dialog(user_id, user_id) == AwaitedReply(Question.CHAT):
            return True
        managed = await self._managed.at(user_id)
        return managed is not None and managed.chat_id == chat_id

    async def _met(self, change: ChatMemberUpdated, own: Place) -> Place:
        """Return the channel's place; a new one has the language and the clock of whoever added the bot."""
        new_place = NewPlace(
            chat_id=change.chat.id,
            thread_id=0,
            kind=PlaceKind.CHANNEL,
            title=(change.chat.title or "")[:200],
            language=own.language,
            time=own.time,
            timezone=own.timezone,
            layout=usable_layout(own.layout, PlaceKind.CHANNEL),
            knows_zone=own.knows_zone,
        )
        return await self._places.meet(new_place, self._clock.now())

    async def moved(self, message: Message, to: int) -> None:
        """Move the places of a group that became a supergroup to its new id."""
        logger.info("group became a supergroup", extra={"from_chat": message.chat_id, "to_chat": to})
        await self._places.move_chat(message.chat_id, to)


def _is_inside(change: ChatMemberUpdated) -> bool:
    member = change.new_chat_member
    return member.status in _INSIDE or (
        member.status == ChatMember.RESTRICTED and bool(getattr(member, "is_member", 0))
    )


def _may_post(member: ChatMember) -> bool:
    """Return whether the bot may post in a channel, as this kind of member."""
    return isinstance(member, ChatMemberOwner) or (
        isinstance(member, ChatMemberAdministrator) and bool(member.can_post_messages)
    )
