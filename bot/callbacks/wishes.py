"""Buttons for wishes: what a reader watches, mutes, and wants more or less of (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type


@button_type("wt")
@dataclass(frozen=True, slots=True)
class TasteButton(Button):
    """Show what the reader may have more or less of, as an article has it: its source, its categories, its words."""

    article: int


@button_type("wu")
@dataclass(frozen=True, slots=True)
class MuteSourceButton(Button):
    """Mute the source of an article."""

    article: int
