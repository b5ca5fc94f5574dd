"""Buttons for admins: what readers must not see, what is uncertain, and the audit log (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type


@button_type("re")
@dataclass(frozen=True, slots=True)
class ResendButton(Button):
    """Send again whatever is uncertain."""


@button_type("hi")
@dataclass(frozen=True, slots=True)
class HideButton(Button):
    """Hide from readers the category `key` (kind "c"), or the source stored under the token `source` (kind "s")."""

    kind: str
    key: int = 0
    source: str = ""


@button_type("sh")
@dataclass(frozen=True, slots=True)
class ShowAgainButton(Button):
    """Show readers again what was hidden, named as in `HideButton`."""

    kind: str
    key: int = 0
    source: str = ""


@button_type("w")
@dataclass(frozen=True, slots=True)
class WithdrawButton(Button):
    """Withdraw an article: step 0 asks, 1 withdraws it, 2 also removes it from sent messages, 3 brings it back."""

    article: int
    step: int = 0


@button_type("au")
@dataclass(frozen=True, slots=True)
class AuditButton(Button):
    """Show a page of the audit log."""

    page: int = 0


@button_type("sd")
@dataclass(frozen=True, slots=True)
class StatisticsButton(Button):
    """Show the numbers of so many days."""

    days: int
