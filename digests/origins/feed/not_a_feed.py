"""Saying what something is that is no feed, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from digests.articles.text import one_line
from digests.model.feed import FeedFault, FeedTrouble
from digests.origins.feed.links_in_page import feeds_in_page

_FILES = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP file"),
    (b"\x1f\x8b", "a gzip file within the answer"),
    (b"(\xb5/\xfd", "a zstd file within the answer"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"Rar!", "a RAR file"),
    (b"ID3", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"fLaC", "a FLAC file"),
    (b"wOF", "a font"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
)
_CHALLENGES = (
    ("Cloudflare's", ("just a moment...", "/orchestrate/chl", "/orchestrate/jsch", "cf-browser-verification",
                      "cf_chl_opt", "cf-chl-", "attention required! | cloudflare", "sorry, you have been blocked")),
    ("Anubis's", ("making sure you&#39;re not a bot", "making sure you're not a bot", "/.within.website/x/cmd/anubis")),
    ("DDoS-Guard's", ("ddos protection by ddos-guard", "checking your browser before accessing")),
    ("Sucuri's", ("sucuri website firewall", "sucuri_cloudproxy")),
    ("Incapsula's", ("_incapsula_resource", "incapsula incident")),
    ("Akamai's", ("errors.edgesuite.net", "akamai reference")),
    ("Alibaba Cloud's", ("acw_sc__v2", "aliyun_waf", "errors.aliyun.com")),
    ("DataDome's", ("captcha-delivery.com",)),
    ("PerimeterX's", ("px-captcha",)),
    ("SafeLine's", ("雷池",)),
    ("a", ("安全验证", "人机验证", "请完成验证", "滑动验证", "访问验证",
           "enable javascript and cookies to continue", "verify you are human", "are you a robot", "robot check")),
)  # fmt: skip
_PARKED = (
    "domain is for sale", "domain for sale", "buy this domain", "this domain may be for sale", "domain is parked",
    "parked domain", "parked free", "domain has expired", "this domain name has expired", "domain is available",
    "sedoparking", "parkingcrew", "bodis.com", "dan.com/buy-domain", "afternic.com/forsale", "hugedomains.com",
    "domain name is for sale", "inquire about this domain", "域名出售", "域名正在出售", "域名转让", "域名停放",
    "该域名已过期", "此域名已过期", "此域名可出售", "此網域名稱出售", "ドメイン販売中", "domain steht zum verkauf",
)  # fmt: skip
_RSSHUB = re.compile(r"rsshub", re.IGNORECASE)
_RSSHUB_MESSAGE = re.compile(r"error message:?\s{0,20}(?:<[^<>]{0,200}>\s{0,20}){0,6}([^<]{1,500})", re.IGNORECASE)
_RSSHUB_ROUTE = re.compile(
    r"(?:full route|route requested|route):?\s{0,20}(?:<[^<>]{0,200}>\s{0,20}){0,6}(/[^<\s]{1,300})", re.IGNORECASE
)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s{1,20}html|html|head|body|script|meta|title|div|center)[\s>]", re.IGNORECASE)
_PASSWORD = re.compile(r"<input[^>]{1,500}type\s{0,5}=\s{0,5}[\"']?password", re.IGNORECASE)
_LOGIN_TITLE = re.compile(r"\b(?:log ?in|sign ?in)\b|登录|登入|ログイン|로그인", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,1000}>")
_ERROR_TEXT = re.compile(r"<(?:message|error|description)[^<>]{0,100}>([^<]{1,300})<", re.IGNORECASE)
_LOOKED_AT = 200_000
"""Characters of a page that are looked at for what it is."""
_SHORT_PAGE = 3_000
"""Characters of text below which a page has no content of its own."""
_SCRIPT = re.compile(r"<(script|style)[\s>]")
_ROOTS = {
    "opml": "It is an OPML file, a list of feeds: import it instead.",
    "urlset": "It is a sitemap, which lists a site's pages for search engines, not a feed.",
    "sitemapindex": "It is a sitemap, which lists a site's pages for search engines, not a feed.",
    "svg": "It is a picture (SVG), not a feed.",
    "opensearchdescription": "It describes a site's search, and is not a feed.",
}


def not_text(data: bytes) -> FeedFault | None:
    """Return what bytes are that are no text at all, None for what may be one."""
    for start, name in _FILES:
        if data.startswith(start):
            return _not_a_feed(f"It is {name}, not a feed.")
    if data[:4] == b"RIFF" or data[4:8] == b"ftyp":
        return _not_a_feed("It is a picture, sound or film, not a feed.")
    return None


def why_no_feed(text: str, root: str, address: str) -> FeedFault:
    """Say what a text is that is no feed; `root` is the name of its first element, "" for none."""
    start = text[:_LOOKED_AT]
    if not start.strip("\ufeff\x00 \t\r\n"):
        return _not_a_feed("It is empty.")
    name = root.lower().rpartition(":")[2]
    if name in _ROOTS:
        return _not_a_feed(_ROOTS[name])
    if _HTML.search(start):
        return _page(start, address)
    if root:
        said = _ERROR_TEXT.search(start)
        words = f': "{_line(said[1])}"' if said else ""
        return _not_a_feed(f"It is XML of another kind (<{root[:60]}>), not a feed{words}.")
    return _not_a_feed(f'It is plain text, not a feed: "{_line(start)}".')


def _page(page: str, address: str) -> FeedFault:
    lower = page.lower()
    title = _TITLE.search(page)
    called = _line(title[1]) if title else ""
    if _RSSHUB.search(page) and ("looks like something went wrong" in lower or "error message" in lower):
        return _rsshub_error(page)
    if named := _named_feeds(page, address):
        return _not_a_feed(f"It is a web page, not a feed; it names the feed {named[0]}. Add that instead.")
    # Many pages load a library of such a firm; only a page without content of its own is the challenge.
    for firm, signs in _CHALLENGES:
        if any(sign in lower for sign in signs) and _is_short(page):
            whose = firm if firm != "a" else "a firewall's"
            return FeedFault(
                FeedTrouble.REFUSED,
                f"It is {whose} challenge for browsers, not a feed: the site lets no feed reader through. Ask it to, "
                "or use another address of the feed.",
            )
    if any(sign in lower for sign in _PARKED) and _is_short(page):
        return _not_a_feed("The domain is parked or for sale; the feed is gone from it. Look for its new address.")
    if _PASSWORD.search(page) or _LOGIN_TITLE.search(called):
        return _not_a_feed("It is a page on which one logs in, not a feed.")
    return _not_a_feed(f'It is a web page, not a feed: "{called}".' if called else "It is a web page, not a feed.")


def _rsshub_error(page: str) -> FeedFault:
    message, route = _RSSHUB_MESSAGE.search(page), _RSSHUB_ROUTE.search(page)
    where = f" for the route {_line(route[1])}" if route else ""
    said = f': "{_line(message[1])}"' if message and _line(message[1]) else ""
    return _not_a_feed(
        f"It is an error page of RSSHub{where}{said}. The route may be misspelt, or the site has changed."
    )


def _named_feeds(page: str, address: str) -> list[str]:
    """Return the addresses of the feeds that a page says it has."""
    linked = feeds_in_page(page.encode("utf-8", "replace"), "text/html; charset=utf-8", address)
    return [feed.url for feed in linked if feed.is_declared]


def _is_short(page: str) -> bool:
    """Whether a page says little: an article about such pages says a lot."""
    words = (_TAG.sub(" ", part) for part in _outside_scripts(page))
    return sum(len(" ".join(part.split())) for part in words) < _SHORT_PAGE


def _outside_scripts(page: str) -> Iterator[str]:
    lower = page.lower()
    position = 0
    while script := _SCRIPT.search(lower, position):
        yield page[position : script.start()]
        end = lower.find(f"</{script[1]}", script.end())
        if end < 0:
            return
        position = end
    yield page[position:]


def _line(text: str) -> str:
    return one_line(unescape(_TAG.sub(" ", text[:1_000])))[:150]


def _not_a_feed(words: str) -> FeedFault:
    return FeedFault(FeedTrouble.NOT_A_FEED, words)
