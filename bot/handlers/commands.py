"""Every command and button of the chat, from the tables of the rooms: what leads where, and who may use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.callbacks import BUTTONS
from bot.handlers.admins.feeds.table import (
    FEED_COMMANDS,
    add_feed_presses,
    feed_file_answered,
    feed_question_answered,
    is_about_feeds,
)
from bot.handlers.admins.table import ADMIN_COMMANDS, add_admin_presses
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.screens import AnnouncementScreens
from bot.handlers.announcements.table import ANNOUNCEMENT_COMMANDS, add_announcement_presses
from bot.handlers.articles import search
from bot.handlers.articles.table import ARTICLE_COMMANDS, add_article_presses
from bot.handlers.command import Command, bind
from bot.handlers.context import CommandHandler, Context
from bot.handlers.headings import HEADINGS, MORE
from bot.handlers.help import help_html
from bot.handlers.places import managing
from bot.handlers.places.entering import enter_asked
from bot.handlers.places.table import PLACE_COMMANDS, add_place_presses
from bot.handlers.presses import PressTable
from bot.handlers.readers.lists import is_list, list_received
from bot.handlers.readers.replies import replied
from bot.handlers.readers.table import READER_COMMANDS, add_reader_presses
from bot.handlers.services import AdminServices, AnnouncementServices, FeedServices, PlaceServices, ReaderServices
from bot.i18n import gettext_noop
from digests.model.dialogs import AwaitedReply, Question


async def show_help(context: Context) -> None:
    """Send the list of commands.

    In a group it is a reader's: others read along, for whom an admin's commands don't exist.
    """
    bot = context.client.bot
    inline = bot.username if bot.supports_inline_queries else ""
    await context.reply(help_html(COMMANDS, context.role if context.is_private else None, context.t, inline))


_HELP = Command(
    "help",
    show_help,
    menu=gettext_noop("What I can do"),
    help=gettext_noop("/help – this overview"),
    heading=MORE,
    is_personal=True,
)

COMMANDS: Final[tuple[Command[object], ...]] = (
    *sorted(
        (*READER_COMMANDS, *ARTICLE_COMMANDS, *PLACE_COMMANDS, _HELP),
        key=lambda command: HEADINGS.index(command.heading),
    ),
    *ANNOUNCEMENT_COMMANDS,
    *FEED_COMMANDS,
    *ADMIN_COMMANDS,
)
"""All commands, in the order of the menus and of /help."""


@dataclass(frozen=True)
class Routes:
    """Which handler gets what people send.

    `on_text` gets messages in private chats that are not commands, `on_shared` chats that people chose there.
    """

    commands: Mapping[str, Command[CommandHandler]]
    presses: PressTable
    on_text: CommandHandler
    on_shared: CommandHandler


def build_routes(
    readers: ReaderServices,
    admins: AdminServices,
    announcements: AnnouncementServices,
    places: PlaceServices,
    feeds: FeedServices,
    reporter: Reporter,
) -> Routes:
    """Join the rooms' tables. Raises ValueError for something with two handlers, or a button with none."""
    screens = AnnouncementScreens(announcements, reporter)
    presses = PressTable()
    add_reader_presses(presses, readers)
    add_article_presses(presses, readers.look_up)
    add_place_presses(presses, places)
    add_admin_presses(presses, admins)
    add_feed_presses(presses, feeds)
    add_announcement_presses(presses, screens)
    presses.require(BUTTONS.values())
    commands = (
        *bind(READER_COMMANDS, readers),
        *bind(ARTICLE_COMMANDS, readers.look_up),
        *bind(PLACE_COMMANDS, places),
        _HELP,
        *bind(ANNOUNCEMENT_COMMANDS, screens),
        *bind(FEED_COMMANDS, feeds),
        *bind(ADMIN_COMMANDS, admins),
    )

    async def on_shared(context: Context) -> None:
        message = context.update.effective_message
        if message is not None and message.chat_shared is not None and context.is_private:
            await managing.chat_shared(context, places, message.chat_shared)

    return Routes(by_name(commands), presses, _Texts(screens, readers, places, feeds), on_shared)


def by_name(commands: Iterable[Command[CommandHandler]]) -> dict[str, Command[CommandHandler]]:
    """Return the commands by name. Raises ValueError for a name that two commands have."""
    found: dict[str, Command[CommandHandler]] = {}
    for command in commands:
        if command.name in found:
            raise ValueError(f"two commands are called /{command.name}")
        found[command.name] = command
    return found


class _Texts:
    """Answers a message that is no command: it replies to a question of the bot's, else its words are searched for."""

    def __init__(
        self, screens: AnnouncementScreens, services: ReaderServices, places: PlaceServices, feeds: FeedServices
    ) -> None:
        self._screens = screens
        self._services = services
        self._places = places
        self._feeds = feeds

    async def __call__(self, context: Context) -> None:
        dialog = await self._services.people.dialog(context.chat.id, context.user.id)
        if dialog == AwaitedReply(Question.CHAT):
            if await managing.not_picked(context, self._places):
                return
        elif isinstance(dialog, AwaitedReply) and is_about_feeds(dialog):
            if await feed_question_answered(context, self._feeds, dialog):
                return
        elif isinstance(dialog, AwaitedReply):
            if not await enter_asked(context, self._places.managed, dialog.place):
                await self._services.people.set_dialog(context.chat.id, context.user.id, None, context.now)
                return
            if await replied(context, self._services, dialog):
                return
        elif dialog is not None and context.role is not None and await self._screens.written(context, dialog):
            return
        document = context.update.effective_message.document if context.update.effective_message else None
        if document is not None and is_list(document):
            await list_received(context, self._services, document)
        elif document is not None and await feed_file_answered(context, self._feeds, document):
            return
        elif context.text:
            await search.search(context, self._services.look_up)
        else:
            await context.reply(context.t.html("I can search for words, and I know some commands: /help"))
