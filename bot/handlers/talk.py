"""One update as a handler sees it: who speaks, in which place, in what language, and how to answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from telegram import Chat, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters, Update, User
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.handlers.house import House
from bot.handlers.rights import Standing, is_oneself, message_of, question_of, refusal, standing_of
from bot.keyboards import without_button
from bot.render.cut import cut
from bot.render.markup import Html
from bot.telegram.limits import CALLBACK_ANSWER
from bot.telegram.messages import NO_PREVIEW
from bot.texts import Speech, speech
from digests.errors import StorageError
from digests.storage.places import Newcomer
from digests.types import Place, PlaceKind, Role

logger = logging.getLogger(__name__)


@dataclass
class Talk:
    """Made for each update by `open_talk`. `text` is what follows the command, or the whole message."""

    house: House
    update: Update
    user: User
    chat: Chat
    place: Place
    words: Speech
    role: Role | None
    text: str = ""
    answered: bool = False
    _standing: Standing | None = None

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    @property
    def is_admin(self) -> bool:
        """Owners are; editors are not."""
        return self.role in (Role.OWNER, Role.ADMIN)

    @property
    def is_private(self) -> bool:
        return self.chat.type == ChatType.PRIVATE

    @property
    def pressed(self) -> Message | None:
        """The message whose button was pressed, while it can still be edited."""
        return message_of(self.update) if self.update.callback_query else None

    async def reply(
        self, html: Html, keyboard: InlineKeyboardMarkup | None = None, preview: LinkPreviewOptions = NO_PREVIEW
    ) -> Message:
        """A new message in this place."""
        return await self.house.bot.send_message(
            chat_id=self.chat.id,
            message_thread_id=self.place.thread_id or None,
            text=html,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            link_preview_options=preview,
            reply_parameters=self._question(),
        )

    def _question(self) -> ReplyParameters | None:
        """In a group an answer is a reply to what was asked: who did is seen from it, and may turn its pages."""
        message = message_of(self.update)
        if message is None or self.is_private:
            return None
        question = message if self.update.callback_query is None else question_of(message)
        return ReplyParameters(question.message_id, allow_sending_without_reply=True) if question is not None else None

    async def show(
        self, html: Html, keyboard: InlineKeyboardMarkup | None = None, preview: LinkPreviewOptions = NO_PREVIEW
    ) -> None:
        """In place of the message whose button was pressed; a new message where there is none."""
        if self.pressed is None:
            await self.reply(html, keyboard, preview)
            return
        try:
            await self.house.bot.edit_message_text(
                chat_id=self.chat.id,
                message_id=self.pressed.message_id,
                text=html,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard,
                link_preview_options=preview,
            )
        except BadRequest as error:
            reason = error.message.lower()
            if "not modified" in reason:
                return
            if "can't be edited" in reason or "not found" in reason:
                await self.reply(html, keyboard, preview)
                return
            raise

    async def drop_button(self) -> None:
        """Takes the pressed button away, so that what it brought does not come twice."""
        query = self.update.callback_query
        if self.pressed is not None and query is not None:
            await self.pressed.edit_reply_markup(without_button(self.pressed.reply_markup, query.data))

    async def answer(self, text: str = "", *, alert: bool = False) -> None:
        """What shows for a moment (or until it is closed) after a button was pressed; a message after a command."""
        if self.update.callback_query is None:
            if text:
                await self.house.bot.send_message(
                    chat_id=self.chat.id, message_thread_id=self.place.thread_id or None, text=text
                )
            return
        if self.answered:
            return
        self.answered = True
        try:
            await self.update.callback_query.answer(cut(text, CALLBACK_ANSWER) if text else None, show_alert=alert)
        except BadRequest as error:
            # Telegram takes answers for some minutes only; after a long outage the press is simply old.
            logger.info("a press was answered too late", extra={"reason": error.message})

    async def may_change(self) -> bool:
        """Settings of a group belong to its admins; says so to others."""
        standing = await self.standing()
        if standing is Standing.ADMIN:
            return True
        await self.answer(refusal(standing, self.words), alert=True)
        return False

    async def may_do_here(self) -> bool:
        """What only the private chat is for; says so elsewhere."""
        if not self.is_private:
            await self.reply(self.words.html("Please do that in our private chat."))
        return self.is_private

    async def standing(self) -> Standing:
        """What whoever wrote or pressed may do here. A private chat is its person's own."""
        if self.is_private:
            return Standing.ADMIN
        if self._standing is None:
            self._standing = await standing_of(self.house.bot, self.update)
        return self._standing


Action = Callable[[Talk], Awaitable[None]]


async def open_talk(house: House, update: Update) -> Talk | None:
    """The talk of an update that a person sent; None for what no person did."""
    user, chat = update.effective_user, update.effective_chat
    if user is None or chat is None or chat.type == ChatType.CHANNEL:
        return None
    message = message_of(update)
    thread = (message.message_thread_id or 0) if message and message.is_topic_message else 0
    settings = house.settings.digest
    title = chat.title or user.full_name
    newcomer = Newcomer(
        chat_id=chat.id,
        thread_id=thread,
        kind=PlaceKind(chat.type),
        title=title[:200],
        language=house.language(user.language_code),
        time=settings.time,
        timezone=settings.timezone,
    )
    if not await house.may_use(chat.id, user.id):
        return None
    place = await _meet(house, newcomer)
    if chat.type == ChatType.PRIVATE and place.language != newcomer.language:
        await house.places.speak(place.id, newcomer.language)
        place = replace(place, language=newcomer.language)
    return Talk(
        house=house,
        update=update,
        user=user,
        chat=chat,
        place=place,
        words=speech(place.language),
        role=(await house.roles()).get(user.id) if is_oneself(update) else None,
    )


async def _meet(house: House, newcomer: Newcomer) -> Place:
    """The place, noted as seen; where nothing can be written (a full disk), as it was last seen."""
    try:
        return await house.places.meet(newcomer, house.clock.now())
    except StorageError:
        place = await house.places.find(newcomer.chat_id, newcomer.thread_id)
        if place is None:
            raise
        return place


def sorry_text(words: Speech) -> str:
    return words.say("Something went wrong on my side. Please try again in a moment.")


async def sorry(talk: Talk) -> None:
    """After a fault of ours: the reader gets a sentence, the log the rest."""
    try:
        await talk.answer(sorry_text(talk.words), alert=True)
    except TelegramError as error:
        logger.warning("the reader could not be told of a fault", extra={"reason": error.message})
