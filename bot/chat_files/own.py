"""What is kept about a chat, as a file for its person (pure)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from bot.chat_files.lines import place_fields
from bot.text.moments import iso
from digests.model.category_tree import CategoryTree
from digests.storage.places.own_data import KeptData, KeptPlace

FORMAT = "digestbot export"


def own_data_json(kept: KeptData, tree: CategoryTree, now: datetime) -> str:
    """Return all that is kept as JSON. `chats` have the fields of the lines of `digestbot chats export`."""
    data = {
        "format": FORMAT,
        "exported_at": iso(now),
        "role": str(kept.role) if kept.role is not None else None,
        "let_in_at": iso(kept.let_in_at),
        "chats": [_chat(place, tree, now) for place in kept.places],
        "saved": [
            {"title": saved.title or None, "url": saved.url or None, "saved_at": iso(saved.saved_at)}
            for saved in kept.saved
        ],
        "searches": [{"words": words, "last_used_at": iso(at)} for words, at in kept.searches],
        "feeds_in_hand": [{"note": note, "last_used_at": iso(at)} for note, at in kept.feed_notes],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def _chat(kept: KeptPlace, tree: CategoryTree, now: datetime) -> dict[str, Any]:
    categories = [found for number in kept.categories if (found := tree.get(number)) is not None]
    return {
        **place_fields(kept.place, categories, kept.wishes, tree, now),
        "met_at": iso(kept.place.created_at),
        "last_used_at": iso(kept.place.active_at),
        "next_digest_at": iso(kept.place.next_at),
        "deliveries": [
            {"kind": str(delivery.kind), "at": iso(delivery.slot), "state": str(delivery.state)}
            for delivery in kept.deliveries
        ],
    }
