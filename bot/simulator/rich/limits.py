"""What a rich message may hold at most.

The numbers are those of the Bot API's description; the server's answers to what is above them were measured by
several projects in summer 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bot.simulator.refusal import bad_request
from bot.simulator.text.formatted import Json

MAX_CHARACTERS = 32_768
MAX_BLOCKS = 500
MAX_DEPTH = 16
MAX_MEDIA = 50
MAX_COLUMNS = 20


class BlocksSize(NamedTuple):
    """How large a message is: characters of text, blocks with list items and table rows, levels, photos, columns."""

    characters: int
    blocks: int
    depth: int
    media: int
    columns: int


def measure_blocks(blocks: list[Json]) -> BlocksSize:
    """Return the size of a message."""
    sizes = [_measure(block) for block in blocks]
    return BlocksSize(
        sum(size.characters for size in sizes),
        sum(size.blocks for size in sizes),
        max((size.depth for size in sizes), default=0),
        sum(size.media for size in sizes),
        max((size.columns for size in sizes), default=0),
    )


def check_rich_limits(blocks: list[Json]) -> BlocksSize:
    """Refuse a message that is empty or too large, as Telegram does; return its size."""
    if not blocks:
        raise bad_request("RICH_MESSAGE_EMPTY")
    size = measure_blocks(blocks)
    if size.characters > MAX_CHARACTERS:
        raise bad_request("RICH_MESSAGE_TEXT_TOO_LONG")
    if size.blocks > MAX_BLOCKS:
        raise bad_request("RICH_MESSAGE_BLOCKS_TOO_MANY")
    if size.depth > MAX_DEPTH:
        raise bad_request("RICH_MESSAGE_DEPTH_INVALID")
    if size.media > MAX_MEDIA:
        raise bad_request("RICH_MESSAGE_MEDIA_TOO_MANY")
    if size.columns > MAX_COLUMNS:
        raise bad_request("RICH_MESSAGE_TABLE_COLS_TOO_MANY")
    return size


def _measure(block: Json) -> BlocksSize:
    texts = list(_texts_of(block))
    inner: list[Json] = list(block.get("blocks") or [])  # type: ignore[call-overload]
    items: list[Json] = list(block.get("items") or [])  # type: ignore[call-overload]
    rows: list[list[Json]] = list(block.get("cells") or [])  # type: ignore[call-overload]
    nested = [measure_blocks(inner), *(measure_blocks(item["blocks"]) for item in items)]  # type: ignore[arg-type]
    level = 2 if items or rows else 1
    return BlocksSize(
        sum(count_characters(text) for text in texts) + sum(size.characters for size in nested),
        1 + len(items) + len(rows) + sum(size.blocks for size in nested),
        level + max([*(size.depth for size in nested), *(_depth(text) for text in texts)], default=0),
        (block["type"] == "photo") + sum(size.media for size in nested),
        max([*(size.columns for size in nested), *(_columns(row) for row in rows)], default=0),
    )


def _texts_of(block: Json) -> Iterator[object]:
    """Yield the RichTexts that are directly in a block."""
    for name in ("text", "credit", "summary"):
        if name in block:
            yield block[name]
    caption = block.get("caption")
    if block["type"] == "table":
        if caption is not None:
            yield caption
        for row in block["cells"]:  # type: ignore[attr-defined]
            yield from (cell["text"] for cell in row if "text" in cell)
    elif isinstance(caption, dict):
        yield from (caption[name] for name in ("text", "credit") if name in caption)
    if block["type"] == "buttons":
        yield from (button["text"] for button in block["buttons"])  # type: ignore[attr-defined]


def count_characters(text: object) -> int:
    """Return the number of code points of a RichText."""
    if isinstance(text, str):
        return len(text)
    if isinstance(text, list):
        return sum(count_characters(part) for part in text)
    if not isinstance(text, dict):
        return 0
    if text.get("type") == "button":
        return count_characters(text["button"]["text"])
    return count_characters(text.get("text", text.get("alternative_text")))


def _depth(text: object) -> int:
    if isinstance(text, list):
        return max((_depth(part) for part in text), default=0)
    return 1 + _depth(text.get("text")) if isinstance(text, dict) else 0


def _columns(row: list[Json]) -> int:
    return sum(int(str(cell.get("colspan", 1))) for cell in row)
