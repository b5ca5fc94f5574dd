"""One update as a handler sees it: who sent it, in which place and language, and how to answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from telegram import Chat, InlineKeyboardMarkup, LinkPreviewOptions, Message, Update, User
from telegram.constants import ChatType
from telegram.error import BadRequest, TelegramError

from bot.handlers.access import Access
from bot.handlers.notifier import Notifier
from bot.handlers.rights import (
    GroupRole,
    ephemeral_number,
    group_role_of,
    is_oneself,
    message_of,
    posting_obstacle,
    question_of,
    refusal,
)
from bot.i18n import Translator
from bot.keyboards.base import placed_keyboard, with_close, without_button
from bot.limits import TEXT
from bot.render.shorten import shorten
from bot.telegram.client import DigestBot
from bot.telegram.contents import PreviewSender
from bot.telegram.ephemeral import EphemeralSender, ShownToOne
from bot.telegram.messages import NO_PREVIEW
from bot.telegram.messenger import Document, Messenger, Screen
from bot.telegram.outcomes import is_unchanged
from bot.telegram.photos import Photo
from bot.telegram.press_answers import PressAnswers
from bot.telegram.screens import Screens
from bot.text.inert import inert
from bot.text.markup import LINE_BREAK, Html, escape, visible_length
from bot.updates.arrivals import Arrival
from digests.model.audit import AuditAct
from digests.model.place import Place, PlaceKind
from digests.model.role import Role
from digests.ports import Clock
from digests.storage.people.audit import AuditLog

logger = logging.getLogger(__name__)

_TITLE = 60


@dataclass(frozen=True, slots=True)
class ChatClient:
    """The ways to Telegram that an answer may take.

    `previews` shows what others are going to get, `ephemeral` sends answers in a group that one person sees.
    """

    bot: DigestBot
    messenger: Messenger
    screens: Screens
    answers: PressAnswers
    previews: PreviewSender
    ephemeral: EphemeralSender


@dataclass
class Context:
    """Made for each update by `bot.handlers.contexts`. `text` is what follows the command, or the whole message.

    `place` is what handlers act on, `chat` and `thread_id` are where they answer: these differ while somebody manages a
    group or a channel from their private chat. Such a place waits in `elsewhere` until `enter` makes it the place, once
    Telegram says that they are an admin there. `data` is what the pressed button carries, without its place.
    """

    client: ChatClient
    clock: Clock
    access: Access
    notifier: Notifier
    audit: AuditLog
    update: Update
    user: User
    chat: Chat
    place: Place
    t: Translator
    role: Role | None
    lock: asyncio.Lock
    """Held while the chat's updates are handled one by one; for work that goes on after this update is done."""
    text: str = ""
    arrival: Arrival | None = None
    thread_id: int = 0
    data: str = ""
    home: Place = field(init=False)
    """The place that they are in, whatever they manage from there."""
    elsewhere: Place | None = None
    is_for_all: bool = False
    """Whether the answer is for everybody in a group, not only for the one who asked."""
    _group_role: GroupRole | None = None

    def __post_init__(self) -> None:
        """Note where they are."""
        self.home = self.place

    @property
    def now(self) -> datetime:
        """The current time."""
        return self.clock.now()

    @property
    def is_admin(self) -> bool:
        """Whether they are an admin or an owner; editors are not."""
        return self.role in (Role.OWNER, Role.ADMIN)

    @property
    def is_private(self) -> bool:
        """Whether this is a private chat."""
        return self.chat.type == ChatType.PRIVATE

    @property
    def pressed(self) -> Message | None:
        """The message whose button was pressed, while it can still be edited."""
        return message_of(self.update) if self.update.callback_query else None

    @property
    def is_managing(self) -> bool:
        """Whether what they do concerns another chat than the one they are in."""
        return self.place.chat_id != self.chat.id

    @property
    def may_have_topics(self) -> bool:
        """Whether the chat can have a topic for each category: a private one, where Telegram has topics there."""
        is_own = self.is_private and not self.is_managing and not self.place.thread_id
        return is_own and bool(self.client.bot.bot.has_topics_enabled)

    def enter(self, place: Place) -> None:
        """Act on this place, of which Telegram has just said that they are an admin of its chat."""
        self.place, self.elsewhere, self._group_role = place, None, GroupRole.ADMIN

    async def reply(
        self,
        html: Html,
        keyboard: InlineKeyboardMarkup | None = None,
        preview: LinkPreviewOptions = NO_PREVIEW,
        photo: Photo | None = None,
    ) -> int:
        """Send a new message to this place, and return its id. With a `photo` the text is its caption."""
        return await self._send(self._screen(html, keyboard, preview, photo))

    @property
    def is_aside(self) -> bool:
        """Whether a new answer is seen by the one who asked alone: in a group where Telegram can do that.

        Who acts in the name of the group or a channel can't be the receiver.
        """
        return not (self.is_private or self.is_for_all or self.place.refuses_ephemeral) and (
            self.client.ephemeral.is_on and is_oneself(self.update)
        )

    def _screen(
        self, html: Html, keyboard: InlineKeyboardMarkup | None, preview: LinkPreviewOptions, photo: Photo | None
    ) -> Screen:
        """Return what is shown: the buttons name the place that they act on where the chat alone does not tell it.

        Above everything about another chat stands its name.
        """
        if self.is_managing:
            named = place_line(self.place) + LINE_BREAK + html
            html = named if visible_length(named) <= TEXT else html
        return Screen(html, self._at_place(keyboard), preview, photo)

    def _at_place(self, keyboard: InlineKeyboardMarkup | None) -> InlineKeyboardMarkup | None:
        """Return the keyboard acting on the place, which its buttons name where the chat alone does not tell it."""
        if keyboard is None or not (self.is_managing or self.place.thread_id):
            return keyboard
        return placed_keyboard(keyboard, self.place.id)

    async def _send(self, screen: Screen) -> int:
        in_public = self._closable(screen)
        if self.is_aside:
            query = self.arrival.query_id if self.arrival is not None else ""
            aside = ShownToOne(self.chat.id, self.user.id, self.thread_id, self._question(), query or "")
            if sent := await self.client.ephemeral.send(aside, replace(screen, photo=None), in_public):
                return sent
        return await self.client.messenger.send(
            self.chat.id, in_public, thread_id=self.thread_id, reply_to=self._question()
        )

    def _closable(self, screen: Screen) -> Screen:
        """Return what is shown to a whole group: whoever asked for it alone can close it, so that it clears away."""
        if self.is_private or self.is_for_all:
            return screen
        return replace(screen, keyboard=with_close(screen.keyboard, self.place, self.t))

    async def send_file(self, document: Document, caption: Html) -> int:
        """Send a file to where this was asked for, with a caption below it, and return the message's id."""
        return await self.client.messenger.send_document(
            self.chat.id, document, caption, thread_id=self.thread_id, reply_to=self._question()
        )

    def _question(self) -> int:
        """Return the id of the message to reply to; 0 for none.

        In a group an answer is a reply to the command, which shows who asked and so who may turn its pages.
        """
        message = message_of(self.update)
        if message is None or self.is_private:
            return 0
        question = message if self.update.callback_query is None else question_of(message)
        return question.message_id if question is not None else 0

    async def show(
        self,
        html: Html,
        keyboard: InlineKeyboardMarkup | None = None,
        preview: LinkPreviewOptions = NO_PREVIEW,
        photo: Photo | None = None,
    ) -> None:
        """Replace the message whose button was pressed, soon; send a new one where there is none."""
        screen, pressed = self._screen(html, keyboard, preview, photo), self.pressed
        if pressed is None:
            await self._send(screen)
            return
        number = ephemeral_number(pressed)
        await self.client.screens.show_soon(
            self.chat.id,
            -number or pressed.message_id,
            replace(screen, photo=None) if number else screen if self.is_aside else self._closable(screen),
            self._send,
            has_photo=bool(pressed.photo),
            through=self.client.ephemeral.of(self.user.id) if number else None,
        )

    async def show_live(
        self, html: Html, keyboard: InlineKeyboardMarkup | None = None, *, anew: bool = False
    ) -> ShowNext:
        """Show a first state as `show` does, and return what shows later ones in the same message of a private chat.

        That may be called after this update is done. With `anew` it is a message of its own.
        """
        if self.pressed is not None and not anew:
            await self.show(html, keyboard)
            message = self.pressed.message_id
        else:
            message = await self._send(self._screen(html, keyboard, NO_PREVIEW, None))

        def show_next(html: Html, keyboard: InlineKeyboardMarkup | None = None) -> None:
            screen = self._screen(html, keyboard, NO_PREVIEW, None)
            self.client.screens.show(self.chat.id, message, screen, self._send)

        return show_next

    async def remove_button(self) -> bool:
        """Remove the pressed button, so that what it brought is not sent twice.

        Return False where it was gone already.
        """
        query = self.update.callback_query
        if self.pressed is None or query is None:
            return True
        return await self.set_keyboard(without_button(self.pressed.reply_markup, query.data))

    async def set_keyboard(self, keyboard: InlineKeyboardMarkup | None) -> bool:
        """Replace the buttons of the message whose button was pressed; False where it has these already."""
        if self.pressed is None:
            return True
        keyboard = self._at_place(keyboard)
        try:
            if number := ephemeral_number(self.pressed):
                await self.client.ephemeral.of(self.user.id).set_keyboard(self.chat.id, -number, keyboard)
            else:
                await self.client.messenger.set_keyboard(self.chat.id, self.pressed.message_id, keyboard)
        except BadRequest as error:
            if is_unchanged(error):
                return False
            logger.info("buttons were not changed", extra={"reason": error.message})
        return True

    async def delete_message(self) -> None:
        """Delete the message whose button was pressed."""
        if self.pressed is None:
            return
        number = ephemeral_number(self.pressed)
        self.client.screens.forget(self.chat.id, -number or self.pressed.message_id)
        try:
            if number:
                await self.client.ephemeral.of(self.user.id).delete(self.chat.id, -number)
            else:
                await self.client.messenger.delete(self.chat.id, self.pressed.message_id)
        except BadRequest as error:
            if "not found" not in error.message.lower():
                raise

    async def close(self) -> None:
        """Delete the message whose button was pressed, and in a group the command that it answers, where that goes."""
        question = question_of(self.pressed) if self.pressed is not None and not self.is_private else None
        await self.delete_message()
        if question is None:
            return
        try:
            await self.client.messenger.delete(self.chat.id, question.message_id)
        except TelegramError as error:
            # Only admins with the right to it may delete what others wrote.
            logger.info("a question was not deleted", extra={"reason": error.message})

    async def answer(self, text: str = "", *, alert: bool = False) -> None:
        """Show a text for a moment (with `alert`, until it is closed) after a button was pressed.

        After a command, send it as a message.
        """
        if self.arrival is None or not self.arrival.query_id:
            if text:
                await self.reply(escape(text))
            return
        if self.arrival.answered:
            if alert and self.is_private:
                # The press was answered before it was known what to say.
                await self.reply(escape(text))
            return
        self.arrival.answered = True
        await self.client.answers.give(self.arrival.query_id, text, alert=alert)

    async def record(self, act: AuditAct, **details: Any) -> None:
        """Record what an admin did. `details` are plain values, which `bot.handlers.admins.audit` puts in words."""
        await self.audit.add(self.user.id, act, details, self.now)

    async def may_change(self) -> bool:
        """Return whether they may change this chat's settings (in a group, its admins), after telling others not."""
        group_role = await self.group_role()
        if group_role is GroupRole.ADMIN:
            return True
        await self.answer(refusal(group_role, self.t), alert=True)
        return False

    async def may_post(self) -> bool:
        """Return whether the bot may write to the place that somebody manages, after saying what keeps it from that.

        Where they are themselves, a refusal tells soon enough.
        """
        if not self.is_managing:
            return True
        obstacle = await posting_obstacle(self.client.bot, self.place, self.t)
        if obstacle is not None:
            await self.answer(obstacle, alert=True)
        return obstacle is None

    async def may_do_here(self) -> bool:
        """Return whether this is a private chat, after saying elsewhere that this is what it takes."""
        if not self.is_private:
            await self.reply(self.t.html("Please do that in our private chat."))
        return self.is_private

    async def group_role(self) -> GroupRole:
        """Return the role in the group of whoever wrote or pressed; everybody is admin of their private chat."""
        if self._group_role is None:
            self._group_role = GroupRole.ADMIN if self.is_private else await group_role_of(self.client.bot, self.update)
        return self._group_role


def place_line(place: Place) -> Html:
    """Return the line that names a group or a channel that somebody manages."""
    icon = "📢" if place.kind is PlaceKind.CHANNEL else "👥"
    return Html("<b>{} {}</b>").format(Html(icon), inert(shorten(place.title, _TITLE)))


CommandHandler = Callable[[Context], Awaitable[None]]


class ShowNext(Protocol):
    """Shows the next state of a message."""

    def __call__(self, html: Html, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Show this state soon, unless a newer one takes its place before."""


def apology(t: Translator) -> str:
    """Return the apology for a fault of the bot's."""
    return t("Something went wrong on my side. Please try again in a moment.")


async def apologize(context: Context) -> None:
    """Tell the reader in one sentence that the bot had a fault; the log has the details."""
    try:
        await context.answer(apology(context.t), alert=True)
    except TelegramError as error:
        logger.warning("the reader could not be told of a fault", extra={"reason": error.message})
