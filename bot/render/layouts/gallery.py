"""The gallery: numbered items below a mosaic of their pictures, which are numbered likewise (pure).

The number stands in a piece of its own, so that an article's lines are one piece at whatever place they are.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from bot.limits import CAPTION
from bot.render.article import article_html
from bot.render.cover import cover_text
from bot.render.layouts.frame import Day, day_of, heading, offer, opening, parts_of, watched_line
from bot.render.layouts.options import LayoutOptions
from bot.render.split import Block, Capacity, split_in_pieces
from bot.text.markup import Html, safe_url
from digests.model.article import Article
from digests.model.delivery import Part
from digests.model.digest import Digest
from digests.model.layout import DigestStyle
from digests.model.mosaic import MOST_TILES, CoverText, Mosaic, TileValues, compose_mosaic

_CAPTION = Capacity(CAPTION)


def render_gallery(digest: Digest, style: DigestStyle, options: LayoutOptions, now: datetime) -> tuple[Part, ...]:
    """Return the digest's messages, each within Telegram's limits; the first has the mosaic.

    Where Telegram can't fetch mosaics, the first text is short enough for the caption of one, and the next goes on
    where it stops. Without any pictures it is a numbered list.
    """
    day = day_of(style, now)
    blocks, tiles, lead = _blocks(digest, day, draws_categories=options.draws_categories)
    if style.offers_magazine:
        blocks.append(offer(day))
    mosaic = None
    if options.has_pictures and options.has_mosaics and tiles:
        mosaic = _mosaic(tiles, options.secret, _cover(digest, day) if style.has_cover else None)
    is_caption = mosaic is not None and not options.has_previews
    pages = split_in_pieces(blocks, first=_CAPTION if is_caption or style.is_caption else None)
    picture = None
    if options.has_pictures:
        # While there is no mosaic, the lead story's own picture is shown.
        picture = (safe_url(lead.thumbnail) if lead else None) or safe_url(digest.picture)
    return parts_of(pages, digest, style, picture=picture, mosaic=mosaic, is_caption=is_caption)


def _blocks(
    digest: Digest, day: Day, *, draws_categories: bool
) -> tuple[list[Block], list[TileValues], Article | None]:
    """Return the text, the tiles in the order of the text, and the lead story: the first with a picture."""
    blocks, tiles = opening(digest, day), list[TileValues]()
    lead = None
    number = 0
    for group in digest.groups:
        category = group.heading
        numbers, following = _numbers(category)
        if category:
            blocks.append(heading(category))
        for item in group.items:
            number += 1
            if item.watched:
                blocks += (numbers[number], _item(item.article, item.also, day, keep=True), watched_line(item.watched))
            else:
                blocks += (numbers[number], _item(item.article, item.also, day))
            numbers = following
            if picture := item.article.picture:
                tiles.append((number, picture, ""))
                lead = lead or item.article
            elif draws_categories and category:
                tiles.append((number, "", category))
    return blocks, tiles, lead


class _Numbers(dict[int, Block]):
    """The numbers of a category's items; at the beginning of a further message the category is named again."""

    def __init__(self, gap: int, again: Block | None) -> None:
        super().__init__()
        self._gap = gap
        self._again = again

    def __missing__(self, number: int) -> Block:
        made = self[number] = Block(Html(f"{number}. "), self._gap, keep=True, again=self._again)
        return made


@lru_cache(maxsize=512)
def _numbers(category: str) -> tuple[_Numbers, _Numbers]:
    """Return the numbers of a category's first item, below its heading if it has one, and of those that follow."""
    again = heading(category) if category else None
    return _Numbers(1 if category else 2, again), _Numbers(2, again)


# The same articles are in very many digests, next to different others.
@lru_cache(maxsize=4096)
def _item(article: Article, also: tuple[Article, ...], day: Day, keep: bool = False) -> Block:
    html = article_html(article, day.t, day.timezone, day.noon, also=also, is_numbered=True)
    return Block(html, gap=0, keep=keep)


def _mosaic(tiles: list[TileValues], secret: bytes, cover: CoverText | None) -> Mosaic | None:
    """Return the mosaic, with the first picture as its first tile, which is the large one; None if there is none."""
    # Nearly always the first.
    if not tiles[0][1]:
        lead = next((at for at, (_, picture, _) in enumerate(tiles) if picture), None)
        if lead is None:
            return None
        tiles.insert(0, tiles.pop(lead))
    return compose_mosaic(tiles[:MOST_TILES], secret, cover)


def _cover(digest: Digest, day: Day) -> CoverText:
    return cover_text(day.t("Your digest"), day.today, [item.article for item in digest.items], day.t)
