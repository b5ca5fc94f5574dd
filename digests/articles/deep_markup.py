"""Making HTML flat that is nested too deeply for lxml."""

from __future__ import annotations

import re

# Up to the next mark of a tag, so that text full of `<` is looked at once.
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]*+)[^<>]*+>")
_BREAKING = frozenset({"br", "div", "h1", "h2", "h3", "h4", "li", "p", "td", "tr", "blockquote", "section"})
# These hold no others, or what they hold is no markup.
_KEPT = frozenset({"a", "img", "source", "script", "style", "textarea", "title"})


def flatten(markup: str) -> str:
    """Return HTML with the same text, links and pictures, but without the nesting; linear in its length."""
    return _TAG.sub(_without_nesting, markup)


def _without_nesting(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    if name in _KEPT:
        return tag[0]
    if name in _BREAKING:
        return "<br>" if name == "br" else "<br><br>"
    return ""
