"""Making HTML flat that is nested too deeply for lxml, with BeautifulSoup."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag
from bs4.exceptions import ParserRejectedMarkup

from digests.articles.markup.elements import KINDS

_MAX_LENGTH: Final = 150_000
_BREAKING: Final = frozenset({"br", "div", "h1", "h2", "h3", "h4", "li", "p", "td", "tr", "blockquote", "section"})
# Up to the next mark of a tag, so that text full of `<` is looked at once.
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]*+)[^<>]*+>")
# These hold no others, or what they hold is no markup.
_KEPT: Final = frozenset({"a", "img", "source", "script", "style", "textarea", "title"})


def flatten(markup: str) -> str:
    """Return HTML with the same text, links and pictures, but without the nesting.

    html.parser has no limit on depth, but takes some 20 times as long as lxml, and refuses odd declarations (`<![`). So
    beyond 150,000 characters, and where it refuses, tags are taken out as they stand.
    """
    beginning, rest = markup[:_MAX_LENGTH], markup[_MAX_LENGTH:]
    try:
        soup = BeautifulSoup(beginning, "html.parser")
    except ParserRejectedMarkup:
        return _TAG.sub(_without_nesting, markup)
    pieces: list[str] = []
    for node in soup.descendants:
        if isinstance(node, Tag):
            if node.name in ("img", "source"):
                attributes = " ".join(f'{key}="{escape(str(value))}"' for key, value in node.attrs.items())
                pieces.append(f"<{node.name} {attributes}>")
            elif node.name in _BREAKING:
                pieces.append("<br><br>" if node.name != "br" else "<br>")
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            pieces.append(_text(node))
    return "".join([*pieces, _TAG.sub(_without_nesting, rest)])


def _without_nesting(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    if name in _KEPT:
        return tag[0]
    if name in _BREAKING:
        return "<br>" if name == "br" else "<br><br>"
    return ""


def _text(node: NavigableString) -> str:
    parent = node.parent
    if parent is None or KINDS.get(parent.name) == "skipped":
        return ""
    if parent.name == "a":
        return f'<a href="{escape(str(parent.get("href", "")))}">{escape(node)}</a>'
    return escape(node)
