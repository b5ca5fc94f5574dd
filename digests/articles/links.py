"""Addresses that may be shown, and the one of the original article."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from digests.articles.front_matter import FrontMatter
from digests.articles.markup import Link
from digests.articles.text import unescape
from digests.model.characters import INVISIBLE, JOINERS

LONGEST_URL = 2_048

_URL = re.compile(r"(https?)://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(?:[^\s/?#@:\[\]\\<>\"'`{}|^.]+\.)+[^\s/?#@:\[\]\\<>\"'`{}|^.]{2,}\.?(?::[0-9]{1,5})?")
_UNSAFE = re.compile(r"[\s\"<>\\^`{|}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}{JOINERS}]")
_RELATIVE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

_FIELDS = ("link", "url", "original", "original_url", "original_link", "source_url", "source_link", "canonical")

# What names the original whatever the link's own text is, and what is only a hint and must lead to a page.
_SURE = re.compile(
    r"(?:原文(?:链接|鏈接|連結|地址|网址|出处|出處)?|(?:阅读|查看|点击查看|閱讀|查看完整)原文|原链接|元記事|原記事"
    r"|original (?:article|post|link|story|url|source)|read (?:the )?(?:full |original )(?:article|story|post))"
    r"\s*[:：]?\s*[(（\[【<]*$",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"(?:来源|來源|出处|出處|转载自|轉載自|来自|來自|稿源|引用元|ソース|出典|source|via)\s*[:：]\s*[(（\[【<]*$"
    r"|(?:^|[\s(（\[【])via\s*$",
    re.IGNORECASE,
)
_OTHER_SOURCE = re.compile(
    r"(?:图|圖|片|数据|數據|视频|照片|封面|音乐|image|photo|video|picture|data) ?(?:来源|來源|出处|来自|source|via)",
    re.IGNORECASE,
)
_SURE_TEXT = re.compile(
    r"[(（\[【「]?(?:(?:点击|點擊)?(?:阅读|查看|閱讀|查看完整|继续阅读)?原文(?:链接|鏈接|連結|地址|网址)?|元記事(?:を読む)?|続きを読む"
    r"|(?:read |view |see )?(?:the )?original(?: article| post| story| link)?|read (?:the )?full (?:article|story|post)"
    r"|read more|continue reading)[)）\]】」]?\s*[.…。>»→]*",
    re.IGNORECASE,
)
_USER = re.compile(r"/(?:u|user|users|people|profile|member|members|author|space|@[^/]*)(?:/|$|\?)|/@", re.IGNORECASE)
_USER_HOST = re.compile(r"(?:^|[./])(?:app\.weibo\.com|t\.me|space\.bilibili\.com)$", re.IGNORECASE)
_TIMELINE = re.compile(r"https?://(?:www\.|m\.)?(?:twitter|x|weibo|instagram)\.com/[^/]+/?(?:\?.*)?$", re.IGNORECASE)


def web_address(text: str, base: str | None = None) -> str | None:
    """An absolute http(s) address without spaces, control characters and credentials; None if `text` is none.

    A relative address is resolved against `base`; without one it is none.
    """
    text = unescape(text.strip().replace("\\/", "/"))
    if not text or len(text) > 2 * LONGEST_URL or _INVISIBLE.search(text.strip()):
        return None
    text = text.strip()
    if text.startswith("//"):
        text = "https:" + text
    match = _URL.fullmatch(text)
    if match is None:
        if base is None or _RELATIVE.match(text):
            return None
        try:
            match = _URL.fullmatch(urljoin(base, text))
        except ValueError:
            return None
    if match is None or not _HOST.fullmatch(match[2]):
        return None
    url = f"{match[1].lower()}://{match[2]}" + _UNSAFE.sub(_escaped, match[3])
    return url if len(url) <= LONGEST_URL else None


def explicit_link(front: FrontMatter) -> str | None:
    """The link to the original that the front matter gives."""
    for key in (*_FIELDS, "source"):
        if (text := front.text(key)) and (url := web_address(text)):
            return url
    return None


def original_link(links: Iterable[Link]) -> str | None:
    """The link that the body marks as the original: 原文链接, 阅读原文 and the like, else 来自, 来源 or via a page."""
    hint: str | None = None
    for link in links:
        if _SURE.search(link.before) or _SURE_TEXT.fullmatch(link.text):
            if url := web_address(link.href):
                return url
        elif hint is None and _HINT.search(link.before) and not _OTHER_SOURCE.search(link.before):
            url = web_address(link.href)
            if url and _is_page(url, link.text):
                hint = url
    return hint


def _is_page(url: str, text: str) -> bool:
    """Whether a source's link leads to an article: not to a user, and not to a site's front page."""
    match = _URL.fullmatch(url)
    if match is None or text.startswith("@") or _USER_HOST.search(match[2]) or _TIMELINE.match(url):
        return False
    return match[3].strip("/") != "" and not _USER.search(match[3])


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())
