"""/announce: write it, see it as readers will, choose to whom, confirm, watch it go."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.callbacks import Audience, AudiencePage, Callback, Confirm, Discard, Do
from bot.handlers.reporting import Reporter
from bot.handlers.talk import Talk
from bot.keyboards import audience_keyboard, button
from bot.render.markup import Html
from bot.telegram.sender import NO_PREVIEW
from digests.delivery.announce import Announcer
from digests.errors import NotFound
from digests.storage.people import Dialog
from digests.types import Announcement, AnnouncementId, AnnouncementState, CategoryId

WRITING = "announcement"


class Announcing:
    """The admin's side of announcements."""

    def __init__(self, announcer: Announcer, reporter: Reporter) -> None:
        self._announcer = announcer
        self._reporter = reporter

    async def begin(self, talk: Talk) -> None:
        """/announce, or /announce TEXT."""
        if not talk.is_private:
            await talk.reply(talk.words.html("Please write announcements in our private chat."))
            return
        if talk.text:
            await self._take(talk)
            return
        await talk.house.people.set_dialog(talk.chat.id, talk.user.id, Dialog(WRITING), talk.now)
        keyboard = InlineKeyboardMarkup([[button(talk.words.say("Cancel"), Do("cancel"))]])
        await talk.reply(
            talk.words.html(
                "📣 <b>New announcement</b>\n"
                "Send me its text, with bold, links and all; a photo with a caption is fine too. "
                "You will see it before anybody else does."
            ),
            keyboard,
        )

    async def written(self, talk: Talk) -> None:
        """The message that follows /announce."""
        await self._take(talk)

    async def _take(self, talk: Talk) -> None:
        message = talk.update.effective_message
        if message is None:
            return
        photo = message.photo[-1].file_id if message.photo else None
        html = (message.caption_html if photo else message.text_html) or ""
        if html.startswith("/announce"):
            html = html.partition(" ")[2].strip()
        if not html and not photo:
            await talk.reply(talk.words.html("I can take a text, or a photo with a caption. Please send it again."))
            return
        try:
            await _show_as_sent(talk, html, photo)
        except BadRequest as error:
            await talk.reply(talk.words.html("Telegram does not take that: {reason}", reason=error.message))
            return
        draft = await talk.house.announcements.draft(talk.user.id, html, photo, [], talk.now)
        await talk.house.people.set_dialog(talk.chat.id, talk.user.id, None, talk.now)
        await self._show_audience(talk, draft, 0, fresh=True)

    async def choose(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, Audience)
        draft = await self._draft(talk, callback.announcement)
        if draft is None:
            return
        chosen = set(draft.categories) ^ {CategoryId(callback.category)} if callback.category else set[CategoryId]()
        await talk.house.announcements.address(draft.id, sorted(chosen))
        await self._show_audience(talk, await talk.house.announcements.get(draft.id), callback.page)

    async def turn(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, AudiencePage)
        draft = await self._draft(talk, callback.announcement)
        if draft is not None:
            await self._show_audience(talk, draft, callback.page)

    async def confirm(self, talk: Talk, callback: Callback) -> None:
        """It goes; the message with the choice becomes the one that counts."""
        assert isinstance(callback, Confirm)
        draft = await self._draft(talk, callback.announcement)
        if draft is None or not await talk.house.announcements.confirm(draft.id, talk.now):
            return
        if talk.pressed is not None:
            await talk.house.announcements.report_to(draft.id, talk.chat.id, talk.pressed.message_id)
        await talk.answer(talk.words.say("On its way!"))
        await self._announcer.plan_confirmed(talk.now)
        await self._reporter.report_all(talk.now)

    async def discard(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, Discard)
        draft = await self._draft(talk, callback.announcement)
        if draft is not None and await talk.house.announcements.cancel(draft.id):
            await talk.show(talk.words.html("The announcement was discarded; nobody got it."))

    async def _draft(self, talk: Talk, number: int) -> Announcement | None:
        try:
            found = await talk.house.announcements.get(AnnouncementId(number))
        except NotFound:
            found = None
        if found is None or found.state is not AnnouncementState.DRAFT:
            await talk.answer(talk.words.say("This announcement was sent or discarded already."), alert=True)
            return None
        return found

    async def _show_audience(self, talk: Talk, draft: Announcement, page: int, *, fresh: bool = False) -> None:
        tree = await talk.house.tree()
        chats = await talk.house.places.subscribers(await self._announcer.reach(draft))
        text = talk.words.html("☝️ This is what readers will see. <b>Who shall get it?</b>")
        keyboard = audience_keyboard(tree, draft.id, page, draft.categories, chats, talk.words)
        await (talk.reply if fresh else talk.show)(text, keyboard)


async def _show_as_sent(talk: Talk, html: str, photo: str | None) -> None:
    """Just as the sender will: what Telegram refuses here, no reader would get either."""
    if photo:
        await talk.house.bot.send_photo(talk.chat.id, photo, caption=html, parse_mode=ParseMode.HTML)
    else:
        await talk.reply(Html(html), None, NO_PREVIEW)
