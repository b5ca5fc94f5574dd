"""The HTML of a body to blocks of text, links and pictures, in one pass over lxml's tree.

lxml.html's parser reads a body of 6 KB in 35 µs, BeautifulSoup over lxml in 740, over html.parser in 770, with the
same blocks; so BeautifulSoup reads only the bodies that lxml cuts off, those nested deeper than 250 levels
(`forgiving.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lxml import etree

from digests.articles.deep_markup import flatten
from digests.articles.text import one_line

# In a line of pieces these stand for <br>, <a> and </a>. A post may hold them too; then a paragraph ends early.
_BREAK, _OPEN, _CLOSE = "\x1e", "\x02", "\x03"
_LINKED = re.compile(f"{_OPEN}([^{_CLOSE}]*)")
_PARAGRAPH = re.compile(rf"(?:\s*{_BREAK}){{2,}}")
_BLANK_LINE = re.compile(r"\n[ \t\r\f\v\u00a0\u3000]*\n\s*")
_STRUCTURE = re.compile(r"<(?:p|br|div|li|h[1-6]|tr|section|article|blockquote|pre)\b", re.IGNORECASE)
_DEEPEST = 250
"""libxml2 silently drops what is nested deeper than 256 levels."""
_LONGEST = 1_000_000
"""Of a longer body the rest is not read: a tree costs some fifteen times its text."""
_MOST_LINKS = 2_000

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption", "summary"})
_BLOCKS = _HEADINGS | {
    *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div"),
    *(
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
    ),
    *("p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
}
_SKIPPED = {
    *("audio", "button", "canvas", "embed", "head", "iframe", "ins", "math", "noframes", "noscript", "object"),
    *("option", "script", "select", "style", "svg", "template", "textarea", "title"),
}
_KINDS = {
    **dict.fromkeys(_BLOCKS, "block"),
    **dict.fromkeys(_SKIPPED, "skipped"),
    **{tag: tag for tag in ("a", "br", "img", "video")},
}
_EXCERPT_WORDS = ("text-description", "excerpt", "summary", "abstract", "lead", "lede", "standfirst")
_EXCERPT = re.compile(rf"(?:^|\s)(?:(?:js-|post-|entry-|article-)?(?:{'|'.join(_EXCERPT_WORDS)}))(?:\s|$)")


class Paragraph(NamedTuple):
    """One paragraph, on one line. `tag` is the block it stands in, `linked` how many of its characters are links."""

    text: str
    tag: str
    linked: int = 0

    @property
    def is_heading(self) -> bool:
        return self.tag in _HEADINGS


class Link(NamedTuple):
    """A link, its text, and the text before it in its line (or the last paragraph, when it begins one)."""

    href: str
    text: str
    before: str


@dataclass(slots=True)
class Body:
    """What a body holds, in its order. `excerpts` are marked as such; `more` counts the paragraphs before the mark."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)
    excerpts: list[str] = field(default_factory=list)
    more: int | None = None
    cut: bool = False

    @property
    def text(self) -> str:
        return " ".join(paragraph.text for paragraph in self.paragraphs)


def read_markup(markup: str) -> Body:
    """Reads any text as HTML; never raises for what it holds."""
    cut = len(markup) > _LONGEST
    markup = markup[:_LONGEST]
    if _STRUCTURE.search(markup, len(markup) - len(markup.lstrip()) + 1) is None:
        # No tag says where a paragraph ends, so a blank line does.
        markup = _BLANK_LINE.sub("<br><br>", markup)
    body = _walk(markup)
    if body is None:
        body = _walk(flatten(markup)) or Body()
    body.cut = cut
    return body


def _walk(markup: str) -> Body | None:
    """None when the tree is so deep that libxml2 dropped part of it."""
    # A parser of our own each time: they keep state, and posts are read in several threads.
    parser = etree.HTMLParser(encoding="utf-8", remove_pis=True)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return Body()
    if root is None:
        return Body()
    walker = _Walker(markup)
    try:
        walker.walk(root)
    except _TooDeepError:
        return None
    return walker.body


class _TooDeepError(Exception):
    pass


class _Walker:
    """Collects a Body from the events of a walk. Lines are lists of pieces, joined when their block ends."""

    def __init__(self, markup: str) -> None:
        self.body = Body()
        self._line: list[str] = []
        self._tags: list[str] = ["div"]
        self._hidden = 0
        self._link: tuple[str, int] | None = None
        self._excerpt: tuple[int, int] | None = None
        # Attributes are asked for only where the body can have what is looked for: asking costs more than walking.
        self._hides = "none" in markup or " hidden" in markup
        self._marks = any(word in markup for word in _EXCERPT_WORDS)

    def walk(self, root: Any) -> None:
        # One call per element costs as much as the parse, so <b>, <span> and their like make none.
        depth, line, watchful, kinds = 0, self._line, self._hides or self._marks, _KINDS.get
        for event, element in etree.iterwalk(root, ("start", "end", "comment")):
            if event == "start":
                depth += 1
                if depth > _DEEPEST:
                    raise _TooDeepError
                kind = kinds(element.tag)
                if kind == "block" and not (watchful or self._hidden):
                    if line:
                        self._flush()
                    self._tags.append(element.tag)
                elif kind or watchful or self._hidden:
                    self._start(element, kind, depth)
                words = element.text
            else:
                if event == "end":
                    kind = kinds(element.tag)
                    if kind == "block" and not (watchful or self._hidden):
                        if line:
                            self._flush()
                        self._tags.pop()
                    elif kind or watchful or self._hidden:
                        self._end(kind, depth)
                    depth -= 1
                else:
                    self._comment(element.text or "")
                words = element.tail
            if words and not self._hidden:
                line.append(words)
        self._flush()

    def _start(self, element: Any, kind: str | None, depth: int) -> None:
        if kind == "img":
            # Also where text is hidden: lazy pages keep the true picture in <noscript>.
            self.body.images.append(dict(element.items()))
        if self._hidden or kind == "skipped" or (self._hides and _is_hidden(element)):
            self._hidden += 1
            return
        if kind == "block":
            self._flush()
            self._tags.append(element.tag)
        elif kind == "a":
            self._link = (element.get("href", ""), len(self._line))
            self._line.append(_OPEN)
        elif kind == "br":
            self._line.append(_BREAK)
        elif kind == "video" and element.get("poster"):
            self.body.images.append({"src": element.get("poster"), "poster": ""})
        if self._marks and self._excerpt is None and _EXCERPT.search(element.get("class", "")):
            self._flush()
            self._excerpt = (depth, len(self.body.paragraphs))

    def _end(self, kind: str | None, depth: int) -> None:
        if self._hidden:
            self._hidden -= 1
            return
        if kind == "block":
            self._flush()
            self._tags.pop()
        elif kind == "a":
            self._close_link()
        if self._excerpt is not None and self._excerpt[0] == depth:
            self._flush()
            text = " ".join(one.text for one in self.body.paragraphs[self._excerpt[1] :])
            if text:
                self.body.excerpts.append(text)
            self._excerpt = None

    def _close_link(self) -> None:
        if self._link is None:
            return
        href, start = self._link
        self._link = None
        if href and len(self.body.links) < _MOST_LINKS:
            before = "".join(self._line[max(0, start - 4) : start])[-60:]
            if not before.strip() and self.body.paragraphs:
                before = self.body.paragraphs[-1].text[-60:]
            text = "".join(self._line[start + 1 :]).replace(_BREAK, " ")
            self.body.links.append(Link(href, one_line(text[:300]), one_line(before)))
        self._line.append(_CLOSE)

    def _comment(self, text: str) -> None:
        # Hexo's mark is <!-- more -->, with at most one blank each side and in any case.
        if self.body.more is None and len(text) <= 6 and text.strip().lower() == "more":
            self._flush()
            self.body.more = len(self.body.paragraphs)

    def _flush(self) -> None:
        if not self._line:
            return
        text = "".join(self._line)
        self._line.clear()
        if self._link is not None:
            # A block within a link; what follows it still belongs to the link.
            self._link = (self._link[0], 0)
            self._line.append(_OPEN)
        if text.isspace():
            return
        tag = self._tags[-1]
        for part in _PARAGRAPH.split(text) if _BREAK in text else (text,):
            linked = 0
            if _OPEN in part:
                linked = sum(len(words.strip()) for words in _LINKED.findall(part))
                part = part.replace(_OPEN, "").replace(_CLOSE, "")
            if words := one_line(part.replace(_BREAK, " ")):
                self.body.paragraphs.append(Paragraph(words, tag, linked))


def _is_hidden(element: Any) -> bool:
    return "display:none" in element.get("style", "").replace(" ", "").lower() or "hidden" in element.attrib
