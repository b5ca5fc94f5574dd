"""Converting bodies that are real Markdown, as people and other crawlers write them, to HTML for `markup`.

Only what matters to plain text is converted: headings, lists, quotes, code, pictures, links, emphasis. The crawler's
own bodies are HTML from the first character to the last and are not converted; `#` and `*` mean nothing in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

_HTML = re.compile(r"\s*<[A-Za-z][^>]*>")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(.*?)[ \t#]*$")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|=+)$")
_ITEM = re.compile(r"[ \t]*(?:[*+-]|[0-9]{1,3}[.)])[ \t]+(?=\S)")
_QUOTE = re.compile(r"^[ \t]*>[ \t]?")
_TABLE_RULE = frozenset(" \t|:-")
_PICTURE = re.compile(r"!\[([^\[\]]{0,300})\]\(\s*<?([^\s()<>]{1,2000})>?(?:\s+[\"'][^\"'\n]{0,300}[\"'])?\s*\)")
_LINK = re.compile(
    r"\[([^\[\]]{1,300})\]\(\s*<?([^\s()<>]{1,2000}(?:\([^\s()<>]{0,200}\))?)>?(?:\s+[\"'][^\"'\n]{0,300}[\"'])?\s*\)"
)
_AUTOLINK = re.compile(r"<(https?://[^\s<>]{1,2000})>")
_STRONG = re.compile(r"(\*\*\*|\*\*|__|~~)(?=\S)([^*~\n]{1,500}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])([*_])(?=\S)([^*_\n]{1,500}?)(?<=\S)\1(?![\w*])")
_CODE = re.compile(r"`{1,2}([^`\n]{1,500})`{1,2}")
_MARKS = re.compile(r"[*_`~\[<{]")
_TAG_PLUGIN = re.compile(r"\{%[^%\n]{0,300}%\}")


def is_html(body: str) -> bool:
    """Return whether the whole body is HTML: whether it begins with a tag and ends with one."""
    return _HTML.match(body) is not None and body.rstrip().endswith(">")


def to_html(body: str) -> str:
    """Convert Markdown to HTML, keeping any HTML in it; linear in its length, whatever it contains."""
    out: list[str] = []
    paragraph: list[str] = []
    fence = ""

    def close() -> None:
        if paragraph:
            out.append(f"<p>{_inline(chr(10).join(paragraph))}</p>")
            paragraph.clear()

    for line in body.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence):
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


def _structure(line: str, out: list[str], close: Callable[[], None]) -> bool:
    """Convert a line that is more than a line of a paragraph, and return whether it was one."""
    if not line.strip() or _RULE.fullmatch(line) or ("|" in line and _TABLE_RULE.issuperset(line)):
        close()
    elif heading := _HEADING.match(line):
        close()
        out.append(f"<h2>{_inline(heading[1])}</h2>")
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
    else:
        return False
    return True


def _inline(text: str) -> str:
    if not _MARKS.search(text):
        return text
    text = _TAG_PLUGIN.sub(" ", text)
    text = _CODE.sub(lambda match: f"<code>{escape(match[1])}</code>", text)
    text = _PICTURE.sub(lambda match: f'<img src="{escape(match[2])}" alt="{escape(match[1])}">', text)
    text = _LINK.sub(lambda match: f'<a href="{escape(match[2])}">{match[1]}</a>', text)
    text = _AUTOLINK.sub(lambda match: f'<a href="{escape(match[1])}">{escape(match[1])}</a>', text)
    return _EMPHASIS.sub(r"\2", _STRONG.sub(r"\2", text))
