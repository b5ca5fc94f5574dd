"""The HTML of rich messages: which pictures it shows, what is left without some of them, and its bare text (pure).

It is our own markup, so a "<" begins a tag and every tag ends at the next ">".
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)")
_PICTURE = re.compile(r'\bsrc="tg://photo\?id=p([0-9]{1,4})"')
_HOLDERS = ("figure", "tg-collage", "tg-slideshow")
"""What is there for its pictures: without any it goes, and its caption too."""
_WRAPPERS = ("a", "p", "li", "td")
"""What goes if there is nothing in it but a picture that goes."""
_LINE_ENDS = re.compile(
    r"<(?:br|hr)\s*/?>|</(?:p|h[1-6]|li|tr|summary|figcaption|blockquote|footer|aside|pre)>", re.IGNORECASE
)
_MANY_LINES = re.compile(r"\s*\n\s*\n\s*")


def pictures_in(html: str) -> tuple[int, ...]:
    """Return the numbers of the pictures in the order in which they are shown, as often as they are."""
    return tuple(number for tag in _TAG.findall(html) if (number := _picture_of(tag)))


def with_pictures(html: str, shown: Mapping[int, int]) -> str:
    """Return the HTML with these pictures alone, under new numbers, and nothing that is empty without the others."""
    open_elements = [_Element("", "")]
    for token in _TAG.split(html):
        name = found[1].lower() if (found := _NAME.match(token)) else ""
        if number := _picture_of(token):
            open_elements[-1].had_picture = True
            if number in shown:
                open_elements[-1].shows_picture = True
                open_elements[-1].inside.append(_PICTURE.sub(f'src="tg://photo?id=p{shown[number]}"', token))
        elif name not in (*_HOLDERS, *_WRAPPERS):
            open_elements[-1].inside.append(token)
        elif not token.startswith("</"):
            open_elements.append(_Element(name, token))
        elif len(open_elements) > 1 and open_elements[-1].name == name:
            closed = open_elements.pop()
            open_elements[-1].take(closed, token)
        else:
            open_elements[-1].inside.append(token)
    while len(open_elements) > 1:
        unclosed = open_elements.pop()
        open_elements[-1].take(unclosed, "")
    return "".join(open_elements[0].inside)


def bare_text(html: str, limit: int) -> str:
    """Return the text alone, line by line, and only as many whole lines as have at most `limit` characters."""
    text = entities.unescape(_TAG.sub("", _LINE_ENDS.sub("\n", html)))
    text = _MANY_LINES.sub("\n\n", "\n".join(" ".join(line.split()) for line in text.split("\n"))).strip()
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    whole_lines = head.rpartition("\n")[0].rstrip()
    return (whole_lines or head) + "…"


@dataclass(slots=True)
class _Element:
    """An element that is open, and what is in it so far."""

    name: str
    tag: str
    inside: list[str] = field(default_factory=list)
    had_picture: bool = False
    shows_picture: bool = False

    def take(self, closed: _Element, end: str) -> None:
        """Take in an element that is complete, unless it is nothing without its pictures."""
        self.had_picture |= closed.had_picture
        self.shows_picture |= closed.shows_picture
        content = "".join(closed.inside)
        is_nothing = not content.strip() if closed.name in _WRAPPERS else not closed.shows_picture
        if not (closed.had_picture and is_nothing):
            self.inside.append(f"{closed.tag}{content}{end}")


def _picture_of(tag: str) -> int:
    """Return the number of the picture that a tag shows; 0 for any other tag, and for a text."""
    if not tag.lower().startswith("<img"):
        return 0
    found = _PICTURE.search(tag)
    return int(found[1]) if found else 0
