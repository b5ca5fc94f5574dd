"""Buttons about digests to come: how the next one looks, and why an article is in it or not (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type


@button_type("pv")
@dataclass(frozen=True, slots=True)
class PreviewButton(Button):
    """Show the next digest as it stands."""


@button_type("pw")
@dataclass(frozen=True, slots=True)
class WhyButton(Button):
    """Say why an article came in a digest, or did not."""

    article: int
