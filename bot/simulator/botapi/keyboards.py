"""Keyboards, judged as Telegram judges them."""

from __future__ import annotations

from bot.simulator.botapi.call import Call
from bot.simulator.refusal import Refusal, bad
from bot.simulator.state.chats import Chat
from bot.simulator.text.formatted import Json
from bot.simulator.text.links import LinkError, check_link, user_of_link

BUTTONS = 100
BUTTONS_IN_ROW = 8
CALLBACK_DATA = 64
COPY_TEXT = 256
_STYLES = ("danger", "success", "primary")
_TYPES = (
    "url", "callback_data", "callback_game", "pay", "switch_inline_query", "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat", "login_url", "web_app", "copy_text",
)  # fmt: skip


def read_reply_markup(call: Call, *, inline_only: bool = False) -> Json | None:
    """The call's reply_markup, its form judged; None when there is none. Buttons are judged by `check_buttons`."""
    value = call.json("reply_markup", "reply keyboard markup")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise bad("Object expected as reply markup")
    if value.get("inline_keyboard"):
        return {"inline_keyboard": _rows(value["inline_keyboard"], "inline_keyboard", _inline_button)}
    if value.get("keyboard"):
        if inline_only:
            raise bad("Inline keyboard expected")
        return {**value, "keyboard": _rows(value["keyboard"], "keyboard", _plain_button)}
    other = value.get("remove_keyboard") or value.get("force_reply")
    if other and inline_only:
        raise bad("Inline keyboard expected")
    return value if other else None


def check_buttons(markup: Json | None, chat: Chat) -> None:
    """What the server refuses once the message is known to be welcome."""
    rows = (markup or {}).get("inline_keyboard")
    if not isinstance(rows, list):
        return
    for row in rows:
        for button in row:
            _check_button(button, chat)
    if sum(len(row) for row in rows) > BUTTONS or any(len(row) > BUTTONS_IN_ROW for row in rows):
        raise bad("reply markup is too long")


def _rows(rows: object, field: str, read: object) -> list[list[Json]]:
    owner = " of the InlineKeyboardMarkup" if field == "inline_keyboard" else ""
    if not isinstance(rows, list):
        raise bad(f'Field "{field}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad(f'Field "{field}"{owner} must be an Array of Arrays')
    assert callable(read)
    return [kept for row in rows if (kept := [read(button) for button in row])]


def _inline_button(button: object) -> Json:
    if not isinstance(button, dict):
        raise _unreadable("InlineKeyboardButton must be an Object", "inline ")
    _required_text(button, "inline ")
    if button.get("style") and button["style"] not in _STYLES:
        raise _unreadable("invalid button style specified", "inline ")
    kinds = [name for name in _TYPES if button.get(name) not in (None, "") or (name in button and "switch" in name)]
    if not kinds:
        raise _unreadable("Text buttons are unallowed in the inline keyboard", "inline ")
    shown = ("text", "style", "icon_custom_emoji_id", kinds[0])
    return {name: value for name, value in button.items() if name in shown}


def _plain_button(button: object) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise _unreadable("KeyboardButton must be an Object", "")
    _required_text(button, "")
    if not button["text"]:
        raise bad("Keyboard button text must be non-empty")
    return button


def _required_text(button: Json, sort: str) -> None:
    if "text" not in button:
        raise _unreadable('Can\'t find field "text"', sort)
    if not isinstance(button["text"], str | int):
        raise _unreadable('Field "text" must be of type String', sort)


def _check_button(button: Json, chat: Chat) -> None:
    if not str(button["text"]).strip():
        raise bad("Inline keyboard button text must be non-empty")
    if "url" in button:
        _check_url(str(button["url"]))
    elif "callback_data" in button:
        if not 1 <= len(str(button["callback_data"]).encode()) <= CALLBACK_DATA:
            raise bad("BUTTON_DATA_INVALID")
    elif "copy_text" in button:
        copied = button["copy_text"]
        text = copied.get("text", "") if isinstance(copied, dict) else ""
        if not isinstance(text, str) or not 1 <= len(text) <= COPY_TEXT:
            raise bad("BUTTON_COPY_TEXT_INVALID")
    elif "web_app" in button and not chat.is_private:
        raise bad("BUTTON_TYPE_INVALID")


def _check_url(url: str) -> None:
    if user_of_link(url):
        return
    try:
        check_link(url)
    except LinkError as error:
        raise bad(f"Inline keyboard button URL '{url}' is invalid: {error}") from None


def _unreadable(words: str, sort: str) -> Refusal:
    return bad(f"Can't parse {sort}keyboard button: {words}")
