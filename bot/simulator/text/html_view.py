"""A text with entities as safe HTML for the page: everything is escaped, and few tags are made."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from bot.simulator.text.formatted import Entity, Formatted, sort_key
from bot.simulator.text.links import checked_link

_TAGS = {
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


def entities_to_html(body: Formatted) -> str:
    """Entities that cross are closed and opened again, so that the tags always nest."""
    if not body.entities:
        return escape(body.text)
    units = body.text.encode("utf-16-le")
    size = len(units) // 2
    entities = sorted((one for one in body.entities if 0 <= one.offset < one.end <= size), key=sort_key)
    edges = sorted({0, size} | {edge for one in entities for edge in (one.offset, one.end)})
    pieces: list[str] = []
    opened: list[tuple[Entity, str]] = []
    for begin, end in pairwise(edges):
        wanted = [one for one in entities if one.offset <= begin and end <= one.end]
        while opened and [one for one, _ in opened] != wanted[: len(opened)]:
            pieces.append(opened.pop()[1])
        for one in wanted[len(opened) :]:
            inside = units[one.offset * 2 : one.end * 2].decode("utf-16-le", errors="replace")
            start, stop = _tags(one, inside)
            pieces.append(start)
            opened.append((one, stop))
        pieces.append(escape(units[begin * 2 : end * 2].decode("utf-16-le", errors="replace")))
    pieces.extend(stop for _, stop in reversed(opened))
    return "".join(pieces)


def safe_href(url: str) -> str | None:
    """The address when a page may link to it."""
    checked = checked_link(url)
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
            tag = _TAGS.get(entity.kind)
            return (f"<{tag}>", f"</{tag}>") if tag else ("", "")
