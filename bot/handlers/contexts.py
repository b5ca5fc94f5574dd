"""From an update to its context: who sent it, what is known of them, and which place it is about."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from telegram import Chat, Message, Update, User
from telegram.constants import ChatType

from bot.callbacks import split_place
from bot.handlers.access import Access
from bot.handlers.context import ChatClient, Context
from bot.handlers.notifier import Notifier
from bot.handlers.rights import is_oneself, message_of
from bot.i18n import translator
from bot.updates.arrivals import Arrival
from config.settings import DigestSettings
from digests.errors import StorageError
from digests.model.ids import PlaceId
from digests.model.layout import Layout
from digests.model.place import Place, PlaceKind, usable_layout
from digests.ports import Clock
from digests.storage.engine.first_write import repeatable_writes
from digests.storage.people.audit import AuditLog
from digests.storage.places.places import NewPlace, PlaceStore

_OF_PEOPLE = frozenset(PlaceKind) - {PlaceKind.CHANNEL}
_SEEN_AGAIN = timedelta(hours=1)
"""How long a visit is not written again: activity is only ever asked for in days."""
_TITLE = 200


class Contexts:
    """Makes the context of each update: looks up who sent it, and notes that they were here."""

    def __init__(
        self,
        client: ChatClient,
        clock: Clock,
        access: Access,
        notifier: Notifier,
        audit: AuditLog,
        places: PlaceStore,
        defaults: DigestSettings,
    ) -> None:
        self._client = client
        self._clock = clock
        self._access = access
        self._notifier = notifier
        self._audit = audit
        self._places = places
        self._defaults = defaults

    async def of(self, update: Update, lock: asyncio.Lock, arrival: Arrival | None = None) -> Context | None:
        """Return the context of an update that a person sent.

        None for an update that no person sent, or from somebody who is not let in. Raises StorageError.
        """
        user, chat = update.effective_user, update.effective_chat
        if user is None or chat is None or chat.type not in _OF_PEOPLE:
            return None
        message = message_of(update)
        thread = (message.message_thread_id or 0) if message and message.is_topic_message else 0
        data = (update.callback_query.data or "") if update.callback_query is not None else ""
        named, rest = split_place(data)
        visitor = await self._access.visitor(chat.id, thread, user.id, PlaceId(named) if named else None)
        if not self._access.lets_in(chat.id, user.id, visitor):
            return None
        known, elsewhere = visitor.place, None if update.callback_query is not None else visitor.managed
        if visitor.named is not None and visitor.named.chat_id == chat.id:
            # Of a message that is gone, only the button still tells the topic.
            known, thread = visitor.named, visitor.named.thread_id
        elif visitor.named is not None and chat.id == user.id:
            elsewhere = visitor.named
        elif named:
            # It names a place that is gone, or one that nobody can manage from this chat: no button of ours does that.
            rest = data
        new_place = self._new_place(user, chat, self._thread_of_place(chat, thread, known))
        place = await self._seen(known, replace(new_place, title=_title(user, chat, message, known)))
        return Context(
            client=self._client,
            clock=self._clock,
            access=self._access,
            notifier=self._notifier,
            audit=self._audit,
            update=update,
            user=user,
            chat=chat,
            place=place,
            t=translator(place.language),
            role=self._access.role_of(user.id, visitor) if is_oneself(update) else None,
            arrival=arrival,
            lock=lock,
            thread_id=thread,
            data=rest,
            elsewhere=elsewhere,
        )

    def _thread_of_place(self, chat: Chat, thread: int, known: Place | None) -> int:
        """Return the topic whose settings count: in a private chat, only one that the bot made has its own."""
        if chat.type == ChatType.PRIVATE:
            return known.thread_id if known is not None else 0
        return thread

    def _new_place(self, user: User, chat: Chat, thread: int) -> NewPlace:
        kind = PlaceKind(chat.type)
        language = self._notifier.language_for(user.language_code)
        return NewPlace(
            chat_id=chat.id,
            thread_id=thread,
            kind=kind,
            title=(chat.title or user.full_name)[:200],
            language=language,
            time=self._defaults.time,
            timezone=self._defaults.timezones.get(language, self._defaults.timezone),
            layout=usable_layout(Layout(self._defaults.layout), kind),
        )

    async def _seen(self, place: Place | None, new_place: NewPlace) -> Place:
        """Return the place, noted as seen where that says something new.

        A write for every tap would be most of a tap's cost. Where nothing can be written (a full disk), a known place
        is  returned unchanged.
        """
        now = self._clock.now()
        is_noted = place is not None and place.title == new_place.title and abs(now - place.active_at) < _SEEN_AGAIN
        if place is None or not is_noted:
            try:
                # An update that has come to nothing but this can be handled again after a crash.
                with repeatable_writes():
                    place = await self._places.meet(new_place, now)
            except StorageError:
                if place is None:
                    raise
        follows_app = new_place.kind is PlaceKind.PRIVATE and not place.has_chosen_language
        if follows_app and place.language != new_place.language:
            with repeatable_writes():
                await self._places.set_language(place.id, new_place.language)
            place = replace(place, language=new_place.language)
        return place


def _title(user: User, chat: Chat, message: Message | None, known: Place | None) -> str:
    """Return what a place is called: a topic by its group and its own name, as far as that is known.

    To Telegram, what is written in a topic replies to the message that opened it, if to nothing else.
    """
    opening = message.reply_to_message if message is not None else None
    if known is not None and known.topic_of is not None:
        return known.title
    if chat.type != ChatType.PRIVATE and message is not None and message.is_topic_message:
        if opening is not None and opening.forum_topic_created is not None:
            return f"{chat.title} › {opening.forum_topic_created.name}"[:_TITLE]
        if known is not None:
            return known.title
    elif known is not None and known.thread_id:
        return known.title
    return (chat.title or user.full_name)[:_TITLE]
