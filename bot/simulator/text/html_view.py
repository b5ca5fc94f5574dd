"""Texts with entities as safe HTML for the page: all text is escaped, and only a few tags are produced."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from bot.simulator.text.formatted import Entity, FormattedText, sort_key
from bot.simulator.text.links import try_normalize_link

_TAG_NAMES = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "pre_code": "pre",
    "blockquote": "blockquote",
}
_SCHEMES = ("http://", "https://", "tg://")


def entities_to_html(body: FormattedText) -> str:
    """Return the text as HTML; entities that cross are closed and opened again, so that tags always nest."""
    if not body.entities:
        return escape(body.text)
    units = body.text.encode("utf-16-le")
    size = len(units) // 2
    entities = sorted((entity for entity in body.entities if 0 <= entity.offset < entity.end <= size), key=sort_key)
    edges = sorted({0, size} | {edge for entity in entities for edge in (entity.offset, entity.end)})
    pieces: list[str] = []
    opened: list[tuple[Entity, str]] = []
    for begin, end in pairwise(edges):
        covering = [entity for entity in entities if entity.offset <= begin and end <= entity.end]
        while opened and [entity for entity, _ in opened] != covering[: len(opened)]:
            pieces.append(opened.pop()[1])
        for entity in covering[len(opened) :]:
            inside = units[entity.offset * 2 : entity.end * 2].decode("utf-16-le", errors="replace")
            start, stop = _tags(entity, inside)
            pieces.append(start)
            opened.append((entity, stop))
        pieces.append(escape(units[begin * 2 : end * 2].decode("utf-16-le", errors="replace")))
    pieces.extend(stop for _, stop in reversed(opened))
    return "".join(pieces)


def safe_href(url: str) -> str | None:
    """Return the address if a page may link to it."""
    checked = try_normalize_link(url)
    return checked if checked and checked.startswith(_SCHEMES) else None


def _tags(entity: Entity, inside: str) -> tuple[str, str]:
    match entity.kind:
        case "text_link" | "url" | "text_mention":
            url = entity.argument if entity.kind == "text_link" else inside
            href = f"tg://user?id={entity.argument}" if entity.kind == "text_mention" else safe_href(url)
            if href is None:
                return "", ""
            return f'<a href="{escape(href)}" target="_blank" rel="noopener noreferrer">', "</a>"
        case "bot_command":
            return f'<a class="command" data-command="{escape(inside)}">', "</a>"
        case "spoiler":
            return '<span class="spoiler">', "</span>"
        case "expandable_blockquote":
            return '<blockquote class="expandable">', "</blockquote>"
        case _:
            tag = _TAG_NAMES.get(entity.kind)
            return (f"<{tag}>", f"</{tag}>") if tag else ("", "")
