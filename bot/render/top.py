"""What most sources tell, as a numbered list (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.i18n import Translator
from bot.render.article import short_title
from bot.text.inert import inert_in_line
from bot.text.markup import LINE_BREAK, Html, link
from digests.model.article import Article
from digests.model.ids import StoryId
from digests.model.top import ToldStory

GREW = "▲"
_TITLE = 110


def top_html(
    heading: Html,
    stories: Sequence[tuple[ToldStory, Article]],
    first: int,
    totals: Mapping[StoryId, int],
    t: Translator,
    *,
    is_week: bool,
) -> Html:
    """Return the stories, each with the article that stands for it, numbered from `first` on.

    `totals` are the sources that ever told each, as searches show them; those of the days alone decide the order.
    """
    lines = [
        _line(number, story, article, totals.get(story.story, 0), t, is_week=is_week)
        for number, (story, article) in enumerate(stories, first)
    ]
    if any(story.grew for story, _ in stories):
        lines.append(t.html("<i>{mark} more sources than a day ago</i>", mark=GREW))
    return (LINE_BREAK + LINE_BREAK).join([heading, *lines])


def _line(number: int, story: ToldStory, article: Article, total: int, t: Translator, *, is_week: bool) -> Html:
    title = link(inert_in_line(short_title(article, t, _TITLE)), article.url)
    sources = _sources(story.sources, total, t, is_week=is_week)
    return Html(f"{number}. {title}\n<i>{sources}</i>{f' {GREW}' if story.grew else ''}")


def _sources(counted: int, total: int, t: Translator, *, is_week: bool) -> str:
    """Return how many sources tell a story: in the days, and in all where those are more."""
    if total <= counted:
        return t.count("{n} source", "{n} sources", counted)
    shown = t.number(total)
    if is_week:
        return t.count(
            "{n} source this week, {total} in all", "{n} sources this week, {total} in all", counted, total=shown
        )
    return t.count("{n} source today, {total} in all", "{n} sources today, {total} in all", counted, total=shown)


def article_for(articles: Sequence[Article], left_out: Collection[str]) -> Article | None:
    """Return the article that stands for a story: the earliest that is of no source that is left out."""
    return next((article for article in articles if article.source not in left_out), next(iter(articles), None))
