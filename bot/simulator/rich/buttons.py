"""Buttons in the text of a rich message: the Bot API's RichMessageButton (10.3)."""

from __future__ import annotations

from bot.simulator.refusal import bad_request
from bot.simulator.rich.tree import Element
from bot.simulator.text.formatted import Json
from bot.simulator.text.links import mentioned_user, try_normalize_link

MAX_BUTTONS_IN_ROW = 8
_MAX_CALLBACK_DATA = 64
_MAX_COPY_TEXT = 256
_STYLES = ("primary", "success", "danger", "link")
_ALLOWED_IN_TEXT = ("date_time", "custom_emoji")


def read_button(element: Element, text: object) -> Json:
    """Return a button with its text, or refuse it as Telegram refuses a keyboard's buttons."""
    if not text:
        raise bad_request("BUTTON_TEXT_INVALID")
    for part in text if isinstance(text, list) else [text]:
        if isinstance(part, dict) and part["type"] not in _ALLOWED_IN_TEXT:
            raise bad_request("BUTTON_TEXT_INVALID")
    attributes = element.attributes
    kind = attributes.get("type", "")
    shown: Json = {"text": text, **_read_action(kind, attributes)}
    style = attributes.get("style")
    if style is not None:
        if style not in _STYLES or (style == "link" and kind != "callback_data"):
            raise bad_request("BUTTON_STYLE_INVALID")
        shown["style"] = style
    return shown


def _read_action(kind: str, attributes: dict[str, str]) -> Json:
    match kind:
        case "url":
            given = attributes.get("url", "")
            url = given if mentioned_user(given) else try_normalize_link(given)
            if url is None:
                raise bad_request("BUTTON_URL_INVALID")
            return {"url": url}
        case "callback_data":
            data = attributes.get("data", "")
            if not 1 <= len(data.encode()) <= _MAX_CALLBACK_DATA:
                raise bad_request("BUTTON_DATA_INVALID")
            return {"callback_data": data}
        case "switch_inline_query" | "switch_inline_query_current_chat":
            return {kind: attributes.get("query", "")}
        case "copy_text":
            copied = attributes.get("text", "")
            if not 1 <= len(copied) <= _MAX_COPY_TEXT:
                raise bad_request("BUTTON_COPY_TEXT_INVALID")
            return {"copy_text": {"text": copied}}
        case "disabled":
            return {"disabled": {}}
        case _:
            raise bad_request("BUTTON_TYPE_INVALID")
