"""An announcement's card: one message in which it is made, below a preview of what readers will see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from telegram import InlineKeyboardMarkup, Message
from telegram.error import BadRequest, TelegramError

from bot.handlers.announcements.choices import refused_text
from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from bot.keyboards.announcements import (
    audience_keyboard,
    buttons_keyboard,
    card_keyboard,
    category_choice,
    language_keyboard,
    text_keyboard,
    trial_keyboard,
    when_keyboard,
)
from bot.limits import CAPTION, TEXT
from bot.render.announcement_draft import (
    SendEstimate,
    card_text,
    language_label,
    quiet_text,
    reach_text,
    stars_for,
    timing_text,
)
from bot.telegram.messages import ALBUM_KINDS
from bot.text.markup import LINE_BREAK, Html, visible_length
from digests.announcements.broadcast import Reach
from digests.model.announcement import EVERY_LANGUAGE, Announcement, Content, seconds_for
from digests.model.ids import MessageRef


class Cards:
    """Shows the card and its screens. A preview goes to the end of the chat, and the card moves below it."""

    def __init__(self, services: AnnouncementServices) -> None:
        self._services = services

    async def fresh(self, context: Context, announcement: Announcement, language: str | None = None) -> None:
        """Send preview and card to the end of the chat, and delete the older ones.

        Raises BadRequest for what Telegram refuses.
        """
        key = language if language is not None and language in announcement.contents else _first_key(announcement)
        previews = await context.client.previews.send(context.chat.id, announcement.part(key))
        await self.forget(context, announcement)
        announcement = replace(announcement, previews=previews)
        text, keyboard = await self.card(context, announcement)
        card = await context.reply(text, keyboard)
        await self._services.announcements.show_in(announcement.id, card, previews)

    async def open(self, context: Context, announcement: Announcement) -> None:
        """Send preview and card; the card alone where Telegram refuses the rest, to be mended there or discarded."""
        try:
            await self.fresh(context, announcement)
        except BadRequest as error:
            await context.reply(refused_text(error.message, context.t))
            await self.forget(context, announcement)
            text, keyboard = await self.card(context, announcement)
            card = await context.reply(text, keyboard)
            await self._services.announcements.show_in(announcement.id, card, ())

    async def forget(self, context: Context, announcement: Announcement) -> None:
        """Delete the older card and preview."""
        old = [*announcement.previews, *([announcement.card] if announcement.card else [])]
        if not old:
            return
        for message in old:
            context.client.screens.forget(context.chat.id, message)
        try:
            await context.client.bot.delete_messages(context.chat.id, old)
        except TelegramError:
            # Too old to be deleted: they remain, and their buttons lead to the same draft.
            return

    async def again(self, context: Context, announcement: Announcement) -> None:
        """Move the card to the end of the chat, below what came meanwhile; the preview stays where it is."""
        await self.forget(
            context,
            replace(
                announcement, previews=(), card=context.pressed.message_id if context.pressed else announcement.card
            ),
        )
        text, keyboard = await self.card(context, announcement)
        card = await context.reply(text, keyboard)
        await self._services.announcements.show_in(announcement.id, card, announcement.previews)

    async def show(self, context: Context, announcement: Announcement) -> None:
        """Replace the present screen with the card."""
        await context.show(*await self.card(context, announcement))

    async def card(self, context: Context, announcement: Announcement) -> tuple[Html, InlineKeyboardMarkup]:
        """Return the card's text and buttons."""
        reach = await self.reach(context, announcement)
        text = card_text(
            announcement,
            self.estimate(announcement, reach),
            await self.category_names(announcement),
            context.place.timezone,
            context.t,
        )
        paid = self.is_paid(announcement) if self.may_pay else None
        return text, card_keyboard(announcement, reach.chats, context.t, may_send=context.is_admin, paid=paid)

    async def reach(self, context: Context, announcement: Announcement) -> Reach:
        """Return whom the announcement would reach right now."""
        return await self._services.broadcaster.reach(announcement, context.now)

    @property
    def may_pay(self) -> bool:
        """Whether an announcement can be paid for."""
        return self._services.rates.may_pay

    def is_paid(self, announcement: Announcement) -> bool:
        """Return whether the announcement would be paid for: as it says itself, else as the settings say."""
        return self._services.rates.is_paid if announcement.paid is None else announcement.paid and self.may_pay

    def estimate(self, announcement: Announcement, reach: Reach) -> SendEstimate:
        """Return how many chats the announcement reaches, how long that takes, and what it costs."""
        is_paid = self.is_paid(announcement)
        rate = self._services.rates.paid if is_paid else self._services.rates.free
        return SendEstimate(
            chats=reach.chats,
            seconds=seconds_for(reach.chats, announcement.messages, rate),
            stars=stars_for(reach.chats, announcement.messages) if is_paid else 0.0,
            waiting=reach.waiting,
        )

    async def category_names(self, announcement: Announcement) -> list[str]:
        """Return the names of the audience's categories, without those that no longer exist."""
        tree = await self._services.categories.readers_tree()
        return [
            category.name for category_id in announcement.audience.categories if (category := tree.get(category_id))
        ]

    async def texts(self, context: Context, announcement: Announcement) -> None:
        """Show the languages to write a text in."""
        text = context.t.html(
            "✏️ <b>Text</b>\nReaders whose language has no text of its own get the default. Which one do you "
            "want to write?"
        )
        await context.show(text, text_keyboard(announcement, context.t))

    async def language(self, context: Context, announcement: Announcement, language: str) -> None:
        """Ask for the text in one language."""
        t = context.t
        who = language_label(language, t)
        text = t.html(
            "✏️ <b>{who}</b>\nSend me the text, with any formatting and links. A photo, an album, a file or a "
            "message you forward works too.",
            who=who,
        )
        await context.show(text, language_keyboard(announcement, language, t))

    async def buttons(self, context: Context, announcement: Announcement) -> None:
        """Ask for the buttons below the announcement, and list those it has."""
        t = context.t
        lines: list[str] = [
            t.html(
                "🔗 <b>Buttons</b>\nSend me up to {most}, one per line:\n"
                "<code>Read more = https://example.com/more</code>",
                most=6,
            )
        ]
        lines.extend(f"• {link.label} → {link.url}" for link in announcement.buttons)
        await context.show(LINE_BREAK.join(lines), buttons_keyboard(announcement, t))

    async def audience(self, context: Context, announcement: Announcement) -> None:
        """Show who gets the announcement, and how many those are."""
        reach = await self.reach(context, announcement)
        text = context.t.html("👥 <b>Who should get it?</b>\nOnly chats that match everything you set here.")
        text = text + "\n" + reach_text(self.estimate(announcement, reach), context.t)
        await context.show(
            text, audience_keyboard(announcement, await self._services.categories.readers_tree(), context.t)
        )

    async def categories(self, context: Context, announcement: Announcement, page: int) -> None:
        """Show the categories whose readers may be chosen as the audience."""
        reach = await self.reach(context, announcement)
        text = context.t.html("🗂 <b>Readers of which categories should get it?</b>")
        text = text + "\n" + reach_text(self.estimate(announcement, reach), context.t)
        tree = await self._services.categories.readers_tree()
        await context.show(
            text, category_choice(tree, announcement.id, page, announcement.audience.categories, context.t)
        )

    async def when(self, context: Context, announcement: Announcement) -> None:
        """Show when the announcement is sent, and whether it waits for quiet hours to end."""
        t = context.t
        now = timing_text(announcement.timing, context.place.timezone, t)
        text = t.html("🕘 <b>When?</b>\nCurrently: {when}", when=now)
        text = text + "\n" + quiet_text(announcement, t)
        await context.show(text, when_keyboard(announcement, t))

    async def test(self, context: Context, announcement: Announcement) -> None:
        """Ask who should receive the test."""
        others = len(await context.access.admins() - {context.user.id})
        text = context.t.html(
            "👁 <b>Test send</b>\nIt arrives exactly as readers will get it. Who should receive the test?"
        )
        await context.show(text, trial_keyboard(announcement.id, others, context.t))


def _first_key(announcement: Announcement) -> str:
    return (
        EVERY_LANGUAGE if EVERY_LANGUAGE in announcement.contents else next(iter(announcement.contents), EVERY_LANGUAGE)
    )


def read_content(message: Message) -> Content | None:
    """Return what somebody wrote as readers will get it; None for what can't be sent on.

    A forwarded message, and anything but text, a photo or a file, is copied unchanged.
    """
    files: dict[str, Any] = {
        "photo": message.photo[-1] if message.photo else None,
        "video": message.video,
        "document": None if message.animation else message.document,
        "audio": message.audio,
    }
    found = next(((kind, file.file_id) for kind, file in files.items() if file), None)
    if found and found[0] in ALBUM_KINDS and (message.media_group_id or message.forward_origin is None):
        return Content(
            message.caption_html or "",
            (found,),
            group=message.media_group_id or "",
            spoilers=(0,) if message.has_media_spoiler else (),
            caption_above=bool(message.show_caption_above_media),
        )
    if message.forward_origin is None and message.text:
        return Content(message.text_html)
    if message.text or message.effective_attachment is not None:
        return Content(copy_of=MessageRef(message.chat.id, message.message_id))
    return None


def too_long(content: Content) -> int:
    """Return the limit that the text exceeds; 0 where it exceeds none."""
    limit = CAPTION if content.media else TEXT
    return limit if visible_length(content.html) > limit else 0
