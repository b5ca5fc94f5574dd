"""Web addresses that are safe to show, and the address of the original article."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from digests.articles.front_matter import FrontMatter
from digests.articles.markup import Link
from digests.articles.text import unescape
from digests.model.characters import INVISIBLE, JOINERS

MAX_URL_LENGTH = 2_048

_URL = re.compile(r"(https?)://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(?:[^\s/?#@:\[\]\\<>\"'`{}|^.]+\.)+[^\s/?#@:\[\]\\<>\"'`{}|^.]{2,}\.?(?::[0-9]{1,5})?")
_UNSAFE = re.compile(r"[\s\"<>\\^`{|}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}{JOINERS}]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

_FIELDS = ("link", "url", "original", "original_url", "original_link", "source_url", "source_link", "canonical")

# Words before a link that mark it as the original whatever its own text, and words that only hint at a source: such a
# link must lead to an article.
_ORIGINAL_LABEL = re.compile(
    r"(?:原文(?:链接|鏈接|連結|地址|网址|出处|出處)?|(?:阅读|查看|点击查看|閱讀|查看完整)原文|原链接|元記事|原記事"
    r"|original (?:article|post|link|story|url|source)|read (?:the )?(?:full |original )(?:article|story|post))"
    r"\s*[:：]?\s*[(（\[【<]*$",
    re.IGNORECASE,
)
_SOURCE_LABEL = re.compile(
    r"(?:来源|來源|出处|出處|转载自|轉載自|来自|來自|稿源|引用元|ソース|出典|source|via)\s*[:：]\s*[(（\[【<]*$"
    r"|(?:^|[\s(（\[【])via\s*$",
    re.IGNORECASE,
)
_MEDIA_CREDIT = re.compile(
    r"(?:图|圖|片|数据|數據|视频|照片|封面|音乐|image|photo|video|picture|data) ?(?:来源|來源|出处|来自|source|via)",
    re.IGNORECASE,
)
_ORIGINAL_TEXT = re.compile(
    r"[(（\[【「]?(?:(?:点击|點擊)?(?:阅读|查看|閱讀|查看完整|继续阅读)?原文(?:链接|鏈接|連結|地址|网址)?|元記事(?:を読む)?|続きを読む"
    r"|(?:read |view |see )?(?:the )?original(?: article| post| story| link)?|read (?:the )?full (?:article|story|post)"
    r"|read more|continue reading)[)）\]】」]?\s*[.…。>»→]*",
    re.IGNORECASE,
)
_PROFILE_PATH = re.compile(
    r"/(?:u|user|users|people|profile|member|members|author|space|@[^/]*)(?:/|$|\?)|/@", re.IGNORECASE
)
_PROFILE_HOST = re.compile(r"(?:^|[./])(?:app\.weibo\.com|t\.me|space\.bilibili\.com)$", re.IGNORECASE)
_TIMELINE = re.compile(r"https?://(?:www\.|m\.)?(?:twitter|x|weibo|instagram)\.com/[^/]+/?(?:\?.*)?$", re.IGNORECASE)


def web_address(text: str, base: str | None = None) -> str | None:
    """Return `text` as an absolute http(s) address without spaces, invisible characters or credentials, else None.

    A relative address is resolved against `base`; without a base it gives None.
    """
    text = unescape(text.strip().replace("\\/", "/"))
    if not text or len(text) > 2 * MAX_URL_LENGTH or _INVISIBLE.search(text.strip()):
        return None
    text = text.strip()
    if text.startswith("//"):
        text = "https:" + text
    match = _URL.fullmatch(text)
    if match is None:
        if base is None or _SCHEME.match(text):
            return None
        try:
            match = _URL.fullmatch(urljoin(base, text))
        except ValueError:
            return None
    if match is None or not _HOST.fullmatch(match[2]):
        return None
    url = f"{match[1].lower()}://{match[2]}" + _UNSAFE.sub(_escaped, match[3])
    return url if len(url) <= MAX_URL_LENGTH else None


def explicit_link(front: FrontMatter) -> str | None:
    """Return the link to the original that the front matter gives, or None."""
    for key in (*_FIELDS, "source"):
        if (text := front.text(key)) and (url := web_address(text)):
            return url
    return None


def original_link(links: Iterable[Link]) -> str | None:
    """Return the link that the body marks as the original, by 原文链接, 阅读原文 and the like, or None.

    Failing that, the first link to an article after 来自, 来源, via and the like.
    """
    hint: str | None = None
    for link in links:
        if _ORIGINAL_LABEL.search(link.before) or _ORIGINAL_TEXT.fullmatch(link.text):
            if url := web_address(link.href):
                return url
        elif hint is None and _SOURCE_LABEL.search(link.before) and not _MEDIA_CREDIT.search(link.before):
            url = web_address(link.href)
            if url and _is_article(url, link.text):
                hint = url
    return hint


def _is_article(url: str, text: str) -> bool:
    """Return whether a link to a source leads to an article, not to a user or a site's front page."""
    match = _URL.fullmatch(url)
    if match is None or text.startswith("@") or _PROFILE_HOST.search(match[2]) or _TIMELINE.match(url):
        return False
    return match[3].strip("/") != "" and not _PROFILE_PATH.search(match[3])


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())
