"""Buttons about places: which chat somebody sets up, and the topics of a private chat (pure).

The place that they lead to stands before their data, as before that of every button (`bot.callbacks.placed`).
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type


@button_type("gm")
@dataclass(frozen=True, slots=True)
class ManageButton(Button):
    """Have what somebody does concern this place from now on."""


@button_type("gb")
@dataclass(frozen=True, slots=True)
class BackToOwnButton(Button):
    """Have it concern their own digest again."""


@button_type("gp")
@dataclass(frozen=True, slots=True)
class PickChatButton(Button):
    """Ask for a group or a channel by Telegram's own list of chats."""


@button_type("gt")
@dataclass(frozen=True, slots=True)
class ForumTopicsButton(Button):
    """Show the topics of a group that the bot knows."""

    page: int = 0


@button_type("gc")
@dataclass(frozen=True, slots=True)
class TopicsButton(Button):
    """Show whether the private chat has a topic for each category, or change it: "on", "off" (asks) or "off!"."""

    what: str = ""
