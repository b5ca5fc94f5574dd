"""Buttons on the screens of announcements (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type
from bot.callbacks.card_actions import CardAction


@button_type("al")
@dataclass(frozen=True, slots=True)
class AnnouncementsButton(Button):
    """Show a page of the list of announcements."""

    page: int = 0


@button_type("an")
@dataclass(frozen=True, slots=True)
class CardButton(Button):
    """Take an action on an announcement's card, with a `value` if the action needs one, such as "zh_CN"."""

    announcement: int
    what: CardAction
    value: str = ""


@button_type("a")
@dataclass(frozen=True, slots=True)
class AudienceButton(Button):
    """Tick or untick a category in an announcement's audience (0: no restriction), and show the choice again."""

    announcement: int
    category: int = 0
    page: int = 0


@button_type("ap")
@dataclass(frozen=True, slots=True)
class AudiencePageButton(Button):
    """Show a page of the categories that an announcement's audience can be restricted to."""

    announcement: int
    page: int = 0


@button_type("ac")
@dataclass(frozen=True, slots=True)
class ConfirmButton(Button):
    """Ask whether to send the announcement."""

    announcement: int


@button_type("ad")
@dataclass(frozen=True, slots=True)
class DiscardButton(Button):
    """Discard a draft."""

    announcement: int
