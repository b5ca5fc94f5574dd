"""The demo's feeds, in the three forms that there are: RSS 2.0 with every quirk of real ones, Atom, and JSON Feed."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import NotRequired, TypedDict

from bot.demo.more import PICTURE_BASE

_LIST = Path(__file__).parent / "feeds.toml"
_HOUR = timedelta(hours=1)
_CHINA = timezone(8 * _HOUR)
_TRACKING = "?utm_source=rss&utm_medium=feed&utm_campaign=saltwind&fbclid=IwAR0demo"


@dataclass(frozen=True, slots=True)
class DemoFeed:
    """A feed as its server gives it on some day; `name` is that of its file."""

    name: str
    category: str
    content_type: str
    body: bytes


class _FeedItem(TypedDict):
    feed: str
    key: str
    day: int
    hours: float
    title: str
    summary: str
    text: str
    picture: NotRequired[str]
    tags: NotRequired[list[str]]
    quirks: NotRequired[list[str]]


@dataclass(frozen=True, slots=True)
class _Dated:
    """An item that was written `at`; `is_old` when it came before the last day. `bumped_at` is of that day."""

    item: _FeedItem
    at: datetime
    is_old: bool
    bumped_at: datetime
    picture: str

    def has(self, quirk: str) -> bool:
        return quirk in self.item.get("quirks", ())

    @property
    def paragraphs(self) -> list[str]:
        return [paragraph.strip() for paragraph in self.item["text"].strip().split("\n\n")]

    @property
    def html(self) -> str:
        """The body, with its picture."""
        image = f'<p><img src="{escape(self.picture)}" alt=""></p>\n' if self.picture else ""
        return image + "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in self.paragraphs)


@cache
def feed_items() -> tuple[_FeedItem, ...]:
    """Return what all feeds bring, on all days."""
    items: list[_FeedItem] = tomllib.loads(_LIST.read_text(encoding="utf-8"))["items"]
    return tuple(items)


def build_feeds(days: Sequence[datetime], picture_base: str = PICTURE_BASE) -> tuple[DemoFeed, ...]:
    """Return the feeds as they are after some days, of which each is given by its end.

    The first is the one on which the demo starts. Pictures are at `picture_base`.
    """
    return tuple(
        DemoFeed(name, category, content_type, build(dated).encode())
        for feed, (name, category, content_type, build) in FEEDS.items()
        if (dated := _dated(feed, days, picture_base))
    )


def _dated(feed: str, days: Sequence[datetime], picture_base: str) -> list[_Dated]:
    """Return the items of a feed that have come by now, the newest first."""
    last = len(days) - 2
    dated = [
        _Dated(
            item,
            (days[item["day"] + 1] - item["hours"] * _HOUR).replace(microsecond=0),
            item["day"] < last,
            days[-1].replace(microsecond=0) - _HOUR,
            f"{picture_base.rstrip('/')}/{item['picture']}" if "picture" in item else "",
        )
        for item in feed_items()
        if item["feed"] == feed and item["day"] <= last
    ]
    return sorted(dated, key=lambda item: item.at, reverse=True)


def _rss(items: Sequence[_Dated]) -> str:
    """Write RSS 2.0 as it is met: a byte order mark, addresses against a base, and the quirks of its items."""
    head = (
        '\ufeff<?xml version="1.0" encoding="utf-8"?>\n<?xml-stylesheet type="text/xsl" href="/pretty.xsl"?>\n'
        '<rss version="2.0" xml:base="https://saltwind.example/"\n'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"\n'
        ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">\n'
        "<channel>\n<title>Saltwind Almanac</title>\n<link>https://saltwind.example/</link>\n"
        "<description>What the sea leaves at the door</description>\n<language>en-gb</language>\n"
    )
    return head + "".join(map(_rss_item, items)) + "</channel>\n</rss>\n"


def _rss_item(dated: _Dated) -> str:
    item = dated.item
    summary = f"<p>{escape(item['summary'], quote=False)}</p>"
    if dated.has("written in twice"):
        summary = f"<![CDATA[{summary}]]>"
    parts = [
        _rss_title(dated),
        *_rss_links(dated),
        f"<description>{escape(summary, quote=False)}</description>",
        f"<content:encoded><![CDATA[{dated.html}]]></content:encoded>",
        "<dc:creator><![CDATA[Saltwind Almanac]]></dc:creator>",
        *(f"<category>{escape(tag)}</category>" for tag in item.get("tags", ())),
    ]
    if not dated.has("no date"):
        parts.append(f"<pubDate>{_rss_date(dated)}</pubDate>")
    if dated.picture:
        parts.append(f'<media:thumbnail url="{escape(dated.picture)}"/>')
    return "<item>\n" + "\n".join(parts) + "\n</item>\n"


def _rss_title(dated: _Dated) -> str:
    title = dated.item["title"]
    if dated.has("renamed") and dated.is_old:
        title += ", second edition"
    if dated.has("markup in the title"):
        return f"<title><![CDATA[ {title} ]]></title>"
    return f"<title>{escape(title)}</title>"


def _rss_links(dated: _Dated) -> list[str]:
    key = dated.item["key"]
    page = f"https://saltwind.example/notes/{key}"
    guid = "https://saltwind.example/" if dated.has("same guid") else f"saltwind-{key}"
    links = [f'<guid isPermaLink="false">{guid}</guid>']
    if dated.has("through a counter"):
        links.append(f"<link>https://counter.example/~r/saltwind/~3/8fT2/{key}</link>")
        return [*links, f"<feedburner:origLink>{page}</feedburner:origLink>"]
    if dated.has("tracked"):
        page += escape(_TRACKING)
    return [*links, f"<link>/notes/{key}</link>" if dated.has("relative") else f"<link>{page}</link>"]


def _rss_date(dated: _Dated) -> str:
    at = dated.bumped_at if dated.has("bumped") and dated.is_old else dated.at
    if dated.has("Chinese date"):
        return f"{at.astimezone(_CHINA):%Y年%m月%d日 %H:%M:%S}"
    if dated.has("short date"):
        return f"{at:%d %b %y %H:%M} GMT"
    if dated.has("number for a date"):
        return str(int(at.timestamp()))
    return format_datetime(at)


def _atom(items: Sequence[_Dated]) -> str:
    """Write Atom (RFC 4287)."""
    newest = max(item.at for item in items).astimezone(_CHINA).isoformat()
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="zh-CN">\n'
        "<title>雾港评论</title>\n<subtitle>机器与人的小事</subtitle>\n<id>tag:fog-review.example,2026:feed</id>\n"
        f'<link href="https://fog-review.example/"/>\n<updated>{newest}</updated>\n'
        "<author><name>雾港评论</name></author>\n"
    )
    return head + "".join(map(_atom_entry, items)) + "</feed>\n"


def _atom_entry(dated: _Dated) -> str:
    item, at = dated.item, dated.at.astimezone(_CHINA).isoformat()
    parts = [
        f"<title>{escape(item['title'], quote=False)}</title>",
        f"<id>tag:fog-review.example,2026:{item['key']}</id>",
        f'<link rel="alternate" href="https://fog-review.example/p/{item["key"]}.html"/>',
        f"<published>{at}</published>\n<updated>{at}</updated>",
        *(f'<category term="{escape(tag)}"/>' for tag in item.get("tags", ())),
        f"<summary>{escape(item['summary'], quote=False)}</summary>",
        f'<content type="html">{escape(dated.html, quote=False)}</content>',
        *([f'<media:thumbnail url="{escape(dated.picture)}"/>'] if dated.picture else []),
    ]
    return "<entry>\n" + "\n".join(parts) + "\n</entry>\n"


def _json(items: Sequence[_Dated]) -> str:
    """Write a JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Orrin Sky Notes",
        "home_page_url": "https://orrin-sky.example/",
        "language": "en",
        "authors": [{"name": "Orrin Sky Notes"}],
        "items": [_json_item(dated) for dated in items],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _json_item(dated: _Dated) -> dict[str, object]:
    item = dated.item
    page = f"https://orrin-sky.example/{item['key']}"
    return {
        "id": page,
        "url": page,
        "title": item["title"],
        "summary": item["summary"],
        "content_html": dated.html,
        "date_published": dated.at.isoformat(),
        "tags": item.get("tags", []),
        **({"image": dated.picture} if dated.picture else {}),
    }


FEEDS: dict[str, tuple[str, str, str, Callable[[Sequence[_Dated]], str]]] = {
    "almanac": ("almanac.xml", "Science/Saltwind Almanac", "application/rss+xml; charset=utf-8", _rss),
    "review": ("review.atom", "科技/雾港评论", "application/atom+xml; charset=utf-8", _atom),
    "sky": ("sky.json", "Space/Orrin Sky Notes", "application/feed+json", _json),
}
"""By its word in feeds.toml: its file, the category of its articles, its content type, and what writes it."""
