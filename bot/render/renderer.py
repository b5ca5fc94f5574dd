"""The ports `Renderer` and `TrialRenderer`: chooses the layout."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.i18n import translator
from bot.render.layouts.options import LayoutOptions
from bot.render.layouts.table import LAYOUTS
from digests.model.delivery import Part
from digests.model.digest import Digest
from digests.model.layout import DigestStyle, Layout

_PLAIN = LayoutOptions()


class DigestRenderer:
    """Renders digests. Equal input gives equal output, so that equal digests are rendered once."""

    def __init__(self, options: LayoutOptions = _PLAIN) -> None:
        self._options = options

    def render(self, digest: Digest, style: DigestStyle, now: datetime) -> tuple[Part, ...]:
        """Return the digest's messages, each within Telegram's limits."""
        return LAYOUTS[style.layout](digest, style, self._options, now)

    def render_trial(
        self, digest: Digest, style: DigestStyle, now: datetime
    ) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """Return the digest as a magazine, as `TrialRenderer.render_trial` says."""
        t = translator(style.language)
        shown = self.render(digest, replace(style, layout=Layout.MAGAZINE), now)
        question = t.html(
            "👆 <b>Your digest as a magazine</b>\nDo you see headings, texts and links above? Some apps show nothing "
            "there, or that the message is not supported."
        )
        refused = t.html("Sorry, Telegram can't show a magazine in this chat. Your digest stays as it was.")
        return (*shown, Part(question, asks_magazine=True)), (Part(refused),)

    def render_empty(self, language: str) -> tuple[Part, ...]:
        """Return the message that is sent when there is nothing new."""
        return (Part(translator(language).html("Nothing new in your categories today.")),)
