"""The method answerCallbackQuery."""

from __future__ import annotations

from bot.simulator.botapi.call import Call
from bot.simulator.refusal import bad_request

_MAX_TEXT = 200
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def answer_callback_query(call: Call) -> bool:
    """Answer a press, which the person who pressed sees as an event."""
    if len(call.text("text")) > _MAX_TEXT:
        raise bad_request("MESSAGE_TOO_LONG")
    url = call.text("url")
    if url and not url.startswith((f"https://t.me/{call.world.bot.username}?start=", "tg://")):
        raise bad_request("URL_INVALID")
    answer: dict[str, object] = {"text": call.text("text"), "show_alert": call.flag("show_alert"), "url": url or None}
    press = call.world.presses.answer(call.text("callback_query_id"), answer)
    if press is None:
        raise bad_request(_TOO_OLD)
    shown = answer | {"message_id": press.message.id}
    call.world.events.add("answer", press.message.chat.id, user_id=press.user_id, extra=shown)
    return True
