"""The address of the original article, where a post's body says that it is a copy.

A body is full of links; one to the original stands on a line of its own, after a label, at the beginning or the end. In
the crawler's HTML, which is a whole page of its source, such a line may have more of the page below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from digests.articles.fields.links import web_address
from digests.articles.fields.original_labels import (
    LABEL_ENDS,
    LONG_LABEL,
    MEDIA_HOSTS,
    MEDIA_WORD,
    MORE_TEXTS,
    NOTE,
    ORIGINAL_LABELS,
    ORIGINAL_TEXTS,
    SOURCE_LABELS,
)
from digests.articles.markup.contents import Body, Link, Paragraph

_MAX_NOTES = 5
"""So many notes may stand before or after the line of the original, at either end of a body."""
_MAX_SPLITS = 40
"""A link is looked for in so many paragraphs from where its block begins."""
_MAX_NOTE = 60
_MAX_AFTER = 60
_MAX_LABEL = 50
_MAX_AROUND = 80
_MAX_CANDIDATES = 50
_OPENING = r"\s*[(（\[【「『<《]*\s*"
_CLOSED = re.compile(r"[\s)）\]】」』>》.。…!！→»]*")

_ORIGINALS, _SOURCES = "|".join(ORIGINAL_LABELS), "|".join(SOURCE_LABELS)
_LABEL = re.compile(rf"{_OPENING}(?:{_ORIGINALS})\s*[:：]?{_OPENING}", re.IGNORECASE)
_LABEL_AT_END = re.compile(rf"(?:^|[\s。.；;，,|｜!！)）】])(?:{_ORIGINALS})\s*[:：]{_OPENING}$", re.IGNORECASE)
# Lines of Markdown are joined, in Chinese without a blank: 作者：某人原文链接：...
_LONG_LABEL_AT_END = re.compile(rf"(?<!参考)(?<!參考)(?<!参见)(?<!详见)(?:{LONG_LABEL})\s*[:：]{_OPENING}$")
_SOURCE = re.compile(rf"{_OPENING}(?:(?:{_SOURCES})\s*[:：]|via\b){_OPENING}", re.IGNORECASE)
_IS_LABEL = re.compile(rf"(?:{_ORIGINALS}|{_SOURCES})\s*[:：]?{_OPENING}$", re.IGNORECASE)
_MARKS_AFTER_LABEL = " \u3000:：(（[【「『<《"
_SAYS_ORIGINAL = re.compile("原文|全文|元記事|続き|원문|original|read|more|continue", re.IGNORECASE)
_TEXT = r"[(（\[【「]?(?:{})[)）\]】」]?\s*[.…。>»→]*"
_ORIGINAL_TEXT = re.compile(_TEXT.format("|".join(ORIGINAL_TEXTS)), re.IGNORECASE)
_MORE_TEXT = re.compile(_TEXT.format("|".join(MORE_TEXTS)), re.IGNORECASE)
_PROFILE_PATH = re.compile(
    r"/(?:u|user|users|people|profile|member|members|author|space|@[^/]*)(?:/|$|\?)|/@", re.IGNORECASE
)
_PROFILE_HOST = re.compile(r"(?:^|[./])(?:app\.weibo\.com|t\.me|space\.bilibili\.com)$", re.IGNORECASE)
_MEDIA = tuple(f".{host}" for host in MEDIA_HOSTS)
_TIMELINE = re.compile(r"https?://(?:www\.|m\.)?(?:twitter|x|weibo|instagram)\.com/[^/]+/?(?:\?.*)?$", re.IGNORECASE)
_PARTS = re.compile(r"https?://([^/?#:]+)[^/?#]*(.*)", re.IGNORECASE | re.DOTALL)


class _Place(NamedTuple):
    """Where a link stands: the words around it in its line, the line before, and where its paragraph is."""

    before: str
    after: str
    previous: str
    is_edge: bool
    under_picture: bool


def original_link(body: Body, *, is_markdown: bool) -> str | None:
    """Return the link that the body marks as the original, by 原文链接, 阅读原文 and the like, or None.

    Failing that, the first link to an article after 来自, 来源, via and the like. In Markdown, which people write
    themselves, only the first and the last paragraphs are looked at.
    """
    hint: str | None = None
    for link in islice(filter(_is_candidate, body.links), _MAX_CANDIDATES):
        place = _place_of(link, body)
        url = web_address(link.href) if place is not None and (place.is_edge or not is_markdown) else None
        if place is None or url is None:
            continue
        if _is_marked(place, link) or (place.is_edge and not is_markdown and _is_more(place, link)):
            return url
        if hint is None and _is_source(place) and _leads_to_article(url, link.text):
            hint = url
    return hint


def _is_candidate(link: Link) -> bool:
    """Return whether the link is worth a look at where it stands."""
    # Nearly all links fail here, at the cost of two comparisons.
    before = link.before[-_MAX_LABEL:]
    if before.rstrip(_MARKS_AFTER_LABEL).lower().endswith(LABEL_ENDS) and _IS_LABEL.search(before):
        return True
    if len(link.text) > _MAX_LABEL or not _SAYS_ORIGINAL.search(link.text):
        return False
    return bool(_ORIGINAL_TEXT.fullmatch(link.text) or _MORE_TEXT.fullmatch(link.text))


def _place_of(link: Link, body: Body) -> _Place | None:
    """Return where the link stands; None where its line is not found, as under a tag that hides it."""
    paragraphs, last = body.paragraphs, ""
    for index in range(link.paragraph, min(link.paragraph + _MAX_SPLITS, len(paragraphs))):
        for line in paragraphs[index].lines or (paragraphs[index].text,):
            start = line.find(link.text) if link.text else -1
            before = line[:start] if start <= _MAX_AROUND else "…" + line[start - _MAX_AROUND : start]
            if start >= 0 and _follows(before, link.before):
                end = start + len(link.text)
                previous = last or (paragraphs[index - 1].text if index else "")
                is_edge = _is_edge(paragraphs, index)
                after = line[end : end + _MAX_AROUND]
                return _Place(before, after, previous[:_MAX_AROUND], is_edge, paragraphs[index].under_picture)
            last = line
    return None


def _is_edge(paragraphs: Sequence[Paragraph], index: int) -> bool:
    """Return whether it is the first or the last paragraph, but for headings and notes of who wrote it and may copy."""
    before, after = paragraphs[max(0, index - _MAX_NOTES - 1) : index], paragraphs[index + 1 : index + _MAX_NOTES + 2]
    return any(len(rest) <= _MAX_NOTES and all(map(_is_note, rest)) for rest in (before, after))


def _is_note(paragraph: Paragraph) -> bool:
    return paragraph.is_heading or (len(paragraph.text) <= _MAX_NOTE and NOTE.search(paragraph.text) is not None)


def _follows(line: str, before: str) -> bool:
    """Return whether these words of the line are the ones before the link, of which some 60 letters are known."""
    return not line or before.endswith(line.strip()[-20:])


def _is_marked(place: _Place, link: Link) -> bool:
    """Return whether the link is after a label, or is one, on a line of its own."""
    before, after = place.before.strip(), place.after
    if _LABEL.fullmatch(before):
        return len(after) <= _MAX_AFTER
    if place.is_edge and (_LABEL_AT_END.search(before) or _LONG_LABEL_AT_END.search(before)):
        return len(after) <= _MAX_AFTER
    if not _CLOSED.fullmatch(after):
        return False
    if re.fullmatch(_OPENING, before):
        return _ORIGINAL_TEXT.fullmatch(link.text) is not None or _LABEL.fullmatch(place.previous) is not None
    return False


def _is_more(place: _Place, link: Link) -> bool:
    return not place.before.strip() and bool(_CLOSED.fullmatch(place.after)) and bool(_MORE_TEXT.fullmatch(link.text))


def _is_source(place: _Place) -> bool:
    """Return whether the line names a source and nothing else.

    Amid a body, and under a picture, whose source it may be, only a line in brackets does.
    """
    if not (_SOURCE.fullmatch(place.before) and _CLOSED.fullmatch(place.after)):
        return False
    return (place.is_edge and not place.under_picture) or place.before.strip()[:1] in ("(", "（", "[", "【")


def _leads_to_article(url: str, text: str) -> bool:
    """Return whether a link to a source leads to an article, not to a user, a picture or a site's front page."""
    match = _PARTS.fullmatch(url)
    if match is None or text.startswith("@") or _TIMELINE.match(url) or MEDIA_WORD.search(text):
        return False
    host, path = match[1], match[2]
    if _PROFILE_HOST.search(host) or f".{host.lower()}".endswith(_MEDIA):
        return False
    return path.strip("/") != "" and not _PROFILE_PATH.search(path)
