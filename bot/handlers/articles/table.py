"""The commands and buttons by which articles are looked up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.callbacks import FoundButton, ListingButton, SourcesButton, TopButton
from bot.handlers.articles import listings, search, stories, top
from bot.handlers.command import Command
from bot.handlers.context import Context
from bot.handlers.headings import LOOK_UP
from bot.handlers.presses import InGroup, PressTable
from bot.handlers.services import ArticleServices
from bot.i18n import gettext_noop

ARTICLE_COMMANDS: tuple[Command[Callable[[Context, ArticleServices], Awaitable[None]]], ...] = (
    Command(
        "latest",
        listings.latest,
        menu=gettext_noop("The newest articles"),
        help=gettext_noop("/latest – the newest articles"),
        heading=LOOK_UP,
    ),
    Command(
        "search",
        search.search,
        menu=gettext_noop("Find an article"),
        help=gettext_noop("/search WORDS – find an article; in this chat you can just type the words"),
        heading=LOOK_UP,
    ),
    Command(
        "story",
        stories.story,
        menu=gettext_noop("Who else covers it"),
        help=gettext_noop("/story WORDS – who else covers it; on its own: what several sources cover"),
        heading=LOOK_UP,
    ),
    Command(
        "top",
        top.top,
        menu=gettext_noop("What most sources tell"),
        help=gettext_noop("/top – what most sources tell, today and this week"),
        heading=LOOK_UP,
    ),
)


def add_article_presses(presses: PressTable, services: ArticleServices) -> None:
    """Register the handlers of the buttons by which articles are looked up."""
    room = presses.of(services)
    room.add(ListingButton, listings.listing_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(FoundButton, search.found_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(SourcesButton, stories.sources_pressed, in_group=InGroup.EVERYBODY)
    room.add(TopButton, top.top_pressed, in_group=InGroup.ASKER_OF_LIST)
