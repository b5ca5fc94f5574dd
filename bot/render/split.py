"""Packs blocks into messages, splitting only between blocks (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.limits import ENTITIES, TEXT
from bot.markup import Html, entity_count, visible_length


class Block:
    """A piece of text that is not split. It follows `gap` line breaks, unless it begins a message.

    A block with `keep` must not end a message: a heading stays with what follows. Digests share their blocks, so
    characters and entities are counted only once. They share the text too, which is a plain string: `Html` takes more
    memory, and every slice copies it.
    """

    __slots__ = ("entities", "gap", "keep", "length", "spaced")

    def __init__(self, html: Html, gap: int = 2, keep: bool = False) -> None:
        self.gap = gap
        self.keep = keep
        self.length = visible_length(html)
        self.entities = entity_count(html)
        self.spaced = "\n" * gap + str(html)

    @property
    def html(self) -> str:
        """The text without its gap. Used only for what begins a message, so there is one text of every other block."""
        return self.spaced[self.gap :]


def split(blocks: Iterable[Block], text_limit: int = TEXT, entity_limit: int = ENTITIES) -> tuple[Html, ...]:
    """Return the blocks in as few messages as their order allows, each within both limits.

    Raises:
        ValueError: for a block that exceeds a limit by itself or with its headings. Blocks are made of shortened
            texts, so this is a fault of the program.
    """
    return tuple([Html("".join(pieces)) for pieces in split_in_pieces(blocks, text_limit, entity_limit)])


def split_in_pieces(blocks: Iterable[Block], text_limit: int = TEXT, entity_limit: int = ENTITIES) -> list[list[str]]:
    """Split like `split`, but return each message as its pieces. Equal blocks give the same string objects."""
    messages: list[list[str]] = []
    pieces: list[str] = []
    length = entities = 0
    # The blocks that must stay together, and their size without the gap before them.
    run: list[Block] = []
    run_length = run_entities = 0
    blocks = list(blocks)
    last = len(blocks) - 1
    for number, block in enumerate(blocks):
        run_length = run_length + block.gap + block.length if run else block.length
        run_entities = run_entities + block.entities if run else block.entities
        run.append(block)
        if block.keep and number < last:
            continue
        if run_length > text_limit or run_entities > entity_limit:
            raise ValueError(f"a block of {run_length} characters and {run_entities} entities fits no message")
        first = run[0]
        joined = length + first.gap + run_length
        if pieces and joined <= text_limit and entities + run_entities <= entity_limit:
            pieces.append(first.spaced)
            length, entities = joined, entities + run_entities
        else:
            pieces, length, entities = [first.html], run_length, run_entities
            messages.append(pieces)
        if len(run) > 1:
            pieces += [block.spaced for block in run[1:]]
        run = []
    return messages
