"""Writing chosen articles as messages: the renderings that deliveries send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from digests.compose.build import group, mark
from digests.compose.select import Choice
from digests.model.delivery import Rendering
from digests.model.digest import Digest, Item, Span
from digests.model.ids import ArticleId
from digests.model.layout import DigestStyle, Layout
from digests.planning.keys import with_key
from digests.ports import Renderer
from digests.storage.deliveries.plan import StoredRendering
from digests.telemetry.traces import traced


class DigestWriter:
    """Renders what was chosen; `with_picture` says whether digests have pictures at all."""

    def __init__(self, renderer: Renderer, *, with_picture: bool) -> None:
        self._renderer = renderer
        self._with_picture = with_picture

    def digest(
        self, choice: Choice, items: Mapping[ArticleId, Item], style: DigestStyle, span: Span | None, now: datetime
    ) -> StoredRendering:
        """Return the rendering of a digest, with its fallback where it needs one; what is not in `items` is left out.

        Items that nothing marks are those very objects, so that renderers know them again.
        """
        shown = [items[article] for article in choice.items if article in items]
        digest = group(mark(shown, choice.watched, choice.unnamed), choice.rest, span, with_picture=self._with_picture)
        made = self._rendering(digest, choice, style, now)
        if style.layout is not Layout.MAGAZINE:
            return with_key(made)
        fallback = replace(style, layout=Layout.GALLERY)
        return with_key(made, self._rendering(digest, choice, fallback, now))

    def empty(self, language: str) -> StoredRendering:
        """Return the rendering that says that there is nothing new."""
        return with_key(Rendering("", self._renderer.render_empty(language)))

    def _rendering(self, digest: Digest, choice: Choice, style: DigestStyle, now: datetime) -> Rendering:
        with traced("render", layout=style.layout, language=style.language):
            parts = self._renderer.render(digest, style, now)
        # As they are shown and numbered.
        items = tuple([item.article.id for group in digest.groups for item in group.items])
        return Rendering("", parts, items, digest.rest, style.layout, watched=choice.watched, unnamed=choice.unnamed)
