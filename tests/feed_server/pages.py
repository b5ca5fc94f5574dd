"""Documents of feeds, and the pages that are found where a feed was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape


@dataclass(frozen=True, slots=True)
class NewsItem:
    """An item of a feed."""

    guid: str
    title: str
    link: str
    at: datetime | None = None
    text: str = ""


def rss_feed(items: Sequence[NewsItem], title: str = "Harbour News", link: str = "https://news.example/") -> bytes:
    """Return a feed in RSS 2.0."""
    head = f"<title>{escape(title)}</title><link>{escape(link)}</link><description>News</description>"
    body = "\n".join(_rss_item(item) for item in items)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>{head}\n{body}</channel></rss>'.encode()
    )


def _rss_item(item: NewsItem) -> str:
    date = f"<pubDate>{format_datetime(item.at)}</pubDate>" if item.at else ""
    return (
        f'<item><guid isPermaLink="false">{escape(item.guid)}</guid><title>{escape(item.title)}</title>'
        f"<link>{escape(item.link)}</link>{date}<description>{escape(item.text)}</description></item>"
    )


CHALLENGE = (
    b'<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title><meta name="robots" content="noindex,'
    b'nofollow"></head><body><noscript>Enable JavaScript and cookies to continue</noscript><script>(function(){'
    b"window._cf_chl_opt={cvId:'3',cZone:\"news.example\"};var a=document.createElement('script');a.src="
    b"'/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1';document.head.appendChild(a);}());</script></body></html>"
)
"""The page by which Cloudflare asks for a browser."""
PARKED = (
    b"<!doctype html><html><head><title>news.example is for sale</title></head><body><h1>news.example</h1>"
    b'<p>This domain is for sale! Buy this domain.</p><a href="https://sedo.example/?domain=news.example">Make an offer'
    b"</a><p>This page is provided by the registrar: domain parking.</p></body></html>"
)
PAGE = (
    b"<!DOCTYPE html><html><head><title>Harbour News</title><link rel='alternate' type='application/rss+xml' "
    b"href='/new-feed.xml'></head><body><h1>Harbour News</h1><p>Welcome to our new site.</p></body></html>"
)
RSSHUB_ERROR = (
    b"<!DOCTYPE html><html><head><title>Welcome to RSSHub!</title></head><body><h1>Looks like something went wrong</h1>"
    b"<p>Error Message: NotFoundError: wrong path</p><p>Route: /weibo/user/1</p><p>Full Route: /weibo/user/:uid</p>"
    b"<p>Node Version: v20.10.0</p><p>Git Hash: 1234567</p></body></html>"
)
