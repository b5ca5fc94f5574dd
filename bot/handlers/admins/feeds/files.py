"""Files of feeds (OPML) that admins send and get: shown first, imported when they say so."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from functools import partial

from telegram import Document as TelegramDocument
from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.callbacks import ExportFeedsButton, ImportFeedsButton
from bot.handlers.admins.feeds.kept import keep_file, kept_file
from bot.handlers.context import Context, ShowNext, apology
from bot.handlers.services import FeedServices
from bot.keyboards.feeds import back_to_feeds_keyboard, import_keyboard, importing_keyboard
from bot.render.feed_files import imported_html, importing_html, opml_html
from bot.render.feed_trouble import feed_refusal_text
from bot.telegram.messenger import Document
from bot.text.markup import escape
from digests.model.audit import AuditAct
from digests.model.feed_refusal import FeedRefusal, FeedRefused

logger = logging.getLogger(__name__)

MOST_BYTES = 20_000_000
"""Telegram lets bots fetch files of up to 20 MB (Bot API, `getFile`)."""
_NAMES = (".opml", ".xml")
_TYPES = ("text/x-opml", "text/x-opml+xml", "application/opml+xml", "text/xml", "application/xml")
_MAYBE_TYPES = ("", "text/plain", "text/html", "application/octet-stream", "application/x-opml")
_HEAD = 4096
_MOST_UNNAMED = 2_000_000
"""A file that is not called a list of feeds is looked into while somebody waits."""


def is_feed_file(document: TelegramDocument) -> bool:
    """Return whether a file is a list of feeds by its name or its type."""
    return (document.file_name or "").lower().endswith(_NAMES) or (document.mime_type or "") in _TYPES


async def has_feeds_inside(context: Context, document: TelegramDocument) -> bool:
    """Return whether a file is a list of feeds by its content: some readers of feeds give it any name."""
    if (document.mime_type or "") not in _MAYBE_TYPES or (document.file_size or 0) > _MOST_UNNAMED:
        return False
    try:
        content = await fetch_file(context, document.file_id)
    except TelegramError as error:
        logger.info("a file can't be fetched", extra={"reason": error.message})
        return False
    # In encodings that are like ASCII, and in UTF-16.
    return b"<opml" in content[:_HEAD].replace(b"\0", b"").lower()


async def feed_file_received(context: Context, services: FeedServices, document: TelegramDocument) -> None:
    """Show what the import of a file would do, with a button that does it."""
    t = context.t
    if (document.file_size or 0) > MOST_BYTES:
        await context.reply(escape(feed_refusal_text(FeedRefusal.TOO_LARGE, t)), back_to_feeds_keyboard(t))
        return
    token = await keep_file(context, services, document.file_id)
    show = await context.show_live(t.html("📥 One moment, I am reading your file …"))
    services.background.begin(
        f"file {context.chat.id} {document.file_id}",
        partial(_preview, context, services, document.file_id, token, show),
    )


async def _preview(context: Context, services: FeedServices, file_id: str, token: str, show: ShowNext) -> None:
    t = context.t
    with _faults_shown(context, show, back_to_feeds_keyboard(t), "a file of feeds could not be read"):
        preview = await services.book.preview_opml(await fetch_file(context, file_id))
        if preview.new:
            show(opml_html(preview, t), import_keyboard(token, len(preview.new), t))
        else:
            show(opml_html(preview, t), back_to_feeds_keyboard(t))


async def fetch_file(context: Context, file_id: str) -> bytes:
    """Return the content of a file that somebody sent. Raises TelegramError."""
    file = await context.client.bot.get_file(file_id)
    return bytes(await file.download_as_bytearray())


@contextlib.contextmanager
def _faults_shown(context: Context, show: ShowNext, keyboard: InlineKeyboardMarkup, failure: str) -> Iterator[None]:
    """Show why what is done inside the block came to nothing; what nobody foresaw is logged as this `failure`."""
    t = context.t
    try:
        yield
    except FeedRefused as error:
        show(escape(feed_refusal_text(error.reason, t)), back_to_feeds_keyboard(t))
    except TelegramError as error:
        logger.info("a file can't be fetched", extra={"reason": error.message})
        show(t.html("I can't fetch that file any more. Please send it again."), back_to_feeds_keyboard(t))
    except Exception:
        logger.exception(failure)
        show(escape(apology(t)), keyboard)


async def import_pressed(context: Context, services: FeedServices, pressed: ImportFeedsButton) -> None:
    """Add the feeds of the file that the button names; without one, say how files are imported."""
    t = context.t
    if not pressed.token:
        await how_to_import(context)
        return
    file_id = await kept_file(context, services, pressed.token)
    if file_id is None:
        await context.show(t.html("That was too long ago. Please send the file again."), back_to_feeds_keyboard(t))
        return
    key = f"import {context.chat.id} {file_id}"
    async with services.background.claim(key) as is_free:
        if not is_free:
            await context.answer(t("I am still at it. One moment, please."))
            return
        show = await context.show_live(importing_html(0, 1, t), importing_keyboard(pressed.token, t))
        services.background.begin(key, partial(_import, context, services, file_id, pressed.token, show))


async def how_to_import(context: Context) -> None:
    """Say how a file of feeds is imported."""
    text = context.t.html(
        "📥 <b>Import</b>\nSend me the OPML file of your feed reader, here in this chat: most of them have it under "
        "“export”. I'll show you what is in it before I add anything."
    )
    await context.show(text, back_to_feeds_keyboard(context.t))


async def _import(context: Context, services: FeedServices, file_id: str, token: str, show: ShowNext) -> None:
    t, keyboard = context.t, importing_keyboard(token, context.t)
    with _faults_shown(context, show, keyboard, "feeds could not be imported"):
        preview = await services.book.preview_opml(await fetch_file(context, file_id))

        def on_progress(done: int, total: int) -> None:
            show(importing_html(done, total, t), keyboard)

        result = await services.book.import_opml(preview, on_progress)
        if result.added:
            await context.record(AuditAct.IMPORT_FEEDS, feeds=result.added)
            services.wake_feeds()
        show(imported_html(result, t), back_to_feeds_keyboard(t))


async def export_feeds(context: Context, services: FeedServices) -> None:
    """Send all feeds as an OPML file."""
    number = await services.feeds.count()
    if not number:
        await context.reply(context.t.html("There are no feeds yet."), back_to_feeds_keyboard(context.t))
        return
    document = Document(f"feeds-{context.now:%Y-%m-%d}.opml", await services.book.export_opml())
    caption = context.t.count_html(
        "📤 {n} feed. Any feed reader can import this file, and so can I.",
        "📤 {n} feeds. Any feed reader can import this file, and so can I.",
        number,
    )
    await context.send_file(document, caption)


async def export_feeds_pressed(context: Context, services: FeedServices, _pressed: ExportFeedsButton) -> None:
    """Send all feeds as a file; a second tap sends none."""
    if not services.recent.is_repeated(context.update):
        await export_feeds(context, services)
