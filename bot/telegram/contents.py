"""What announcements can hold beyond a text: files, albums, copies of messages, buttons with links."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    Message,
)
from telegram.constants import ParseMode

from bot.telegram.client import DigestBot
from bot.telegram.messages import NO_PREVIEW
from digests.types import Part

ALBUM_KINDS = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "document": InputMediaDocument,
    "audio": InputMediaAudio,
}


def link_keyboard(part: Part) -> InlineKeyboardMarkup | None:
    """One button a row."""
    if not part.buttons:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, url=url)] for label, url in part.buttons])


async def send_content(bot: DigestBot, part: Part, common: dict[str, Any]) -> tuple[int, ...]:
    """Sends a part that is more than a text with or without a photo; the ids of its messages, in their order."""
    if part.copy_of is not None:
        chat, message = part.copy_of
        copied = await bot.copy_message(from_chat_id=chat, message_id=message, **common)
        return (copied.message_id,)
    kind, file = part.media[0]
    if len(part.media) == 1:
        caption = {"caption": part.html or None, "parse_mode": ParseMode.HTML}
        return ((await _send_file(bot, kind, file, {**caption, **common})).message_id,)
    # Telegram shows an album's caption when only its first message has one; buttons it takes none.
    common = {name: value for name, value in common.items() if name != "reply_markup"}
    media = [
        ALBUM_KINDS[kind](file, caption=part.html if number == 0 and part.html else None, parse_mode=ParseMode.HTML)
        for number, (kind, file) in enumerate(part.media)
    ]
    sent = await bot.send_media_group(media=media, **common)
    return tuple(sorted(message.message_id for message in sent))


async def _send_file(bot: DigestBot, kind: str, file: str, more: dict[str, Any]) -> Message:
    match kind:
        case "photo":
            return await bot.send_photo(photo=file, **more)
        case "video":
            return await bot.send_video(video=file, **more)
        case "audio":
            return await bot.send_audio(audio=file, **more)
        case _:
            return await bot.send_document(document=file, **more)


async def show_part(bot: DigestBot, chat_id: int, part: Part) -> tuple[int, ...]:
    """Sends it just as a reader would get it, to somebody who waits for it: a preview, a test. Raises TelegramError."""
    common: dict[str, Any] = {"chat_id": chat_id, "reply_markup": link_keyboard(part)}
    common["disable_notification"] = part.silent or None
    if part.media or part.copy_of:
        return await send_content(bot, part, common)
    if part.photo:
        return await send_content(bot, replace(part, photo=None, media=(("photo", part.photo),)), common)
    message = await bot.send_message(
        text=part.html, parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW, **common
    )
    return (message.message_id,)
