"""Updates that Telegram would not send, or a newer Telegram might."""

from __future__ import annotations

from typing import Any

SECRET_WORDS = "what a person wrote in confidence"
CHAT = {"id": 77, "type": "private", "first_name": "Kim"}
SENDER = {"id": 77, "is_bot": False, "first_name": "Kim"}
BROKEN_UPDATES: list[Any] = [
    {"message": {"text": SECRET_WORDS}},
    {"message": {"message_id": "x", "date": SECRET_WORDS, "chat": CHAT, "from": SENDER, "text": SECRET_WORDS}},
    {"message": {"message_id": 1, "date": 10**30, "chat": CHAT, "from": SENDER, "text": SECRET_WORDS}},
    {"message": {"message_id": 1, "date": 1, "chat": CHAT, "from": [SECRET_WORDS], "text": SECRET_WORDS}},
    {"message": {"message_id": 1, "date": 1, "chat": CHAT, "from": SENDER, "text": 5, "entities": SECRET_WORDS}},
    {"message": {"message_id": 1, "date": 1, "chat": [], "from": SENDER, "text": SECRET_WORDS}},
    {"message": {"message_id": 1, "date": 1, "chat": {**CHAT, "type": SECRET_WORDS}, "from": SENDER, "text": "/id"}},
    {"message": SECRET_WORDS},
    {"callback_query": {"id": "1", "from": SENDER, "data": SECRET_WORDS}},
    {"callback_query": {"id": 1, "from": SECRET_WORDS, "data": [SECRET_WORDS], "message": {"chat": CHAT}}},
    {"my_chat_member": {"chat": CHAT, "from": SENDER, "date": 1, "old_chat_member": SECRET_WORDS}},
    {"my_chat_member": [SECRET_WORDS]},
    {"of_a_newer_bot_api": {"words": SECRET_WORDS}},
    {},
]
"""What such updates hold beside their number; most hold `SECRET_WORDS`, which must not be logged."""
