"""Reading the HTML of a body into paragraphs, links and pictures, in one pass over lxml's tree.

lxml.html's parser reads a body of 6 KB in 35 µs, BeautifulSoup over lxml in 740, over html.parser in 770, with the
same paragraphs. So BeautifulSoup reads only the bodies that lxml would cut off: those nested deeper than 250 levels
(`deep_markup.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lxml import etree

from digests.articles.deep_markup import flatten
from digests.articles.text import one_line

# In a line of text these stand for <br>, <a> and </a>. If a post contains them itself, a paragraph ends early.
_BR, _A_START, _A_END = "\x1e", "\x02", "\x03"
_LINKED = re.compile(f"{_A_START}([^{_A_END}]*)")
_PARAGRAPH = re.compile(rf"(?:\s*{_BR}){{2,}}")
_BLANK_LINE = re.compile(r"\n[ \t\r\f\v\u00a0\u3000]*\n\s*")
_STRUCTURE = re.compile(r"<(?:p|br|div|li|h[1-6]|tr|section|article|blockquote|pre)\b", re.IGNORECASE)
_MAX_DEPTH = 250
"""libxml2 silently drops whatever is nested deeper than 256 levels."""
_MAX_LENGTH = 1_000_000
"""The rest of a longer body is not read: a tree takes some fifteen times the memory of its text."""
_MAX_LINKS = 2_000

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
    """A paragraph, on one line; `tag` is the block around it, `linked` counts its characters inside links.

    `lines` are its lines where it has several, and nothing where it has one.
    """

    text: str
    tag: str
    linked: int = 0
    lines: tuple[str, ...] = ()

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading or a caption."""
        return self.tag in _HEADINGS


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
    `truncated` says that the body was too long to be read whole.
    """

    paragraphs: list[Paragraph] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)
    excerpts: list[str] = field(default_factory=list)
    more: int | None = None
    truncated: bool = False

    @property
    def text(self) -> str:
        """The paragraphs, joined by spaces."""
        return " ".join(paragraph.text for paragraph in self.paragraphs)


def read_markup(markup: str) -> Body:
    """Read any text as HTML; never raises, whatever the text contains."""
    truncated = len(markup) > _MAX_LENGTH
    markup = markup[:_MAX_LENGTH]
    if _STRUCTURE.search(markup, len(markup) - len(markup.lstrip()) + 1) is None:
        # No tag ends a paragraph, so blank lines do.
        markup = _BLANK_LINE.sub("<br><br>", markup)
    body = _walk(markup)
    if body is None:
        body = _walk(flatten(markup)) or Body()
    body.truncated = truncated
    return body


def _walk(markup: str) -> Body | None:
    """Return the contents, or None if the tree is so deep that libxml2 dropped part of it."""
    # A new parser each time: parsers keep state, and posts are read in several threads.
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
    """Collects a Body from the events of a walk; a line is a list of strings, joined when its block ends."""

    def __init__(self, markup: str) -> None:
        self.body = Body()
        self._line: list[str] = []
        self._tags: list[str] = ["div"]
        self._hidden = 0
        self._link: tuple[str, int] | None = None
        self._excerpt: tuple[int, int] | None = None
        # Attributes are read only where the body can hold what is looked for: reading them costs more than the walk.
        self._hides = "none" in markup or " hidden" in markup
        self._marks = any(word in markup for word in _EXCERPT_WORDS)

    def walk(self, root: Any) -> None:
        """Collect the contents of the tree.

        Raises:
            _TooDeepError: The tree is so deep that libxml2 may have dropped part of it.
        """
        # A call per element costs as much as the parse, so <b>, <span> and the like make none.
        depth, line, watchful, kinds = 0, self._line, self._hides or self._marks, _KINDS.get
        for event, element in etree.iterwalk(root, ("start", "end", "comment")):
            if event == "start":
                depth += 1
                if depth > _MAX_DEPTH:
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
            # Also inside hidden elements: pages that load lazily keep the real picture in <noscript>.
            self.body.images.append(dict(element.items()))
        if self._hidden or kind == "skipped" or (self._hides and _is_hidden(element)):
            self._hidden += 1
            return
        if kind == "block":
            self._flush()
            self._tags.append(element.tag)
        elif kind == "a":
            self._link = (element.get("href", ""), len(self._line))
            self._line.append(_A_START)
        elif kind == "br":
            self._line.append(_BR)
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
            text = " ".join(paragraph.text for paragraph in self.body.paragraphs[self._excerpt[1] :])
            if text:
                self.body.excerpts.append(text)
            self._excerpt = None

    def _close_link(self) -> None:
        if self._link is None:
            return
        href, start = self._link
        self._link = None
        if href and len(self.body.links) < _MAX_LINKS:
            before = "".join(self._line[max(0, start - 4) : start])[-60:]
            if not before.strip() and self.body.paragraphs:
                before = self.body.paragraphs[-1].text[-60:]
            text = "".join(self._line[start + 1 :]).replace(_BR, " ")
            self.body.links.append(Link(href, one_line(text[:300]), one_line(before), len(self.body.paragraphs)))
        self._line.append(_A_END)

    def _comment(self, text: str) -> None:
        # Hexo takes <!-- more --> with at most one space on each side, in upper or lower case.
        if self.body.more is None and len(text) <= 6 and text.strip().lower() == "more":
            self._flush()
            self.body.more = len(self.body.paragraphs)

    def _flush(self) -> None:
        if not self._line:
            return
        text = "".join(self._line)
        self._line.clear()
        if self._link is not None:
            # A block ended inside a link; what follows still belongs to the link.
            self._link = (self._link[0], 0)
            self._line.append(_A_START)
        if text.isspace():
            return
        tag = self._tags[-1]
        for part in _PARAGRAPH.split(text) if _BR in text else (text,):
            linked = 0
            if _A_START in part:
                linked = sum(len(words.strip()) for words in _LINKED.findall(part))
                part = part.replace(_A_START, "").replace(_A_END, "")
            if words := one_line(part.replace(_BR, " ")):
                lines = tuple(filter(None, map(one_line, part.split(_BR)))) if _BR in part else ()
                self.body.paragraphs.append(Paragraph(words, tag, linked, lines if len(lines) > 1 else ()))


def _is_hidden(element: Any) -> bool:
    return "display:none" in element.get("style", "").replace(" ", "").lower() or "hidden" in element.attrib
