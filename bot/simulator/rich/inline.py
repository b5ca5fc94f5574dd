"""Texts of a rich message: the Bot API's RichText, from the tags within a paragraph, a heading or a cell."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from bot.simulator.refusal import bad_request
from bot.simulator.rich.buttons import read_button
from bot.simulator.rich.tree import INLINE, STYLES, Element
from bot.simulator.text.attributes import MarkupError, check_emoji, read_date_format
from bot.simulator.text.find import find_entities
from bot.simulator.text.formatted import Json
from bot.simulator.text.links import mentioned_user, try_normalize_link

RichText = str | Json | list["RichText"]
"""A plain text, a typed one, or several in a row."""
CONTENT_REQUIRED = "RICH_MESSAGE_CONTENT_REQUIRED"
_SPACES = re.compile(r"[ \t\r\n\f]+")
_UNIX_TIME = re.compile(r"[0-9]{1,10}")
_DETECTED = {
    "url": "url",
    "email": "email_address",
    "phone_number": "phone_number",
    "mention": "mention",
    "hashtag": "hashtag",
    "cashtag": "cashtag",
    "bot_command": "bot_command",
}


@dataclass(slots=True)
class RichContext:
    """What the whole message knows: the names that links may jump to, and whether links are detected in its texts."""

    detects: bool = True
    anchors: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    dangling: list[str] = field(default_factory=list)
    """Names that links jump to and that nothing has: Telegram makes plain links of those, in silence."""

    def note_names(self, element: Element) -> None:
        """Note the names of all anchors and references, which may come after the links to them."""
        for child in element.elements():
            name = child.attributes.get("name", "")
            if name and child.tag in ("a", "tg-reference"):
                (self.anchors if child.tag == "a" else self.references).add(name)
            self.note_names(child)


def read_inline(children: list[Element | str], context: RichContext) -> RichText:
    """Return the RichText of a run of texts and inline tags, with its white space collapsed as HTML does.

    Raises:
        Refusal: A block is in it, or a link, date or button is not valid.
        MarkupError: An emoji's id or a date's format can't be read.
    """
    return trim_end(_Inline(context).read(children))


def require_rich_text(text: RichText) -> RichText:
    """Return a text that says something, or refuse it as Telegram refuses an empty heading."""
    if says_nothing(text):
        raise bad_request(CONTENT_REQUIRED)
    return text


def says_nothing(text: RichText) -> bool:
    """Return whether nothing would be seen of a text."""
    if isinstance(text, str):
        return not text.strip()
    if isinstance(text, list):
        return all(says_nothing(part) for part in text)
    return text["type"] == "anchor" or ("text" in text and says_nothing(text["text"]))  # type: ignore[arg-type]


def trim_end(text: RichText) -> RichText:
    """Return the text without white space at its end."""
    if isinstance(text, str):
        return text.rstrip(" ")
    if isinstance(text, list):
        if not text:
            return ""
        last = trim_end(text[-1])
        return join_texts([*text[:-1], *([last] if last != "" else [])])
    if "text" in text and text["type"] not in ("code", "button"):
        return {**text, "text": trim_end(text["text"])}  # type: ignore[arg-type]
    return text


def join_texts(parts: list[RichText]) -> RichText:
    """Return parts as one text, with neighbouring plain texts merged as Telegram merges them."""
    merged: list[RichText] = []
    flat = itertools.chain.from_iterable(part if isinstance(part, list) else [part] for part in parts)
    for part in flat:
        if part == "":
            continue
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return "" if not merged else merged[0] if len(merged) == 1 else merged


class _Inline:
    """Reads one run; `_gap` is whether white space would be the second, or at the beginning of a line."""

    def __init__(self, context: RichContext) -> None:
        self._context = context
        self._gap = True

    def read(self, children: list[Element | str], *, detects: bool = True) -> RichText:
        parts: list[RichText] = []
        for child in children:
            if isinstance(child, str):
                text = self._collapse(child)
                parts.append(_detect(text) if detects and self._context.detects else text)
            else:
                parts.append(self._read_element(child, detects=detects))
        return join_texts(parts)

    def _collapse(self, text: str) -> str:
        text = _SPACES.sub(" ", text)
        if self._gap:
            text = text.removeprefix(" ")
        if text:
            self._gap = text.endswith(" ")
        return text

    def _read_element(self, element: Element, *, detects: bool) -> RichText:
        if element.tag not in INLINE:
            # A block ends a paragraph, of which Telegram then sees only what is before the block.
            raise bad_request(CONTENT_REQUIRED)
        match element.tag:
            case "br":
                self._gap = True
                return "\n"
            case "a":
                return self._read_link(element)
            case "tg-button":
                self._gap = False
                return {"type": "button", "button": read_button(element, self.read(element.children, detects=False))}
            case "tg-reference":
                return self._wrap("reference", element, detects=detects, name=element.attributes.get("name", ""))
            case "tg-emoji":
                emoji = check_emoji(element.attributes.get("emoji-id", ""))
                text = self.read(element.children, detects=False)
                return {"type": "custom_emoji", "custom_emoji_id": emoji, "alternative_text": text}
            case "tg-time":
                return self._read_time(element)
            case tag:
                return self._wrap(STYLES[tag], element, detects=detects and tag != "code")

    def _wrap(self, kind: str, element: Element, *, detects: bool, **more: object) -> RichText:
        text = self.read(element.children, detects=detects)
        return {"type": kind, "text": text, **more} if text not in ("", []) else ""

    def _read_time(self, element: Element) -> RichText:
        unix = element.attributes.get("unix", "")
        try:
            form = read_date_format(element.attributes.get("format", ""))
        except MarkupError:
            raise bad_request("RICH_MESSAGE_DATE_INVALID") from None
        if not _UNIX_TIME.fullmatch(unix):
            raise bad_request("RICH_MESSAGE_DATE_INVALID")
        return self._wrap("date_time", element, detects=False, unix_time=int(unix), date_time_format=form)

    def _read_link(self, element: Element) -> RichText:
        name, href = element.attributes.get("name"), element.attributes.get("href")
        if href is None:
            if not name or element.children:
                raise MarkupError('Tag "a" must have the attribute "href", or only the attribute "name" and no content')
            return {"type": "anchor", "name": name}
        text = self.read(element.children, detects=False)
        if text in ("", []):
            return ""
        if _holds_link(text):
            raise bad_request("RICH_MESSAGE_ENTITIES_INVALID")
        return self._link_to(href, text)

    def _link_to(self, href: str, text: RichText) -> Json:
        if href.startswith("#"):
            name = href[1:]
            if name in self._context.references:
                return {"type": "reference_link", "text": text, "reference_name": name}
            if name and name not in self._context.anchors:
                self._context.dangling.append(name)
                return {"type": "url", "text": text, "url": href}
            return {"type": "anchor_link", "text": text, "anchor_name": name}
        for scheme, kind in (("mailto:", "email_address"), ("tel:", "phone_number")):
            if href.startswith(scheme):
                return {"type": kind, "text": text, kind: href.removeprefix(scheme)}
        if user := mentioned_user(href):
            return {"type": "text_mention", "text": text, "user": {"id": user, "is_bot": False, "first_name": ""}}
        url = try_normalize_link(href)
        if url is None:
            raise bad_request("RICH_MESSAGE_URL_INVALID")
        return {"type": "url", "text": text, "url": url}


def _holds_link(text: RichText) -> bool:
    if isinstance(text, list):
        return any(_holds_link(part) for part in text)
    if isinstance(text, str):
        return False
    is_link = text["type"] in ("url", "anchor_link", "reference_link", "button", "text_mention", "email_address")
    return is_link or ("text" in text and _holds_link(text["text"]))  # type: ignore[arg-type]


def _detect(text: str) -> RichText:
    """Return a plain text with the links, mentions, hashtags and commands that Telegram detects in it."""
    found = [entity for entity in find_entities(text) if entity.kind in _DETECTED]
    if not found:
        return text
    units = text.encode("utf-16-le", errors="surrogatepass")
    parts: list[RichText] = []
    at = 0
    for entity in found:
        parts.append(_decode(units, at, entity.offset))
        inside = _decode(units, entity.offset, entity.end)
        kind = _DETECTED[entity.kind]
        field_name = "username" if kind == "mention" else kind
        value = (try_normalize_link(inside) or inside) if kind == "url" else inside.lstrip("@#") or inside
        parts.append({"type": kind, "text": inside, field_name: value})
        at = entity.end
    return join_texts([*parts, _decode(units, at, len(units) // 2)])


def _decode(units: bytes, start: int, end: int) -> str:
    return units[start * 2 : end * 2].decode("utf-16-le", errors="surrogatepass")
