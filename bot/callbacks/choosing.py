"""Buttons by which categories are found and chosen in the tree, beside those that browse and tick it (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type


@button_type("xq")
@dataclass(frozen=True, slots=True)
class AskLettersButton(Button):
    """Ask for letters of a category's name; with `asks` 0 ask no more, and show the level of `parent` again."""

    parent: int = 0
    setup: int = 0
    asks: int = 1


@button_type("xf")
@dataclass(frozen=True, slots=True)
class FilteredButton(Button):
    """Show a page of the categories whose names have these letters; `setup` is that of `BrowseButton`."""

    typed: str
    page: int = 0
    setup: int = 0


@button_type("xt")
@dataclass(frozen=True, slots=True)
class ToggleFoundButton(Button):
    """Tick or untick a category among those with these letters, as `ToggleButton` does in a level."""

    category: int
    typed: str
    page: int = 0
    setup: int = 0
    to: int = 0


@button_type("xp")
@dataclass(frozen=True, slots=True)
class FollowPopularButton(Button):
    """Follow the most popular categories."""

    setup: int = 0


@button_type("xu")
@dataclass(frozen=True, slots=True)
class UndoPopularButton(Button):
    """Take back what following the popular ones began, and what it ended: ids of categories, as in "3.17"."""

    begun: str
    ended: str = ""
    setup: int = 0


@button_type("xm")
@dataclass(frozen=True, slots=True)
class CategorySourcesButton(Button):
    """Show a page of the sources of a category, each to be followed or muted."""

    category: int
    page: int = 0
