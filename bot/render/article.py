"""Articles as classic Telegram HTML, which every client shows (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.i18n import Translator
from bot.render.lead import beyond_title
from bot.render.shorten import shorten
from bot.render.split import Block
from bot.text.inert import inert, inert_in_line, inert_pieces
from bot.text.markup import LINE_BREAK, Html, link, linked
from digests.model.article import Article, is_day_alone
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
_WATCHED_LENGTH = 24
_MOST_WATCHED = 3
_LONGEST_OTHER_ADDRESS = 512
"""Telegram limits the bytes of a message with its addresses, and an article has room for one that is longer."""

zone = lru_cache(maxsize=64)(ZoneInfo)


def article_html(
    article: Article,
    t: Translator,
    timezone: str,
    now: datetime,
    line: Sequence[Fragment] = (),
    also: Sequence[Article] = (),
    *,
    is_numbered: bool = False,
    title_length: int = TITLE_LENGTH,
    has_summary: bool = True,
) -> Html:
    """Return an article as digests show it: linked title, summary, source and time, and the story's other sources.

    `line` replaces the summary: the text around what was searched for, with the matches in bold. With `is_numbered`, a
    number stands before it.
    """
    title = short_title(article, t, title_length)
    lines = [link(inert_in_line(title) if is_numbered else inert(title), article.url)]
    if line and has_summary:
        lines.append(marked(line))
    elif has_summary and (summary := shown_summary(article, title)):
        lines.append(inert(summary))
    if when := source_and_time(article, t, timezone, now):
        lines.append(Html(f"<i>{when}</i>"))
    if names := also_in(article, also, t):
        lines.append(names)
    return LINE_BREAK.join(lines)


def shown_title(article: Article, t: Translator) -> str:
    """Return an article's title, or else its summary, or else that it has no title."""
    return article.title or article.summary or t("(untitled)")


def short_title(article: Article, t: Translator, limit: int = TITLE_LENGTH) -> str:
    """Return what is shown as an article's title, shortened."""
    return shorten(shown_title(article, t), limit) or t("(untitled)")


def shown_summary(article: Article, title: str) -> str:
    """Return what the summary says beyond the title that is shown, shortened; "" if it says no more."""
    summary = shorten(beyond_title(article.summary, title), SUMMARY_LENGTH, _SUMMARY_REACH)
    return summary if article.title and summary != article.title else ""


def source_and_time(article: Article, t: Translator, timezone: str, now: datetime) -> Html:
    """Return where an article is from and when it appeared, as far as that is known."""
    source = _name_html(source_name(article))
    when = _time_of(article, t, timezone, now)
    return Html(f"{source} · {when}") if source and when else source or Html(when)


def source_name(article: Article, limit: int = _NAME_LENGTH) -> str:
    """Return the name of an article's source, shortened; "" if it has none."""
    return _short_name(article.source or article.author, limit)


def also_in(article: Article, also: Sequence[Article], t: Translator) -> Html:
    """Return the story's other sources, each once, linked where possible; empty if there are none.

    A few are named and further ones counted, since Telegram limits links.
    """
    if not also:
        return Html()
    own = source_name(article)
    named: dict[str, Html] = {}
    for other in also:
        name = source_name(other)
        if name and name != own:
            named.setdefault(name, linked(_name_html(name), _short_address(other)))
    names = t.html(", ").join(list(named.values())[:_MOST_SOURCES])
    left = len(named) - _MOST_SOURCES
    if left > 0:
        return t.count_html("also in: {names} and {n} more", "also in: {names} and {n} more", left, names=names)
    return t.html("also in: {names}", names=names) if named else Html()


@lru_cache(maxsize=4096)
def watched_html(watched: Sequence[str]) -> Html:
    """Return the words of the reader's watches that found an article, behind an eye, as they were watched."""
    names = [_name_html(shorten(words, _WATCHED_LENGTH)) for words in watched[:_MOST_WATCHED]]
    left = len(watched) - _MOST_WATCHED
    return Html("👁 ") + Html(" · ").join([name for name in names if name]) + (f" +{left}" if left > 0 else "")


def story_html(
    articles: Sequence[Article], t: Translator, timezone: str, now: datetime, begin: int = 0
) -> Iterator[Block]:
    """Yield a story: its first article as digests show it, then each other with its source and time.

    They are numbered from `begin` on, unless that is 0.
    """
    first, *others = articles
    html = article_html(first, t, timezone, now, is_numbered=bool(begin))
    yield Block(Html(f"{begin}. ") + html if begin else html)
    for at, other in enumerate(others, 1):
        title = link(inert_in_line(short_title(other, t, _OTHER_LENGTH)), other.url)
        when = source_and_time(other, t, timezone, now)
        mark = f"{begin + at}." if begin else "•"
        yield Block(Html(f"{mark} {title}\n<i>{when}</i>" if when else f"{mark} {title}"), gap=2 if at == 1 else 1)


def marked(line: Sequence[Fragment]) -> Html:
    """Return a line with its matches in bold, but only the first few, since Telegram limits entities."""
    hits = 0
    parts: list[str] = []
    for piece, html in zip(line, inert_pieces([piece.text for piece in line]), strict=True):
        hits += piece.is_match
        parts.append(f"<b>{html}</b>" if piece.is_match and hits <= _MOST_MARKS else html)
    return Html("".join(parts))


# There are few sources, and each has very many articles.
_short_name = lru_cache(maxsize=2048)(shorten)
_name_html = lru_cache(maxsize=2048)(inert_in_line)


def _time_of(article: Article, t: Translator, timezone: str, now: datetime) -> str:
    if not article.is_dated:
        return ""
    # A day without a time is that day for every reader, wherever they are.
    day_only = is_day_alone(article.shown_at)
    shown = article.shown_at if day_only else article.shown_at.astimezone(zone(timezone))
    today = now.astimezone(zone(timezone)).date()
    if shown.year != today.year:
        return t.day_of_year(shown.date())
    if day_only:
        return t.short_day(shown.date())
    time = t.clock(shown.time())
    return time if shown.date() == today else f"{t.short_day(shown.date())} {time}"


def _short_address(article: Article) -> str | None:
    return article.url if article.url and len(article.url) <= _LONGEST_OTHER_ADDRESS else None
