"""The list: items in full under the headings of their categories, below one large picture (pure)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from bot.render.article import article_html
from bot.render.layouts.frame import Day, day_of, heading, offer, opening, parts_of, watched_line
from bot.render.layouts.options import LayoutOptions
from bot.render.split import Block, split_in_pieces
from bot.text.markup import safe_url
from digests.model.article import Article
from digests.model.delivery import Part
from digests.model.digest import Digest
from digests.model.layout import DigestStyle


def render_list(digest: Digest, style: DigestStyle, _options: LayoutOptions, now: datetime) -> tuple[Part, ...]:
    """Return the digest's messages, each within Telegram's limits; the first has the picture."""
    day = day_of(style, now)
    blocks = opening(digest, day, is_at_once=style.is_at_once)
    for group in digest.groups:
        gap = 2
        if group.heading:
            blocks.append(heading(group.heading))
            gap = 1
        for item in group.items:
            if item.watched:
                blocks += (_item(item.article, item.also, day, gap, keep=True), watched_line(item.watched))
            else:
                blocks.append(_item(item.article, item.also, day, gap))
            gap = 2
    if style.offers_magazine:
        blocks.append(offer(day))
    return parts_of(split_in_pieces(blocks), digest, style, picture=safe_url(digest.picture))


# The same articles are in very many digests, next to different others.
@lru_cache(maxsize=4096)
def _item(article: Article, also: tuple[Article, ...], day: Day, gap: int, keep: bool = False) -> Block:
    return Block(article_html(article, day.t, day.timezone, day.noon, also=also), gap, keep)
