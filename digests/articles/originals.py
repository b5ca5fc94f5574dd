"""The address of the original article, where a post's body says that it is a copy.

A body is full of links; one to the original stands on a line of its own, after a label, at the beginning or the end. In
the crawler's HTML, which is a whole page of its source, such a line may have more of the page below it.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from digests.articles.links import web_address
from digests.articles.markup import Body, Link

_EDGE = 2
"""So many paragraphs at either end are the places of notes about the original."""
_MAX_SPLITS = 40
"""A link is looked for in so many paragraphs from where its block begins."""
_MAX_AFTER = 60
_MAX_LABEL = 50
_MAX_AROUND = 80
_MAX_CANDIDATES = 50
_OPENING = r"\s*[(（\[【「『<《]*\s*"
_CLOSED = re.compile(r"[\s)）\]】」』>》.。…!！→»]*")
_ASIDE = re.compile(r"\s*[(（【\[].*[)）】\]]\s*")

# Words before a link that mark it as the original whatever its own text.
_LABELS = (
    *(
        r"(?:英文|中文|日文|外文|微信)?原文(?:链接|鏈接|連結|地址|网址|網址|出处|出處|来源|來源)?",
        "(?:点击|點擊)?(?:阅读|閱讀|查看|查看完整|查看英文)原文",
    ),
    *("原链接", "原鏈接", "原連結", "原始链接", "译文原文", r"(?:本文|文章|原文)?首发(?:于|於|在|地址|链接)?"),
    *("元記事", "原記事", "転載元", "引用元記事", "원문(?: ?(?:링크|보기|주소))?", "원본(?: ?(?:링크|글))?"),
    r"(?:the )?original (?:article|post|link|story|url|source|version)",
    r"(?:this (?:article|post|story) (?:was |first )?)?(?:originally|first) (?:published|posted|appeared) (?:at|on|in)",
    r"read (?:the )?(?:full |original )(?:article|story|post)(?: (?:at|on))?",
    *(
        "(?:zum )?original(?:artikel|beitrag)",
        "(?:lire l['’])?article (?:d['’])?original(?:e)?",
        "artículo original",
        "articolo originale",
    ),
)
# Words that only hint at a source: such a link must lead to an article.
_SOURCES = (
    r"(?:文章|本文|新闻|新聞|内容|內容|信息|资讯|資訊|消息|稿件)?(?:来源|來源|出处|出處|转载自|轉載自|转自|轉自|来自|來自|翻译自|翻譯自|译自|譯自)",
    *("稿源", "引用元", "ソース", "出典", "출처", "source", "sources?", "via", "quelle", "fuente", "fonte"),
)
_LABEL = re.compile(rf"{_OPENING}(?:{'|'.join(_LABELS)})\s*[:：]?{_OPENING}", re.IGNORECASE)
_LABEL_AT_END = re.compile(rf"(?:^|[\s。.；;，,|｜!！)）】])(?:{'|'.join(_LABELS)})\s*[:：]{_OPENING}$", re.IGNORECASE)
_SOURCE = re.compile(rf"{_OPENING}(?:(?:{'|'.join(_SOURCES)})\s*[:：]|via\b){_OPENING}", re.IGNORECASE)
_IS_LABEL = re.compile(rf"(?:{'|'.join((*_LABELS, *_SOURCES))})\s*[:：]?{_OPENING}$", re.IGNORECASE)
# Texts of a link that say it of themselves.
_ORIGINAL_TEXT = re.compile(
    r"[(（\[【「]?(?:(?:点击|點擊)?(?:阅读|查看|閱讀|查看完整|继续阅读)?(?:英文)?原文(?:链接|鏈接|連結|地址|网址)?"
    r"|元記事(?:を読む)?|원문(?: ?보기)?"
    r"|(?:read |view |see )?(?:the )?original(?: article| post| story| link)?|read (?:the )?full (?:article|story|post)"
    r")[)）\]】」]?\s*[.…。>»→]*",
    re.IGNORECASE,
)
_MORE_TEXT = re.compile(
    r"[(（\[【「]?(?:続きを読む|read more|continue reading|阅读全文)[)）\]】」]?\s*[.…。>»→]*", re.IGNORECASE
)
_PROFILE_PATH = re.compile(
    r"/(?:u|user|users|people|profile|member|members|author|space|@[^/]*)(?:/|$|\?)|/@", re.IGNORECASE
)
_PROFILE_HOST = re.compile(r"(?:^|[./])(?:app\.weibo\.com|t\.me|space\.bilibili\.com)$", re.IGNORECASE)
# Hosts of pictures, films and gifts: a source there is the source of a picture.
_MEDIA_HOST = re.compile(
    r"(?:^|\.)(?:youtube\.com|youtu\.be|vimeo\.com|bilibili\.com|b23\.tv|dailymotion\.com|twitch\.tv|flickr\.com|flic\.kr"
    r"|unsplash\.com|pexels\.com|pixabay\.com|pixiv\.net|gettyimages\.[a-z]{2,3}|shutterstock\.com|wikimedia\.org"
    r"|paypal\.(?:com|me)|patreon\.com|ko-fi\.com|buymeacoffee\.com|afdian\.(?:net|com)|opencollective\.com)$",
    re.IGNORECASE,
)
_TIMELINE = re.compile(r"https?://(?:www\.|m\.)?(?:twitter|x|weibo|instagram)\.com/[^/]+/?(?:\?.*)?$", re.IGNORECASE)
_PARTS = re.compile(r"https?://([^/?#:]+)[^/?#]*(.*)", re.IGNORECASE | re.DOTALL)


class _Place(NamedTuple):
    """Where a link stands: the words around it in its line, the line before, and whether it is near an end."""

    before: str
    after: str
    previous: str
    is_edge: bool


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
    if _IS_LABEL.search(link.before[-_MAX_LABEL:]):
        return True
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
                is_edge = index < _EDGE or index >= len(paragraphs) - _EDGE
                return _Place(before, line[end : end + _MAX_AROUND], previous[:_MAX_AROUND], is_edge)
            last = line
    return None


def _follows(line: str, before: str) -> bool:
    """Return whether these words of the line are the ones before the link, of which some 60 letters are known."""
    return not line or before.endswith(line.strip()[-20:])


def _is_marked(place: _Place, link: Link) -> bool:
    """Return whether the link is after a label, or is one, on a line of its own."""
    before, after = place.before.strip(), place.after
    if _LABEL.fullmatch(before) or (place.is_edge and _LABEL_AT_END.search(before)):
        return len(after) <= _MAX_AFTER
    if not _CLOSED.fullmatch(after):
        return False
    if re.fullmatch(_OPENING, before):
        return _ORIGINAL_TEXT.fullmatch(link.text) is not None or _LABEL.fullmatch(place.previous) is not None
    return False


def _is_more(place: _Place, link: Link) -> bool:
    return not place.before.strip() and bool(_CLOSED.fullmatch(place.after)) and bool(_MORE_TEXT.fullmatch(link.text))


def _is_source(place: _Place) -> bool:
    """Return whether the line names a source and nothing else; amid a body, only one in brackets does."""
    if not (_SOURCE.fullmatch(place.before) and _CLOSED.fullmatch(place.after)):
        return False
    return place.is_edge or place.before.strip()[:1] in ("(", "（", "[", "【")


def _leads_to_article(url: str, text: str) -> bool:
    """Return whether a link to a source leads to an article, not to a user, a picture or a site's front page."""
    match = _PARTS.fullmatch(url)
    if match is None or text.startswith("@") or _TIMELINE.match(url):
        return False
    host, path = match[1], match[2]
    if _PROFILE_HOST.search(host) or _MEDIA_HOST.search(host):
        return False
    return path.strip("/") != "" and not _PROFILE_PATH.search(path)
