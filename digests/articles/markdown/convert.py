"""Converting bodies that are Markdown, as people and other crawlers write them, to HTML for `markup`.

The crawler's own bodies are HTML from the first character to the last and are not converted; `#` and `*` mean nothing
in them. What lies behind the first 60,000 characters of a body is converted line by line (`coarse.py`): the
parser takes up to 15 µs and 1 KB for each character of a hostile one.
"""

from __future__ import annotations

import re
from typing import Any, Final

from digests.articles.hexo.tag_plugins import Stash, expand_tags
from digests.articles.markdown.coarse import coarse_html
from digests.articles.markdown.commonmark import Parser
from digests.articles.markdown.html import definitions_of, inline_html, inline_text, tokens_html

_MAX_PARSED: Final = 60_000

_OPENING = re.compile(r"\s*+<([A-Za-z][\w-]*+)(?:\s[^<>]*+|/)?>")
# The crawler's body: a bare <div> on a line of its own.
_WRAPPED = re.compile(r"\s*+<div>[ \t]*+\n")
# A line of text after a blank line: where Markdown would begin again, if it is outside all elements.
# Each run of white space is taken whole, so that a million blank lines are looked at once.
_BLANK_LINE = r"\n[ \t]*+\n\s*+(?:(?P<text>(?=[^<\s]))|)"
_GAP = re.compile(_BLANK_LINE)
_CONTAINERS = (
    "address|article|aside|blockquote|center|details|div|dl|figure|footer|form|header|iframe|main|nav|ol|p|pre|script|section"
    "|style|svg|table|ul|video"
)
_EDGE = re.compile(rf"<(?P<end>/?)(?:{_CONTAINERS})(?=[\s>/])|{_BLANK_LINE}", re.IGNORECASE)
_BLOCK = re.compile(rf"(?:{_CONTAINERS}|body|h[1-6]|html|hr|li|tbody|td|tr)", re.IGNORECASE)
_MARKED = re.compile(
    r"\n[ \t]*+\n {0,3}(?:#{1,6}[ \t]|```|~~~|!\[|>[ \t]|[*+-][ \t]+\S|[0-9]{1,3}[.)][ \t]|\*\*\S|\{%)"
)

_MARKS = re.compile(r"[*`\[\\~]|(?<!\w)_|\{[%{]|^[ \t]*(?:#{1,6}[ \t]|>|[+-][ \t]|[0-9]{1,3}[.)][ \t])", re.MULTILINE)
_LINE_MARKS = re.compile(r"^[ \t]*+(?:(?:#{1,6}|[*+-]|[0-9]{1,3}[.)]|>)(?=[ \t])[ \t]*+|>|```[^\n]*+)+", re.MULTILINE)
_DUNDER = re.compile(r"(?<!\w)__[a-z0-9]++(?:_[a-z0-9]++)*+__(?!\w)")
_MAX_FIELD = 20_000
_MAX_NAME = 5_000

# A line of HTML that is complete ends its block for people, who leave out the blank line that CommonMark asks for.
_COMPLETE = re.compile(
    r"^( {0,3}(?:<(?:br|hr|img)\b[^<>\n]*+>|</[a-z][a-z0-9]*+>|<!--[^\n]*?-->"
    r"|<(a|audio|b|big|center|div|figure|font|h[1-6]|iframe|p|script|span|u|video)\b[^\n]*</\2>))[ \t]*+\n(?=[^\s<])",
    re.IGNORECASE | re.MULTILINE,
)
_DATA_PICTURE = re.compile(r"data:image/[\w.+-]{1,30};base64,[\w+/=]{60,}+")

_PARSER = Parser()


def is_html(body: str) -> bool:
    """Return whether the whole body is HTML, in which the marks of Markdown mean nothing.

    It is if it begins with a block and ends with a tag, and no text stands outside all elements: a post that begins
    with `<div align=center>...</div>` and goes on in Markdown is Markdown.
    """
    opening = _OPENING.match(body)
    if opening is None or not body.rstrip().endswith(">") or _BLOCK.fullmatch(opening[1]) is None:
        return False
    if all(gap["text"] is None for gap in _GAP.finditer(body)):
        return True
    if _WRAPPED.match(body) is None and _MARKED.search(body) is not None:
        return False
    return not _has_text_outside(body)


def to_html(body: str) -> str:
    """Convert Markdown to HTML, keeping any HTML in it; linear in its length, whatever it contains."""
    stash = Stash()
    if "data:image/" in body:
        body = _DATA_PICTURE.sub("data:,", body)
    body = expand_tags(body, stash)
    if "<" in body:
        body = _COMPLETE.sub(r"\1\n\n", body)
    rest = ""
    if len(body) > _MAX_PARSED:
        body, rest = _cut(body)
    env: dict[str, Any] = {}
    if rest:
        env["references"] = definitions_of(rest)
    html = tokens_html(_PARSER, _PARSER.parse(body, env), env)
    if rest:
        html += coarse_html(rest, head=body)
    return stash.restore(html)


def plain_markdown(text: str) -> str:
    """Return a short text, as fields have it, without the marks of Markdown; HTML and its entities stay."""
    if _MARKS.search(text) is None:
        return text
    stash = Stash()
    text = _DUNDER.sub(lambda name: name[0].replace("_", r"\_"), text[:_MAX_FIELD])
    # A line that begins with such a mark is not the rest of the line before, but for a quote's.
    text = _LINE_MARKS.sub(lambda marks: "\n" if marks[0].strip(" \t>") else "", expand_tags(text, stash))
    return stash.restore(inline_text(_PARSER.inlines(text.strip(), {})), only_text=True)


def linked_text(text: str) -> str:
    """Return a name without the Markdown link it may be: `[Ada](https://ada.example)` reads as Ada."""
    return inline_text(_PARSER.inlines(text[:_MAX_NAME], {})) if "](" in text else text


def _has_text_outside(body: str) -> bool:
    """Return whether a paragraph of text stands outside all elements, with elements that are balanced after it."""
    depth = 0
    lowest: int | None = None
    for edge in _EDGE.finditer(body):
        if edge["text"] is not None:
            if depth <= 0 and lowest is None:
                lowest = depth
        elif edge["end"] is not None:
            depth += -1 if edge["end"] else 1
    # An end too many inside the crawler's <div> makes text look as if it were outside.
    return lowest is not None and depth >= lowest


def _cut(body: str) -> tuple[str, str]:
    """Cut a long body, at the end of a paragraph or a line where there is one."""
    at = body.rfind("\n\n", _MAX_PARSED // 2, _MAX_PARSED)
    if at < 0:
        at = body.rfind("\n", _MAX_PARSED // 2, _MAX_PARSED)
    if at < 0:
        at = _MAX_PARSED
    return body[:at], body[at:]


__all__ = ["inline_html", "is_html", "linked_text", "plain_markdown", "to_html"]
