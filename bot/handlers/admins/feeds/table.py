"""The command and the buttons of feeds, what is written when asked for something about them, and files of feeds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from telegram import Document

from bot.callbacks import (
    AddFeedButton,
    AskFeedButton,
    ExportFeedsButton,
    FeedButton,
    FeedCategoriesButton,
    FeedsButton,
    FullTextButton,
    ImportFeedsButton,
    LookAgainButton,
    PauseFeedButton,
    PlaceFeedButton,
    RemoveFeedButton,
    RestoreFeedButton,
    SearchFeedsButton,
    TryFeedButton,
    TypeFeedCategoryButton,
)
from bot.handlers.admins.feeds import adding, feed, files, listing, placing
from bot.handlers.admins.feeds.showing import ends_following
from bot.handlers.command import Command, Where
from bot.handlers.context import Context
from bot.handlers.presses import InGroup, PressTable
from bot.handlers.services import FeedServices
from bot.i18n import gettext_noop
from digests.model.dialogs import AwaitedReply, Question
from digests.model.role import Role


async def feeds(context: Context, services: FeedServices) -> None:
    """Show the list of feeds; with an address look at it, with `export` send a file, with other words search."""
    word, _, rest = context.text.partition(" ")
    match word.casefold():
        case "":
            await listing.show_feeds(context, services)
        case "add" if rest.strip():
            await adding.address_written(context, services, rest)
        case "add":
            await adding.ask_for_address(context, services)
        case "export":
            await files.export_feeds(context, services)
        case "import":
            await files.how_to_import(context)
        case _ if adding.is_perhaps_address(context.text):
            await adding.address_written(context, services, context.text)
        case _:
            await listing.search_feeds(context, services, context.text)


FEED_COMMANDS: tuple[Command[Callable[[Context, FeedServices], Awaitable[None]]], ...] = (
    Command(
        "feeds",
        feeds,
        menu=gettext_noop("The feeds that I read"),
        help=gettext_noop("/feeds – the feeds that I read; /feeds ADDRESS adds one"),
        role=Role.ADMIN,
        where=Where.PRIVATE,
    ),
)

_WRITTEN: Mapping[Question, Callable[[Context, FeedServices, str], Awaitable[None]]] = MappingProxyType(
    {
        Question.FEED: lambda context, services, _: adding.address_written(context, services, context.text),
        Question.FEED_CATEGORY: placing.category_written,
        Question.FEEDS: lambda context, services, _: listing.search_feeds(context, services, context.text),
    }
)


def is_about_feeds(dialog: AwaitedReply) -> bool:
    """Return whether a question is one of those of this room."""
    return dialog.question in _WRITTEN


async def feed_question_answered(context: Context, services: FeedServices, dialog: AwaitedReply) -> bool:
    """Hand what an admin wrote to the handler of its question; False where it is no text, or they are none any more."""
    await services.people.set_dialog(context.chat.id, context.user.id, None, context.now)
    if not context.text or not context.is_admin:
        return False
    if dialog.question is Question.FEED and not adding.is_perhaps_address(context.text):
        # Words are searched for, as ever.
        return False
    # What they manage from here has no feeds.
    context.place = context.home
    await _WRITTEN[dialog.question](context, services, dialog.about)
    return True


async def feed_file_answered(context: Context, services: FeedServices, document: Document) -> bool:
    """Take a file of feeds that somebody sent; return False for any other file."""
    if not context.is_admin:
        if files.is_feed_file(document):
            await context.reply(context.t.html("Only those who run me can add feeds. /categories shows what there is."))
            return True
        return False
    if not (files.is_feed_file(document) or await files.has_feeds_inside(context, document)):
        return False
    context.place = context.home
    await files.feed_file_received(context, services, document)
    return True


def add_feed_presses(presses: PressTable, services: FeedServices) -> None:
    """Register the handlers of the buttons of feeds."""
    room = presses.of(services)
    room.add(FeedsButton, ends_following(listing.list_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(SearchFeedsButton, ends_following(listing.search_asked), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(FeedButton, ends_following(feed.feed_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(PauseFeedButton, ends_following(feed.pause_feed_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(LookAgainButton, ends_following(feed.look_again_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(FullTextButton, ends_following(feed.full_text_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(RemoveFeedButton, ends_following(feed.remove_feed_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(RestoreFeedButton, ends_following(feed.restore_feed_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(AskFeedButton, ends_following(adding.ask_feed_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(TryFeedButton, ends_following(adding.try_feed_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(AddFeedButton, ends_following(adding.add_feed_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(FeedCategoriesButton, ends_following(placing.categories_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(
        TypeFeedCategoryButton, ends_following(placing.type_category_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY
    )
    room.add(PlaceFeedButton, ends_following(placing.place_feed_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(ImportFeedsButton, ends_following(files.import_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(ExportFeedsButton, ends_following(files.export_feeds_pressed), role=Role.ADMIN, in_group=InGroup.NOBODY)
