"""Writing chosen articles as messages: the renderings that deliveries send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from digests.compose.build import group
from digests.compose.select import Choice
from digests.model.delivery import Rendering
from digests.model.digest import Digest, Item, Span
from digests.model.ids import ArticleId
from digests.model.layout import DigestStyle, Layout
from digests.planning.keys import with_key
from digests.ports import Renderer
from digests.storage.deliveries.plan import StoredRendering


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
        shown = _marked(choice, items) if choice.watched or choice.unnamed else _found(choice, items)
        digest = group(shown, choice.rest, span, with_picture=self._with_picture)
        made = self._rendering(digest, shown, choice.unnamed, style, now)
        if style.layout is not Layout.MAGAZINE:
            return with_key(made)
        fallback = replace(style, layout=Layout.GALLERY)
        return with_key(made, self._rendering(digest, shown, choice.unnamed, fallback, now))

    def empty(self, language: str) -> StoredRendering:
        """Return the rendering that says that there is nothing new."""
        return with_key(Rendering("", self._renderer.render_empty(language)))

    def _rendering(
        self, digest: Digest, items: Sequence[Item], unnamed: tuple[str, ...], style: DigestStyle, now: datetime
    ) -> Rendering:
        parts = self._renderer.render(digest, style, now)
        return Rendering("", parts, tuple([item.article.id for item in items]), digest.rest, style.layout)


def _found(choice: Choice, items: Mapping[ArticleId, Item]) -> list[Item]:
    return [items[article] for article in choice.items if article in items]


def _marked(choice: Choice, items: Mapping[ArticleId, Item]) -> list[Item]:
    """Return the items with the words of watches, without the sources that are not to be named."""
    watched = dict(choice.watched)
    found = _found(choice, items)
    for number, item in enumerate(found):
        also = item.also
        if also and choice.unnamed:
            also = tuple(other for other in also if other.source not in choice.unnamed)
        words = watched.get(item.article.id, ())
        if words or len(also) < len(item.also):
            found[number] = Item(item.article, also, words)
    return found
