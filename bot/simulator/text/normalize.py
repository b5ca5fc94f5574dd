"""Normalization of texts before Telegram stores them: cleaned and trimmed, with entities that nest.

Bold, italic and the like may be split and joined; quotes may contain anything but quotes; links, mentions and code
contain no others of these. This follows TDLib's fix_formatted_text, with which a property test compares it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence

from bot.simulator.text.formatted import Entity, FormattedText, sort_key

SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
QUOTES = ("blockquote", "expandable_blockquote")
CODE = ("pre", "pre_code", "code", "date_time")
MAX_ENTITIES = 100
_END = 2**31
_GIVEN_BY_WRITER = (*SPLITTABLE, *QUOTES, *CODE, "text_link", "text_mention", "custom_emoji")
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x20]")
_REMOVED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_REPEATED_MARKS = re.compile("[\u200e\u200f]+(?=[\u200e\u200f])")


class EntityError(ValueError):
    """An entity's offset or length is impossible; the text is TDLib's."""


def normalize_formatted(formatted: FormattedText) -> FormattedText:
    """Return the text cleaned and trimmed, with its entities in order; raise EntityError for impossible ones."""
    entities = order_entities(entity for entity in formatted.entities if entity.length > 0)
    text, entities = _clean(formatted.text, entities)
    return _trim(text, order_entities(entity for entity in entities if entity.length > 0))


def order_entities(entities: Iterable[Entity]) -> list[Entity]:
    """Return the entities sorted, without those that lie in or across others where they may not."""
    entities = sorted(entities, key=sort_key)
    if _are_valid(entities):
        return entities
    splittable = [entity for entity in entities if entity.kind in SPLITTABLE]
    quotes = _without_overlaps(entity for entity in entities if entity.kind in QUOTES)
    others = _without_overlaps(
        entity for entity in entities if entity.kind not in SPLITTABLE and entity.kind not in QUOTES
    )
    if quotes:
        others = sorted([*_not_crossing(others, quotes), *quotes], key=sort_key)
    if not splittable:
        return others
    return sorted([*others, *split_entities(splittable, others)], key=sort_key)


def merge_entities(entities: Sequence[Entity], found: Sequence[Entity]) -> list[Entity]:
    """Return the writer's own entities, and the found ones where these leave room."""
    if not found:
        return list(entities)
    splittable = [entity for entity in entities if entity.kind in SPLITTABLE]
    quotes = [entity for entity in entities if entity.kind in QUOTES]
    own = [entity for entity in entities if entity.kind not in SPLITTABLE and entity.kind not in QUOTES]
    new = [entity for entity in _not_crossing(found, quotes) if not any(_overlap(entity, other) for other in own)]
    others = sorted([*own, *new, *quotes], key=sort_key)
    return sorted([*others, *split_entities(splittable, others)], key=sort_key)


def limit_entities(entities: Sequence[Entity]) -> tuple[list[Entity], int]:
    """Return the entities that Telegram keeps, and how many it silently drops.

    Of those that the writer gave it keeps 100: links, code and quotes first, then bold and the like. Detected entities
    and custom emoji are all kept.
    """
    own = [entity for entity in entities if entity.kind in _GIVEN_BY_WRITER]
    if len(own) <= MAX_ENTITIES:
        return list(entities), 0
    first = [entity for entity in own if entity.kind not in SPLITTABLE and entity.kind != "custom_emoji"]
    last = [entity for entity in own if entity.kind in SPLITTABLE]
    kept = set((first + last)[:MAX_ENTITIES])
    unlimited = {entity for entity in entities if entity.kind not in _GIVEN_BY_WRITER or entity.kind == "custom_emoji"}
    left = [entity for entity in entities if entity in kept or entity in unlimited]
    return left, len(entities) - len(left)


def split_entities(splittable: Sequence[Entity], others: Sequence[Entity]) -> list[Entity]:
    """Return bold and the like, joined where they touch, split where others begin or end, and removed from code."""
    splitter = _Splitter(splittable)
    for other in others:
        splitter.advance(other.offset)
        splitter.around.append(other)
    splitter.advance(_END)
    return sorted(splitter.pieces, key=sort_key)


class _Splitter:
    """A pass through the text; `around` are the other entities that the current offset is in."""

    def __init__(self, splittable: Sequence[Entity]) -> None:
        self.pieces: list[Entity] = []
        self.around: list[Entity] = []
        self._waiting = deque(splittable)
        self._spans: dict[str, tuple[int, int]] = {}

    def advance(self, offset: int) -> None:
        """Move on to an offset, and close the entities that end before it."""
        while self.around and offset >= self.around[-1].end:
            size = len(self.pieces)
            self._split_until(self.around[-1].end)
            if self.around[-1].kind in CODE:
                del self.pieces[size:]
            self.around.pop()
        self._split_until(offset)

    def _split_until(self, end_offset: int) -> None:
        while self._waiting and self._waiting[0].offset < end_offset:
            entity = self._waiting.popleft()
            if entity.kind in self._spans and entity.offset <= self._spans[entity.kind][1]:
                begin, end = self._spans[entity.kind]
                self._spans[entity.kind] = (begin, max(end, entity.end))
            else:
                self._flush(entity.offset)
                self._spans[entity.kind] = (entity.offset, entity.end)
        self._flush(end_offset)

    def _flush(self, offset: int) -> None:
        for kind in SPLITTABLE:
            if kind not in self._spans or self._spans[kind][0] >= offset:
                continue
            begin, end = self._spans[kind]
            if end <= offset:
                self.pieces.append(Entity(kind, begin, end - begin))
                del self._spans[kind]
            else:
                self.pieces.append(Entity(kind, begin, offset - begin))
                self._spans[kind] = (offset, end)


def _are_valid(entities: Sequence[Entity]) -> bool:
    ends: dict[str, int] = {}
    around: list[Entity] = []
    for entity in entities:
        while around and entity.offset >= around[-1].end:
            around.pop()
        if around and not _may_lie_in(entity, around):
            return False
        if entity.kind in SPLITTABLE:
            if ends.get(entity.kind, -1) >= entity.offset:
                return False
            ends[entity.kind] = entity.end
        around.append(entity)
    return True


def _may_lie_in(entity: Entity, around: Sequence[Entity]) -> bool:
    kinds = {other.kind for other in around}
    if entity.end > around[-1].end or entity.kind in kinds or around[-1].kind in CODE:
        return False
    if entity.kind in CODE and not kinds <= set(QUOTES):
        return False
    is_firm = entity.kind not in SPLITTABLE and entity.kind not in CODE
    if is_firm and any(_is_continuous(kind) for kind in kinds):
        return False
    if entity.kind in QUOTES and not kinds.isdisjoint(QUOTES):
        return False
    return kinds.isdisjoint(SPLITTABLE)


def _is_continuous(kind: str) -> bool:
    return kind not in SPLITTABLE and kind not in QUOTES and kind not in CODE


def _without_overlaps(entities: Iterable[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in entities:
        if not kept or entity.offset >= kept[-1].end:
            kept.append(entity)
    return kept


def _not_crossing(entities: Iterable[Entity], quotes: Sequence[Entity]) -> list[Entity]:
    """Return the entities that don't cross the edge of a quote."""
    return [entity for entity in entities if not any(_crosses(entity, quote) for quote in quotes)]


def _crosses(entity: Entity, quote: Entity) -> bool:
    return _overlap(entity, quote) and not quote.offset <= entity.offset <= entity.end <= quote.end


def _overlap(entity: Entity, other: Entity) -> bool:
    return entity.offset < other.end and other.offset < entity.end


def _clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    _check_offsets(text, entities)
    if _REMOVED.search(text) and entities:
        removed: list[int] = []
        offset = 0
        for character in text:
            if _REMOVED.match(character):
                removed.append(offset)
            offset += 1 + (character > "\uffff")
        entities = [_move(entity, removed) for entity in entities]
    text = _CONTROL.sub(" ", _REMOVED.sub("", text))
    return _REPEATED_MARKS.sub(lambda found: "\u200c" * len(found[0]), text), entities


def _move(entity: Entity, removed: Sequence[int]) -> Entity:
    before = sum(1 for at in removed if at < entity.offset)
    inside = sum(1 for at in removed if entity.offset <= at < entity.end)
    return entity._replace(offset=entity.offset - before, length=entity.length - inside)


def _check_offsets(text: str, entities: Sequence[Entity]) -> None:
    if not entities:
        return
    edges, offset, size = {0}, 0, 0
    for character in text:
        offset += 1 + (character > "\uffff")
        edges.add(offset)
        size = offset
    for entity in entities:
        if entity.offset >= size:
            raise EntityError(f"Entity begins after the end of the text at UTF-16 offset {entity.offset}")
        if entity.end > size:
            raise EntityError(
                f"Entity beginning at UTF-16 offset {entity.offset} ends after the end of the text at UTF-16 "
                f"offset {entity.end}"
            )
        if entity.offset not in edges:
            raise EntityError("Entity begins in a middle of a UTF-16 symbol")
        if entity.end not in edges:
            raise EntityError(f"Entity beginning at UTF-16 offset {entity.offset} ends in a middle of a UTF-16 symbol")


def _trim(text: str, entities: list[Entity]) -> FormattedText:
    stripped = text.rstrip(" \n")
    size = len(stripped) + sum(1 for character in stripped if character > "\uffff")
    kept = [
        entity._replace(length=min(entity.length, size - entity.offset)) for entity in entities if entity.offset < size
    ]
    kept.sort(key=sort_key)
    # Leading spaces stay where an entity covers them.
    first = kept[0].offset if kept else len(stripped)
    lead = 0
    while lead < min(first, len(stripped)) and stripped[lead] in " \n":
        lead += 1
    return FormattedText(stripped[lead:], tuple(entity._replace(offset=entity.offset - lead) for entity in kept))
