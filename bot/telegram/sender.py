"""The `Sender` port: sends parts of deliveries directly, without building PTB's objects."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from telegram.error import RetryAfter, TelegramError
from yarl import URL

from bot.i18n import translator
from bot.keyboards.digest import keyboard_at
from bot.telegram.answers import message_ids_of
from bot.telegram.client import DigestBot
from bot.telegram.contents import link_keyboard
from bot.telegram.limiter import BULK, seconds_of
from bot.telegram.messages import body_of, fields_of, form_fields, method_url
from bot.telegram.outcomes import outcome_of
from bot.telegram.part_pictures import NO_PICTURES, PartPictures, PicturesInPart, has_own_pictures
from bot.telegram.request import AiohttpRequest
from bot.telegram.throttle import Throttle
from digests.errors import DigestsError
from digests.model.delivery import Delivery, DeliveryKind, Part
from digests.model.ids import DeliveryId
from digests.model.outcome import Form, Outcome, Sent, Throttled
from digests.model.place import Place
from digests.ports import Turn

logger = logging.getLogger(__name__)


OnAlbum = Callable[[DeliveryId, tuple[int, ...]], Awaitable[None]]
"""Gets the ids of all messages of an album that was sent."""

_PATIENCE = 1.0
"""Seconds that a delivery waits here for its chat's turn; when that is farther away, another delivery goes first."""


@dataclass(slots=True)
class _Turn:
    """A request that may be sent at once, on a connection reserved for it.

    `body` is JSON or, with files to upload, the fields of a form. `learn` gets what the service answered, and returns
    what that means for the part.
    """

    throttle: Throttle
    connections: AiohttpRequest
    url: URL
    body: bytes | dict[str, str]
    chat_id: int
    bulk: bool
    paid: bool
    pictures: PicturesInPart = NO_PICTURES
    learn: Callable[[Outcome, bytes], Awaitable[Outcome]] | None = None
    messages: tuple[int, ...] = ()
    """The ids of the messages that were sent."""

    async def send(self) -> Outcome:
        """Send the request."""
        if not await self.throttle.leave(bulk=self.bulk, paid=self.paid, patient=False):
            # Another worker would take the delivery up when its lease is over, and this one leave after that.
            return Throttled(_PATIENCE)
        answer = b""
        try:
            status, answer = await self._request()
            self.messages = message_ids_of(status, answer, self.url.name)
            outcome: Outcome = Sent(self.messages[0])
        except RetryAfter as refusal:
            self.throttle.refused(self.chat_id, seconds_of(refusal))
            outcome = outcome_of(refusal)
        except TelegramError as error:
            outcome = outcome_of(error)
        return outcome if self.learn is None else await self.learn(outcome, answer)

    async def _request(self) -> tuple[int, bytes]:
        if isinstance(self.body, bytes):
            return await self.connections.send_json(self.url, self.body)
        return await self.connections.send_form(self.url, self.body, self.pictures.files)


class TelegramSender:
    """Sends deliveries, and returns every refusal and failure as an outcome.

    What goes to many uses the connections `bulk`, so that `people` never wait for it. With `paid` everything that goes
    to many is paid for, with `may_pay` only announcements that ask for it. Without `pictures` parts show none of ours.
    """

    def __init__(
        self,
        bot: DigestBot,
        throttle: Throttle,
        bulk: AiohttpRequest,
        people: AiohttpRequest,
        *,
        paid: bool,
        may_pay: bool = False,
        on_album: OnAlbum | None = None,
        pictures: PartPictures | None = None,
    ) -> None:
        self._bot = bot
        self._throttle = throttle
        self._bulk = bulk
        self._people = people
        self._paid = paid
        self._may_pay = paid or may_pay
        self._on_album = on_album
        self._pictures = pictures

    @asynccontextmanager
    async def turn(
        self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, items: int, urgent: bool
    ) -> AsyncIterator[Turn | Throttled]:
        """Wait for the part's turn, as `Sender.turn` says."""
        if self._pictures is None or form is not Form.WHOLE or not has_own_pictures(part):
            turn = self._turn_of(delivery, part, form, NO_PICTURES, last=last, rest=rest, items=items, urgent=urgent)
            async with self._in_turn(turn, delivery, part, urgent=urgent) as ready:
                yield ready
            return
        async with self._pictures.of(part) as pictures:
            if isinstance(pictures, Throttled):
                yield pictures
                return
            turn = self._turn_of(delivery, part, form, pictures, last=last, rest=rest, items=items, urgent=urgent)
            turn.learn = partial(self._pictures.learn, part, pictures)
            async with self._in_turn(turn, delivery, part, urgent=urgent) as ready:
                yield ready

    def _turn_of(
        self,
        delivery: Delivery,
        part: Part,
        form: Form,
        pictures: PicturesInPart,
        *,
        last: bool,
        rest: int,
        items: int,
        urgent: bool,
    ) -> _Turn:
        """Return the request that sends the part."""
        place, bulk = delivery.place, not urgent
        t = translator(place.language)
        keyboard = None
        if last:
            keyboard = keyboard_at(place, delivery, rest, part, t, items=items, bot_name=lambda: self._bot.username)
        keyboard = link_keyboard(part) or keyboard
        silent = place.silent and bulk and delivery.kind is not DeliveryKind.ANNOUNCEMENT
        paid = bulk and (self._paid if part.paid is None else self._may_pay and part.paid)
        body: bytes | dict[str, str]
        if pictures.uploads:
            method, fields = fields_of(part, form, paid=paid, silent=silent, pictures=pictures.names)
            body = form_fields(fields, place.chat_id, place.thread_id, keyboard)
        else:
            message = body_of(part, form, paid=paid, silent=silent, pictures=pictures.names)
            method, body = message.method, message.to(place.chat_id, place.thread_id, keyboard)
        connections = self._bulk if bulk else self._people
        url = method_url(self._bot.base_url, method)
        return _Turn(self._throttle, connections, url, body, place.chat_id, bulk, paid, pictures)

    @asynccontextmanager
    async def _in_turn(
        self, turn: _Turn, delivery: Delivery, part: Part, *, urgent: bool
    ) -> AsyncIterator[Turn | Throttled]:
        """Wait until the request's turn has come and there is a connection for it, and do what follows from it."""
        wait = await self._throttle.pass_(turn.chat_id, bulk=not urgent, paid=turn.paid, patience=_PATIENCE)
        if wait > 0:
            yield Throttled(wait)
            return
        async with turn.connections.connection():
            yield turn
        if turn.messages:
            await self._follow_up(delivery, part, turn.messages)

    async def _follow_up(self, delivery: Delivery, part: Part, messages: tuple[int, ...]) -> None:
        """Do what follows a sent message; whatever fails here, the message was sent."""
        if len(messages) > 1 and self._on_album is not None:
            try:
                await self._on_album(delivery.id, messages)
            except DigestsError as error:
                extra = {"delivery": delivery.id, "reason": str(error)}
                logger.error("an album's messages were not kept: only the first can be taken back", extra=extra)
        if part.pinned and messages[0]:
            await self._pin(delivery.place, messages[0])

    async def _pin(self, place: Place, message: int) -> None:
        """Pin the message, if the chat allows it."""
        try:
            await self._bot.pin_chat_message(place.chat_id, message, disable_notification=True, rate_limit_args=BULK)
        except TelegramError as error:
            logger.info("a message was not pinned", extra={"place": place.id, "reason": error.message})

    def note_elsewhere(self, chat_id: int, seconds_ago: Sequence[float]) -> None:
        """Count what other workers sent to a chat."""
        self._throttle.note_elsewhere(chat_id, seconds_ago)

    async def topic_gone(self, place: Place) -> None:
        """Tell the chat that the bot can't write to this place's topic any more."""
        t = translator(place.language)
        if place.topic_of is not None:
            text = t.html("The topic “{topic}” is gone, so its news come here again.", topic=place.title)
        else:
            text = t.html("I can no longer write to the topic “{topic}”, so its digest has stopped.", topic=place.title)
        try:
            await self._bot.send_message(chat_id=place.chat_id, text=text, rate_limit_args=BULK)
        except TelegramError as error:
            logger.warning("a closed topic could not be told of", extra={"place": place.id, "reason": error.message})
