"""Links of the form t.me/BOT?start=…: made by /link, and what happens to those who open them.

`c_ID` subscribes to a category, `a_ID` opens an article, `m_ID` the rest of a channel's digest. Ids stay what they are
when names change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.helpers import create_deep_linked_url

from bot.callbacks import (
    GREETED,
    BrowseButton,
    DeepLinkButton,
    FinishButton,
    TimesButton,
    UnfollowButton,
)
from bot.handlers.articles.card import article_link, readable, show_card
from bot.handlers.context import Context
from bot.handlers.readers.choosing import greeting_html
from bot.handlers.readers.digests import rest_of_channel
from bot.handlers.readers.settings import schedule_html
from bot.handlers.services import ReaderServices
from bot.keyboards.articles import article_on
from bot.keyboards.base import button, choice_keyboard
from bot.render.article import short_title
from bot.render.qr import qr_png
from bot.telegram.photos import Photo
from bot.text.markup import Html, escape
from digests.model.category_tree import Category
from digests.model.ids import ArticleId, CategoryId, DeliveryId
from digests.model.place import PlaceState
from digests.offload import in_own_thread
from digests.storage.articles.categories import show_path

_PAYLOAD = re.compile(r"([acm])_([0-9]{1,15})(?:_([0-9]{1,6}))?")
_MOST_CHOICES = 8


async def opened(context: Context, services: ReaderServices) -> bool:
    """Do what the link that was opened says; False where it says nothing that can be done, as for a plain /start."""
    found = _PAYLOAD.fullmatch(context.text) if context.is_private else None
    if found is None:
        return False
    if found[1] == "a":
        await _open_article(context, services, ArticleId(int(found[2])))
        return True
    if found[1] == "m":
        await rest_of_channel(context, services, DeliveryId(int(found[2])), int(found[3] or 0))
        return True
    category = (await services.categories.readers_tree()).get(CategoryId(int(found[2])))
    if category is None:
        return False
    await _follow(context, services, category)
    return True


async def _open_article(context: Context, services: ReaderServices, article: ArticleId) -> None:
    if await show_card(context, services.look_up, article) and context.place.state is PlaceState.NEW:
        text = context.t.html("👋 I can send you news like this once a day: only what you choose, nothing twice.")
        choose = button(context.t("🗂 Choose categories"), BrowseButton(setup=GREETED))
        await context.reply(text, InlineKeyboardMarkup([[choose]]))


async def _follow(context: Context, services: ReaderServices, category: Category) -> None:
    """Subscribe to a category at once, and say how to undo that; a new reader goes on with the set-up."""
    t, name = context.t, show_path(category.path)
    before = await services.subscriptions.of(context.place)
    if not await services.subscriptions.follow(context.place, category, context.now):
        await context.reply(t.html("You already follow <b>{name}</b>.", name=name))
        return
    after = await services.subscriptions.of(context.place)
    undo = [button(t("↩️ Undo"), UnfollowButton.of(category.id, before - after))]
    schedule = schedule_html(context.place, t)
    if before:
        text = t.html("✅ You now follow <b>{name}</b>. Your digest arrives {schedule}.", name=name, schedule=schedule)
        await context.reply(text, InlineKeyboardMarkup([undo]))
        return
    text = t.html(
        "✅ You follow <b>{name}</b>. Your digest arrives {schedule}.\n"
        "Check the time, tick more if you like, then press Done for a first digest.",
        name=name,
        schedule=schedule,
    )
    rows = [
        [button(t("⏰ Change the time"), TimesButton(setup=GREETED))],
        [button(t("🗂 More categories"), BrowseButton(setup=GREETED))],
        [button(t("✅ Done"), FinishButton())],
        undo,
    ]
    await context.reply(greeting_html(context) + "\n\n" + text, InlineKeyboardMarkup(rows))


async def unfollow_pressed(context: Context, services: ReaderServices, pressed: UnfollowButton) -> None:
    """Undo what a link did: follow its category no more, and again what it took the place of."""
    if not await context.may_change():
        return
    tree = await services.categories.readers_tree()
    category = tree.get(CategoryId(pressed.category))
    if category is None:
        await context.answer(context.t("That category no longer exists."))
        return
    if await services.subscriptions.unfollow(context.place, category, context.now):
        for former in pressed.former_ids:
            if (found := tree.get(former)) is not None:
                await services.subscriptions.follow(context.place, found, context.now)
    await context.show(context.t.html("You no longer follow <b>{name}</b>.", name=show_path(category.path)))


async def make_link(context: Context, services: ReaderServices) -> None:
    """Make the link of the category that /link names, or of the article whose card it answers."""
    question = context.update.effective_message
    replied = question.reply_to_message if question is not None else None
    article = article_on(replied.reply_markup) if replied is not None and not context.text else None
    if article is not None:
        await _show_article_link(context, services, article)
        return
    tree = await services.categories.readers_tree()
    if not context.text:
        followed = await services.subscriptions.categories_of(context.place)
        text = context.t.html(
            "🔗 A link that opens in me: send <code>/link NAME</code> with a category's name, "
            "or answer an article's card with /link."
        )
        await context.reply(text, _choice(followed[:_MOST_CHOICES]) if followed else None)
        return
    found = tree.find(context.text)
    if len(found) == 1:
        await _show_category_link(context, found[0])
        return
    named = context.text[:100]
    choices = found[:_MOST_CHOICES] or tree.near(context.text)
    if found:
        text = context.t.html("Which <b>{name}</b> do you mean?", name=named)
    elif choices:
        text = context.t.html("I don't know the category “{name}”. Did you mean one of these?", name=named)
    else:
        text = context.t.html("I don't know the category “{name}”. /categories shows all of them.", name=named)
    await context.reply(text, _choice(choices) if choices else None)


def _choice(found: Sequence[Category]) -> InlineKeyboardMarkup:
    return choice_keyboard([(show_path(category.path), DeepLinkButton("c", category.id)) for category in found])


async def link_pressed(context: Context, services: ReaderServices, pressed: DeepLinkButton) -> None:
    """Make the link of the article or the category that the button names, in a message of its own."""
    if services.look_up.recent.is_repeated(context.update):
        return
    if pressed.kind == "a":
        await _show_article_link(context, services, ArticleId(pressed.key))
        return
    category = (await services.categories.readers_tree()).get(CategoryId(pressed.key))
    if category is None:
        await context.answer(context.t("That category no longer exists."))
    else:
        await _show_category_link(context, category)


async def _show_article_link(context: Context, services: ReaderServices, article_id: ArticleId) -> None:
    article = await readable(context, services.look_up, article_id)
    if article is not None:
        title = short_title(article, context.t)
        text = context.t.html("🔗 <b>{title}</b>\nThis link opens the article here, in one tap:", title=title)
        await _show(context, text, article_link(context, article.id))


async def _show_category_link(context: Context, category: Category) -> None:
    text = context.t.html(
        "🔗 <b>{name}</b>\nThis link subscribes whoever opens it, in one tap:", name=show_path(category.path)
    )
    await _show(context, text, create_deep_linked_url(context.client.bot.username, f"c_{category.id}"))


async def _show(context: Context, text: Html, address: str) -> None:
    """Show a link with its QR code, and a button that copies it."""
    copy = InlineKeyboardButton(context.t("📋 Copy the link"), copy_text=CopyTextButton(address))
    photo = Photo(await in_own_thread(qr_png, address))
    await context.reply(text + "\n" + escape(address), InlineKeyboardMarkup([[copy]]), photo=photo)
