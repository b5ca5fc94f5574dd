"""A wish as text, which a button can name by a token until somebody wants the wish back (pure)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from digests.model.wish import Matter, Subject, Wish, WishKind

_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class EndedWish:
    """A wish as it was; its fields mean what they mean in a `Wish`."""

    kind: WishKind
    subject: Subject
    until: datetime | None = None
    at_once: bool = False
    most: int = 0


def wish_text(wish: Wish | EndedWish) -> str:
    """Return a wish as text, from which `parse_wish_text` makes it again."""
    until = wish.until.isoformat() if wish.until is not None else ""
    values = [wish.kind, wish.subject.matter, wish.subject.value, until, int(wish.at_once), wish.most]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def parse_wish_text(text: str) -> EndedWish | None:
    """Return the wish that a text stands for; None for any other text, such as words that were searched for."""
    try:
        kind, matter, value, until, at_once, most = json.loads(text)
        subject = Subject(Matter(matter), value)
        ended = EndedWish(
            WishKind(kind), subject, datetime.fromisoformat(until) if until else None, at_once == 1, int(most)
        )
        is_sound = isinstance(value, str) and bool(value) and 0 <= ended.most <= _LARGEST
        is_sound = is_sound and (ended.until is None or ended.until.tzinfo is not None)
        if is_sound and subject.matter is Matter.CATEGORY:
            is_sound = value.isascii() and value.isdigit() and len(value) < 16
    except (ValueError, TypeError, RecursionError, OverflowError):
        return None
    if ended.kind is WishKind.CAP:
        is_sound = is_sound and ended.most > 0 and subject.matter is Matter.CATEGORY
    return ended if is_sound and (ended.kind is WishKind.CAP or not ended.most) else None
