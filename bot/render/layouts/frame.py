"""What layouts have in common: the digest's title, its headings, its last line, and the messages they make (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from bot.i18n import Translator, translator
from bot.render.article import watched_html, zone
from bot.render.shorten import shorten
from bot.render.split import Block
from bot.text.inert import inert_in_line
from bot.text.markup import Html
from digests.model.delivery import Part
from digests.model.digest import Digest
from digests.model.layout import DigestStyle
from digests.model.mosaic import Mosaic

_HEADING_LENGTH = 60


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """What all digests of a day share that have the same language and zone. There is only one object of each."""

    t: Translator
    timezone: str
    today: date
    noon: datetime


def day_of(style: DigestStyle, now: datetime) -> Day:
    """Return the day on which a digest is rendered, as its reader has it."""
    return _day_at(style.language, style.timezone, now)


# A run of planning has one moment, and tens of thousands of digests.
@lru_cache(maxsize=64)
def _day_at(language: str, timezone: str, now: datetime) -> Day:
    return _day(language, timezone, now.astimezone(zone(timezone)).date())


@lru_cache(maxsize=64)
def _day(language: str, timezone: str, today: date) -> Day:
    return Day(translator(language), timezone, today, datetime.combine(today, time(12), zone(timezone)))


def opening(digest: Digest, day: Day, *, is_at_once: bool = False) -> list[Block]:
    """Return the digest's title and, where that is not simply the last day, what it covers."""
    blocks = [_title(day, is_at_once=is_at_once)]
    if digest.covers:
        blocks.append(Block(Html(f"<i>{covers_html(digest, day)}</i>"), gap=1))
    return blocks


def covers_html(digest: Digest, day: Day) -> Html:
    """Return the time that a digest covers, in words; empty if that is simply the last day."""
    if digest.covers is None:
        return Html()
    start, end = day.t.moment(digest.covers.start, day.timezone), day.t.moment(digest.covers.end, day.timezone)
    return day.t.html("Covers everything from {start} to {end}", start=start, end=end)


@lru_cache(maxsize=16)
def _title(day: Day, *, is_at_once: bool) -> Block:
    if is_at_once:
        return Block(day.t.html("👁 <b>Just in, with what you watch</b>"), gap=0)
    return Block(day.t.html("📰 <b>Your digest</b> · {day}", day=day.t.day(day.today)), gap=0)


@lru_cache(maxsize=512)
def heading(text: str, gap: int = 2) -> Block:
    """Return the heading of a category."""
    return Block(Html(f"▍<b>{heading_html(text)}</b>"), gap, keep=True)


def heading_html(text: str) -> Html:
    """Return the name of a category, shortened."""
    return inert_in_line(shorten(text, _HEADING_LENGTH))


@lru_cache(maxsize=16)
def offer(day: Day) -> Block:
    """Return the last line of a digest that offers the magazine."""
    return Block(day.t.html("✨ <i>This digest can also be a magazine, with a picture beside every story.</i>"))


@lru_cache(maxsize=4096)
def watched_line(watched: tuple[str, ...]) -> Block:
    """Return the line below an item that says which of the reader's watches found it."""
    return Block(watched_html(watched), gap=1)


def parts_of(
    pages: Sequence[Sequence[str]],
    digest: Digest,
    style: DigestStyle,
    *,
    picture: str | None = None,
    mosaic: Mosaic | None = None,
    is_caption: bool = False,
) -> tuple[Part, ...]:
    """Return the messages with these texts, in pieces. The first has the picture, the last what goes below the digest.

    The first is a caption of the mosaic with `is_caption`.
    """
    texts = [tuple(pieces) for pieces in pages]
    stories, offers = story_count(digest), style.offers_magazine
    if len(texts) == 1:
        return (Part(texts[0], picture, None, stories, mosaic=mosaic, is_caption=is_caption, offers_magazine=offers),)
    first = Part(texts[0], picture, mosaic=mosaic, is_caption=is_caption)
    last = Part(texts[-1], stories=stories, offers_magazine=offers)
    return (first, *map(Part, texts[1:-1]), last)


def story_count(digest: Digest) -> int:
    """Return how many items other sources report too."""
    return sum([1 for group in digest.groups for item in group.items if item.also])
