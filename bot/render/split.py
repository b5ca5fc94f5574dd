"""Packs blocks into messages, splitting only between blocks (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.limits import ENTITIES, TEXT
from bot.markup import Html, entity_count, visible_length


class Block:
    """A piece that stays in one message. `gap` line breaks stand before it, unless it begins a message.

    `keep` says that it must not end a message: a heading stays with what follows. Its characters and entities are
    counted once: digests share their blocks. So they share its text, which is kept as a plain string: those of a type
    of their own take more memory, and each slice copies them.
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
        """Without its gap. Only what begins a message is asked for it, so that there is one text of each."""
        return self.spaced[self.gap :]


def split(blocks: Iterable[Block], text_limit: int = TEXT, entity_limit: int = ENTITIES) -> tuple[Html, ...]:
    """The blocks in as few messages as their order allows, each within both limits.

    Raises ValueError for a block (with the headings that stay with it) that alone is over a limit: blocks are made
    of texts that were cut, so that is a fault of the program.
    """
    return tuple([Html("".join(pieces)) for pieces in split_in_pieces(blocks, text_limit, entity_limit)])


def split_in_pieces(blocks: Iterable[Block], text_limit: int = TEXT, entity_limit: int = ENTITIES) -> list[list[str]]:
    """As `split`, each message as the pieces that it is joined of: the same strings wherever a block is the same."""
    messages: list[list[str]] = []
    pieces: list[str] = []
    length = entities = 0
    # What stays in one message, and its size without the gap before it.
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
