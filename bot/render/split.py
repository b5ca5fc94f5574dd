"""Packs blocks into messages, splitting only between blocks (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bot.limits import ENTITIES, MARKUP_BYTES, TEXT
from bot.markup import Html, entity_count, visible_length


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

    __slots__ = ("again", "entities", "gap", "keep", "length", "size", "spaced")

    def __init__(self, html: Html, gap: int = 2, keep: bool = False, again: Block | None = None) -> None:
        self.gap = gap
        self.keep = keep
        self.again = again
        self.length = visible_length(html)
        self.entities = entity_count(html)
        self.spaced = "\n" * gap + str(html)
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
    pieces: list[str] = []
    text, entities, size = capacity
    length = links = weight = 0
    if first is not None:
        messages.append(pieces)
        text, entities, size = first
    # The blocks that must stay together, and their size without the gap before them.
    run: list[Block] = []
    run_length = run_links = run_weight = 0
    blocks = list(blocks)
    last = len(blocks) - 1
    for number, block in enumerate(blocks):
        run_length = run_length + block.gap + block.length if run else block.length
        run_links += block.entities
        run_weight += block.size
        run.append(block)
        if block.keep and number < last:
            continue
        begun = run[0]
        joined = length + begun.gap + run_length if pieces else run_length
        if (pieces or first) and joined <= text and links + run_links <= entities and weight + run_weight <= size:
            pieces.append(begun.spaced if pieces else begun.html)
            length, links, weight = joined, links + run_links, weight + run_weight
        else:
            text, entities, size = capacity
            pieces, (length, links, weight) = _begin(
                begun, Capacity(run_length, run_links, run_weight), capacity, goes_on=bool(messages)
            )
            messages.append(pieces)
        if len(run) > 1:
            pieces += [block.spaced for block in run[1:]]
        run, run_length, run_links, run_weight, first = [], 0, 0, 0, None
    return messages


def _begin(begun: Block, run: Capacity, capacity: Capacity, *, goes_on: bool) -> tuple[list[str], Capacity]:
    """Return the first pieces of a message that begins with a block, and what it takes with all of its run."""
    if not _fits(run, capacity):
        raise ValueError(f"a block of {run.text} characters and {run.entities} entities fits no message")
    again = begun.again
    if goes_on and again is not None:
        both = Capacity(run.text + again.length + 1, run.entities + again.entities, run.size + again.size + 1)
        if _fits(both, capacity):
            return [again.html, "\n" + begun.html], both
    return [begun.html], run


def _fits(taken: Capacity, capacity: Capacity) -> bool:
    return all(some <= most for some, most in zip(taken, capacity, strict=True))
