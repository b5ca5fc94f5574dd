"""Writing the tokens of the Markdown parser as the HTML that `markup` reads: only text, links and pictures.

Emphasis is left out, as it changes no text. Paragraphs of a list's item are not in <p>, so that they are known as parts
of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Final

from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from digests.articles.markdown.commonmark import CJK, Parser

_MARKS = re.compile(r"[\\`*_~\[<>:^]|==")
_SOFT_BREAK = re.compile(
    rf"([{CJK}](?:</[a-z]+>)*+) ?\n[ \t]*+(?=(?:<[a-z][^<>]*+>)*+[{CJK}])"
    r"|([\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f\u201d\u300d\u300f\uff09]) ?\n[ \t]*+"
)
_HIGHLIGHT = re.compile(r"==(?=[^\s=])([^=\n]{1,300}+)(?<=[^\s=])==")
_LEFT_LINK = re.compile(r"(!?)\[([^\[\]\n]{0,300}+)\]\(\s*+([^()\s<>](?:[^()\n<>]|\([^()\n<>]{0,200}+\))*+)\)")
# `** text **`, `**text **` and `** text**`, but not `2 ** 53 and 3 ** 4`.
_LOOSE_STRONG = re.compile(
    r"^\*{2,3}[^\S\n]?(?=[^\s*])([^*\n]{1,300}+)\*{2,3}"
    r"|(?<![A-Za-z0-9_*/])\*{2,3}[ ](?=[^\s*])([^*\n]{1,300}+)(?<!\s)\*{2,3}(?![A-Za-z0-9_*])"
    r"|(?<![A-Za-z0-9_*/])\*\*(?=[^\s*])([^*\n]{1,300}+)(?<=[ ])\*\*(?![A-Za-z0-9_*])",
    re.MULTILINE,
)
_TIGHT_STRONG = re.compile(r"\*\*(?=[^\s*])([^*\n<>]{1,300}+)(?<!\s)\*\*")
_VERBATIM = re.compile(r"\s*+<(?:pre|script|style|svg|textarea)\b", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"\{:[^{}\n]{0,200}+\}|\s?\{[#.][\w#. =\"-]{0,200}+\}$")
# A title, or a size as HackMD and CSDN write it: `![](a.png =300x200)`.
_TITLE = re.compile(r"\s+(?:[\"'][^\"']*[\"']|=[0-9]{0,4}%?x?[0-9]{0,4}%?)\s*$")
_EMBED = re.compile(r"!\[\[([^\[\]|\n]{1,300}+)(?:\|[^\[\]\n]{0,300}+)?\]\]")
_ALERT = re.compile(r"\[![A-Za-z]{1,20}+\][+-]?[ \t]*")
_CONTENTS = re.compile(r"\[\[?toc\]?\]|@\[toc\](?:\([^()\n]{0,200}\))?", re.IGNORECASE)
_DEFINITION = re.compile(r"^ {0,3}\[([^\[\]\n^][^\[\]\n]{0,300}+)\]:[ \t]*+<?([^\s<>]{1,2000}+)", re.MULTILINE)
_FORMULA_LANGUAGES = frozenset({"katex", "latex", "math", "tex"})
_MAX_DEFINITIONS = 5_000

_SIMPLE: Final[dict[str, str]] = {
    "blockquote_open": "<blockquote>",
    "blockquote_close": "</blockquote>",
    "bullet_list_open": "<ul>",
    "bullet_list_close": "</ul>",
    "ordered_list_open": "<ol>",
    "ordered_list_close": "</ol>",
    "list_item_open": "<li>",
    "list_item_close": "</li>",
    "hr": "<hr>",
    "table_open": "<table>",
    "table_close": "</table>",
    "tr_open": "<tr>",
    "tr_close": "</tr>",
    "th_open": "<th>",
    "th_close": "</th>",
    "td_open": "<td>",
    "td_close": "</td>",
    "footnote_reference_open": "<footer>",
    "footnote_reference_close": "</footer>",
}
_INLINE: Final[dict[str, str]] = {
    "hardbreak": "<br>",
    "link_close": "</a>",
    "s_close": "</del>",
    "s_open": "<del>",
    "softbreak": "\n",
}


def tokens_html(parser: Parser, tokens: Sequence[Token], env: dict[str, Any]) -> str:
    """Return the HTML of the blocks; the notes at a page's foot are in <footer>."""
    out: list[str] = []
    # What is around: paragraphs in items and notes are lines, not <p>.
    around: list[str] = []
    last = ""
    for token in tokens:
        kind = token.type
        if kind == "inline":
            out.append(inline_html(parser, _content(token.content, last), env))
        elif kind == "paragraph_open":
            out.append("<p>" if not around or around[-1] == "blockquote_open" else "")
        elif kind == "paragraph_close":
            out.append("</p>" if not around or around[-1] == "blockquote_open" else "" if token.hidden else "<br><br>")
        elif kind in ("heading_open", "heading_close"):
            out.append(f"<{token.tag}>" if token.nesting > 0 else f"</{token.tag}>")
        elif kind == "html_block":
            out.append(_block(token.content))
        elif kind in ("fence", "code_block"):
            language = token.info.strip().partition(" ")[0].lower()
            tag = "math" if language in _FORMULA_LANGUAGES else "pre"
            out.append(f"<{tag}>{escape(token.content)}</{tag}>")
        elif (simple := _SIMPLE.get(kind)) is not None:
            out.append(simple)
            if kind in ("list_item_open", "blockquote_open", "footnote_reference_open"):
                around.append(kind)
            elif kind in ("list_item_close", "blockquote_close", "footnote_reference_close"):
                around.pop()
        if kind != "paragraph_open":
            last = kind
    return "".join(out)


def _content(text: str, container: str) -> str:
    """Return a paragraph's text without what is only a mark: a task's box, an alert's kind, a table of contents."""
    if text[:1] in ("[", "@"):
        if container == "list_item_open" and text[:4].lower() in ("[ ] ", "[x] "):
            return text[4:]
        if container == "blockquote_open" and (alert := _ALERT.match(text)) is not None:
            # Obsidian's alerts have a title on the line of the mark; its end is not just a line's.
            title, _, rest = text[alert.end() :].partition("\n")
            return f"{title}  \n{rest}" if title else rest
        if _CONTENTS.fullmatch(text.strip()):
            return ""
    return text


def inline_html(parser: Parser, text: str, env: dict[str, Any]) -> str:
    """Return the HTML of a paragraph's text."""
    html = text if _MARKS.search(text) is None else _written(parser.inlines(text, env))
    if "\n" in html:
        html = _SOFT_BREAK.sub(r"\1\2", html)
    return _ATTRIBUTES.sub("", html) if "{" in html else html


def _written(tokens: Iterable[Token]) -> str:
    out: list[str] = []
    # Marks that emphasise nothing are tokens of their own; the text is looked at as a whole.
    text = ""
    for token in tokens:
        kind = token.type
        if kind == "text":
            text += token.content
            continue
        if text:
            out.append(_text(text))
            text = ""
        if (simple := _INLINE.get(kind)) is not None:
            out.append(simple)
        elif kind == "text_special":
            out.append(escape(token.content))
        elif kind == "code_inline":
            out.append(f"<code>{escape(token.content)}</code>")
        elif kind == "html_inline":
            out.append(token.content)
        elif kind == "link_open":
            out.append(f'<a href="{escape(str(token.attrs["href"]))}">')
        elif kind == "image":
            out.append(f'<img src="{escape(str(token.attrs["src"]))}" alt="{escape(token.content)}">')
    if text:
        out.append(_text(text))
    return "".join(out)


def _text(text: str) -> str:
    """Return text whose entities are HTML's, without the marks that people mean and CommonMark does not take."""
    if "<" in text or ">" in text:
        text = text.replace("<", "&lt;").replace(">", "&gt;")
    if "==" in text:
        text = _HIGHLIGHT.sub(r"\1", text)
    if "**" in text:
        text = _LOOSE_STRONG.sub(r"\1\2\3", text)
    if "![[" in text:
        # Obsidian's pictures.
        text = _EMBED.sub(lambda match: f'<img src="{escape(match[1].strip())}" alt="">', text)
    return _left_links(text)


def _left_links(text: str) -> str:
    """Return the text with the links and pictures in it whose address has blanks, or that are in a block of HTML."""
    return _LEFT_LINK.sub(_left_link, text) if "](" in text else text


def _block(html: str) -> str:
    """Return a block of HTML, in which people write pictures, links and emphasis as Markdown, but for code."""
    if _VERBATIM.match(html):
        return html
    if "**" in html:
        html = _TIGHT_STRONG.sub(r"\1", html)
    return _left_links(html)


def _left_link(match: re.Match[str]) -> str:
    address = escape(_TITLE.sub("", match[3]).strip())
    if match[1]:
        return f'<img src="{address}" alt="{escape(match[2])}">'
    return f'<a href="{address}">{match[2]}</a>'


def inline_text(tokens: Iterable[Token]) -> str:
    """Return the text of inline tokens; of HTML, what is written. Pictures have no text."""
    out: list[str] = []
    for token in tokens:
        if token.type in ("text", "html_inline"):
            out.append(token.content)
        elif token.type in ("text_special", "code_inline"):
            out.append(escape(token.content, quote=False))
        elif token.type in ("softbreak", "hardbreak"):
            out.append("\n")
    text = "".join(out)
    return _SOFT_BREAK.sub(r"\1\2", text) if "\n" in text else text


def definitions_of(text: str) -> dict[str, dict[str, str]]:
    """Return the link definitions (`[label]: address`) of a text that is not parsed itself."""
    found: dict[str, dict[str, str]] = {}
    for match in _DEFINITION.finditer(text):
        found.setdefault(normalizeReference(match[1]), {"href": match[2], "title": ""})
        if len(found) >= _MAX_DEFINITIONS:
            break
    return found
