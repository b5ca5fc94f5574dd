"""Headlines: titles alone, many on a screen, and what is beyond in a quote that opens with a tap (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from bot.limits import ENTITIES, MARKUP_BYTES, TEXT
from bot.render.article import shown_title, source_name, watched_html
from bot.render.layouts.frame import Day, day_of, heading, offer, opening, parts_of
from bot.render.layouts.options import LayoutOptions
from bot.render.shorten import DENSE, shorten
from bot.render.split import Block, Capacity, split_in_pieces
from bot.text.inert import inert_in_line
from bot.text.markup import Html, linked
from digests.model.article import Article
from digests.model.delivery import Part
from digests.model.digest import Digest
from digests.model.layout import DigestStyle

_WIDTH = 76
"""Of a title, in letters; a Chinese character is two letters wide. That is two lines on a telephone."""
_SOURCE_WIDTH = 26
"""Of a source: nearly all names are shorter."""
_ON_SCREEN = 15
_LEAST_BEYOND = 3
"""Fewer items are not worth a tap."""
_QUOTE, _END_OF_QUOTE = "<blockquote expandable>", "</blockquote>"
_QUOTED = Capacity(TEXT, ENTITIES - 1, MARKUP_BYTES - 64)


def render_headlines(digest: Digest, style: DigestStyle, _options: LayoutOptions, now: datetime) -> tuple[Part, ...]:
    """Return the digest's messages, each within Telegram's limits. They have no picture."""
    day = day_of(style, now)
    blocks, beyond = _blocks(digest, day)
    pages = split_in_pieces(blocks)
    if beyond:
        _append_quote(pages, beyond)
    if style.offers_magazine:
        _append_offer(pages, offer(day))
    return parts_of(pages, digest, style)


def _blocks(digest: Digest, day: Day) -> tuple[list[Block], list[Block]]:
    """Return what is on the first screen, and what is beyond it."""
    shown, beyond = opening(digest, day), list[Block]()
    count = sum([len(group.items) for group in digest.groups])
    most = count if count < _ON_SCREEN + _LEAST_BEYOND else _ON_SCREEN
    number = 0
    for group in digest.groups:
        again = heading(group.heading) if group.heading else None
        for at, item in enumerate(group.items):
            blocks = shown if number < most else beyond
            if again and (at == 0 or number == most):
                blocks.append(again)
            gap = 1 if at or again else 2
            if item.watched:
                blocks += (_item(item.article, item.also, day, gap, keep=True), _mark(item.watched))
            else:
                blocks.append(_item(item.article, item.also, day, gap))
            number += 1
    return shown, beyond


# The same articles are in very many digests, next to different others.
@lru_cache(maxsize=4096)
def _item(article: Article, also: tuple[Article, ...], day: Day, gap: int, keep: bool = False) -> Block:
    title = _narrow(shown_title(article, day.t), _WIDTH) or day.t("(untitled)")
    line = Html("• ") + linked(inert_in_line(title), article.url)
    if source := _narrow(source_name(article), _SOURCE_WIDTH):
        line = line + " · " + inert_in_line(source)
    others = {source_name(other) for other in also} - {"", source_name(article)}
    return Block(Html(f"{line} +{len(others)}") if others else line, gap, keep)


@lru_cache(maxsize=4096)
def _mark(watched: tuple[str, ...]) -> Block:
    return Block(Html(" · ") + watched_html(watched), gap=0)


def _narrow(text: str, width: int) -> str:
    """Return a text in about as many letters' width."""
    return shorten(text, width - len(DENSE.findall(text[:width])) // 2)


def _append_quote(pages: list[list[str]], beyond: Sequence[Block]) -> None:
    """Put what is beyond the screen into quotes: one in the last message as far as it has room, the rest in others."""
    last = Block(Html("".join(pages[-1])))
    room = Capacity(TEXT - last.length - 1, ENTITIES - last.entities - 1, MARKUP_BYTES - last.size - 64)
    begun, *further = split_in_pieces(beyond, _QUOTED, first=room)
    if begun:
        pages[-1] += ["\n" + _QUOTE, *begun, _END_OF_QUOTE]
    pages += [[_QUOTE, *page, _END_OF_QUOTE] for page in further]


def _append_offer(pages: list[list[str]], line: Block) -> None:
    last = Block(Html("".join(pages[-1])))
    if last.length + line.gap + line.length <= TEXT and last.entities + line.entities <= ENTITIES:
        pages[-1].append(line.spaced)
    else:
        pages.append([line.html])
