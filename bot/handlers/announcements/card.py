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
from bot.markup import Html, escape, visible_length
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
from digests.announcements.broadcast import Reach
from digests.model.announcement import EVERY_LANGUAGE, Announcement, Content, seconds_for
from digests.model.ids import MessageRef


class Cards:
    """Shows the card and its screens. What is sent below it goes to the end of the chat, the card with it."""

    def __init__(self, services: AnnouncementServices) -> None:
        self._services = services

    async def fresh(self, context: Context, one: Announcement, language: str | None = None) -> None:
        """Preview and card at the end of the chat; the older ones go. Raises BadRequest for what Telegram refuses."""
        key = language if language is not None and language in one.contents else _first_key(one)
        previews = await context.client.previews.send(context.chat.id, one.part(key))
        await self.forget(context, one)
        one = replace(one, previews=previews)
        text, keyboard = await self.card(context, one)
        card = await context.reply(text, keyboard)
        await self._services.announcements.show_in(one.id, card, previews)

    async def open(self, context: Context, one: Announcement) -> None:
        """Preview and card, or the card alone: what Telegram does not take can be mended there, or discarded."""
        try:
            await self.fresh(context, one)
        except BadRequest as error:
            await context.reply(refused_text(error.message, context.t))
            await self.forget(context, one)
            text, keyboard = await self.card(context, one)
            card = await context.reply(text, keyboard)
            await self._services.announcements.show_in(one.id, card, ())

    async def forget(self, context: Context, one: Announcement) -> None:
        """Takes the older card and preview away."""
        old = [*one.previews, *([one.card] if one.card else [])]
        if not old:
            return
        for message in old:
            context.client.screens.forget(context.chat.id, message)
        try:
            await context.client.bot.delete_messages(context.chat.id, old)
        except TelegramError:
            # Too old to be deleted: they stay, and their buttons lead to the same draft.
            return

    async def again(self, context: Context, one: Announcement) -> None:
        """The card at the end of the chat, below what came meanwhile; the preview stays where it is."""
        await self.forget(
            context, replace(one, previews=(), card=context.pressed.message_id if context.pressed else one.card)
        )
        text, keyboard = await self.card(context, one)
        card = await context.reply(text, keyboard)
        await self._services.announcements.show_in(one.id, card, one.previews)

    async def show(self, context: Context, one: Announcement) -> None:
        """The card in place of the screen that was there."""
        await context.show(*await self.card(context, one))

    async def card(self, context: Context, one: Announcement) -> tuple[Html, InlineKeyboardMarkup]:
        reach = await self.reach(context, one)
        text = card_text(
            one,
            self.estimate(one, reach),
            await self.category_names(one),
            context.place.timezone,
            context.t,
        )
        paid = self.is_paid(one) if self.may_pay else None
        return text, card_keyboard(one, reach.chats, context.t, may_send=context.is_admin, paid=paid)

    async def reach(self, context: Context, one: Announcement) -> Reach:
        return await self._services.broadcaster.reach(one, context.now)

    @property
    def may_pay(self) -> bool:
        """Whether an announcement can be paid for."""
        return self._services.rates.may_pay

    def is_paid(self, one: Announcement) -> bool:
        return self._services.rates.is_paid if one.paid is None else one.paid and self.may_pay

    def estimate(self, one: Announcement, reach: Reach) -> SendEstimate:
        is_paid = self.is_paid(one)
        rate = self._services.rates.paid if is_paid else self._services.rates.free
        return SendEstimate(
            chats=reach.chats,
            seconds=seconds_for(reach.chats, one.messages, rate),
            stars=stars_for(reach.chats, one.messages) if is_paid else 0.0,
            waiting=reach.waiting,
        )

    async def category_names(self, one: Announcement) -> list[str]:
        tree = await self._services.categories.readers_tree()
        return [found.name for each in one.audience.categories if (found := tree.get(each))]

    # Its screens

    async def texts(self, context: Context, one: Announcement) -> None:
        text = context.t.html(
            "✏️ <b>Text</b>\nReaders whose language has no text of its own get the default. Which one do you "
            "want to write?"
        )
        await context.show(text, text_keyboard(one, context.t))

    async def language(self, context: Context, one: Announcement, language: str) -> None:
        t = context.t
        who = language_label(language, t)
        text = t.html(
            "✏️ <b>{who}</b>\nSend me the text, with any formatting and links. A photo, an album, a file or a "
            "message you forward works too.",
            who=who,
        )
        await context.show(text, language_keyboard(one, language, t))

    async def buttons(self, context: Context, one: Announcement) -> None:
        t = context.t
        lines = [
            t.html(
                "🔗 <b>Buttons</b>\nSend me up to {most}, one per line:\n"
                "<code>Read more = https://example.com/more</code>",
                most=6,
            )
        ]
        lines.extend(Html(f"• {escape(each.label)} → {escape(each.url)}") for each in one.buttons)
        await context.show(Html("\n".join(lines)), buttons_keyboard(one, t))

    async def audience(self, context: Context, one: Announcement) -> None:
        reach = await self.reach(context, one)
        text = context.t.html("👥 <b>Who should get it?</b>\nOnly chats that match everything you set here.")
        text = Html(text + "\n" + reach_text(self.estimate(one, reach), context.t))
        await context.show(text, audience_keyboard(one, await self._services.categories.readers_tree(), context.t))

    async def categories(self, context: Context, one: Announcement, page: int) -> None:
        reach = await self.reach(context, one)
        text = context.t.html("🗂 <b>Readers of which categories should get it?</b>")
        text = Html(text + "\n" + reach_text(self.estimate(one, reach), context.t))
        tree = await self._services.categories.readers_tree()
        await context.show(text, category_choice(tree, one.id, page, one.audience.categories, context.t))

    async def when(self, context: Context, one: Announcement) -> None:
        t = context.t
        now = timing_text(one.timing, context.place.timezone, t)
        text = t.html("🕘 <b>When?</b>\nCurrently: {when}", when=now)
        text = Html(text + "\n" + quiet_text(one, t))
        await context.show(text, when_keyboard(one, t))

    async def test(self, context: Context, one: Announcement) -> None:
        others = len(await context.access.admins() - {context.user.id})
        text = context.t.html(
            "👁 <b>Test send</b>\nIt arrives exactly as readers will get it. Who should receive the test?"
        )
        await context.show(text, trial_keyboard(one.id, others, context.t))


def _first_key(one: Announcement) -> str:
    return EVERY_LANGUAGE if EVERY_LANGUAGE in one.contents else next(iter(one.contents), EVERY_LANGUAGE)


def read_content(message: Message) -> Content | None:
    """What somebody wrote, as readers shall get it; None for what can't be sent on.

    A forwarded message, and what is neither a text nor a photo nor a file, is copied as it stands.
    """
    files: dict[str, Any] = {
        "photo": message.photo[-1] if message.photo else None,
        "video": message.video,
        "document": None if message.animation else message.document,
        "audio": message.audio,
    }
    found = next(((kind, each.file_id) for kind, each in files.items() if each), None)
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
    """The limit that the text is over; 0 for none."""
    limit = CAPTION if content.media else TEXT
    return limit if visible_length(content.html) > limit else 0
