"""Converting Markdown line by line, for what lies behind the part of a body that is parsed.

It keeps all text, and knows headings, items, quotes, code, pictures and links.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

_FENCE = re.compile(r"[ \t]*+(`{3,}+(?=[^`]*+$)|~{3,}+)(?P<info>.*)")
_HEADING = re.compile(r" {0,3}#{1,6}(?=[^#])[ \t]*+([^\n]*)")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*+){3,}+|(?:-[ \t]*+){3,}+|(?:_[ \t]*+){3,}+|=++)")
_ITEM = re.compile(r"[ \t]*+(?:[*+-]|[0-9]{1,3}[.)])[ \t]++(?=\S)")
_QUOTE = re.compile(r"^[ \t]*+>[> \t]*+")
_DEFINITION = re.compile(r" {0,3}\[[^\[\]\n]{1,300}+\]:")
_TABLE_RULE = frozenset(" \t|:-")
_LINK = re.compile(r"(!?)\[([^\[\]]{0,300}+)\]\(\s*+<?([^\s()<>]++)>?(?:\s++[\"'][^\"'\n]{0,300}+[\"'])?\s*+\)")
_AUTOLINK = re.compile(r"<(https?://[^\s<>]{1,2000}+)>")
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)([^*_~\n]{1,300}+)\1")
_CODE = re.compile(r"(`{1,2}+)([^`\n]{1,500}+)\1")
_MARKS = re.compile(r"[*_`~\[<]")


def coarse_html(text: str, head: str = "") -> str:
    """Convert Markdown to HTML line by line; `head` is what was before it, in which a code block may be open."""
    out: list[str] = []
    paragraph: list[str] = []
    fence = _open_fence(head)
    if fence:
        out.append("<pre>")

    def close() -> None:
        if paragraph:
            out.append(f"<p>{_inline(chr(10).join(paragraph))}</p>")
            paragraph.clear()

    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and _closes(mark, fence):
                fence = ""
                out.append("</pre>")
            else:
                out.append(escape(line) + "\n")
        elif mark:
            close()
            fence = mark[1]
            out.append("<pre>")
        elif not _structure(line, out, close):
            paragraph.append(_QUOTE.sub("", line))
    close()
    return "".join(out)


def _open_fence(text: str) -> str:
    """Return the marks of the code block that is still open at the end of a text, or ''."""
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and _closes(mark, fence):
            fence = ""
    return fence


def _closes(mark: re.Match[str], fence: str) -> bool:
    return mark[1].startswith(fence) and not mark["info"].strip()


def _structure(line: str, out: list[str], close: Callable[[], None]) -> bool:
    """Convert a line that is more than a line of a paragraph, and return whether it was one."""
    if not line.strip() or _RULE.fullmatch(line) or ("|" in line and _TABLE_RULE.issuperset(line)):
        close()
    elif heading := _HEADING.match(line):
        close()
        out.append(f"<h2>{_inline(heading[1].rstrip('# '))}</h2>")
    elif item := _ITEM.match(line):
        close()
        out.append(f"<li>{_inline(line[item.end() :])}</li>")
    elif line.lstrip().startswith("|"):
        close()
        cells = "".join(f"<td>{_inline(cell)}</td>" for cell in line.strip().strip("|").split("|"))
        out.append(f"<tr>{cells}</tr>")
    elif line.lstrip().startswith("<!--"):
        close()
        out.append(line)
    elif _DEFINITION.match(line):
        close()
    else:
        return False
    return True


def _inline(text: str) -> str:
    if not _MARKS.search(text):
        return text
    text = _CODE.sub(lambda match: f"<code>{escape(match[2])}</code>", text)
    text = _LINK.sub(_linked, text)
    text = _AUTOLINK.sub(lambda match: f'<a href="{escape(match[1])}">{escape(match[1])}</a>', text)
    return _STRONG.sub(r"\2", text)


def _linked(match: re.Match[str]) -> str:
    if match[1]:
        return f'<img src="{escape(match[3])}" alt="{escape(match[2])}">'
    return f'<a href="{escape(match[3])}">{match[2]}</a>'
