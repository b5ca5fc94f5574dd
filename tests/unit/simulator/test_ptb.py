"""python-telegram-bot over real HTTP: a library for bots can read the simulator's answers."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, ExtBot, MessageHandler, filters
from telegram.request import BaseRequest, HTTPXRequest

from bot.simulator.person.driver import Person
from bot.simulator.server import Simulator
from bot.telegram.request import AiohttpRequest
from tests.unit.simulator.conftest import png

PtbBot = ExtBot[None]
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="x")]])


def _bot(sim: Simulator, request: type[BaseRequest], token: str = "") -> PtbBot:
    return ExtBot(
        token or sim.token,
        base_url=f"{sim.url}/bot",
        base_file_url=f"{sim.url}/file/bot",
        request=request(),
        get_updates_request=request(),
    )


@pytest.fixture(params=[AiohttpRequest, HTTPXRequest])
async def ptb(sim: Simulator, request: pytest.FixtureRequest) -> AsyncIterator[PtbBot]:
    async with _bot(sim, request.param) as bot:
        yield bot


async def test_sending_editing_deleting(ptb: PtbBot, ada: Person) -> None:
    assert ptb.username == "digest_demo_bot"
    message = await ptb.send_message(
        ada.id, "<b>汉字 😀</b> <a href='https://a.com'>x</a>", parse_mode="HTML", reply_markup=KEYBOARD,
        link_preview_options=LinkPreviewOptions(url="https://a.com/x.jpg", prefer_large_media=True),
    )  # fmt: skip
    assert message.text_html == '<b>汉字 😀</b> <a href="https://a.com/">x</a>'
    assert message.reply_markup == KEYBOARD
    edited = await ptb.edit_message_text("new", chat_id=ada.id, message_id=message.message_id)
    assert isinstance(edited, Message)
    assert edited.text == "new"
    assert await ptb.delete_message(ada.id, message.message_id)
    photo = await ptb.send_photo(ada.id, io.BytesIO(png(300, 200)), caption="c", filename="a.png")
    again = await ptb.send_photo(ada.id, photo.photo[-1].file_id)
    assert again.photo[-1].width == 300
    file = await ptb.get_file(photo.photo[-1].file_id)
    assert await file.download_as_bytearray() == png(300, 200)
    album = await ptb.send_media_group(ada.id, [InputMediaPhoto(png(9, 9)), InputMediaPhoto("https://a.com/b.jpg")])
    assert album[0].media_group_id == album[1].media_group_id
    copied = await ptb.copy_message(ada.id, ada.id, photo.message_id)
    assert await ptb.pin_chat_message(ada.id, copied.message_id)
    assert (await ptb.get_chat(ada.id)).pinned_message
    ledger = await ada.ledger()
    assert ledger["unknown_parameters"] == {}
    assert ledger["wrong_types"] == {}


async def test_commands_and_members(ptb: PtbBot, ada: Person) -> None:
    commands = [BotCommand("start", "Begin")]
    await ptb.set_my_commands(commands, BotCommandScopeChat(ada.id), language_code="en")
    assert await ptb.get_my_commands(BotCommandScopeChat(ada.id), language_code="en") == tuple(commands)
    group = await ada.found_group("G", "supergroup")
    await ada.add_bot(group, as_admin=True)
    assert (await ptb.get_chat_member(group, ada.id)).status == "creator"
    assert {admin.user.id for admin in await ptb.get_chat_administrators(group)} == {ada.id, ptb.id}
    await ptb.set_my_description("Brings news")
    assert (await ptb.get_my_description()).description == "Brings news"
    assert await ptb.leave_chat(group)
    updates = await ptb.get_updates(timeout=1)
    assert all(isinstance(update, Update) for update in updates)
    assert updates[-1].my_chat_member is not None


async def test_refusals_become_ptbs_errors(ptb: PtbBot, ada: Person, sim: Simulator) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await ptb.send_message(4711, "x")
    await ada.fault("flood", seconds=3)
    with pytest.raises(RetryAfter):
        await ptb.send_message(ada.id, "x")
    await ada.fault("error", code=502)
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await ptb.send_message(ada.id, "x")
    for kind in ("cut_before", "cut_after"):
        await ada.fault(kind)
        with pytest.raises(NetworkError):
            await ptb.send_message(ada.id, "x")
    with pytest.raises(EndPointNotFound):
        await ptb.do_api_request("sendVeryRichMessage", api_kwargs={"chat_id": ada.id})
    await ada.block()
    with pytest.raises(Forbidden, match="blocked"):
        await ptb.send_message(ada.id, "x")
    group = await ada.found_group("G")
    await ada.add_bot(group)
    new = await ada.upgrade(group)
    with pytest.raises(ChatMigrated) as moved:
        await ptb.send_message(group, "x")
    assert moved.value.new_chat_id == new
    await ptb.set_webhook("https://example.com/x")
    with pytest.raises(Conflict):
        await ptb.get_updates()


async def test_a_wrong_token(sim: Simulator) -> None:
    bot = _bot(sim, AiohttpRequest, "123456:wrong")
    with pytest.raises(InvalidToken):
        await bot.initialize()
    await bot.shutdown()


async def test_a_whole_application_by_polling(sim: Simulator, ada: Person) -> None:
    async def reply(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_message
        await update.effective_message.reply_text(f"heard {update.effective_message.text}", reply_markup=KEYBOARD)

    async def pressed(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query
        await update.callback_query.answer("going")
        await update.callback_query.edit_message_text("gone")

    application = Application.builder().bot(_bot(sim, AiohttpRequest)).job_queue(None).build()
    application.add_handler(MessageHandler(filters.TEXT, reply))
    application.add_handler(CallbackQueryHandler(pressed))
    async with application:
        await application.start()
        assert application.updater
        await application.updater.start_polling(timeout=5)
        await ada.say("/hello")
        await ada.wait_for("heard /hello")
        assert (await ada.press("Go"))["text"] == "going"
        await ada.wait_for("gone")
        await asyncio.wait_for(application.updater.stop(), 2)
        await application.stop()
    assert (await ada.ledger())["unanswered"] == []
