"""The method answerInlineQuery, of whose results the bot uses articles."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.simulator.botapi.call import Call
from bot.simulator.botapi.keyboards import check_buttons, read_reply_markup
from bot.simulator.botapi.message_text import read_given, require_text
from bot.simulator.botapi.previews import read_preview_options
from bot.simulator.refusal import bad_request
from bot.simulator.state.chats import Chat
from bot.simulator.state.inline import InlineAnswer, InlineResult
from bot.simulator.text.formatted import Json
from bot.simulator.text.links import START_PARAMETER

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_MAX_RESULTS = 50
_MAX_ID = 64
_MAX_OFFSET = 64
# Telegram documents no limits for these; they are what its apps show at most.
_MAX_TITLE = 256
_MAX_DESCRIPTION = 512
_MAX_BUTTON = 64
_DEFAULT_SECONDS = 300
_ANYWHERE = Chat(0, "group", "")
"""Where the message goes is not known yet, so its buttons have to fit everywhere."""


def answer_inline_query(call: Call) -> bool:
    """Answer what somebody typed behind the bot's name."""
    given = call.json("results", "inline query results")
    if not isinstance(given, list):
        raise bad_request("Expected an Array of inline query results")
    if len(given) > _MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    results = tuple(_read_result(call, result) for result in given)
    if len({result.shown["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    if len(call.text("next_offset").encode()) > _MAX_OFFSET:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = _read_button(call)
    log, query_id = call.world.inline, call.text("inline_query_id")
    if not log.is_open(query_id):
        raise bad_request(_TOO_OLD)
    seconds = max(0, call.number("cache_time", _DEFAULT_SECONDS))
    log.answer(query_id, InlineAnswer(results, call.text("next_offset"), button, seconds, call.flag("is_personal")))
    return True


def _read_result(call: Call, given: object) -> InlineResult:
    if not isinstance(given, dict):
        raise bad_request("Can't parse inline query result: expected an Object")
    if given.get("type") != "article":
        raise bad_request(f"Can't parse inline query result: the simulator knows no type {given.get('type')!r}")
    result_id, title = given.get("id"), given.get("title")
    if not isinstance(result_id, str) or not 1 <= len(result_id.encode()) <= _MAX_ID:
        raise bad_request("RESULT_ID_INVALID")
    if not isinstance(title, str) or not title.strip() or len(title) > _MAX_TITLE:
        raise bad_request("ARTICLE_TITLE_EMPTY" if not str(title or "").strip() else "RESULT_TITLE_TOO_LONG")
    description = given.get("description", "")
    if not isinstance(description, str) or len(description) > _MAX_DESCRIPTION:
        raise bad_request("RESULT_DESCRIPTION_INVALID")
    for name in ("url", "thumbnail_url"):
        if name in given and not _is_web_address(given[name]):
            raise bad_request("WEBDOCUMENT_URL_INVALID" if name == "thumbnail_url" else "RESULT_URL_INVALID")
    content = given.get("input_message_content")
    if not isinstance(content, dict) or not isinstance(text := content.get("message_text"), str):
        raise bad_request("Can't parse inline query result: Can't find field \"message_text\"")
    if not text:
        raise bad_request("Message text is empty")
    parsed = read_given(text, str(content.get("parse_mode") or ""), content.get("entities"))
    body = require_text(parsed)
    markup = read_reply_markup(_part_of(call, {"reply_markup": given.get("reply_markup")}), inline_only=True)
    check_buttons(markup, _ANYWHERE)
    preview = read_preview_options(_part_of(call, {"link_preview_options": content.get("link_preview_options")}))
    shown: Json = {"id": result_id, "title": title, "description": description}
    shown |= {name: given.get(name) for name in ("url", "thumbnail_url")}
    return InlineResult(shown, body, markup, preview, parsed.dropped)


def _read_button(call: Call) -> Json | None:
    given = call.json("button", "InlineQueryResultsButton")
    if given is None:
        return None
    if not isinstance(given, dict) or not isinstance(text := given.get("text"), str) or not text.strip():
        raise bad_request("Can't parse InlineQueryResultsButton: Can't find field \"text\"")
    if len(text) > _MAX_BUTTON:
        raise bad_request("BUTTON_TEXT_INVALID")
    parameter = given.get("start_parameter")
    if ("web_app" in given) == isinstance(parameter, str):
        raise bad_request("Can't parse InlineQueryResultsButton: exactly one of its fields must be used")
    if parameter is not None and not START_PARAMETER.fullmatch(str(parameter)):
        raise bad_request("START_PARAM_INVALID")
    return {"text": text, "start_parameter": parameter}


def _part_of(call: Call, values: Json) -> Call:
    return Call(call.world, call.method, values)


def _is_web_address(given: object) -> bool:
    if not isinstance(given, str):
        return False
    try:
        parts = urlsplit(given)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
