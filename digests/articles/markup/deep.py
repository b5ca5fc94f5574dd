"""Reading HTML that is nested too deeply for lxml, with BeautifulSoup."""

from __future__ import annotations

from html import escape
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from digests.articles.markup.elements import KINDS

_MAX_LENGTH: Final = 150_000
_BREAKING: Final = frozenset({"br", "div", "h1", "h2", "h3", "h4", "li", "p", "td", "tr", "blockquote", "section"})


def flatten(markup: str) -> str:
    """Return HTML with the same text, links and pictures, but without the nesting.

    html.parser has no limit on depth, but takes some 20 times as long as lxml; so what is beyond 150,000 characters is
    dropped.
    """
    soup = BeautifulSoup(markup[:_MAX_LENGTH], "html.parser")
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
    return "".join(pieces)


def _text(node: NavigableString) -> str:
    parent = node.parent
    if parent is None or KINDS.get(parent.name) == "skipped":
        return ""
    if parent.name == "a":
        return f'<a href="{escape(str(parent.get("href", "")))}">{escape(node)}</a>'
    return escape(node)
