"""/top: what most sources tell, today and this week, without what the place mutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.callbacks import TopButton
from bot.handlers.context import Context
from bot.handlers.services import ArticleServices
from bot.keyboards.top import top_keyboard
from bot.render.top import article_for, top_html
from digests.model.article import Article
from digests.model.ids import StoryId
from digests.model.local_days import last_days
from digests.model.top import LeftOut, ToldStory
from digests.model.wish import Matter, WishKind

PAGE_SIZE = 10
TODAY, THIS_WEEK = 1, 7
_MOST_PAGES = 20
_DAY = timedelta(days=1)


async def top(context: Context, services: ArticleServices) -> None:
    """Show what most sources tell today; the buttons below lead to the week."""
    await _show_top(context, services, TopButton(TODAY))


async def top_pressed(context: Context, services: ArticleServices, pressed: TopButton) -> None:
    """Show the days and the page that the button names."""
    if pressed.days in (TODAY, THIS_WEEK) and pressed.page < _MOST_PAGES:
        await _show_top(context, services, pressed)


async def _show_top(context: Context, services: ArticleServices, at: TopButton) -> None:
    days = last_days(context.now, context.place.timezone, at.days)
    left_out = await _left_out(context, services)
    told, total = await services.top.top(days, context.now - _DAY, left_out, PAGE_SIZE, at.page * PAGE_SIZE)
    if not told and at.page:
        # There are fewer by now than when the button was shown.
        await _show_top(context, services, TopButton(at.days))
        return
    members = await services.articles.of_stories([story.story for story in told])
    stories = _with_articles(members, told, left_out)
    totals = {story: len(articles) for story, articles in members.items()}
    t = context.t
    heading = t.html("🔥 <b>Most covered today</b>")
    if at.days == THIS_WEEK:
        heading = t.html("🔥 <b>Most covered this week</b>")
    if not stories:
        heading = heading + "\n" + t.html("No story is covered by several sources yet.")
    html = top_html(heading, stories, at.page * PAGE_SIZE + 1, totals, t, is_week=at.days == THIS_WEEK)
    pages = min(_MOST_PAGES, -(-total // PAGE_SIZE))
    await context.show(html, top_keyboard([article for _, article in stories], at, pages, PAGE_SIZE, t))


def _with_articles(
    members: Mapping[StoryId, Sequence[Article]], told: Sequence[ToldStory], left_out: LeftOut
) -> list[tuple[ToldStory, Article]]:
    chosen = [(story, article_for(members.get(story.story, ()), left_out.sources)) for story in told]
    return [(story, article) for story, article in chosen if article is not None]


async def _left_out(context: Context, services: ArticleServices) -> LeftOut:
    """Return what the place mutes."""
    tree = await services.categories.readers_tree()
    mutes = [wish for wish in await services.wishes.of(context.place) if wish.kind is WishKind.MUTE]
    muted = [wish.subject.category for wish in mutes if wish.subject.category is not None]
    return LeftOut(
        categories=frozenset(tree.with_descendants(muted)),
        sources=frozenset(wish.subject.value for wish in mutes if wish.subject.matter is Matter.SOURCE),
        queries=frozenset(wish.query for wish in mutes if wish.query is not None),
    )
