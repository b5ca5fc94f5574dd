"""Which handler gets an update. Every press of a button is answered, whatever happens in its handler."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from math import inf
from time import monotonic
from weakref import WeakValueDictionary

from telegram import Chat, Message, Update
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import filters

from bot.callbacks import unpack
from bot.handlers.command import Command, Where
from bot.handlers.commands import Routes
from bot.handlers.context import CommandHandler, Context, apologize, apology
from bot.handlers.contexts import Contexts
from bot.handlers.inline.queries import InlineQueries
from bot.handlers.invitations import Invitations
from bot.handlers.menus import CommandMenus
from bot.handlers.notifier import Notifier
from bot.handlers.places.entering import enter
from bot.handlers.places.memberships import Memberships
from bot.handlers.presses import FOR_ALL, carries, may_act, older_text
from bot.handlers.privately import answer_privately
from bot.handlers.readers.start import menu_keyboard
from bot.telegram.client import DigestBot
from bot.telegram.limiter import BULK
from bot.telegram.outcomes import outcome_of
from bot.text.markup import escape
from bot.updates.arrivals import Arrival
from digests.model.outcome import Unreachable
from digests.model.place import PlaceState
from digests.storage.cluster.updates import is_handled_again
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.engine.first_write import repeatable_writes
from digests.storage.places.managed import ManagedStore
from digests.storage.places.places import PlaceStore

logger = logging.getLogger(__name__)

_SAID_SECONDS = {"turned away": 3600.0, "too many": 60.0}
_SAID_TO = 10_000


@dataclass(frozen=True, slots=True)
class RouterServices:
    """What is needed before a handler is found, and for updates that have no handler."""

    bot: DigestBot
    contexts: Contexts
    invitations: Invitations
    memberships: Memberships
    menus: CommandMenus
    notifier: Notifier
    places: PlaceStore
    managed: ManagedStore
    deliveries: DeliveryStore
    inline: InlineQueries


class Router:
    """Routes commands, presses and plain texts, each to its handler."""

    def __init__(self, services: RouterServices, routes: Routes) -> None:
        self._services = services
        self._routes = routes
        self._said: dict[tuple[int, str], float] = {}
        self._locks = WeakValueDictionary[int, asyncio.Lock]()

    def lock(self, chat_id: int) -> asyncio.Lock:
        """Return the lock under which a chat's updates are handled one by one; it lives as long as it is held."""
        return self._locks.setdefault(chat_id, asyncio.Lock())

    async def handle(self, arrival: Arrival) -> None:
        """Handle one update. One that can't be read is logged by its number, without its contents."""
        update = self._parsed(arrival)
        if update is None:
            return
        if update.my_chat_member is not None:
            # In order: a block that is handled after the /start that followed it would silence the reader again.
            async with self.lock(update.my_chat_member.chat.id):
                await self._services.memberships.changed(update.my_chat_member)
        elif update.callback_query is not None:
            await self._pressed(update, arrival)
        elif update.inline_query is not None:
            await self._services.inline.answer(update.inline_query)
        elif (message := update.effective_message) is not None and message.migrate_to_chat_id is not None:
            await self._services.memberships.moved(message, message.migrate_to_chat_id)
        elif message is not None and message.chat_shared is not None:
            await self._shared(update)
        elif message is not None and message.via_bot is not None and message.via_bot.id == self._services.bot.id:
            # What somebody chose in inline mode was written by us, and is no question.
            pass
        elif message is not None and (message.text or not filters.StatusUpdate.ALL.check_update(update)):
            # Service messages (a pinned message, a new title) need no answer.
            await self.message(update)

    async def too_many(self, arrival: Arrival) -> None:
        """Say once in a while that not all of what somebody sent is answered."""
        update = self._parsed(arrival)
        chat = update.effective_chat if update is not None else None
        if update is None or chat is None:
            return
        context = await self._services.contexts.of(update, self.lock(chat.id))
        if context is None:
            await self._turn_away(update)
        elif self._may_say(chat.id, "too many"):
            await context.reply(context.t.html("That was a lot at once. I answered only the last few."))

    def _parsed(self, arrival: Arrival) -> Update | None:
        try:
            update = Update.de_json(dict(arrival.raw), self._services.bot)
        except Exception as error:  # noqa: BLE001 - see below
            # PTB raises whatever a malformed field leads to, and the error's text may quote the field.
            extra = {"update": arrival.update_id, "reason": type(error).__name__}
            logger.error("an update that can't be read was passed over", extra=extra)
            return None
        return update

    def _may_say(self, chat_id: int, what: str) -> bool:
        """Return whether the chat was not told the same recently, and note that it is told now."""
        now = monotonic()
        if len(self._said) > _SAID_TO:
            self._said = {key: at for key, at in self._said.items() if now - at < _SAID_SECONDS[key[1]]}
        if len(self._said) > _SAID_TO or now - self._said.get((chat_id, what), -inf) < _SAID_SECONDS[what]:
            return False
        self._said[chat_id, what] = now
        return True

    async def message(self, update: Update) -> None:
        """Handle a command or a text that somebody sent; a fault is logged and apologized for."""
        message = update.effective_message
        chat = update.effective_chat
        if message is None or chat is None:
            return
        async with self.lock(chat.id):
            try:
                await self._message(update, message, chat)
            except Exception as error:
                if is_handled_again(error):
                    raise
                logger.exception("an update could not be dealt with", extra={"update": update.update_id})
                await self._say_sorry(update, chat)

    async def _shared(self, update: Update) -> None:
        """Handle that somebody chose a chat for the bot."""
        chat = update.effective_chat
        if chat is None:
            return
        async with self.lock(chat.id):
            context = await self._services.contexts.of(update, self.lock(chat.id))
            if context is not None:
                await self._guard(context, self._routes.on_shared)

    async def _message(self, update: Update, message: Message, chat: Chat) -> None:
        written = message.text or message.caption or ""
        name, text = _command_of(written, self._services.bot.username)
        if name == "start" and text and await self._services.invitations.open(update, text):
            return
        context = await self._services.contexts.of(update, self.lock(chat.id))
        if context is None:
            if name or chat.type == "private":
                await self._turn_away(update)
            return
        if context.place.state is PlaceState.UNREACHABLE and name != "start":
            # Somebody who writes can be reached again; /start welcomes them itself.
            with repeatable_writes():
                await self._services.places.regain(chat.id, context.now)
        context.text = text if name else written
        if context.is_private:
            menus = self._services.menus
            language = menus.own_language(context.place.language, context.user.language_code)
            await menus.ensure(context.user.id, context.role, language)
        action = self._action(name, context)
        if action is not None:
            await self._guard(context, action)

    async def _enter(self, context: Context) -> bool:
        return await enter(context, self._services.managed)

    def _action(self, name: str | None, context: Context) -> CommandHandler | None:
        if name is None:
            # In a group people talk among themselves; the bot heeds only its commands.
            return self._read if context.is_private else None
        command = self._routes.commands.get(name)
        if command is not None and command.is_known_to(context.role):
            return partial(self._run, command)
        return _unknown if context.is_private else None

    async def _read(self, context: Context) -> None:
        """Read a text that is no command."""
        if await self._enter(context):
            await self._routes.on_text(context)

    async def _run(self, command: Command[CommandHandler], context: Context) -> None:
        """Run a command where it may be used, for those who may use it."""
        # A link that somebody opened is about themselves.
        is_link = command.name == "start" and bool(context.text)
        if command.concerns_place and not is_link and not await self._enter(context):
            return
        if command.where is Where.PRIVATE and not await context.may_do_here():
            return
        if not command.is_for(context.role):
            await context.reply(context.t.html("Only an owner can do that."))
        elif command.where is Where.ASIDE:
            await answer_privately(context, command.run, self._services.places)
        else:
            await command.run(context)

    async def _pressed(self, update: Update, arrival: Arrival) -> None:
        """Handle a button that somebody pressed."""
        query, chat = update.callback_query, update.effective_chat
        if query is None or chat is None:
            return
        async with self.lock(chat.id):
            context = await self._services.contexts.of(update, self.lock(chat.id), arrival)
            if context is None:
                # Every press is answered in time anyway, and there is nothing to say.
                return
            try:
                await self._press(context, query.data or "")
            finally:
                await context.answer()

    async def _press(self, context: Context, data: str) -> None:
        pressed = unpack(context.data)
        route = self._routes.presses.route(pressed) if pressed is not None else None
        if pressed is None or route is None or not route.is_for(context):
            await context.answer(older_text(context))
            message = context.pressed
            if pressed is None and context.is_private and message is not None and carries(message, data):
                # A button of a version that is long gone: what the reader can do today takes its place.
                await self._guard(context, _offer_menu)
            return

        async def act(context: Context) -> None:
            """Check and act inside the guard, since the check asks Telegram."""
            context.is_for_all = isinstance(pressed, FOR_ALL)
            if await self._enter(context) and await may_act(context, route, pressed, data, self._services.deliveries):
                await route.run(context, pressed)

        await self._guard(context, act)

    async def _guard(self, context: Context, action: CommandHandler) -> None:
        try:
            await action(context)
        except Forbidden as error:
            # The reader blocked the bot while it was answering.
            await self._services.places.mark_lost(context.chat.id, error.message)
        except BadRequest as error:
            if isinstance(outcome_of(error), Unreachable):
                # A group in which the bot may not write hears nothing from it, and that is no fault.
                logger.info("an answer may not be given", extra={"place": context.place.id, "reason": error.message})
            else:
                logger.exception("an update could not be dealt with", extra={"place": context.place.id})
            await apologize(context)
        except Exception as error:
            if is_handled_again(error):
                raise
            logger.exception("an update could not be dealt with", extra={"place": context.place.id})
            await apologize(context)

    async def _say_sorry(self, update: Update, chat: Chat) -> None:
        user = update.effective_user
        t = self._services.notifier.translator_for(user.language_code if user else None)
        try:
            await self._services.bot.send_message(chat_id=chat.id, text=escape(apology(t)))
        except TelegramError as error:
            logger.warning("the reader could not be told of a fault", extra={"reason": error.message})

    async def _turn_away(self, update: Update) -> None:
        user, chat = update.effective_user, update.effective_chat
        if user is None or chat is None or not self._may_say(chat.id, "turned away"):
            return
        t = self._services.notifier.translator_for(user.language_code)
        text = t.html("This bot is for invited readers only. Please ask whoever told you about it.")
        try:
            # However many strangers come at once, people who are let in go first.
            await self._services.bot.send_message(chat.id, text, rate_limit_args=BULK)
        except TelegramError as error:
            logger.info("a stranger could not be turned away", extra={"reason": error.message})


async def _offer_menu(context: Context) -> None:
    await context.set_keyboard(menu_keyboard(context))


async def _unknown(context: Context) -> None:
    await context.reply(context.t.html("I don't know that command. /help shows what I can do."))


def _command_of(text: str, username: str) -> tuple[str | None, str]:
    """Return ("search", "two words") for "/search@bot two words"; (None, "") for no command of this bot."""
    if not text.startswith("/"):
        return None, ""
    head, _, rest = text[1:].replace("\n", " ", 1).partition(" ")
    name, at, whose = head.partition("@")
    if at and whose.casefold() != username.casefold():
        return None, ""
    return name.casefold(), rest.strip()
