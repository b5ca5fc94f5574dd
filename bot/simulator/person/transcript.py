"""A chat as plain text, for people to read and for error messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_RICH_MARKS = {"shown": "rich", "unsupported": "not supported by this client", "blank": "blank in this client"}


def format_transcript(messages: Sequence[dict[str, Any]], name: str) -> str:
    """Format messages, one below the other; `name` is the first name of the user who wrote the outgoing ones."""
    lines = [_format_message(message, name) for message in messages]
    return "\n".join(["--- the chat so far ---", *lines, "---"])


def _format_message(message: dict[str, Any], name: str) -> str:
    title = message["chat"].get("title", "?")
    writer = name if message["outgoing"] else message.get("from", {}).get("first_name", title)
    marks = [mark for mark in ("edited", "deleted", "silent", "pinned") if message[mark]]
    marks += ["only for you"] if message["ephemeral"] else []
    marks += ["photo"] if message["photo_url"] else []
    marks += ["preview"] if message["preview"] else []
    marks += [_RICH_MARKS[message["rich"]]] if message["rich"] else []
    text = message["service"] or message.get("text") or message.get("caption") or message["rich_text"]
    rows = [" | ".join(f"[{button['text']}]" for button in row) for row in message["buttons"]]
    head = f"#{message['message_id']} {writer}{' (' + ', '.join(marks) + ')' if marks else ''}:"
    return "\n      ".join([f"{head} {text}", *rows])
