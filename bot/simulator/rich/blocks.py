"""Blocks of a rich message: the Bot API's RichBlock, from a tree of tags.

A photo's block holds its address as `src`, until the Bot API's side puts the photo there.
"""

from __future__ import annotations

from typing import NamedTuple

from bot.simulator.refusal import bad_request
from bot.simulator.rich.buttons import MAX_BUTTONS_IN_ROW
from bot.simulator.rich.inline import (
    CONTENT_REQUIRED,
    RichContext,
    RichText,
    read_inline,
    require_rich_text,
    says_nothing,
)
from bot.simulator.rich.lists import item_fields
from bot.simulator.rich.tree import INLINE, Element, parse_tree
from bot.simulator.text.attributes import MarkupError
from bot.simulator.text.formatted import Json

_HEADINGS = {f"h{size}": size for size in range(1, 7)}
_ALIGNMENTS = ("left", "center", "right")
_VERTICAL = ("top", "middle", "bottom")
_MAX_SPAN = 20


class ParsedRich(NamedTuple):
    """The blocks, the blocks of photos among them, and the names of links that jump nowhere."""

    blocks: list[Json]
    photos: list[Json]
    dangling: list[str]


def parse_rich_html(html: str, *, detects: bool = True) -> ParsedRich:
    """Return a message's blocks, unlimited; `detects` is whether links are detected in its texts.

    Raises:
        MarkupError: A tag, an attribute or their nesting is not what the Bot API describes.
        Refusal: Telegram's server would refuse the content, in its own words.
    """
    tree = parse_tree(html)
    context = RichContext(detects)
    context.note_names(tree)
    reader = _Blocks(context)
    return ParsedRich(reader.read_flow(tree.children), reader.photos, context.dangling)


class _Blocks:
    def __init__(self, context: RichContext) -> None:
        self._context = context
        self.photos: list[Json] = []

    def read_flow(self, children: list[Element | str]) -> list[Json]:
        """Return the blocks of a body; a run of texts between blocks is a paragraph."""
        blocks: list[Json] = []
        run: list[Element | str] = []
        for child in children:
            if isinstance(child, str) or child.tag in INLINE:
                run.append(child)
                continue
            blocks += self._read_run(run)
            run = []
            blocks.append(self._read_block(child))
        return blocks + self._read_run(run)

    def _read_run(self, run: list[Element | str]) -> list[Json]:
        text = self._inline(run)
        if not says_nothing(text):
            return [{"type": "paragraph", "text": text}]
        # An anchor by itself is a block.
        parts = text if isinstance(text, list) else [text]
        return [{"type": "anchor", "name": part["name"]} for part in parts if isinstance(part, dict)]

    def _inline(self, children: list[Element | str]) -> RichText:
        return read_inline(children, self._context)

    def _text(self, element: Element) -> RichText:
        return require_rich_text(self._inline(element.children))

    def _read_block(self, element: Element) -> Json:
        match element.tag:
            case "p" | "footer" as tag:
                return {"type": "paragraph" if tag == "p" else tag, "text": self._text(element)}
            case tag if tag in _HEADINGS:
                return {"type": "heading", "text": self._text(element), "size": _HEADINGS[tag]}
            case "hr":
                return {"type": "divider"}
            case "pre":
                return _read_pre(element)
            case "ul" | "ol":
                return self._read_list(element)
            case "blockquote" | "aside":
                return self._read_quote(element)
            case "img" | "figure":
                return self._read_photo(element)
            case "tg-collage" | "tg-slideshow":
                return self._read_gallery(element)
            case "table":
                return self._read_table(element)
            case "details":
                return self._read_details(element)
            case "tg-button-row":
                return self._read_buttons(element)
            case tag:
                raise MarkupError(f'Tag "{tag}" is not allowed there')

    def _read_list(self, element: Element) -> Json:
        items: list[Json] = []
        for number, child in enumerate(_only(element, "li")):
            blocks = self.read_flow([part for part in child.children if not _is_checkbox(part)])
            if not blocks:
                raise bad_request(CONTENT_REQUIRED)
            items.append({**item_fields(element, child, number), "blocks": blocks})
        if not items:
            raise bad_request(CONTENT_REQUIRED)
        return {"type": "list", "items": items}

    def _read_quote(self, element: Element) -> Json:
        credit = _take(element, "cite")
        more: Json = {"credit": self._text(credit)} if credit is not None else {}
        if element.tag == "aside":
            return {"type": "pullquote", "text": self._text(element), **more}
        if "expandable" in element.attributes:
            return {"type": "expandable_blockquote", "text": self._text(element), **more}
        return {"type": "blockquote", "blocks": self._flow(element), **more}

    def _flow(self, element: Element) -> list[Json]:
        blocks = self.read_flow(element.children)
        if not blocks:
            raise bad_request(CONTENT_REQUIRED)
        return blocks

    def _read_details(self, element: Element) -> Json:
        summary = _take(element, "summary")
        if summary is None:
            raise bad_request(CONTENT_REQUIRED)
        shown: Json = {"type": "details", "summary": self._text(summary), "blocks": self._flow(element)}
        return {**shown, "is_open": True} if "open" in element.attributes else shown

    def _read_photo(self, element: Element) -> Json:
        caption = self._caption(element) if element.tag == "figure" else {}
        pictures = _only(element, "img") if element.tag == "figure" else [element]
        if len(pictures) != 1:
            raise bad_request(CONTENT_REQUIRED)
        source = pictures[0].attributes.get("src", "")
        if not source:
            raise bad_request("RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND")
        block: Json = {"type": "photo", "src": source, **caption}
        if "tg-spoiler" in pictures[0].attributes:
            block["has_spoiler"] = True
        self.photos.append(block)
        return block

    def _caption(self, element: Element) -> Json:
        given = _take(element, "figcaption")
        if given is None:
            return {}
        credit = _take(given, "cite")
        more: Json = {"credit": self._text(credit)} if credit is not None else {}
        return {"caption": {"text": self._inline(given.children), **more}}

    def _read_gallery(self, element: Element) -> Json:
        caption = self._caption(element)
        pictures = [self._read_photo(child) for child in _only(element, "img")]
        if not pictures:
            raise bad_request(CONTENT_REQUIRED)
        return {"type": element.tag.removeprefix("tg-"), "blocks": pictures, **caption}

    def _read_table(self, element: Element) -> Json:
        title = _take(element, "caption")
        rows = [[self._read_cell(cell) for cell in _only(row, "th", "td")] for row in _only(element, "tr")]
        if not rows or not all(rows):
            raise bad_request(CONTENT_REQUIRED)
        shown: Json = {"type": "table", "cells": rows}
        shown |= {f"is_{name}": True for name in ("bordered", "striped", "compact") if name in element.attributes}
        return {**shown, "caption": self._text(title)} if title is not None else shown

    def _read_cell(self, element: Element) -> Json:
        is_header = element.tag == "th"
        cell: Json = {
            "align": _choose(element, "align", _ALIGNMENTS, "center" if is_header else "left"),
            "valign": _choose(element, "valign", _VERTICAL, "middle" if is_header else "top"),
        }
        text = self._inline(element.children)
        if text != "":
            cell["text"] = text
        if is_header:
            cell["is_header"] = True
        for name in ("colspan", "rowspan"):
            span = element.attributes.get(name, "1")
            if not span.isdecimal() or not 1 <= int(span) <= _MAX_SPAN:
                raise bad_request(f"Invalid table cell {name} specified")
            if int(span) > 1:
                cell[name] = int(span)
        return cell

    def _read_buttons(self, element: Element) -> Json:
        texts = [self._inline([child]) for child in _only(element, "tg-button")]
        buttons = [text["button"] for text in texts if isinstance(text, dict)]
        if not 1 <= len(buttons) <= MAX_BUTTONS_IN_ROW:
            raise bad_request("RICH_MESSAGE_BUTTONS_INVALID")
        shown: Json = {"type": "buttons", "buttons": buttons}
        return {**shown, "align": _choose(element, "align", _ALIGNMENTS, "")} if element.attributes else shown


def _read_pre(element: Element) -> Json:
    inner = element.elements()
    language = ""
    children = element.children
    if len(inner) == 1 and inner[0].tag == "code" and len(children) == 1:
        language = inner[0].attributes.get("class", "").removeprefix("language-")
        children = inner[0].children
    text = "".join(child for child in children if isinstance(child, str)).strip("\n").replace("\t", " ")
    if not text or any(isinstance(child, Element) for child in children):
        raise bad_request(CONTENT_REQUIRED)
    return {"type": "pre", "text": text, **({"language": language} if language else {})}


def _take(element: Element, tag: str) -> Element | None:
    """Take the child with this tag out of the element; two of them are refused."""
    found = [child for child in element.elements() if child.tag == tag]
    if len(found) > 1:
        raise MarkupError(f'Tag "{element.tag}" can have only one "{tag}"')
    element.children = [child for child in element.children if child not in found]
    return found[0] if found else None


def _only(element: Element, *tags: str) -> list[Element]:
    """Return the children, which must have these tags, with nothing but white space between them."""
    for child in element.children:
        if isinstance(child, str) and child.strip():
            raise MarkupError(f'Text is not allowed in the tag "{element.tag}"')
        if isinstance(child, Element) and child.tag not in tags:
            raise MarkupError(f'Tag "{child.tag}" is not allowed in the tag "{element.tag}"')
    return element.elements()


def _choose(element: Element, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = element.attributes.get(name, default)
    if value not in allowed:
        raise MarkupError(f'Invalid {name} "{value}" in the tag "{element.tag}"')
    return value


def _is_checkbox(child: Element | str) -> bool:
    return isinstance(child, Element) and child.tag == "input"
