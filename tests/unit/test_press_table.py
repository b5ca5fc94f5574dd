"""Every button has one handler, of its own kind."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.callbacks import BUTTONS, BrowseButton, Button, ToggleButton
from bot.callbacks.button import button_type
from bot.handlers.context import Context
from bot.handlers.presses import PressTable


async def handle_browse(_context: Context, _pressed: BrowseButton) -> None:
    """Does nothing."""


async def handle_toggle(_context: Context, _pressed: ToggleButton) -> None:
    """Does nothing."""


async def handle_any(_context: Context, _pressed: Button) -> None:
    """Does nothing."""


def test_a_button_leads_to_its_handler() -> None:
    presses = PressTable()
    presses.add(BrowseButton, handle_browse)
    presses.add(ToggleButton, handle_any)
    assert presses.route(BrowseButton(1)).run is handle_browse
    assert presses.route(ToggleButton(1)).run is handle_any


def test_the_type_checker_refuses_the_handler_of_another_button() -> None:
    """The comment is what holds it: mypy warns of one that ignores nothing."""
    PressTable().add(BrowseButton, handle_toggle)  # type: ignore[arg-type]


def test_a_second_handler_is_refused() -> None:
    presses = PressTable()
    presses.add(BrowseButton, handle_browse)
    with pytest.raises(ValueError, match="BrowseButton has two handlers"):
        presses.add(BrowseButton, handle_any)


def test_a_button_without_a_handler_is_refused() -> None:
    presses = PressTable()
    presses.add(BrowseButton, handle_browse)
    presses.require([BrowseButton])
    with pytest.raises(ValueError, match="no handler for ToggleButton"):
        presses.require([BrowseButton, ToggleButton])


def test_letters_that_are_taken_are_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class OtherButton(Button):
        """Has the letters of another."""

    with pytest.raises(ValueError, match="OtherButton and BrowseButton would both begin with 'b'"):
        button_type("b")(OtherButton)
    assert BUTTONS["b"] is BrowseButton
