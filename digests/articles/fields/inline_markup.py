"""Telling markup in a line of text, which goes, from the tags that the text speaks of, which stay."""

from __future__ import annotations

import re
from collections import defaultdict

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})(\s[^<>]{0,2000})?(/?)>")
# What they hold is no text.
_CODE = re.compile(r"<(script|style)(?:\s[^<>]{0,2000})?>.{0,10000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--[^<>]{0,2000}-->")
_ATTRIBUTE = re.compile(r"\s[A-Za-z_:@][\w:.-]*+\s*+=\s*+[^\s=>]")
_CDATA_START, _CDATA_END = re.compile(r"<!\[CDATA\[\s*", re.IGNORECASE), re.compile(r"\]\]>")
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "data", "del", "dfn", "em", "font"}
    | {"i", "iframe", "img", "input", "ins", "kbd", "label", "link", "mark", "meta", "nobr", "object", "q", "rb"}
    | {"rp", "rt", "ruby", "s", "samp", "script", "small", "span", "strike", "strong", "style", "sub", "sup", "svg"}
    | {"time", "tt", "u", "var", "video", "wbr"}
)
_BLOCKS = frozenset(
    {"article", "aside", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt", "figure", "footer", "h1", "h2"}
    | {"h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "table"}
    | {"tbody", "td", "th", "thead", "title", "tr", "ul"}
)
_EMPTY_TAGS = frozenset({"br", "hr", "wbr"})
# What stands between the two tags, or after the tag, in a line that speaks of them.
_JOINS = re.compile(
    r"\s+(?:and|or|vs\.?|versus|und|oder|et|ou|y|o|и|или)\s+|\s*(?:[,/、和与與及或とや]|및|와|과)\s*", re.IGNORECASE
)
_SPOKEN_OF = re.compile(
    r"\s*(?:-?(?:tags?|elemente?|elements?|balises?)\b|标签|標籤|元素|要素|タグ|태그|요소)", re.IGNORECASE
)


def strip_markup(text: str) -> str:
    """Return the text without markup: tags that have attributes or an end, line breaks, comments, CDATA marks.

    A tag alone is one that the text speaks of, as in `How to use the <a> and the <b> element` or `List<String>`.
    """
    text = strip_cdata(text)
    if ">" not in text:
        return text
    text = _COMMENT.sub("", _CODE.sub(" ", text) if "</" in text else text)
    tags = [tag for tag in _TAG.finditer(text) if tag[2].lower() in _INLINE or tag[2].lower() in _BLOCKS]
    goes = _markup_among(tags, text)
    parts: list[str] = []
    place = 0
    for number, tag in enumerate(tags):
        if number in goes:
            parts += [text[place : tag.start()], " " if tag[2].lower() in _BLOCKS else ""]
            place = tag.end()
    return "".join([*parts, text[place:]])


def strip_cdata(text: str) -> str:
    """Return the text without the marks of CDATA around it, which careless feeds leave there."""
    return _CDATA_END.sub("", _CDATA_START.sub("", text)) if "<![" in text else text


def _markup_among(tags: list[re.Match[str]], text: str) -> set[int]:
    """Return which of these tags are markup, by their numbers."""
    goes: set[int] = set()
    open_tags = defaultdict[str, list[int]](list)
    for number, tag in enumerate(tags):
        name = tag[2].lower()
        if tag[1]:
            if open_tags[name]:
                start = open_tags[name].pop()
                if start in goes or not _JOINS.fullmatch(text, tags[start].end(), tag.start()):
                    goes |= {start, number}
            elif tag.start() and not text[tag.start() - 1].isspace():
                # The end of what was cut off: nobody writes of `word</b>`.
                goes.add(number)
        elif name in _EMPTY_TAGS:
            if not _SPOKEN_OF.match(text, tag.end()):
                goes.add(number)
        else:
            if tag[4] or (tag[3] and _ATTRIBUTE.search(tag[3])):
                goes.add(number)
            open_tags[name].append(number)
    return goes
