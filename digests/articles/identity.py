"""What articles are recognised by: a key of the title, and one of the address (`docs/identity.md`).

A telling title identifies an article within its source, unless the addresses tell two apart; the crawler's `_`, quote
marks, width and white space don't count. A title that many articles share (`2019`, `第1集`, `12_00`, `今日要闻`)
identifies one only together with the post's content: the original's address, else the text, else the picture. Path,
layout, date, author, channel and the front matter's thumbnail never count.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from digests.articles.fields.metadata import channel_of
from digests.articles.markup.contents import Body
from digests.articles.pictures.choose import body_picture
from digests.model.category_tree import canonical

# What the crawler replaces by `_`, and quote marks, which come and go with the quoting of a title.
_REPLACED = re.compile("[\\s_:/\\\\?*<>|\\[\\]\"'`\u00b4\u2018-\u201f\u2032\u2033\u300c-\u300f\uff02\uff07]+")
# Words that say what kind of article it is, not which one. Numbers and dates are removed first.
_GENERIC = re.compile(
    r"第|集|期|章|话|話|回|季|卷|版|部|号|號|年|月|日|周|週|星期[一二三四五六天]?|时|点|上午|下午|晚间|早间|午间|[一二三四五六七八九十百零]+"
    r"|今日|昨日|每日|每周|本周|每月|本月|日报|周报|月报|周刊|月刊|早报|晚报|早餐|快讯|快報|要闻|要聞|头条|热点|热榜|热门|新闻|新聞|联播|资讯"
    r"|精选|推荐|简报|速览|汇总|合集|盘点|公告|通知|通告|更新|发布|上线|预告|直播|视频|图片|图集|日记|博客|随笔|动态|分享|转发|微博|无题|未命名"
    r"|\b(?:vol|no|ep|episode|chapter|part|season|issue|week|weekly|day|daily|month|monthly|version|ver|v|release|released|update|updates"
    r"|newsletter|digest|links|thread|untitled|blog|diary|today|am|pm"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|january|february|march|april|june|july|august|september|october|november|december"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
)
_NUMBERS = re.compile(r"[\d#.,()（）~–—-]+")
_WORDS = re.compile(r"[a-z\u00c0-\u024f\u0370-\u052f]{2,}")
_LETTERS = re.compile(r"[^\W\d_a-z\u00c0-\u024f\u0370-\u052f]")
_MIN_DISTINCTIVE = 4
WRITTEN, PAGE = "=", "~"
"""How the key of an address begins that is written in the post, and that of its page on the site."""
# What says where a reader came from, or lets the address expire, as WeChat's do: another at each crawl.
_TRACKING = re.compile(
    r"(?:^|(?<=&))(?:utm_\w+|[fg]clid|msclkid|mc_[ce]id|spm|scm|share_\w+|sharer_\w+|ref|ref_src|from|isappinstalled|_ga"
    r"|igshid|timestamp|signature|sign|ver|new|src|token|expires|nonce|ts|_t|session|sid|amp|outputtype)=[^&]*(?:&|$)",
    re.IGNORECASE,
)
# The same page for phones, and in AMP, as Google's cache and newspapers have it.
_FOR_PHONES = re.compile(r"(?<![^.])(?:(?:www|m|mobile|wap|amp)\.)+(?=[^.]+\.)")
_IN_AMP = re.compile(r"^amp/|(?:/amp|\.amp)(?=(?:\.html?)?$)", re.IGNORECASE)
_ENOUGH_TEXT = 40
"""With fewer characters of text than this, the picture helps to distinguish articles."""


@dataclass(frozen=True, slots=True)
class RecognitionKeys:
    """The keys of a post.

    Those of its title, whether that alone says which article it is, and of its address hold the source. `link` is of
    the address that is written in it, and `headline` of its title alone, with the text where many articles bear that
    title; both are "" where nothing tells, and know no source.
    """

    title: str
    is_telling: bool
    address: str
    link: str = ""
    headline: str = ""


def recognition_keys(
    title: str, source: str, categories: tuple[str, ...], body: Body, text: str, written: str | None, page: str | None
) -> RecognitionKeys:
    """Return what the article is recognised by.

    Args:
        title: The title for readers.
        source: Where it comes from; the origin's name where no source is known.
        categories: The first branch of its categories.
        body: Its body.
        text: The text that readers can search.
        written: The address that is written in the post, of itself or of its original.
        page: Its page on the site, if that is named after the file.
    """
    name, folded = fold_title(title), _folded_source(source)
    is_telling = is_telling_name(name)
    parts = [folded, name] if is_telling else [folded, name, *_content(categories, body, text, written)]
    address = link = ""
    if plain := _plain_address(written or page or ""):
        address = (WRITTEN if written else PAGE) + _digest([folded, plain])
        link = _link_key(plain) if written else ""
    return RecognitionKeys(
        _digest(parts), is_telling, address, link, _digest([name]) if is_telling else _headline(name, body, text)
    )


def content_hash_of(
    shown: Sequence[str | None], branches: Sequence[tuple[str, ...]], published_at: datetime | None, text: str
) -> str:
    """Return a digest that changes with anything shown or searched.

    `published_at` is None where it is only the time of the crawl.
    """
    date = published_at.isoformat() if published_at else ""
    places = [name for branch in branches for name in ("\1", *canonical(branch))]
    told = "\0".join([*(value or "" for value in shown), *places, date, text])
    # Over a whole text, and quicker than BLAKE2 where processors have instructions for it.
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@lru_cache(maxsize=1_000)
def fold_title(title: str) -> str:
    """Return a title without what the crawler, quoting and width make of it; two that are equal so are the same."""
    return _REPLACED.sub(" ", unicodedata.normalize("NFKC", title).casefold()).strip()


def _folded_source(source: str) -> str:
    # Not `fold_name`: the keys of stored articles must stay what they are.
    return " ".join(unicodedata.normalize("NFKC", source).casefold().split())


def is_telling_name(name: str) -> bool:
    """Return whether a folded title says which article it is: it has four Chinese characters or two words that do."""
    rest = _GENERIC.sub(" ", _NUMBERS.sub(" ", name[:300]))
    return 2 * len(_WORDS.findall(rest)) + len(_LETTERS.findall(rest)) >= _MIN_DISTINCTIVE


def _plain_address(url: str) -> str:
    """Return an address without what changes from crawl to crawl; "" for a site's front page, which is no article's."""
    rest, _, fragment = url.partition("://")[2].partition("#")
    place, _, query = rest.partition("?")
    host, _, path = place.partition("/")
    query = _TRACKING.sub("", query).strip("&")
    path = _IN_AMP.sub("", path.rstrip("/"))
    # Programs in the browser have their pages there.
    route = f"#{fragment}" if fragment.startswith(("/", "!")) else ""
    if not path and not query and not route.strip("#/!"):
        return ""
    return f"{_FOR_PHONES.sub('', host.lower(), count=1)}/{path}" + (f"?{query}" if query else "") + route


def _content(categories: tuple[str, ...], body: Body, text: str, original: str | None) -> list[str]:
    """Return what identifies an article whose title many share."""
    if original is not None:
        return ["link", original.partition("://")[2].rstrip("/")]
    letters = "".join(text.split())
    picture = body_picture(body) or ""
    if len(letters) >= _ENOUGH_TEXT:
        return ["text", letters]
    if letters or picture:
        return ["text", letters, picture]
    # With no content at all, only the channel is left.
    return ["channel", _folded_source(channel_of(categories))]


def _link_key(plain: str) -> str:
    """Return the key of a plain address, however its characters are written: one feed escapes them, another doesn't."""
    written = unquote_to_bytes(plain.encode("utf-8", "surrogatepass"))
    return hashlib.blake2b(written, digest_size=16).hexdigest()


def _headline(name: str, body: Body, text: str) -> str:
    """Return the key of a title that many articles share, with the content; "" where that says nothing either."""
    letters = "".join(text.split())
    if len(letters) >= _ENOUGH_TEXT:
        return _digest([name, letters])
    picture = body_picture(body)
    return _digest([name, letters, picture]) if picture else ""


def _digest(parts: Sequence[str]) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
