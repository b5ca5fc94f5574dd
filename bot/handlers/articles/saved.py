"""Read later: what somebody keeps, wherever they saved it; shown to themselves alone."""

from __future__ import annotations

from datetime import UTC, datetime

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    ActionButton,
    ExportSavedButton,
    RemoveSavedButton,
    RestoreSavedButton,
    SavedButton,
    SearchSavedButton,
)
from bot.handlers.articles.card import full_text
from bot.handlers.context import Context
from bot.handlers.services import ArticleServices
from bot.keyboards.base import button
from bot.keyboards.saved import export_keyboard, saved_keyboard
from bot.render.article import short_title
from bot.render.card import gone_text
from bot.render.saved import saved_html, saved_json, saved_markdown
from bot.telegram.messenger import Document
from bot.text.markup import Html
from digests.model.dialogs import AwaitedReply, Question
from digests.model.ids import ArticleId, CategoryId
from digests.model.saved import SaveOutcome
from digests.search.query import MAX_CHARACTERS

_MOST = 10
"""Articles on a page, which is one message."""


async def saved(context: Context, services: ArticleServices) -> None:
    """Show what whoever asks keeps; with words, what of it has them."""
    words = " ".join(context.text.split())[:MAX_CHARACTERS]
    token = await services.people.keep_lookup(context.chat.id, words, context.now) if words else ""
    await _show(context, services, SavedButton(words=token))


async def saved_pressed(context: Context, services: ArticleServices, pressed: SavedButton) -> None:
    """Show another page, another category, or the same to remove some."""
    await _show(context, services, pressed)


async def _show(
    context: Context,
    services: ArticleServices,
    page: SavedButton,
    note: Html | None = None,
    undo: RestoreSavedButton | None = None,
) -> None:
    t, size = context.t, min(services.options.page_size, _MOST)
    words = await services.people.lookup(context.chat.id, page.words) if page.words else ""
    if words is None:
        # What was searched for is forgotten after a while; the list itself is not.
        page, words = SavedButton(removes=page.removes), ""
    tree = await services.categories.readers_tree()
    narrowed = tree.get(CategoryId(page.category)) if page.category else None
    category = narrowed.id if narrowed is not None else None
    shown = await services.reading_list.page(context.user.id, size, page.page * size, words=words, category=category)
    counted = [(found.id, found.name, number) for top, number in shown.categories if (found := tree.get(top))]
    name = narrowed.name if narrowed is not None else ""
    html = saved_html(shown, t, context.place.timezone, context.now, words=words, category=name)
    if note is not None:
        html = note + "\n\n" + html
    at = SavedButton(shown.offset // size, category or 0, page.words, page.removes and int(bool(shown.entries)))
    await context.show(html, saved_keyboard(shown, at, size, counted, t, undo))


async def remove_pressed(context: Context, services: ArticleServices, pressed: RemoveSavedButton) -> None:
    """Keep the article no longer, and show the list without it, with a button that brings it back."""
    t, article = context.t, ArticleId(pressed.article)
    removed = await services.reading_list.remove(context.user.id, article)
    page = SavedButton(pressed.page, pressed.category, pressed.words, removes=1)
    if removed is None:
        await _show(context, services, page)
        return
    found = await services.articles.get([article])
    title = short_title(found[0], t, 80) if found else t("an article that is gone")
    note = t.html("🗑 Removed: {title}", title=title)
    at = int(removed.timestamp())
    undo = RestoreSavedButton(article, at, pressed.page, pressed.category, pressed.words) if found else None
    await context.answer(t("No longer saved."))
    await _show(context, services, page, note, undo)


async def restore_saved_pressed(context: Context, services: ArticleServices, pressed: RestoreSavedButton) -> None:
    """Undo a removal, and show the list as it was."""
    try:
        at = datetime.fromtimestamp(pressed.at, UTC)
    except (ValueError, OverflowError, OSError):
        at = context.now
    outcome = await services.reading_list.save(context.user.id, ArticleId(pressed.article), context.now, at)
    if outcome in (SaveOutcome.FULL, SaveOutcome.GONE):
        text = gone_text(context.t) if outcome is SaveOutcome.GONE else full_text(context)
        await context.answer(text, alert=True)
    await _show(context, services, SavedButton(pressed.page, pressed.category, pressed.words))


async def search_pressed(context: Context, services: ArticleServices, _pressed: SearchSavedButton) -> None:
    """Ask for the words to look for."""
    await services.people.set_dialog(context.chat.id, context.user.id, AwaitedReply(Question.SAVED), context.now)
    cancel = InlineKeyboardMarkup([[button(context.t("Cancel"), ActionButton("cancel"))]])
    await context.reply(context.t.html("Send me a word or two, and I'll look for them in what you saved."), cancel)


async def export_pressed(context: Context, services: ArticleServices, pressed: ExportSavedButton) -> None:
    """Ask in which form somebody wants what they keep, or send it as a file."""
    t = context.t
    if pressed.form not in ("md", "json"):
        text = t.html("📄 <b>Take it with you</b>\nMarkdown is for reading and for notes, JSON is for other programs.")
        await context.show(text, export_keyboard(t))
        return
    if services.recent.is_repeated(context.update):
        return
    entries = await services.reading_list.all(context.user.id)
    if not entries:
        await context.answer(t("You have saved nothing yet."), alert=True)
        return
    is_json = pressed.form == "json"
    content = saved_json(entries) if is_json else saved_markdown(entries, t, context.place.timezone)
    caption = t.count_html("{n} saved article", "{n} saved articles", len(entries))
    await context.send_file(Document(f"saved.{pressed.form}", content.encode()), caption)
