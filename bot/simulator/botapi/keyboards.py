"""Keyboards, checked as Telegram checks them."""

from __future__ import annotations

from collections.abc import Callable

from bot.simulator.botapi.call import Call
from bot.simulator.refusal import Refusal, bad_request
from bot.simulator.state.chats import Chat
from bot.simulator.text.formatted import Json
from bot.simulator.text.links import LinkError, mentioned_user, normalize_link

MAX_BUTTONS = 100
MAX_BUTTONS_IN_ROW = 8
MAX_CALLBACK_DATA = 64
MAX_COPY_TEXT = 256
_STYLES = ("danger", "success", "primary")
_BUTTON_KINDS = (
    "url", "callback_data", "callback_game", "pay", "switch_inline_query", "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat", "login_url", "web_app", "copy_text",
)  # fmt: skip


def read_reply_markup(call: Call, *, inline_only: bool = False) -> Json | None:
    """Return the call's reply_markup, None when there is none.

    Its form is checked here; what the buttons hold is checked later, by `check_buttons`.
    """
    value = call.json("reply_markup", "reply keyboard markup")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise bad_request("Object expected as reply markup")
    if value.get("inline_keyboard"):
        return {"inline_keyboard": _read_rows(value["inline_keyboard"], "inline_keyboard", _read_inline_button)}
    if value.get("keyboard"):
        if inline_only:
            raise bad_request("Inline keyboard expected")
        return {**value, "keyboard": _read_rows(value["keyboard"], "keyboard", _read_reply_button)}
    other = value.get("remove_keyboard") or value.get("force_reply")
    if other and inline_only:
        raise bad_request("Inline keyboard expected")
    return value if other else None


def check_buttons(markup: Json | None, chat: Chat) -> None:
    """Refuse what Telegram's server refuses once it knows that the message may be sent."""
    _check_requests(markup, chat)
    rows = (markup or {}).get("inline_keyboard")
    if not isinstance(rows, list):
        return
    for row in rows:
        for button in row:
            _check_button(button, chat)
    if sum(len(row) for row in rows) > MAX_BUTTONS or any(len(row) > MAX_BUTTONS_IN_ROW for row in rows):
        raise bad_request("reply markup is too long")


def _check_requests(markup: Json | None, chat: Chat) -> None:
    """Refuse buttons that ask for a chat outside private chats, and two requests with one id."""
    requests = requests_of(markup)
    if requests and not chat.is_private:
        raise bad_request("requests for chats can be sent only to private chats")
    numbers = [request["request_id"] for _, request in requests]
    if len(set(map(str, numbers))) < len(numbers):
        raise bad_request("BUTTON_ID_INVALID")


def requests_of(markup: Json | None) -> list[tuple[str, Json]]:
    """Return the buttons of a reply keyboard that ask for a chat: their texts and KeyboardButtonRequestChat objects."""
    rows = (markup or {}).get("keyboard")
    buttons = [button for row in rows for button in row] if isinstance(rows, list) else []
    return [(str(button["text"]), button["request_chat"]) for button in buttons if "request_chat" in button]


def _read_rows(rows: object, field: str, read: Callable[[object], Json]) -> list[list[Json]]:
    owner = " of the InlineKeyboardMarkup" if field == "inline_keyboard" else ""
    if not isinstance(rows, list):
        raise bad_request(f'Field "{field}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(f'Field "{field}"{owner} must be an Array of Arrays')
    return [kept for row in rows if (kept := [read(button) for button in row])]


def _read_inline_button(button: object) -> Json:
    if not isinstance(button, dict):
        raise _unreadable("InlineKeyboardButton must be an Object", "inline ")
    _check_text(button, "inline ")
    if button.get("style") and button["style"] not in _STYLES:
        raise _unreadable("invalid button style specified", "inline ")
    kinds = [
        name for name in _BUTTON_KINDS if button.get(name) not in (None, "") or (name in button and "switch" in name)
    ]
    if not kinds:
        raise _unreadable("Text buttons are unallowed in the inline keyboard", "inline ")
    shown = ("text", "style", "icon_custom_emoji_id", kinds[0])
    return {name: value for name, value in button.items() if name in shown}


def _read_reply_button(button: object) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise _unreadable("KeyboardButton must be an Object", "")
    _check_text(button, "")
    if not button["text"]:
        raise bad_request("Keyboard button text must be non-empty")
    if "request_chat" in button:
        _check_request(button["request_chat"])
    return button


def _check_request(request: object) -> None:
    """Refuse a KeyboardButtonRequestChat that lacks what it needs, or asks for more rights than the person has."""
    if not isinstance(request, dict):
        raise _unreadable('Field "request_chat" must be of type Object', "")
    if not isinstance(request.get("request_id"), int):
        raise _unreadable('Can\'t find field "request_id"', "")
    if not isinstance(request.get("chat_is_channel"), bool):
        raise _unreadable('Can\'t find field "chat_is_channel"', "")
    of_bot = rights_in(request, "bot_administrator_rights")
    if of_bot and not of_bot <= rights_in(request, "user_administrator_rights"):
        raise bad_request("bot administrator rights must be a subset of user administrator rights")


def rights_in(request: Json, name: str) -> set[str]:
    """Return the rights that a ChatAdministratorRights object in a request has set."""
    rights = request.get(name) or {}
    if not isinstance(rights, dict):
        raise _unreadable(f'Field "{name}" must be of type Object', "")
    return {str(right) for right, is_set in rights.items() if is_set is True}


def _check_text(button: Json, keyboard: str) -> None:
    if "text" not in button:
        raise _unreadable('Can\'t find field "text"', keyboard)
    if not isinstance(button["text"], str | int):
        raise _unreadable('Field "text" must be of type String', keyboard)


def _check_button(button: Json, chat: Chat) -> None:
    if not str(button["text"]).strip():
        raise bad_request("Inline keyboard button text must be non-empty")
    if "url" in button:
        _check_url(str(button["url"]))
    elif "callback_data" in button:
        if not 1 <= len(str(button["callback_data"]).encode()) <= MAX_CALLBACK_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    elif "copy_text" in button:
        copied = button["copy_text"]
        text = copied.get("text", "") if isinstance(copied, dict) else ""
        if not isinstance(text, str) or not 1 <= len(text) <= MAX_COPY_TEXT:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    elif "web_app" in button and not chat.is_private:
        raise bad_request("BUTTON_TYPE_INVALID")


def _check_url(url: str) -> None:
    if mentioned_user(url):
        return
    try:
        normalize_link(url)
    except LinkError as error:
        raise bad_request(f"Inline keyboard button URL '{url}' is invalid: {error}") from None


def _unreadable(reason: str, keyboard: str) -> Refusal:
    return bad_request(f"Can't parse {keyboard}keyboard button: {reason}")
