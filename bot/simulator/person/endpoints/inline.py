"""Endpoints for what people type behind the bot's name in any chat."""

from __future__ import annotations

import asyncio

from bot.simulator.person import inline_actions
from bot.simulator.person.request import PersonRequest
from bot.simulator.person.views import button_view, message_view
from bot.simulator.state.inline import InlineAnswer, InlineQuery, InlineResult
from bot.simulator.text.formatted import Json
from bot.simulator.text.html_view import entities_to_html, safe_href

_ANSWER_SECONDS = 10.0


async def post_inline(request: PersonRequest) -> Json:
    """Type words behind the bot's name, and wait for the bot's results up to `wait` seconds (10 by default)."""
    user = request.user()
    query = inline_actions.type_inline(
        request.world, user, request.chat(user=user), request.text("text"), request.text("offset")
    )
    is_kept = query.answer is not None
    try:
        await asyncio.wait_for(query.answered.wait(), request.seconds("wait", _ANSWER_SECONDS))
    except TimeoutError:
        return {"query": query.id, "answered": False, "results": [], "next_offset": "", "button": None}
    assert query.answer is not None
    return _answer_view(query, query.answer, request.world.bot.username) | {"kept": is_kept}


def post_inline_choose(request: PersonRequest) -> Json:
    """Send one of the results into a chat."""
    user = request.user()
    message = inline_actions.choose_result(
        request.world,
        user,
        request.chat(user=user),
        request.text("query", None),
        request.text("result", None),
        request.number("thread", 0),
    )
    return message_view(message, user)


def _answer_view(query: InlineQuery, answer: InlineAnswer, username: str) -> Json:
    button = answer.button
    url = f"https://t.me/{username}?start={button['start_parameter']}" if button else ""
    return {
        "query": query.id,
        "answered": True,
        "results": [_result_view(result) for result in answer.results],
        "next_offset": answer.next_offset,
        "button": {"text": button["text"], "url": url} if button else None,
        "cache_time": answer.cache_seconds,
        "is_personal": answer.is_personal,
    }


def _result_view(result: InlineResult) -> Json:
    rows = (result.markup or {}).get("inline_keyboard")
    thumbnail = result.shown["thumbnail_url"]
    return {
        **result.shown,
        "thumbnail_url": safe_href(str(thumbnail)) if thumbnail else None,
        "text": result.body.text,
        "html": entities_to_html(result.body),
        "buttons": [[button_view(button) for button in row] for row in rows] if isinstance(rows, list) else [],
    }
