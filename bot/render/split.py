"""Packs blocks into messages, splitting only between blocks (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.render.markup import Html, entity_count, visible_length
from bot.telegram.limits import ENTITIES, TEXT


@dataclass(frozen=True, slots=True)
class Block:
    """A piece that stays in one message. `gap` line breaks stand before it, unless it begins a message.

    `keep` says that it must not end a message: a heading stays with what follows.
    """

    html: Html
    gap: int = 2
    keep: bool = False


def split(blocks: Iterable[Block], text_limit: int = TEXT, entity_limit: int = ENTITIES) -> tuple[Html, ...]:
    """The blocks in as few messages as their order allows, each within both limits.

    Raises ValueError for a block (with the headings that stay with it) that alone is over a limit: blocks are made
    of texts that were cut, so that is a fault of the program.
    """
    messages: list[Html] = []
    html, length, entities = "", 0, 0
    for run in _runs(blocks):
        joined = _join(run)
        run_length, run_entities = _size_of(joined)
        if run_length > text_limit or run_entities > entity_limit:
            raise ValueError(f"a block of {run_length} characters and {run_entities} entities fits no message")
        gap = run[0].gap
        if html and length + gap + run_length <= text_limit and entities + run_entities <= entity_limit:
            html, length, entities = html + "\n" * gap + joined, length + gap + run_length, entities + run_entities
            continue
        if html:
            messages.append(Html(html))
        html, length, entities = joined, run_length, run_entities
    if html:
        messages.append(Html(html))
    return tuple(messages)


@lru_cache(maxsize=4096)
def _size_of(html: str) -> tuple[int, int]:
    """Characters and entities. Digests share their blocks."""
    return visible_length(html), entity_count(html)


def _runs(blocks: Iterable[Block]) -> Iterable[list[Block]]:
    run: list[Block] = []
    for block in blocks:
        run.append(block)
        if not block.keep:
            yield run
            run = []
    if run:
        yield run


def _join(run: list[Block]) -> str:
    if len(run) == 1:
        return run[0].html
    return "".join(("\n" * block.gap if number else "") + block.html for number, block in enumerate(run))
