"""Packs blocks into messages, splitting only between blocks (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.render.markup import Html, entity_count, visible_length
from bot.telegram.limits import ENTITIES, TEXT


@dataclass(frozen=True, slots=True)
class Block:
    """A piece that stays in one message. `gap` line breaks stand before it, unless it begins a message.

    `keep` says that it must not end a message: a heading stays with what follows. Its characters and entities are
    counted once: digests share their blocks.
    """

    html: Html
    gap: int = 2
    keep: bool = False
    length: int = field(init=False, compare=False)
    entities: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", visible_length(self.html))
        object.__setattr__(self, "entities", entity_count(self.html))


def split(blocks: Iterable[Block], text_limit: int = TEXT, entity_limit: int = ENTITIES) -> tuple[Html, ...]:
    """The blocks in as few messages as their order allows, each within both limits.

    Raises ValueError for a block (with the headings that stay with it) that alone is over a limit: blocks are made
    of texts that were cut, so that is a fault of the program.
    """
    messages: list[list[str]] = []
    pieces: list[str] = []
    length = entities = 0
    for run, gap, run_length, run_entities in _runs(blocks):
        if run_length > text_limit or run_entities > entity_limit:
            raise ValueError(f"a block of {run_length} characters and {run_entities} entities fits no message")
        if pieces and length + gap + run_length <= text_limit and entities + run_entities <= entity_limit:
            pieces.append("\n" * gap)
            pieces += run
            length, entities = length + gap + run_length, entities + run_entities
        else:
            pieces, length, entities = run, run_length, run_entities
            messages.append(pieces)
    return tuple([Html("".join(each)) for each in messages])


def _runs(blocks: Iterable[Block]) -> Iterator[tuple[list[str], int, int, int]]:
    """What stays in one message: its pieces, the gap before it, its characters and entities."""
    run: list[str] = []
    gap = length = entities = 0
    for block in blocks:
        if run:
            run += ("\n" * block.gap, block.html)
            length, entities = length + block.gap + block.length, entities + block.entities
        else:
            run, gap, length, entities = [block.html], block.gap, block.length, block.entities
        if not block.keep:
            yield run, gap, length, entities
            run = []
    if run:
        yield run, gap, length, entities
