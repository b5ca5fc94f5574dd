"""Digests and lists as classic Telegram HTML (pure): what every client shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.render.cut import cut
from bot.render.markup import Html, escape, link, safe_url
from bot.render.split import Block, split
from bot.texts import Speech, speech
from digests.search.snippet import Piece
from digests.types import Article, ArticleId, Digest, Part

TITLE_LENGTH = 140
SUMMARY_LENGTH = 160
_NAME_LENGTH = 40
_MOST_MARKS = 6
_NO_LINES: Mapping[ArticleId, Sequence[Piece]] = MappingProxyType({})
_HEADING_LENGTH = 60


class ClassicRenderer:
    """Renders what goes out by itself. Equal input gives equal output, so that equal digests are rendered once."""

    def render(self, digest: Digest, language: str, timezone: str, now: datetime) -> tuple[Part, ...]:
        """The digest's messages, each within Telegram's limits; the picture goes with the first."""
        words = speech(language)
        pages = split(_digest_blocks(digest, words, timezone, now))
        picture = safe_url(digest.picture)
        return tuple(Part(html, picture if number == 0 else None) for number, html in enumerate(pages))

    def render_empty(self, language: str) -> tuple[Part, ...]:
        return (Part(speech(language).html("Nothing new in your categories today.")),)


def _digest_blocks(digest: Digest, words: Speech, timezone: str, now: datetime) -> Iterator[Block]:
    today = now.astimezone(ZoneInfo(timezone)).date()
    yield Block(words.html("📰 <b>Your digest</b> · {day}", day=words.day(today)), keep=True)
    if digest.covers:
        yield Block(
            words.html(
                "<i>With all that came from {start} to {end}</i>",
                start=words.moment(digest.covers.start, timezone),
                end=words.moment(digest.covers.end, timezone),
            ),
            gap=1,
            keep=True,
        )
    for group in digest.groups:
        if group.heading:
            yield Block(Html(f"▍<b>{escape(cut(group.heading, _HEADING_LENGTH))}</b>"), keep=True)
        for number, item in enumerate(group.items):
            gap = 1 if group.heading and number == 0 else 2
            yield Block(_item_html(item.article, words.language, timezone, today), gap=gap)


# The same articles are in the digests of very many, beside different others.
@lru_cache(maxsize=4096)
def _item_html(article: Article, language: str, timezone: str, today: date) -> Html:
    return article_html(article, speech(language), timezone, datetime.combine(today, time(12), ZoneInfo(timezone)))


def article_html(article: Article, words: Speech, timezone: str, now: datetime, line: Sequence[Piece] = ()) -> Html:
    """An article as a digest shows it: its title as a link, its summary line, its source and time.

    `line` takes the place of the summary: the text around what was looked for, with the matches in bold.
    """
    lines = [link(cut(shown_title(article, words), TITLE_LENGTH), article.url)]
    summary = cut(article.summary, SUMMARY_LENGTH)
    if line:
        lines.append(marked(line))
    elif summary and article.title and summary != article.title:
        lines.append(escape(summary))
    lines.append(Html(f"<i>{escape(_source_and_time(article, words, timezone, now))}</i>"))
    return Html("\n".join(lines))


def listing(
    heading: Html,
    articles: Sequence[Article],
    words: Speech,
    timezone: str,
    now: datetime,
    lines: Mapping[ArticleId, Sequence[Piece]] = _NO_LINES,
) -> tuple[Html, ...]:
    """A page of articles under a heading. It has few of them, so that it is one message."""
    blocks = [Block(heading, keep=bool(articles))]
    blocks.extend(Block(article_html(one, words, timezone, now, lines.get(one.id, ()))) for one in articles)
    return split(blocks)


def marked(line: Sequence[Piece]) -> Html:
    """A line with its matches in bold; at most a few of them, since Telegram counts every mark."""
    hits = 0
    parts: list[str] = []
    for piece in line:
        hits += piece.hit
        parts.append(f"<b>{escape(piece.text)}</b>" if piece.hit and hits <= _MOST_MARKS else escape(piece.text))
    return Html("".join(parts))


def shown_title(article: Article, words: Speech) -> str:
    """The title; for an article without one its first words, or that it has none."""
    return article.title or article.summary or words.say("(without a title)")


def _source_and_time(article: Article, words: Speech, timezone: str, now: datetime) -> str:
    zone = ZoneInfo(timezone)
    shown = article.shown_at.astimezone(zone)
    today = now.astimezone(zone).date()
    time = shown.strftime("%H:%M")
    if shown.date() != today:
        time = f"{words.short_day(shown.date())} {time}"
    if shown.year != today.year:
        time = f"{words.short_day(shown.date())} {shown.year}"
    source = cut(article.source or article.author, _NAME_LENGTH)
    return f"{source} · {time}" if source else time
