"""What Telegram makes of entities before it stores a text: cleaned, in order, no two of one kind in each other.

Bold, italic and the like may be cut and joined; quotes hold anything but quotes; links, mentions and code hold no
other of their own sort. This follows TDLib's fix_formatted_text, and is held against it by a property test.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence

from bot.simulator.text.formatted import Entity, Formatted, sort_key

SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
QUOTES = ("blockquote", "expandable_blockquote")
CODE = ("pre", "pre_code", "code", "date_time")
MOST_ENTITIES = 100
_END = 2**31
_USERS_OWN = (*SPLITTABLE, *QUOTES, *CODE, "text_link", "text_mention", "custom_emoji")
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x20]")
_REMOVED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_MARKS = re.compile("[\u200e\u200f]+(?=[\u200e\u200f])")


class EntityError(ValueError):
    """An entity lies where no entity can; the text is TDLib's."""


def tidy(formatted: Formatted) -> Formatted:
    """Cleaned and trimmed, its entities in order."""
    entities = in_order(one for one in formatted.entities if one.length > 0)
    text, entities = _clean(formatted.text, entities)
    return _trim(text, in_order(one for one in entities if one.length > 0))


def in_order(entities: Iterable[Entity]) -> list[Entity]:
    """Sorted, with no two in each other that may not be."""
    entities = sorted(entities, key=sort_key)
    if _are_valid(entities):
        return entities
    splittable = [one for one in entities if one.kind in SPLITTABLE]
    quotes = _without_crossing(one for one in entities if one.kind in QUOTES)
    others = _without_crossing(one for one in entities if one.kind not in SPLITTABLE and one.kind not in QUOTES)
    if quotes:
        others = sorted([*_fitting(others, quotes), *quotes], key=sort_key)
    if not splittable:
        return others
    return sorted([*others, *split_entities(splittable, others)], key=sort_key)


def merge_found(entities: Sequence[Entity], found: Sequence[Entity]) -> list[Entity]:
    """The writer's own entities, and those that were found where his leave room."""
    if not found:
        return list(entities)
    splittable = [one for one in entities if one.kind in SPLITTABLE]
    quotes = [one for one in entities if one.kind in QUOTES]
    own = [one for one in entities if one.kind not in SPLITTABLE and one.kind not in QUOTES]
    new = [one for one in _fitting(found, quotes) if not any(_overlap(one, other) for other in own)]
    others = sorted([*own, *new, *quotes], key=sort_key)
    return sorted([*others, *split_entities(splittable, others)], key=sort_key)


def best(entities: Sequence[Entity]) -> tuple[list[Entity], int]:
    """Those that Telegram keeps (100, links, code and quotes first), and how many it drops without a word."""
    own = [one for one in entities if one.kind in _USERS_OWN]
    if len(own) <= MOST_ENTITIES:
        return list(entities), 0
    firm = [one for one in own if one.kind not in SPLITTABLE and one.kind != "custom_emoji"]
    soft = [one for one in own if one.kind in SPLITTABLE]
    kept = set((firm + soft)[:MOST_ENTITIES])
    left = [one for one in entities if one in kept or one.kind not in _USERS_OWN or one.kind == "custom_emoji"]
    return left, len(entities) - len(left)


def split_entities(splittable: Sequence[Entity], others: Sequence[Entity]) -> list[Entity]:
    """Bold and the like, joined where they touch, cut where another entity begins or ends, none inside code."""
    splitter = _Splitter(splittable)
    for other in others:
        splitter.reach(other.offset)
        splitter.around.append(other)
    splitter.reach(_END)
    return sorted(splitter.pieces, key=sort_key)


class _Splitter:
    """Goes through the text once; `around` are the other entities that it is in."""

    def __init__(self, splittable: Sequence[Entity]) -> None:
        self.pieces: list[Entity] = []
        self.around: list[Entity] = []
        self._waiting = deque(splittable)
        self._spans: dict[str, tuple[int, int]] = {}

    def reach(self, offset: int) -> None:
        while self.around and offset >= self.around[-1].end:
            size = len(self.pieces)
            self._take(self.around[-1].end)
            if self.around[-1].kind in CODE:
                del self.pieces[size:]
            self.around.pop()
        self._take(offset)

    def _take(self, end_offset: int) -> None:
        while self._waiting and self._waiting[0].offset < end_offset:
            one = self._waiting.popleft()
            if one.kind in self._spans and one.offset <= self._spans[one.kind][1]:
                begin, end = self._spans[one.kind]
                self._spans[one.kind] = (begin, max(end, one.end))
            else:
                self._flush(one.offset)
                self._spans[one.kind] = (one.offset, one.end)
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
    kinds = {one.kind for one in around}
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


def _without_crossing(entities: Iterable[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in entities:
        if not kept or entity.offset >= kept[-1].end:
            kept.append(entity)
    return kept


def _fitting(entities: Iterable[Entity], quotes: Sequence[Entity]) -> list[Entity]:
    """Those that cross the edge of no quote."""
    return [
        one
        for one in entities
        if not any(_overlap(one, quote) and not quote.offset <= one.offset <= one.end <= quote.end for quote in quotes)
    ]


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end


def _clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    _check_places(text, entities)
    if _REMOVED.search(text) and entities:
        gone: list[int] = []
        offset = 0
        for character in text:
            if _REMOVED.match(character):
                gone.append(offset)
            offset += 1 + (character > "\uffff")
        entities = [_moved(one, gone) for one in entities]
    text = _CONTROL.sub(" ", _REMOVED.sub("", text))
    return _MARKS.sub(lambda found: "\u200c" * len(found[0]), text), entities


def _moved(entity: Entity, gone: Sequence[int]) -> Entity:
    before = sum(1 for at in gone if at < entity.offset)
    inside = sum(1 for at in gone if entity.offset <= at < entity.end)
    return entity._replace(offset=entity.offset - before, length=entity.length - inside)


def _check_places(text: str, entities: Sequence[Entity]) -> None:
    if not entities:
        return
    edges, offset, size = {0}, 0, 0
    for character in text:
        offset += 1 + (character > "\uffff")
        edges.add(offset)
        size = offset
    for one in entities:
        if one.offset >= size:
            raise EntityError(f"Entity begins after the end of the text at UTF-16 offset {one.offset}")
        if one.end > size:
            raise EntityError(
                f"Entity beginning at UTF-16 offset {one.offset} ends after the end of the text at UTF-16 "
                f"offset {one.end}"
            )
        if one.offset not in edges:
            raise EntityError("Entity begins in a middle of a UTF-16 symbol")
        if one.end not in edges:
            raise EntityError(f"Entity beginning at UTF-16 offset {one.offset} ends in a middle of a UTF-16 symbol")


def _trim(text: str, entities: list[Entity]) -> Formatted:
    stripped = text.rstrip(" \n")
    size = len(stripped) + sum(1 for character in stripped if character > "\uffff")
    kept = [one._replace(length=min(one.length, size - one.offset)) for one in entities if one.offset < size]
    kept.sort(key=sort_key)
    # Spaces that an entity covers stay at the beginning.
    first = kept[0].offset if kept else len(stripped)
    lead = 0
    while lead < min(first, len(stripped)) and stripped[lead] in " \n":
        lead += 1
    return Formatted(stripped[lead:], tuple(one._replace(offset=one.offset - lead) for one in kept))
