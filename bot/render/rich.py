"""Telegram's rich HTML: what a rich message takes of its limits (pure).

The dialect has headings, paragraphs, pictures as blocks of their own, parts that open with a tap, and anchors (Bot API
10.2, `InputRichMessage`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.limits import RICH_BLOCKS, RICH_DEPTH, RICH_MEDIA, RICH_TEXT
from bot.text.markup import plain_text

_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)([^>]*)>")
_BLOCKS = frozenset(
    "h1 h2 h3 h4 h5 h6 p footer hr ul ol li blockquote aside pre table tr details img video audio tg-document tg-map "  # noqa: SIM905 - shorter than a list
    "tg-collage tg-slideshow tg-math-block tg-button-row".split()
)
_MEDIA = frozenset(["img", "video", "audio", "tg-document"])
_VOID = frozenset(["img", "hr", "br", "input", "tg-map"])


class RichSize(NamedTuple):
    """What a rich message takes: code points that are seen, blocks, media, and levels inside each other."""

    text: int
    blocks: int
    media: int
    depth: int

    @property
    def fits(self) -> bool:
        """Whether Telegram accepts a message of this size."""
        most = RichSize(RICH_TEXT, RICH_BLOCKS, RICH_MEDIA, RICH_DEPTH)
        return all(some <= limit for some, limit in zip(self, most, strict=True))


def measure(html: str) -> RichSize:
    """Return what our own rich HTML takes of Telegram's limits. An anchor that stands alone is a block too."""
    blocks = media = level = depth = breaks = 0
    for closing, name, attributes in _TAG.findall(html):
        if closing:
            level -= 1
            continue
        blocks += name in _BLOCKS or (name == "a" and attributes.startswith(" name="))
        media += name in _MEDIA
        # In the message, it is a character.
        breaks += name == "br"
        depth = max(depth, level + 1)
        level += name not in _VOID
    return RichSize(len(plain_text(html)) + breaks, blocks, media, depth)


def picture_html(number: int) -> str:
    """Return the block that shows picture number n of the message, counted from 1."""
    return f'<img src="tg://photo?id=p{number}"/>'


def rich_as_text(html: str) -> str:
    """Return our own rich HTML as lines of plain text, for a place that shows no more."""
    lines = re.sub(r"<img [^>]*>", "[picture]\n", html)
    lines = re.sub(r"<br/>|</(h\d|p|summary)>", "\n", lines)
    return plain_text(re.sub(r"<h\d>", "\n", lines)).strip()
