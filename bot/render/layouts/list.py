"""The list: items in full under the headings of their categories, below one large picture (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.i18n import Translator, translator
from bot.markup import Html, escape, safe_url
from bot.render.digest import article_html
from bot.render.layouts.options import LayoutOptions
from bot.render.shorten import shorten
from bot.render.split import Block, split_in_pieces
from digests.model.delivery import Part
from digests.model.digest import Digest, Item
from digests.model.layout import DigestStyle

_HEADING_LENGTH = 60


def render_list(digest: Digest, style: DigestStyle, _options: LayoutOptions, now: datetime) -> tuple[Part, ...]:
    """Return the digest's messages, each within Telegram's limits; the first has the picture."""
    today = now.astimezone(_zone(style.timezone)).date()
    pages = split_in_pieces(_digest_blocks(digest, _page(style.language, style.timezone, today)))
    picture = safe_url(digest.picture)
    stories = sum([1 for group in digest.groups for item in group.items if item.also])
    last = len(pages) - 1
    return tuple(
        [
            Part(tuple(pieces), None if number else picture, stories=stories if number == last else 0)
            for number, pieces in enumerate(pages)
        ]
    )


@dataclass(frozen=True, slots=True, eq=False)
class _DayStyle:
    """What all digests of a day share that have the same language and zone. There is only one object of each."""

    t: Translator
    timezone: str
    today: date
    noon: datetime


@lru_cache(maxsize=64)
def _page(language: str, timezone: str, today: date) -> _DayStyle:
    return _DayStyle(translator(language), timezone, today, datetime.combine(today, time(12), _zone(timezone)))


_zone = lru_cache(maxsize=64)(ZoneInfo)


def _digest_blocks(digest: Digest, style: _DayStyle) -> list[Block]:
    blocks = [_title(style)]
    if digest.covers:
        said = style.t.html(
            "<i>Covers everything from {start} to {end}</i>",
            start=style.t.moment(digest.covers.start, style.timezone),
            end=style.t.moment(digest.covers.end, style.timezone),
        )
        blocks.append(Block(said, gap=1, keep=True))
    for group in digest.groups:
        gap = 2
        if group.heading:
            blocks.append(_heading(group.heading))
            gap = 1
        for item in group.items:
            blocks.append(_item(item, style, gap))
            gap = 2
    return blocks


@lru_cache(maxsize=16)
def _title(style: _DayStyle) -> Block:
    return Block(style.t.html("📰 <b>Your digest</b> · {day}", day=style.t.day(style.today)), gap=0, keep=True)


@lru_cache(maxsize=512)
def _heading(text: str) -> Block:
    return Block(Html(f"▍<b>{escape(shorten(text, _HEADING_LENGTH))}</b>"), keep=True)


# The same articles are in very many digests, next to different others.
@lru_cache(maxsize=4096)
def _item(item: Item, style: _DayStyle, gap: int) -> Block:
    return Block(article_html(item.article, style.t, style.timezone, style.noon, also=item.also), gap=gap)
