"""Packs blocks into messages, splitting only between blocks (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot.limits import ENTITIES, MARKUP_BYTES, TEXT
from bot.text.markup import Html, entity_count, visible_length


class Capacity(NamedTuple):
    """What fits into a message: code points that are seen, entities, and bytes with the markup."""

    text: int = TEXT
    entities: int = ENTITIES
    size: int = MARKUP_BYTES


_MESSAGE = Capacity()


class Block:
    """A piece of text that is not split. It follows `gap` line breaks, unless it begins a message.

    A block with `keep` must not end a message: a heading stays with what follows. A message that it begins, unless that
    is the first one, begins with `again`. Digests share their blocks, so characters, entities and bytes are counted
    only once. They share the text too, which is a plain string: `Html` takes more memory, and every slice copies it.
    """

    __slots__ = ("again", "entities", "gap", "keep", "length", "size", "spaced", "spaced_length")

    def __init__(self, html: Html, gap: int = 2, keep: bool = False, again: Block | None = None) -> None:
        self.gap = gap
        self.keep = keep
        self.again = again
        self.length = visible_length(html)
        self.entities = entity_count(html)
        self.spaced = "\n" * gap + str(html)
        self.spaced_length = gap + self.length
        self.size = len(self.spaced.encode())

    @property
    def html(self) -> str:
        """The text without its gap. Used only for what begins a message, so there is one text of every other block."""
        return self.spaced[self.gap :]


def split(blocks: Iterable[Block], capacity: Capacity = _MESSAGE) -> tuple[Html, ...]:
    """Return the blocks in as few messages as their order allows, each within the limits.

    Raises:
        ValueError: for a block that exceeds a limit by itself or with its headings. Blocks are made of shortened
            texts, so this is a fault of the program.
    """
    return tuple([Html("".join(pieces)) for pieces in split_in_pieces(blocks, capacity)])


def split_in_pieces(
    blocks: Iterable[Block], capacity: Capacity = _MESSAGE, first: Capacity | None = None
) -> list[list[str]]:
    """Split like `split`, but return each message as its pieces. Equal blocks give the same string objects.

    The first message has the capacity `first`, and is empty if not even the first block fits there.
    """
    messages: list[list[str]] = []
    rest = list(blocks)
    if first is not None:
        pieces, taken = _fill(rest, first)
        messages.append(pieces)
        rest = rest[taken:]
    while rest:
        pieces, taken = _begin(rest, capacity) if messages and rest[0].again else _fill(rest, capacity)
        if not taken:
            raise ValueError(f"a block of {rest[0].length} characters fits no message with what it must stay with")
        messages.append(pieces)
        rest = rest[taken:]
    return messages


def _begin(blocks: Sequence[Block], capacity: Capacity) -> tuple[list[str], int]:
    """Fill a further message as `_fill` does, with what its first block has it begin with if there is room."""
    again = blocks[0].again
    assert again is not None
    pieces, taken = _fill([again, *blocks], capacity)
    if taken < 2:
        return _fill(blocks, capacity)
    return [pieces[0], "\n" + blocks[0].html, *pieces[2:]], taken - 1


def _fill(blocks: Sequence[Block], capacity: Capacity) -> tuple[list[str], int]:
    """Return the pieces of the blocks that fit into a message, and how many those are."""
    # The first block has no gap at the beginning of a message, but is counted with it.
    gap = blocks[0].gap
    text, entities, size = capacity.text + gap, capacity.entities, capacity.size + gap
    if (
        sum([block.spaced_length for block in blocks]) <= text
        and sum([block.entities for block in blocks]) <= entities
        and sum([block.size for block in blocks]) <= size
    ):
        end = len(blocks)
    else:
        end = 0
        for number, block in enumerate(blocks, 1):
            text -= block.spaced_length
            entities -= block.entities
            size -= block.size
            if text < 0 or entities < 0 or size < 0:
                break
            if not block.keep:
                end = number
    return [blocks[0].html, *[block.spaced for block in blocks[1:end]]] if end else [], end
