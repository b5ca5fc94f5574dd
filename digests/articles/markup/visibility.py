"""Renaming the elements of a tree whose attributes say more than their tags: hidden ones, captions, excerpts.

The values of the attributes are looked at first, each once: most bodies hold none that matter, and then no element is
looked at. After it, a walk needs no attributes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, cast

from lxml import etree

from digests.articles.markup.elements import (
    CAPTION_TAG,
    HIDDEN_TAG,
    hides,
    is_awaited,
    only_by_opacity,
    only_by_size,
    tag_by_class,
)

_CLASSES: Any = etree.XPath("//@class", smart_strings=False)
_STYLES: Any = etree.XPath("//@style", smart_strings=False)
_CLASSED: Any = etree.XPath("//@class/..")
_STYLED: Any = etree.XPath("//@style/..")
_HIDDEN: Any = etree.XPath("//@hidden/..")
_SIZED_WITHIN: Any = etree.XPath("boolean(.//*[contains(@style, 'font-size')])")
_MAX_KNOWN = 200
_MAX_EXAMINED = 100
_MUCH = 200
"""Characters of text that are more than a hidden line holds."""
_TOO_MUCH = 1_000
"""Characters of text that are more than a caption holds."""
_SHORT_TAGS = frozenset({HIDDEN_TAG, CAPTION_TAG})
_SHARE = 10
"""A wrapper holds this many times as much text as is visible without it."""


def may_hold(markup: str, attribute: str) -> bool:
    """Return whether any element can have this attribute, which takes a tenth of the time of looking for it."""
    return attribute in markup or attribute.upper() in markup or attribute.capitalize() in markup


def rename_by_class(root: Any) -> None:
    """Rename the elements whose classes say what they are: captions, excerpts, tables of contents, notices."""
    tags = {names: tag for names in set(_found(_CLASSES, root)) if (tag := _tag_of(names))}
    if tags:
        examined = 0
        for element in _found(_CLASSED, root):
            tag = tags.get(element.get("class"))
            if tag is None or element.tag in ("body", "html"):
                continue
            if tag in _SHORT_TAGS:
                examined += 1
                if examined <= _MAX_EXAMINED and _is_long(element, _TOO_MUCH):
                    # A wrapper that only has the name.
                    continue
            element.tag = tag


class HiddenElements:
    """The elements of a tree that a style or an attribute hides, renamed, so that they can be shown again."""

    def __init__(self, root: Any, markup: str) -> None:
        """Rename what is hidden in the tree that was made of this markup."""
        self._hidden: list[tuple[Any, str]] = []
        found, styles = [], list[str]()
        if may_hold(markup, "hidden"):
            found = [element for element in _found(_HIDDEN, root) if element.get("hidden") != "false"]
        if may_hold(markup, "style"):
            styles = _found(_STYLES, root)
        hiding = {style for style in set(styles) if _hides(style)}
        if found or hiding:
            self._rename(root, found, hiding)

    def _rename(self, root: Any, found: list[Any], hiding: Collection[str]) -> None:
        if hiding:
            found += [element for element in _found(_STYLED, root) if element.get("style") in hiding]
        examined = 0
        for element in found:
            style = element.get("style", "")
            if style in hiding and (by_size := only_by_size(style)) | only_by_opacity(style):
                examined += 1
                if examined > _MAX_EXAMINED or (_SIZED_WITHIN(element) if by_size else _is_long(element)):
                    continue
            # A picture has no text to hide, and a script shows it once it is there.
            if element.tag not in (HIDDEN_TAG, "img"):
                self._hidden.append((element, element.tag))
                element.tag = HIDDEN_TAG

    def show_wrappers(self, texts: Iterable[str]) -> bool:
        """Show again what is hidden if it is all or nearly all of the text, and return whether anything was.

        Such an element is the wrapper of a whole article that a script shows. Only the outermost ones are shown.

        Args:
            texts: The texts that were found visible.
        """
        if not self._hidden or (visible := sum(map(len, texts))) >= _MUCH:
            return False
        outermost = [
            pair
            for pair in self._hidden
            if next(pair[0].iterancestors(HIDDEN_TAG), None) is None and _is_wrapper(pair[0])
        ]
        length = sum(_length(element) for element, _ in outermost)
        if not length or visible * _SHARE > length:
            return False
        for element, tag in outermost:
            element.tag = tag
        self._hidden = [pair for pair in self._hidden if pair[0].tag == HIDDEN_TAG]
        return True


def _tag_of(names: str) -> str | None:
    return _known_tag(names) if len(names) <= _MAX_KNOWN else tag_by_class(names)


def _hides(style: str) -> bool:
    return _known_hiding(style) if len(style) <= _MAX_KNOWN else hides(style)


# The posts of a site have the same few classes and styles again and again.
_known_tag = lru_cache(maxsize=1_000)(tag_by_class)
_known_hiding = lru_cache(maxsize=1_000)(hides)


def _found(path: etree.XPath, root: Any) -> list[Any]:
    return cast("list[Any]", path(root))


def _is_wrapper(element: Any) -> bool:
    return is_awaited(element.get("style", "")) or _is_long(element)


def _is_long(element: Any, limit: int = _MUCH) -> bool:
    length = 0
    for text in element.itertext():
        length += len(text.strip())
        if length >= limit:
            return True
    return False


def _length(element: Any) -> int:
    return sum(len(text.strip()) for text in element.itertext())
