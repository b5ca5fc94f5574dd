"""The `CopyEditor` port over PTB's bot: edits, deletes and withdraws copies of announcements."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from telegram.error import BadRequest, TelegramError

from bot.i18n import translator
from bot.telegram.client import DigestBot
from bot.telegram.contents import link_keyboard
from bot.telegram.limiter import BULK
from bot.telegram.outcomes import outcome_of
from bot.text.markup import Html
from digests.model.copy_change import Copy
from digests.model.outcome import Outcome, Sent

_OF_THE_OTHER_SORT = ("there is no text in the message", "there is no caption in the message")


class TelegramCopyEditor:
    """Returns every refusal and failure as an outcome. A copy that already is as it should be counts as done."""

    def __init__(self, bot: DigestBot) -> None:
        self._bot = bot

    async def edit(self, copy: Copy) -> Outcome:
        """Make the copy say what its part says."""
        return await self._say(copy, Html(copy.part.html), keeps_buttons=True)

    async def delete(self, copy: Copy) -> Outcome:
        """Delete all messages of the copy; messages that are gone already count as deleted."""

        async def delete() -> None:
            for message in copy.messages:
                try:
                    await self._bot.delete_message(copy.chat_id, message, rate_limit_args=BULK)
                except BadRequest as error:
                    # The reader deleted it.
                    if "message to delete not found" not in error.message.lower():
                        raise

        return await _outcome(delete)

    async def withdraw(self, copy: Copy) -> Outcome:
        """Make the copy say that it was withdrawn."""
        text = translator(copy.language).html("<i>This announcement was withdrawn.</i>")
        return await self._say(copy, text, keeps_buttons=False)

    async def _say(self, copy: Copy, html: Html, *, keeps_buttons: bool) -> Outcome:
        """Write the text as a message's text, or else as its caption.

        Which of the two a copied message has is unknown; and when Telegram did not accept a picture, its caption was
        sent as a text.
        """
        part = copy.part
        is_text = not (part.photo or part.media)
        try:
            await self._rewrite(copy, html, is_text=is_text, keeps_buttons=keeps_buttons)
        except BadRequest as error:
            if not any(words in error.message.lower() for words in _OF_THE_OTHER_SORT):
                return outcome_of(error)
            return await _outcome(lambda: self._rewrite(copy, html, is_text=not is_text, keeps_buttons=keeps_buttons))
        except TelegramError as error:
            return outcome_of(error)
        return Sent(copy.messages[0])

    async def _rewrite(self, copy: Copy, html: Html, *, is_text: bool, keeps_buttons: bool) -> None:
        keyboard = link_keyboard(copy.part) if keeps_buttons and len(copy.messages) == 1 else None
        if is_text:
            await self._bot.edit_message_text(
                html,
                copy.chat_id,
                copy.messages[0],
                reply_markup=keyboard,
                rate_limit_args=BULK,
            )
            return
        await self._bot.edit_message_caption(
            copy.chat_id,
            copy.messages[0],
            caption=html or None,
            # Without this, Telegram would move the caption below.
            show_caption_above_media=copy.part.caption_above or None,
            reply_markup=keyboard,
            rate_limit_args=BULK,
        )


async def _outcome(call: Callable[[], Awaitable[None]]) -> Outcome:
    try:
        await call()
    except TelegramError as error:
        return outcome_of(error)
    return Sent(0)
