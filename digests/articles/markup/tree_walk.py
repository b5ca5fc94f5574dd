"""Walking over the tree of a body, once, and collecting what it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from digests.articles.markup import line_marks as marks
from digests.articles.markup.contents import Body, Link, Paragraph, without_escapes, words_in
from digests.articles.markup.elements import KINDS, PLAIN, PREFORMATTED, ROLES_WITHIN
from digests.articles.markup.emoji import emoji_of
from digests.articles.markup.line_marks import BREAK, CODE_START, LINK_START, PICTURE, link_share, without_marks
from digests.articles.text import one_line

_PICTURES = frozenset({"img", "source", "video"})
_CLOSED = frozenset({"a", "code", "excerpt", "more", "skipped", "sub", "sup"})
"""The kinds of elements whose end says something."""
# What Paragraph(…) does, without the cost of a Python call for each line.
_new = tuple.__new__
_MAX_DEPTH = 250
_MAX_LINKS = 2_000
_MAX_PROSE = 1_000


class TooDeepError(Exception):
    """The tree is so deep that libxml2 may have dropped part of it: it silently drops what is below 256 levels."""


class Walker:
    """Collects a Body from the events of a walk; a line is a list of strings, joined when its block ends."""

    def __init__(self) -> None:
        self.body = Body()
        self._line: list[str] = []
        self._roles: list[str] = [PLAIN]
        self._hidden = 0
        self._link: tuple[str, int] | None = None
        self._small: int | None = None
        self._excerpt: tuple[int, int] | None = None
        self._marked = False
        self._under_picture = False
        self._prose: list[str] = []
        self._prose_left = _MAX_PROSE

    def walk(self, root: Any) -> Body:
        """Collect the contents of the tree.

        Raises:
            TooDeepError: The tree is so deep that libxml2 may have dropped part of it.
        """
        # A call per element costs as much as the parse, so <b>, <span> and the like make none.
        depth, hidden, deepest, line, roles = 0, 0, _MAX_DEPTH, self._line, self._roles
        kinds, within = KINDS.get, ROLES_WITHIN
        for event, element in etree.iterwalk(root, ("start", "end", "comment")):
            if event == "start":
                depth += 1
                if depth > deepest:
                    raise TooDeepError
                kind = kinds(element.tag)
                if kind == "block" and not hidden:
                    if line:
                        self._flush()
                    role = roles[-1]
                    roles.append(within[role].get(element.tag, role))
                elif kind or hidden:
                    self._start(element, kind, depth)
                    hidden = self._hidden
                words = element.text
            else:
                if event == "end":
                    kind = kinds(element.tag)
                    if kind == "block" and not hidden:
                        if line:
                            self._flush()
                        roles.pop()
                    elif hidden or kind in _CLOSED:
                        self._end(kind, depth)
                        hidden = self._hidden
                    depth -= 1
                else:
                    self._comment(element.text or "")
                words = element.tail
            # White space between blocks begins no line.
            if words and not hidden and (line or not words.isspace()):
                line.append(words)
        self._flush()
        self.body.prose = " ".join(self._prose)
        return self.body

    def _start(self, element: Any, kind: str | None, depth: int) -> None:
        if kind in _PICTURES:
            # Also inside hidden elements: pages that load lazily keep the real picture in <noscript>.
            self._picture(element, kind)
        if self._hidden or kind == "skipped":
            self._hidden += 1
        elif kind == "br":
            self._mark(BREAK)
        elif kind == "a" or kind == "more":
            self._link = (element.get("href", ""), len(self._line))
            self._mark(LINK_START if kind == "a" else marks.QUIET_START)
        elif kind == "code":
            self._mark(CODE_START)
        elif kind == "sub" or kind == "sup":
            self._small = len(self._line)
        elif kind == "excerpt":
            self._flush()
            self._roles.append(PLAIN)
            if self._excerpt is None:
                self._excerpt = (depth, len(self.body.paragraphs))

    def _end(self, kind: str | None, depth: int) -> None:
        if self._hidden:
            self._hidden -= 1
        elif kind in ("a", "more"):
            self._close_link(marks.LINK_END if kind == "a" else marks.QUIET_END)
        elif kind == "code":
            self._mark(marks.CODE_END)
        elif kind in ("sub", "sup"):
            self._close_small(marks.raised if kind == "sup" else marks.lowered)
        elif kind == "excerpt":
            self._flush()
            self._roles.pop()
            if self._excerpt is not None and self._excerpt[0] == depth:
                text = " ".join([paragraph.text for paragraph in self.body.paragraphs[self._excerpt[1] :]])
                if text:
                    self.body.excerpts.append(text)
                self._excerpt = None

    def _mark(self, mark: str) -> None:
        self._line.append(mark)
        self._marked = True

    def _picture(self, element: Any, kind: str) -> None:
        if kind == "video":
            if poster := element.get("poster"):
                self.body.images.append({"src": poster, "poster": ""})
            return
        attributes = dict(element.items())
        if kind == "source":
            # In a <picture>, before its <img>; those of <video> and <audio> have `src`.
            if "srcset" in attributes:
                self.body.images.append(attributes | {"source": ""})
            return
        emoji = emoji_of(attributes)
        if emoji is None:
            self.body.images.append(attributes)
            emoji = PICTURE
        if not self._hidden:
            self._mark(emoji)

    def _close_link(self, mark: str) -> None:
        if self._link is not None:
            href, start = self._link
            self._link = None
            if href and len(self.body.links) < _MAX_LINKS:
                before = without_marks("".join(self._line[max(0, start - 4) : start])[-60:]) if start else ""
                paragraphs = self.body.paragraphs
                if (not before or before.isspace()) and paragraphs:
                    before = paragraphs[-1].text[-60:]
                # A break is white space.
                text = without_marks("".join(self._line[start + 1 :])[:400])
                self.body.links.append(Link(href, one_line(text[:300]), one_line(before), len(paragraphs)))
        self._mark(mark)

    def _close_small(self, read: Callable[[str, str], str]) -> None:
        start, self._small = self._small, None
        if start is not None and start <= len(self._line):
            text = "".join(self._line[start:])
            del self._line[start:]
            if shown := read(text, "".join(self._line[-4:])[-8:]):
                self._line.append(shown)
            elif self._line:
                self._line[-1] = self._line[-1].rstrip(" ")

    def _comment(self, text: str) -> None:
        # Hexo takes <!-- more --> with at most one space on each side, in upper or lower case.
        if self.body.more is None and len(text) <= 6 and text.strip().lower() == "more":
            self._flush()
            self.body.more = len(self.body.paragraphs)

    def _flush(self) -> None:
        if not self._line:
            return
        text, marked = "".join(self._line), self._marked
        self._line.clear()
        self._small = None
        if not marked and (role := self._roles[-1]) != PREFORMATTED:
            # Most lines hold words alone.
            if words := words_in(text) if "&" in text else one_line(text):
                self.body.paragraphs.append(_new(Paragraph, (words, role, 0, 0, "", self._under_picture)))
                self._under_picture = False
                if self._prose_left > 0:
                    self._add_prose(words)
            return
        if self._link is not None:
            # A block ended inside a link; what follows still belongs to the link.
            self._link = (self._link[0], 0)
            self._line.append(LINK_START)
        else:
            self._marked = False
        if text.isspace():
            return
        role = self._roles[-1]
        if role == PREFORMATTED:
            for part in marks.preformatted_paragraphs_in(text):
                if words := one_line(without_marks(part)):
                    self.body.paragraphs.append(Paragraph(words, role, *link_share(part)))
        else:
            for part in marks.paragraphs_in(text):
                self._add_marked(part, role)

    def _add_marked(self, part: str, role: str) -> None:
        has_picture = PICTURE in part
        if has_picture and part.strip() == PICTURE:
            self._under_picture = True
            return
        bare = without_marks(part)
        has_code = CODE_START in part
        if not has_code:
            # In code they are what is spoken of.
            bare = without_escapes(bare)
        # A break is white space.
        text = one_line(bare)
        if not text:
            self._under_picture |= has_picture
            return
        begins, ends = marks.pictures_around(part) if has_picture else (False, False)
        linked, links = link_share(part) if LINK_START in part else (0, 0)
        broken = bare if BREAK in bare else ""
        self.body.paragraphs.append(_new(Paragraph, (text, role, linked, links, broken, self._under_picture or begins)))
        self._under_picture = ends
        if self._prose_left > 0:
            self._add_prose(one_line(without_marks(marks.without_code(part))) if has_code else text)

    def _add_prose(self, words: str) -> None:
        self._prose.append(words[: self._prose_left])
        self._prose_left -= len(words)
