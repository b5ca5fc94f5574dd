"""Digests and lists as classic Telegram HTML, which every client shows (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.i18n import Translator
from bot.markup import LINE_BREAK, Html, escape, link, linked
from bot.render.lead import beyond_title
from bot.render.shorten import shorten
from bot.render.split import Block, split
from digests.compose.build import NO_OTHERS, Also
from digests.model.article import Article, is_day_alone
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
