"""Digests and lists as classic Telegram HTML, which every client shows (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.i18n import Translator, translator
from bot.markup import LINE_BREAK, Html, escape, link, linked, safe_url
from bot.render.lead import beyond_title
from bot.render.shorten import shorten
from bot.render.split import Block, split, split_in_pieces
from digests.compose.build import NO_OTHERS, Also
from digests.model.article import Article, is_day_alone
from digests.model.delivery import Part
from digests.model.digest import Digest, Item
from digests.model.ids import ArticleId
from digests.search.snippet import Fragment

TITLE_LENGTH = 140
"""Characters of a title, beyond which it is shortened."""
SUMMARY_LENGTH = 160
"""Characters of a summary, beyond which it is shortened."""
_SUMMARY_REACH = 40
"""Characters more that a summary may have if they complete its sentence."""
_NAME_LENGTH = 40
_MOST_MARKS = 6
_MOST_SOURCES = 4
_OTHER_LENGTH = 100
_NO_LINES: Mapping[ArticleId, Sequence[Fragment]] = MappingProxyType({})
_HEADING_LENGTH = 60


class ClassicRenderer:
    """The `Renderer` port. Equal input gives equal output, so that equal digests are rendered once."""

    def render(self, digest: Digest, language: str, timezone: str, now: datetime) -> tuple[Part, ...]:
        """Return the digest's messages, each within Telegram's limits; the first has the picture."""
        pages = split_in_pieces(
            _digest_blocks(digest, _page(language, timezone, now.astimezone(_zone(timezone)).date()))
        )
        picture = safe_url(digest.picture)
        stories = sum([1 for group in digest.groups for item in group.items if item.also])
        last = len(pages) - 1
        return tuple(
            [
                Part(tuple(pieces), None if number else picture, stories=stories if number == last else 0)
                for number, pieces in enumerate(pages)
            ]
        )

    def render_empty(self, language: str) -> tuple[Part, ...]:
        """Return the message that is sent when there is nothing new."""
        return (Part(translator(language).html("Nothing new in your categories today.")),)


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


def article_html(
    article: Article,
    t: Translator,
    timezone: str,
    now: datetime,
    line: Sequence[Fragment] = (),
    also: Sequence[Article] = (),
) -> Html:
    """Return an article as digests show it: linked title, summary, source and time, and the story's other sources.

    `line` replaces the summary: the text around what was searched for, with the matches in bold.
    """
    title = shorten(shown_title(article, t), TITLE_LENGTH)
    lines = [link(title, article.url)]
    summary = shorten(beyond_title(article.summary, title), SUMMARY_LENGTH, _SUMMARY_REACH)
    if line:
        lines.append(marked(line))
    elif summary and article.title and summary != article.title:
        lines.append(escape(summary))
    lines.append(Html(f"<i>{escape(_source_and_time(article, t, timezone, now))}</i>"))
    if names := _linked_sources(article, also):
        lines.append(_also_in(names, t))
    return LINE_BREAK.join(lines)


def _linked_sources(article: Article, also: Sequence[Article]) -> list[Html]:
    """Return the other sources' names, each once, linked to their articles where those have addresses."""
    named: dict[str, Html] = {}
    for other in also:
        name = shorten(_source_of(other), _NAME_LENGTH)
        if name and name != shorten(_source_of(article), _NAME_LENGTH):
            named.setdefault(name, linked(name, other.url))
    return list(named.values())


def _also_in(names: Sequence[Html], t: Translator) -> Html:
    """Return a few sources and the number of further ones, since Telegram limits links."""
    shown = t.html(", ").join(names[:_MOST_SOURCES])
    left = len(names) - _MOST_SOURCES
    if left > 0:
        return t.count_html("also in: {names} and {n} more", "also in: {names} and {n} more", left, names=shown)
    return t.html("also in: {names}", names=shown)


def story_html(articles: Sequence[Article], t: Translator, timezone: str, now: datetime) -> Iterator[Block]:
    """Yield a story: its first article as digests show it, then each other with its source and time."""
    first, *others = articles
    yield Block(article_html(first, t, timezone, now))
    for number, other in enumerate(others):
        title = link(shorten(shown_title(other, t), _OTHER_LENGTH), other.url)
        when = escape(_source_and_time(other, t, timezone, now))
        yield Block(Html(f"• {title}\n<i>{when}</i>"), gap=2 if number == 0 else 1)


def listing(
    heading: Html,
    articles: Sequence[Article],
    t: Translator,
    timezone: str,
    now: datetime,
    lines: Mapping[ArticleId, Sequence[Fragment]] = _NO_LINES,
    also: Also = NO_OTHERS,
) -> tuple[Html, ...]:
    """Return a page of articles under a heading. A page is short enough to be one message.

    `lines` are those around what was searched for, `also` are the other sources' articles; both by article.
    """
    blocks = [Block(heading, keep=bool(articles))]
    blocks.extend(
        Block(article_html(article, t, timezone, now, lines.get(article.id, ()), also.get(article.id, ())))
        for article in articles
    )
    return split(blocks)


def marked(line: Sequence[Fragment]) -> Html:
    """Return a line with its matches in bold, but only the first few, since Telegram limits entities."""
    hits = 0
    parts: list[str] = []
    for piece in line:
        hits += piece.is_match
        parts.append(f"<b>{escape(piece.text)}</b>" if piece.is_match and hits <= _MOST_MARKS else escape(piece.text))
    return Html("".join(parts))


def shown_title(article: Article, t: Translator) -> str:
    """Return an article's title, or else its summary, or else that it has no title."""
    return article.title or article.summary or t("(untitled)")


def _source_and_time(article: Article, t: Translator, timezone: str, now: datetime) -> str:
    source = shorten(_source_of(article), _NAME_LENGTH)
    if not article.is_dated:
        return source
    zone = ZoneInfo(timezone)
    # A day without a time is that day for every reader, wherever they are.
    day_only = is_day_alone(article.shown_at)
    shown = article.shown_at if day_only else article.shown_at.astimezone(zone)
    today = now.astimezone(zone).date()
    time = shown.strftime("%H:%M")
    if shown.year != today.year:
        time = f"{t.short_day(shown.date())} {shown.year}"
    elif day_only:
        time = t.short_day(shown.date())
    elif shown.date() != today:
        time = f"{t.short_day(shown.date())} {time}"
    return f"{source} · {time}" if source else time


def _source_of(article: Article) -> str:
    return article.source or article.author
