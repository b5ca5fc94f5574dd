"""The gallery: numbered items below a mosaic of their pictures, which are numbered likewise (pure).

The number stands in a piece of its own, so that an article's lines are one piece at whatever place they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from bot.limits import CAPTION
from bot.markup import Html, safe_url
from bot.render.article import article_html, short_title
from bot.render.layouts.frame import Day, day_of, heading, offer, opening, parts_of
from bot.render.layouts.options import LayoutOptions
from bot.render.split import Block, Capacity, split_in_pieces
from digests.model.delivery import Part
from digests.model.digest import Digest, Item
from digests.model.layout import DigestStyle
from digests.model.mosaic import MOST_TILES, CoverText, Mosaic, Tile, compose_mosaic

_CAPTION = Capacity(CAPTION)
_MOST_HEADLINES = 3
_HEADLINE_LENGTH = 80


def render_gallery(digest: Digest, style: DigestStyle, options: LayoutOptions, now: datetime) -> tuple[Part, ...]:
    """Return the digest's messages, each within Telegram's limits; the first has the mosaic.

    Where Telegram can't fetch mosaics, the first text is short enough for the caption of one, and the next goes on
    where it stops. Without any pictures it is a numbered list.
    """
    day = day_of(style, now)
    mosaic = _mosaic(digest, style, options, day)
    is_caption = mosaic is not None and not options.has_previews
    pages = split_in_pieces(_blocks(digest, style, day), first=_CAPTION if is_caption or style.is_caption else None)
    picture = _lead_picture(digest) if options.has_pictures else None
    return parts_of(pages, digest, style, picture=picture, mosaic=mosaic, is_caption=is_caption)


def _blocks(digest: Digest, style: DigestStyle, day: Day) -> list[Block]:
    blocks = opening(digest, day)
    number = 0
    for group in digest.groups:
        gap = 2
        if group.heading:
            blocks.append(heading(group.heading))
            gap = 1
        for item in group.items:
            number += 1
            blocks.append(_number(number, gap, group.heading))
            blocks.append(_item(item, day))
            gap = 2
    if style.offers_magazine:
        blocks.append(offer(day))
    return blocks


@lru_cache(maxsize=2048)
def _number(number: int, gap: int, category: str) -> Block:
    """Return an item's number; at the beginning of a further message its category is named again."""
    return Block(Html(f"{number}. "), gap, keep=True, again=heading(category) if category else None)


# The same articles are in very many digests, next to different others.
@lru_cache(maxsize=4096)
def _item(item: Item, day: Day) -> Block:
    html = article_html(item.article, day.t, day.timezone, day.noon, also=item.also, is_numbered=True)
    return Block(html, gap=0)


def _lead_picture(digest: Digest) -> str | None:
    """Return the address of the lead story's picture, which is shown while there is no mosaic."""
    lead = next((item.article for item in digest.items if item.article.picture), None)
    return (safe_url(lead.thumbnail) if lead else None) or safe_url(digest.picture)


def _mosaic(digest: Digest, style: DigestStyle, options: LayoutOptions, day: Day) -> Mosaic | None:
    if not (options.has_pictures and options.has_mosaics):
        return None
    tiles = list(_tiles(digest, draws_categories=options.draws_categories))
    lead = next((at for at, tile in enumerate(tiles) if tile.picture), None)
    if lead is None:
        return None
    # The first tile is the large one.
    tiles.insert(0, tiles.pop(lead))
    return compose_mosaic(tiles[:MOST_TILES], options.secret, _cover(digest, day) if style.has_cover else None)


def _tiles(digest: Digest, *, draws_categories: bool) -> Iterator[Tile]:
    number = 0
    for group in digest.groups:
        for item in group.items:
            number += 1
            if item.article.picture:
                yield _tile(number, item.article.picture)
            elif draws_categories and group.heading:
                yield Tile(number, "", group.heading)


_tile = lru_cache(maxsize=4096)(Tile)


def _cover(digest: Digest, day: Day) -> CoverText:
    titles = [short_title(item.article, day.t, _HEADLINE_LENGTH) for item in digest.items[:_MOST_HEADLINES]]
    return CoverText(day.t("Your digest"), day.t.day(day.today), tuple(titles))
