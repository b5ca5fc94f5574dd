"""Stories: who else tells what a digest holds, and what several sources tell just now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.callbacks import Callback, Sources
from bot.handlers.context import Talk
from bot.markup import Html
from bot.render.digest import listing, story_html
from bot.render.split import Block, split
from digests.model.article import Article
from digests.model.ids import DeliveryId, StoryId
from digests.search.query import MAX_CHARACTERS

_HITS = 10
_RECENT = timedelta(days=3)


async def story(talk: Talk) -> None:
    """/story WORDS: the best hit that several sources tell, with all of them; alone: what most of them tell."""
    words = " ".join(talk.text.split())[:MAX_CHARACTERS]
    if not words:
        await _show_recent(talk)
        return
    page = await talk.house.lookup.find(words, await talk.house.categories.readers_tree(), _HITS)
    found = [hit.article for hit in page.hits]
    if not found:
        text = talk.words.html("I found nothing for “{words}”.", words=words[:100])
        await talk.reply(Html(text + " " + talk.words.html("Try fewer or other words, or /categories.")))
        return
    others = await talk.house.articles.others(found)
    best = next((one for one in found if others.get(one.id)), None)
    if best is None or best.story is None:
        heading = talk.words.html("🗞 <b>{words}</b> · one source alone tells this", words=words[:100])
        html, *_ = listing(heading, found[:1], talk.words, talk.place.timezone, talk.now)
        await talk.reply(html if len(found) == 1 else Html(f"{html}\n\n{_more(talk, words)}"))
        return
    more = any(one.story != best.story for one in found)
    heading = talk.words.html("🗞 <b>{words}</b>", words=words[:100])
    await _show(talk, heading, [best.story], _more(talk, words) if more else None)


def _more(talk: Talk, words: str) -> Html:
    return talk.words.html("More about it: <code>/search {words}</code>", words=words)


async def sources_pressed(talk: Talk, callback: Callback) -> None:
    """Below a digest: its stories with all their articles."""
    assert isinstance(callback, Sources)
    delivery = await talk.house.deliveries.get(DeliveryId(callback.delivery))
    if delivery is None or delivery.place.chat_id != talk.chat.id:
        await talk.answer(talk.words.say("This digest is too old to show more of it. /latest shows the newest."))
        return
    rendering = await talk.house.deliveries.rendering(delivery.rendering)
    articles = await talk.house.articles.get(rendering.items if rendering else ())
    if not await talk.drop_button():
        return
    stories = [one.story for one in articles if one.story is not None]
    await _show(talk, talk.words.html("🗞 <b>Who else tells it</b>"), stories)


async def _show_recent(talk: Talk) -> None:
    size = talk.house.settings.search.page_size
    stories = await talk.house.articles.stories_since(talk.now - _RECENT, size)
    if not stories:
        text = talk.words.html("No news of the last days is told by several sources.")
        hint = talk.words.html("Write <code>/story</code> and what it is about to see who tells it.")
        await talk.reply(Html(text + "\n" + hint))
        return
    await _show(talk, talk.words.html("🗞 <b>What several sources tell</b>"), stories)


async def _show(talk: Talk, heading: Html, stories: Sequence[StoryId], footer: Html | None = None) -> None:
    tellers = await talk.house.articles.of_stories(stories)
    blocks = [Block(heading, keep=True)]
    for one in stories:
        blocks.extend(_blocks(talk, tellers.get(one, ())))
    if footer is not None:
        blocks.append(Block(footer))
    for html in split(blocks):
        await talk.reply(html)


def _blocks(talk: Talk, articles: Sequence[Article]) -> Sequence[Block]:
    return list(story_html(articles, talk.words, talk.place.timezone, talk.now)) if articles else []
