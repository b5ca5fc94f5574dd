"""The Markdown parser: markdown-it-py with the rules that real posts need, built once and shared by all threads.

Beyond CommonMark: tables, strikethrough, footnotes (mdit-py-plugins), raw addresses, headings without a blank as old
versions of Hexo's renderer took them, `:::` containers, and emphasis beside Chinese and Japanese punctuation.
Left out: decoding entities, which HTML does, and normalising addresses, which `links.py` does.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType
from mdit_py_plugins.footnote import footnote_plugin

CJK: Final = (
    r"\u2e80-\u2fdf\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003ffff"
)
"""Chinese and Japanese letters and their punctuation, for a class of a pattern; Korean separates words by blanks."""

_MAX_DEPTH: Final = 18
"""Quotes and lists nested deeper are read as one paragraph; below markdown-it's own limit, which drops the text."""
_MAX_NESTING: Final = 20
_CJK = re.compile(f"[{CJK}\u2018-\u201d\u2026\u2014\uac00-\ud7af]")
_ADDRESS = re.compile(r"://[^\s<>\[\]\"'`|\\^{}*\u2018-\u201d" + CJK + r"]{1,2000}+")
_FOOTNOTE = re.compile(r"\[\^([^\s\[\]]{1,100}+)\]|\^\[[^\[\]\n]{1,300}+\]")
_CONTAINER = re.compile(r":{3,}+[ \t]*+(?:\{?[.\w-]++\}?)?[ \t]*+(?P<title>[^\n]*)")
_SENTENCE_END = re.compile(r"[。！？!?.…；;]$")
_TIGHT_HEADING = re.compile(r"^ {0,3}#{2,6}[^\s#]", re.MULTILINE)
_INLINE_RULES = (
    *("text", "address", "newline", "escape", "backticks", "strikethrough", "emphasis"),
    *("link", "image", "footnote_ref", "autolink", "html_inline"),
)
_MARKERS = " \t>*+-"


class _StateInline(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803
        """Take Chinese and Japanese letters beside punctuation as the edge of a word, as blanks are elsewhere.

        By CommonMark alone `**提示：**请看` is no emphasis: https://github.com/commonmark/commonmark-spec/issues/650.
        """
        scanned = super().scanDelims(start, canSplitWord)
        if (scanned.can_open and scanned.can_close) or self.src[start] == "_":
            return scanned
        end = start + scanned.length
        before = self.src[start - 1] if start else " "
        after = self.src[end] if end < self.posMax else " "
        opens = scanned.can_open or (not after.isspace() and _CJK.match(before) is not None)
        closes = scanned.can_close or (not before.isspace() and _CJK.match(after) is not None)
        return Scanned(opens, closes, scanned.length)


class _ParserInline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _StateInline(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _ParserBlock(ParserBlock):
    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803
        if state.level < _MAX_DEPTH:
            super().tokenize(state, startLine, endLine)
            return
        line = startLine
        while line < endLine and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
            line += 1
        line = max(line, startLine + 1)
        state.push("paragraph_open", "p", 1)
        token = state.push("inline", "", 0)
        token.content = state.getLines(startLine, line, state.blkIndent, False).strip(_MARKERS + "\n")
        state.push("paragraph_close", "p", -1)
        state.line = line


class Parser(MarkdownIt):
    """Parses blocks; the content of `inline` tokens is parsed by `inlines`, only where it has marks."""

    def __init__(self) -> None:
        super().__init__("zero", {"html": True, "maxNesting": _MAX_NESTING})
        self.block, self.inline = _ParserBlock(), _ParserInline()
        footnote_plugin(self, inline=False, move_to_end=False)
        self.inline.ruler.at("footnote_ref", _footnote)
        self.inline.ruler.before("newline", "address", _address)
        self.block.ruler.at("heading", _heading, {"alt": ["paragraph", "reference", "blockquote"]})
        self.block.ruler.before(
            "heading", "container", _container, {"alt": ["paragraph", "reference", "blockquote", "list"]}
        )
        self.core.ruler.enableOnly(["block"])
        self.inline.ruler.enableOnly(_INLINE_RULES)
        self.inline.ruler2.enableOnly(["balance_pairs", "strikethrough", "emphasis"])
        # The chains of rules are made by the first use, which must not be in two threads at once.
        self.inlines("*", {})
        self.parse("*", {})

    def validateLink(self, url: str) -> bool:  # noqa: N802
        """Take any address: which ones may be shown is decided where they are shown (`links.py`)."""
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        """Leave the address as it is written."""
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        """Leave the text of an address as it is written."""
        return link

    def inlines(self, text: str, env: EnvType) -> list[Token]:
        """Return the tokens of a paragraph's text."""
        return self.inline.parse(text, self, env, [])


def _footnote(state: StateInline, silent: bool) -> bool:
    """Take the mark of a footnote that is defined, or has a number: such a mark is no text, whatever became of it."""
    if state.src[state.pos] not in "[^":
        return False
    match = _FOOTNOTE.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    label = match[1]
    defined = state.env.get("footnotes", {}).get("refs", {})
    if label is not None and not label.isdigit() and ":" + label not in defined:
        return False
    if not silent:
        state.push("footnote_ref", "", 0)
    state.pos = match.end()
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """Take a raw address as a link, so that `_` and `*` in it are no emphasis."""
    start, source = state.pos, state.src
    if source[start] != ":" or state.linkLevel or not source.startswith("://", start):
        return False
    scheme = 5 if source.startswith("https", max(0, start - 5)) and start >= 5 else 4
    begin = start - scheme
    before = source[begin - 1 : begin]
    if begin < 0 or source[begin:start] not in ("http", "https") or (before.isascii() and before.isalnum()):
        return False
    match = _ADDRESS.match(source, start, state.posMax)
    if match is None:
        return False
    tail = match[0].rstrip(".,;:!?_~")
    # In `(see https://x.example/a_(b))` the last bracket is not the address's.
    surplus = min(tail.count(")") - tail.count("("), len(tail) - len(tail.rstrip(")")))
    if surplus > 0:
        tail = tail[:-surplus]
    if len(tail) < 4:
        return False
    if not silent:
        pending = state.pending
        if not pending.endswith(source[begin:start]):
            return False
        state.pending = pending[:-scheme]
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": source[begin:start] + tail}
        state.push("text", "", 0).content = source[begin:start] + tail
        state.push("link_close", "a", -1)
    state.pos = start + len(tail)
    return True


def _heading(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: N803
    """Take an ATX heading, also without the blank after `#`, which marked before 0.3.7 (Hexo 3) did not ask for."""
    begin = state.bMarks[startLine] + state.tShift[startLine]
    if state.src[begin : begin + 1] != "#" or state.is_code_block(startLine):
        return False
    line = state.src[begin : state.eMarks[startLine]].rstrip()
    text = line.lstrip("#")
    level = len(line) - len(text)
    if level > 6:
        return False
    if text and not text[0].isspace():
        if not _is_tight_heading(state, level, text, startLine, silent):
            return False
        text = text.rstrip("#")
    elif (without := text.rstrip("#")) != text and (not without or without[-1].isspace()):
        text = without
    if silent:
        return True
    state.line = startLine + 1
    state.push("heading_open", f"h{level}", 1)
    state.push("inline", "", 0).content = text.strip()
    state.push("heading_close", f"h{level}", -1)
    return True


def _is_tight_heading(state: StateBlock, level: int, text: str, line: int, silent: bool) -> bool:
    """Return whether `##现象` is a heading: not a line of hashtags, nor `#标签` in prose."""
    words = text.rstrip("#")
    if " #" in words or not words:
        return False
    if level > 1:
        return True
    if silent or "#" in text or text[0].isdigit() or text[0] in "!{[(" or _SENTENCE_END.search(text):
        return False
    above, below = line == 0 or state.isEmpty(line - 1), line + 1 >= state.lineMax or state.isEmpty(line + 1)
    if not (above and below):
        return False
    if " " not in text:
        return True
    # The other headings tell what the author's way is.
    known = state.env.get("tight")
    if known is None:
        known = state.env["tight"] = _TIGHT_HEADING.search(state.src) is not None
    return bool(known)


def _container(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: N803
    """Take a line of `:::`, which opens or closes a container; its title is a heading."""
    begin = state.bMarks[startLine] + state.tShift[startLine]
    if not state.src.startswith(":::", begin) or state.is_code_block(startLine):
        return False
    match = _CONTAINER.fullmatch(state.src, begin, state.eMarks[startLine])
    if match is None:
        return False
    if silent:
        return True
    state.line = startLine + 1
    state.push("heading_open", "h6", 1)
    state.push("inline", "", 0).content = match["title"].strip()
    state.push("heading_close", "h6", -1)
    return True
