"""/why: why an article came in the digest or did not, and what changes that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from telegram import InlineKeyboardMarkup, Message, MessageEntity

from bot.callbacks import ActionButton, Button, WhyButton
from bot.handlers.context import Context
from bot.handlers.rights import message_of
from bot.handlers.services import ReaderServices
from bot.keyboards.base import choice_keyboard
from bot.keyboards.why import why_keyboard
from bot.render.article import short_title
from bot.render.card import gone_text
from bot.render.why import why_html
from digests.model.article import Article
from digests.model.article_address import addresses_in
from digests.model.dialogs import AwaitedReply, Question
from digests.model.ids import ArticleId
from digests.search.query import MAX_CHARACTERS

_START = re.compile(r"(?:^|start=|startapp=)a_([0-9]{1,15})(?![0-9A-Za-z_-])")
_MOST = 8
"""Articles to choose from."""
_MOST_ADDRESSES = 40
_MOST_LINES = 6
_NUMBER = re.compile(r"^\s*(?:\d{1,2}\.|[•▍📰])\s*")


async def why(context: Context, services: ReaderServices) -> None:
    """Say why the article came or did not that is named, by a link or words, or that the command replies to."""
    quoted = _quoted(context)
    if not context.text and quoted is None:
        await _ask(context, services)
        return
    await _explain_named(context, services, context.text, quoted)


async def why_answered(context: Context, services: ReaderServices, _about: str) -> None:
    """Take what was written after `why` asked for it; a message that is forwarded counts with its links."""
    await _explain_named(context, services, context.text, message_of(context.update))


async def why_pressed(context: Context, services: ReaderServices, pressed: WhyButton) -> None:
    """Say why the article came or did not that the button names."""
    found = await services.articles.get([ArticleId(pressed.article)])
    if found:
        await _explain(context, services, found[0])
    else:
        await context.answer(gone_text(context.t), alert=True)


async def _ask(context: Context, services: ReaderServices) -> None:
    if not context.is_private:
        await context.reply(
            context.t.html(
                "Send <code>/why</code> with an article's link or words of its title, or as a reply to a message with "
                "its link."
            )
        )
        return
    asked = AwaitedReply(Question.WHY, place=context.place.id)
    await services.people.set_dialog(context.chat.id, context.user.id, asked, context.now)
    await context.reply(
        context.t.html("🤔 Which article? Send me its link, words of its title, or forward a message with its link."),
        choice_keyboard([(context.t("Cancel"), ActionButton("cancel"))]),
    )


def _quoted(context: Context) -> Message | None:
    """Return the message that the command replies to, if it says anything."""
    message = message_of(context.update)
    quoted = message.reply_to_message if message is not None and context.update.callback_query is None else None
    return quoted if quoted is not None and (quoted.text or quoted.caption) else None


async def _explain_named(context: Context, services: ReaderServices, text: str, quoted: Message | None) -> None:
    found = await _named(services, text, quoted)
    t = context.t
    if not found:
        await context.reply(
            t.html("I couldn't find that article. Send <code>/why</code> with its link, or a few words of its title.")
        )
    elif len(found) == 1:
        await _explain(context, services, found[0])
    else:
        choices: list[tuple[str, Button]] = [(short_title(article, t), WhyButton(article.id)) for article in found]
        await context.reply(t.html("Which of these do you mean?"), choice_keyboard(choices))


async def _named(services: ReaderServices, text: str, quoted: Message | None) -> tuple[Article, ...]:
    """Return the articles that are meant and that readers see: by links, else by words."""
    links = list(dict.fromkeys([text, *addresses_in(text), *(_links(quoted) if quoted is not None else ())]))
    ids: list[ArticleId] = []
    for address in links[:_MOST_ADDRESSES]:
        if started := _START.search(address):
            ids.append(ArticleId(int(started[1])))
        elif address.startswith(("http://", "https://")):
            ids += await services.articles.of_address(address)
    if ids or addresses_in(text):
        return await services.articles.get(list(dict.fromkeys(ids))[:_MOST])
    tree = await services.categories.readers_tree()
    for words in [" ".join(text.split())] if text else _lines(quoted):
        page = await services.look_up.lookup.find(words[:MAX_CHARACTERS], tree, _MOST)
        if page.hits:
            return tuple(hit.article for hit in page.hits)
    return ()


def _links(message: Message) -> Iterator[str]:
    """Yield the addresses in a message, those behind its words as well."""
    entities = message.parse_entities([MessageEntity.URL]) or message.parse_caption_entities([MessageEntity.URL])
    yield from entities.values()
    for entity in (*message.entities, *message.caption_entities):
        if entity.type == MessageEntity.TEXT_LINK and entity.url:
            yield entity.url


def _lines(message: Message | None) -> list[str]:
    """Return the first lines of a message, one of which may be a title, without what numbers it."""
    said = (message.text or message.caption or "") if message is not None else ""
    lines = [_NUMBER.sub("", line).strip() for line in said.splitlines()]
    return [line for line in lines if line][:_MOST_LINES]


async def _explain(context: Context, services: ReaderServices, article: Article) -> None:
    explained = await services.explainer.why(context.place, article.id, context.now)
    if explained is None:
        await context.show(context.t.html("I couldn't find that article."))
        return
    tree = await services.categories.readers_tree()
    html = why_html(explained, tree, context.t, context.place.timezone, context.now)
    keyboard: InlineKeyboardMarkup = why_keyboard(explained, tree, context.t)
    await context.show(html, keyboard)
