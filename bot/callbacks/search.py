"""Buttons that narrow a search (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type

LANGUAGE, SOURCE, CATEGORY, DAYS = "l", "s", "c", "d"
"""What a search can be narrowed by."""


@button_type("qf")
@dataclass(frozen=True, slots=True)
class FilterButton(Button):
    """Show what the search that is stored under the token `search` can be narrowed to, by one of its kinds."""

    search: str
    kind: str
    newest: int = 0


@button_type("qn")
@dataclass(frozen=True, slots=True)
class NarrowButton(Button):
    """Narrow the search by a kind to a value; an empty value ends that, and an empty kind ends all of it.

    The value is a category's id or a number of days, and otherwise `value_of` the name, which may be long.
    """

    search: str
    kind: str = ""
    value: str = ""
    newest: int = 0
