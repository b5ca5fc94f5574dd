"""Buttons of the settings, beside those of the schedule (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type


@button_type("xi")
@dataclass(frozen=True, slots=True)
class SetItemsButton(Button):
    """Have at most so many items in a digest; 0 is the operator's number."""

    items: int = 0


@button_type("xo")
@dataclass(frozen=True, slots=True)
class SetOrderButton(Button):
    """Have the items of a digest in this order, a `DigestOrder`."""

    order: str


@button_type("xe")
@dataclass(frozen=True, slots=True)
class SetEmptyButton(Button):
    """Where nothing is new, say so (1), send nothing (2), or do as the operator has it for all (0)."""

    says: int = 0


@button_type("xa")
@dataclass(frozen=True, slots=True)
class AddTimeButton(Button):
    """Add a time of day to those at which the digest comes (`to` TICK), or take it away (UNTICK)."""

    time: str
    to: int


@button_type("xc")
@dataclass(frozen=True, slots=True)
class CapsButton(Button):
    """Show a page of the categories whose articles in a digest may be capped; with a `category`, its caps."""

    page: int = 0
    category: int = 0


@button_type("xs")
@dataclass(frozen=True, slots=True)
class SetCapButton(Button):
    """Have at most so many articles of a category in a digest; 0 is as many as there are."""

    category: int
    most: int = 0
    page: int = 0
