"""The magazine: one rich message with contents, a lead story, and a picture beside every item (pure).

It is measured, never hoped: what is too much for a message is left out, summaries first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from bot.i18n import Translator
from bot.limits import RICH_MEDIA
from bot.render.article import (
    also_in,
    short_title,
    shown_summary,
    source_and_time,
    source_name,
    watched_html,
)
from bot.render.layouts.frame import Day, covers_html, day_of, heading_html, story_count
from bot.render.layouts.options import LayoutOptions
from bot.render.rich import measure, picture_html
from bot.text.inert import inert, inert_in_line
from bot.text.markup import Html, link
from digests.model.delivery import Part, RichText
from digests.model.digest import Digest, Group, Item
from digests.model.layout import DigestStyle

_MOST_ITEMS = 60
"""In a message: as many fit in any case, by their titles. Digests with more of them get further messages."""
_BREAK = "<br/>"


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much is shown: the summaries and pictures of so many items, and so many of a category without a tap."""

    summaries: int = _MOST_ITEMS
    pictures: int = RICH_MEDIA
    open_items: int = 5
    has_sources: bool = True


# What is left out one after the other, until the message fits.
_LESS_TEXT = (_Detail(), _Detail(summaries=20), _Detail(summaries=1), _Detail(summaries=1, has_sources=False))
_LESS_BLOCKS = (
    _Detail(summaries=1, has_sources=False, pictures=12),
    _Detail(summaries=1, has_sources=False, pictures=1),
    _Detail(summaries=0, has_sources=False, pictures=1, open_items=1),
    _Detail(summaries=0, has_sources=False, pictures=0, open_items=0),
)


def render_magazine(digest: Digest, style: DigestStyle, options: LayoutOptions, now: datetime) -> tuple[Part, ...]:
    """Return the digest as a rich message within Telegram's limits, or as several if it has very many items."""
    day = day_of(style, now)
    most = 0 if not options.has_pictures else RICH_MEDIA if options.has_mosaics else 1
    issues = _issues(digest)
    last = len(issues) - 1
    stories = story_count(digest)
    return tuple(
        [
            Part("", rich=_rich(issue, day, most), stories=stories if number == last else 0)
            for number, issue in enumerate(issues)
        ]
    )


def _issues(digest: Digest) -> list[Digest]:
    """Return the digest in as many parts as its items need."""
    items = [(group.heading, item) for group in digest.groups for item in group.items]
    if len(items) <= _MOST_ITEMS:
        return [digest]
    return [_digest_of(digest, items[at : at + _MOST_ITEMS]) for at in range(0, len(items), _MOST_ITEMS)]


def _digest_of(digest: Digest, items: Sequence[tuple[str, Item]]) -> Digest:
    grouped: dict[str, list[Item]] = {}
    for heading, item in items:
        grouped.setdefault(heading, []).append(item)
    return replace(digest, groups=tuple([Group(heading, tuple(some)) for heading, some in grouped.items()]))


def _rich(digest: Digest, day: Day, most_pictures: int) -> RichText:
    """Return the message with as much detail as fits."""
    for detail in (*_LESS_TEXT, *_LESS_BLOCKS):
        rich = _Issue(digest, day, replace(detail, pictures=min(detail.pictures, most_pictures))).rich()
        if measure(rich.html).fits:
            return rich
    raise ValueError("an issue of the magazine fits no message")


class _Issue:
    """One message on its way: it counts what it has shown."""

    def __init__(self, digest: Digest, day: Day, detail: _Detail) -> None:
        self._digest = digest
        self._day = day
        self._detail = detail
        self._pictures: list[str] = []
        self._summaries = 0

    def rich(self) -> RichText:
        lead = _lead(self._digest.items, has_pictures=self._detail.pictures > 0)
        groups = [
            (number, group.heading, [item for item in group.items if item is not lead])
            for number, group in enumerate(self._digest.groups, 1)
        ]
        groups = [group for group in groups if group[2]]
        html = [*self._opening(groups), *self._lead_story(lead)]
        for number, heading, items in groups:
            html += self._category(number, heading, items)
        if len(groups) > 1:
            label = self._day.t.html("⬆ Back to the contents")
            html.append(f'<p><a href="#top">{label}</a></p>')
        return RichText("".join(html), tuple(self._pictures))

    def _opening(self, groups: Sequence[tuple[int, str, Sequence[Item]]]) -> Iterator[str]:
        day, t = self._day, self._day.t
        title = t.html("Your digest")
        yield f'<a name="top"></a><h1>{title}</h1>'
        yield f"<p><i>{t.day(day.today)} · {_inside(self._digest, day)}</i></p>"
        if covers := covers_html(self._digest, day):
            yield f"<p><i>{covers}</i></p>"
        named = [(number, heading, items) for number, heading, items in groups if heading_html(heading)]
        if len(named) > 1:
            links = [
                f'<a href="#c{number}">{heading_html(heading)}</a> {len(items)}' for number, heading, items in named
            ]
            yield f"<p>{' · '.join(links)}</p>"

    def _lead_story(self, lead: Item) -> Iterator[str]:
        article, day = lead.article, self._day
        title = short_title(article, day.t)
        yield self._picture(lead)
        yield f"<h2>{link(_title_html(title, day.t), article.url)}</h2>"
        if self._has_summary() and (summary := inert(shown_summary(article, title) or "")):
            yield f"<p>{summary}</p>"
        category = heading_html(article.categories[0]) if article.categories else Html()
        said = [text for text in (category, source_and_time(article, day.t, day.timezone, day.noon)) if text]
        lines = [Html(f"<i>{' · '.join(said)}</i>")] if said else []
        lines += [names] if self._detail.has_sources and (names := also_in(article, lead.also, day.t)) else []
        lines += [watched_html(lead.watched)] if lead.watched else []
        if lines:
            yield f"<p>{_BREAK.join(lines)}</p>"

    def _category(self, number: int, heading: str, items: Sequence[Item]) -> Iterator[str]:
        if name := heading_html(heading):
            yield f'<a name="c{number}"></a><h2>{name}</h2>'
        shown, further = items[: self._detail.open_items], items[self._detail.open_items :]
        for item in shown:
            yield self._picture(item)
            yield self._paragraph(item)
        if further:
            t = self._day.t
            label = t.count_html("{n} story", "{n} stories", len(further))
            if shown:
                label = t.count_html("{n} more story", "{n} more stories", len(further))
            yield f"<details><summary>{label}</summary>{''.join(map(self._paragraph, further))}</details>"

    def _picture(self, item: Item) -> str:
        if not item.article.picture or len(self._pictures) >= self._detail.pictures:
            return ""
        self._pictures.append(item.article.picture)
        return picture_html(len(self._pictures))

    def _paragraph(self, item: Item) -> str:
        return _paragraph(item, self._day, self._has_summary(), self._detail.has_sources)

    def _has_summary(self) -> bool:
        self._summaries += 1
        return self._summaries <= self._detail.summaries


def _title_html(title: str, t: Translator) -> Html:
    """Return a title that says something: nothing is left of control characters, and Telegram refuses empty blocks."""
    return inert(title) or t.html("(untitled)")


def _lead(items: Sequence[Item], *, has_pictures: bool) -> Item:
    """Return the lead story: the first with a picture, else the first."""
    return next((item for item in items if has_pictures and item.article.picture), items[0])


def _inside(digest: Digest, day: Day) -> Html:
    """Return a line on what is inside."""
    items = digest.items
    sources = {name for item in items for article in (item.article, *item.also) if (name := source_name(article))}
    stories = day.t.count_html("{n} story", "{n} stories", len(items))
    if len(sources) < 2:
        return inert_in_line(next(iter(sources))) + " · " + stories if sources else stories
    return day.t.count_html("{stories} from {n} source", "{stories} from {n} sources", len(sources), stories=stories)


# The same articles are in very many magazines, next to different others.
@lru_cache(maxsize=4096)
def _paragraph(item: Item, day: Day, has_summary: bool, has_sources: bool) -> str:
    article, t = item.article, day.t
    title = short_title(article, t)
    name = link(_title_html(title, t), article.url)
    lines: list[str] = [f"<b>{name}</b>" if name.startswith("<a") else name]
    if has_summary and (summary := inert(shown_summary(article, title) or "")):
        lines.append(summary)
    if when := source_and_time(article, t, day.timezone, day.noon):
        lines.append(f"<i>{when}</i>")
    if has_sources and (names := also_in(article, item.also, t)):
        lines.append(names)
    if item.watched:
        lines.append(watched_html(item.watched))
    return f"<p>{_BREAK.join(lines)}</p>"
