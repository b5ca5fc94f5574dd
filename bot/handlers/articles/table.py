"""The commands and buttons by which articles are looked up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.callbacks import (
    ArticleButton,
    DigestItemsButton,
    ExportSavedButton,
    FilterButton,
    FoundButton,
    ListingButton,
    NarrowButton,
    OpenCategoryButton,
    RemoveSavedButton,
    RestoreSavedButton,
    SaveButton,
    SavedButton,
    SearchSavedButton,
    SimilarButton,
    SourcesButton,
    StoryButton,
    TopButton,
)
from bot.handlers.articles import card, digest_items, listings, saved, search, similar, stories, top
from bot.handlers.command import Command, Where
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
        help=gettext_noop("/search WORDS – find an article; here you can just type the words"),
        heading=LOOK_UP,
    ),
    Command(
        "story",
        stories.story,
        menu=gettext_noop("Who else covers it"),
        help=gettext_noop("/story WORDS – who else covers it"),
        heading=LOOK_UP,
    ),
    Command(
        "top",
        top.top,
        menu=gettext_noop("What most sources report"),
        help=gettext_noop("/top – what most sources report, today and this week"),
        heading=LOOK_UP,
    ),
    Command(
        "saved",
        saved.saved,
        menu=gettext_noop("What you saved to read later"),
        help=gettext_noop("/saved – what you saved to read later"),
        heading=LOOK_UP,
        where=Where.ASIDE,
    ),
)


def add_article_presses(presses: PressTable, services: ArticleServices) -> None:
    """Register the handlers of the buttons by which articles are looked up."""
    room = presses.of(services)
    room.add(ListingButton, listings.listing_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(FoundButton, search.found_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(FilterButton, search.filter_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(NarrowButton, search.narrow_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(SourcesButton, stories.sources_pressed, in_group=InGroup.EVERYBODY)
    room.add(TopButton, top.top_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(DigestItemsButton, digest_items.items_pressed, in_group=InGroup.EVERYBODY)
    room.add(ArticleButton, card.article_pressed, in_group=InGroup.EVERYBODY)
    room.add(SaveButton, card.save_pressed, in_group=InGroup.EVERYBODY)
    room.add(StoryButton, card.story_pressed, in_group=InGroup.EVERYBODY)
    room.add(OpenCategoryButton, card.category_pressed, in_group=InGroup.EVERYBODY)
    room.add(SimilarButton, similar.similar_pressed, in_group=InGroup.EVERYBODY)
    room.add(SavedButton, saved.saved_pressed, in_group=InGroup.NOBODY)
    room.add(RemoveSavedButton, saved.remove_pressed, in_group=InGroup.NOBODY)
    room.add(RestoreSavedButton, saved.restore_saved_pressed, in_group=InGroup.NOBODY)
    room.add(SearchSavedButton, saved.search_pressed, in_group=InGroup.NOBODY)
    room.add(ExportSavedButton, saved.export_pressed, in_group=InGroup.NOBODY)
