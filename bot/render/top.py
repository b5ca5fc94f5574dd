"""What most sources tell, as a numbered list (pure)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.i18n import Translator
from bot.render.article import short_title
from bot.text.inert import inert_in_line
from bot.text.markup import LINE_BREAK, Html, link
from digests.model.article import Article
from digests.model.top import ToldStory

GREW = "▲"
_TITLE = 110


def top_html(heading: Html, stories: Sequence[tuple[ToldStory, Article]], first: int, t: Translator) -> Html:
    """Return the stories, each with the article that stands for it, numbered from `first` on."""
    lines = [_line(number, story, article, t) for number, (story, article) in enumerate(stories, first)]
    if any(story.grew for story, _ in stories):
        lines.append(t.html("<i>{mark} more sources than a day ago</i>", mark=GREW))
    return (LINE_BREAK + LINE_BREAK).join([heading, *lines])


def _line(number: int, story: ToldStory, article: Article, t: Translator) -> Html:
    title = link(inert_in_line(short_title(article, t, _TITLE)), article.url)
    sources = t.count("{n} source", "{n} sources", story.sources)
    return Html(f"{number}. {title}\n<i>{sources}</i>{f' {GREW}' if story.grew else ''}")


def article_for(articles: Sequence[Article], left_out: Collection[str]) -> Article | None:
    """Return the article that stands for a story: the earliest that is of no source that is left out."""
    return next((article for article in articles if article.source not in left_out), next(iter(articles), None))
