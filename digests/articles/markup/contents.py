"""What a body holds, in order: paragraphs, links and pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from digests.articles.markup import line_marks as marks
from digests.articles.markup.elements import HEADING, LABEL, MAIN_HEADING
from digests.articles.text import one_line, unescape

_ESCAPED_REFERENCE = re.compile(
    r"&(?:#[0-9]{2,6}|#[xX][0-9a-fA-F]{2,5}|amp|nbsp|quot|apos|[lr][sd]quo|hellip|[mn]dash);"
)
_HEADINGS = frozenset({MAIN_HEADING, HEADING, LABEL})


def words_in(text: str) -> str:
    """Return a text without marks on one line; references that were escaped twice are decoded."""
    return one_line(without_escapes(text))


def without_escapes(text: str) -> str:
    """Return a text in which references that were escaped twice are decoded."""
    return _ESCAPED_REFERENCE.sub(_decoded, text) if "&" in text else text


def _decoded(match: re.Match[str]) -> str:
    return unescape(match[0])


class Paragraph(NamedTuple):
    """A paragraph, on one line.

    Attributes:
        text: The words, without marks.
        role: What the blocks around it make of it (`elements.py`): a heading, a list's item, prose.
        linked: How many of its characters are in links.
        links: How many links it has.
        broken: The words with the breaks between their lines, if there are any.
        under_picture: Whether it follows a picture.
    """

    text: str
    role: str
    linked: int = 0
    links: int = 0
    broken: str = ""
    under_picture: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading or a label."""
        return self.role in _HEADINGS

    @property
    def lines(self) -> list[str]:
        """Its lines where it has several, and nothing where it has one."""
        return [line for words in self.broken.split(marks.BREAK) if (line := one_line(words))] if self.broken else []


class Link(NamedTuple):
    """A link, its text, and the text before it in its line, or the paragraph before if it begins a line.

    `paragraph` is the index of the first paragraph of its block.
    """

    href: str
    text: str
    before: str
    paragraph: int = 0


@dataclass(slots=True)
class Body:
    """The contents of a body, in order.

    `excerpts` are the passages marked as such. `more` is the number of paragraphs before Hexo's `<!-- more -->`.
    `prose` is the beginning of what is neither code nor an address, enough to tell its language. `truncated` says that
    the body was too long to be read whole.
    """

    paragraphs: list[Paragraph] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)
    excerpts: list[str] = field(default_factory=list)
    more: int | None = None
    prose: str = ""
    truncated: bool = False

    @property
    def text(self) -> str:
        """The paragraphs, joined by spaces."""
        return " ".join([paragraph.text for paragraph in self.paragraphs])
