"""Rich messages as plain text, for transcripts and tests, and the buttons in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bot.simulator.text.formatted import Json


def blocks_to_text(blocks: Iterable[Json]) -> str:
    """Return the text of the blocks, a line for each; pictures, pictures' captions and buttons are in brackets."""
    return "\n".join(line for block in blocks for line in _lines(block))


def text_of(text: object) -> str:
    """Return a RichText without its styles; buttons are in brackets."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(text_of(part) for part in text)
    if not isinstance(text, dict):
        return ""
    if text.get("type") == "button":
        return f"[{text_of(text['button']['text'])}]"
    return text_of(text.get("text", text.get("alternative_text")))


def buttons_of(value: object) -> Iterator[Json]:
    """Yield all buttons in blocks, in their order."""
    if isinstance(value, list):
        for part in value:
            yield from buttons_of(part)
    elif isinstance(value, dict):
        if value.get("type") == "button":
            yield value["button"]
        elif value.get("type") == "buttons":
            yield from value["buttons"]
        else:
            for part in value.values():
                yield from buttons_of(part)


def photos_of(value: object) -> Iterator[dict[str, Any]]:
    """Yield the blocks of photos, in their order."""
    if isinstance(value, list):
        for part in value:
            yield from photos_of(part)
    elif isinstance(value, dict):
        if value.get("type") == "photo":
            yield value
        else:
            for part in value.values():
                yield from photos_of(part)


def urls_of(value: object) -> Iterator[str]:
    """Yield the addresses of all links and buttons in blocks."""
    if isinstance(value, list):
        for part in value:
            yield from urls_of(part)
    elif isinstance(value, dict):
        if isinstance(value.get("url"), str):
            yield value["url"]
        for part in value.values():
            yield from urls_of(part)


def _lines(block: Json) -> Iterator[str]:
    kind = block["type"]
    caption = block.get("caption")
    match kind:
        case "divider":
            yield "———"
        case "list":
            for item in block["items"]:  # type: ignore[attr-defined]
                yield f"{item['label']} {blocks_to_text(item['blocks'])}"
        case "table":
            yield from [text_of(caption)] if caption else []
            for row in block["cells"]:  # type: ignore[attr-defined]
                yield " | ".join(text_of(cell.get("text")) for cell in row)
        case "details":
            yield f"{'▾' if block.get('is_open') else '▸'} {text_of(block['summary'])}"
            yield blocks_to_text(block["blocks"])  # type: ignore[arg-type]
        case "photo" | "collage" | "slideshow":
            said = text_of(caption["text"]) if isinstance(caption, dict) else ""
            pictures = block.get("blocks") or [block]
            yield "[picture]" * len(pictures) + (f" {said}" if said else "")  # type: ignore[arg-type]
        case "buttons":
            yield " ".join(f"[{text_of(button['text'])}]" for button in block["buttons"])  # type: ignore[attr-defined]
        case "blockquote":
            yield blocks_to_text(block["blocks"])  # type: ignore[arg-type]
        case _ if "text" in block:
            yield text_of(block["text"])
        case _:
            pass
