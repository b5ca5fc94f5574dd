"""Buttons for the feeds that admins look after (pure).

Addresses are longer than a button holds: they are stored, under tokens, and so are names of categories that are new.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type


@button_type("fl")
@dataclass(frozen=True, slots=True)
class FeedsButton(Button):
    """Show a page, counted from 0, of the feeds: all (`state` ""), or those with "trouble" or "paused".

    Only those with the words that are stored under the token `words` ("": any).
    """

    state: str = ""
    page: int = 0
    words: str = ""


@button_type("fs")
@dataclass(frozen=True, slots=True)
class SearchFeedsButton(Button):
    """Ask for words that the names or addresses of the feeds shown must have."""


@button_type("fd")
@dataclass(frozen=True, slots=True)
class FeedButton(Button):
    """Show a feed; its other fields are those of the `FeedsButton` to which it leads back."""

    feed: int
    state: str = ""
    page: int = 0
    words: str = ""


@button_type("fp")
@dataclass(frozen=True, slots=True)
class PauseFeedButton(Button):
    """Pause a feed (`to` is TICK), or look at it again from now on (UNTICK)."""

    feed: int
    to: int


@button_type("fa")
@dataclass(frozen=True, slots=True)
class LookAgainButton(Button):
    """Look at a feed now."""

    feed: int


@button_type("ff")
@dataclass(frozen=True, slots=True)
class FullTextButton(Button):
    """Read the pages of a feed's articles (`to` is TICK), or only what the feed itself says (UNTICK)."""

    feed: int
    to: int


@button_type("fr")
@dataclass(frozen=True, slots=True)
class RemoveFeedButton(Button):
    """Remove a feed: `sure` 0 asks, 1 removes it."""

    feed: int
    sure: int = 0


@button_type("fu")
@dataclass(frozen=True, slots=True)
class RestoreFeedButton(Button):
    """Undo a removal: add the feed again that is stored under a token."""

    token: str


@button_type("fn")
@dataclass(frozen=True, slots=True)
class AskFeedButton(Button):
    """Ask for the address of a feed to add."""


@button_type("ft")
@dataclass(frozen=True, slots=True)
class TryFeedButton(Button):
    """Look for a feed at the address that is stored under a token, and show what is there.

    With `anew` 1 that is a message of its own, so that what there is to choose from stays.
    """

    token: str
    anew: int = 0


@button_type("fc")
@dataclass(frozen=True, slots=True)
class FeedCategoriesButton(Button):
    """Show a page of a level of the categories to choose from: for a feed, or (0) for the one to be added.

    That one is stored under the token `proposal`.
    """

    feed: int = 0
    proposal: str = ""
    parent: int = 0
    page: int = 0


@button_type("fw")
@dataclass(frozen=True, slots=True)
class TypeFeedCategoryButton(Button):
    """Ask for the name of a category, for what `FeedCategoriesButton` names."""

    feed: int = 0
    proposal: str = ""


@button_type("fm")
@dataclass(frozen=True, slots=True)
class PlaceFeedButton(Button):
    """Move a feed to a category, or (feed 0) propose to add one there.

    Without a `category` it is the one that is stored under the token `typed`, and without both the feed's own title.
    """

    feed: int = 0
    proposal: str = ""
    category: int = 0
    typed: str = ""


@button_type("fk")
@dataclass(frozen=True, slots=True)
class AddFeedButton(Button):
    """Add the feed that is stored under the token `proposal`, in a category as `PlaceFeedButton` names it."""

    proposal: str
    category: int = 0
    typed: str = ""


@button_type("fi")
@dataclass(frozen=True, slots=True)
class ImportFeedsButton(Button):
    """Add the feeds of the file that is stored under a token; without one, say how files are imported."""

    token: str = ""


@button_type("fe")
@dataclass(frozen=True, slots=True)
class ExportFeedsButton(Button):
    """Send all feeds as a file."""
