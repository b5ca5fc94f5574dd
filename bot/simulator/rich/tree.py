"""The tree of a rich message's tags: what may be written, and that every tag is closed where it must be."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.simulator.refusal import bad_request
from bot.simulator.rich.tokens import Token, read_tokens
from bot.simulator.text.attributes import MarkupError

STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "mark": "marked",
    "sub": "subscript",
    "sup": "superscript",
    "tg-spoiler": "spoiler",
}
"""The tags that only style a text, with the types of their RichText."""
INLINE = STYLES.keys() | {"a", "br", "tg-reference", "tg-emoji", "tg-time", "tg-button"}
_VOID = {"br", "hr", "img", "input"}
_PLAIN_BLOCKS = (
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "footer", "hr", "pre", "ul", "aside", "cite", "figure", "figcaption",
    "tg-collage", "tg-slideshow", "summary", "caption", "tr",
)  # fmt: skip
_ATTRIBUTES: dict[str, str] = {
    **dict.fromkeys(INLINE, ""),
    **dict.fromkeys(_PLAIN_BLOCKS, ""),
    "a": "href name",
    "code": "class",
    "tg-reference": "name",
    "tg-emoji": "emoji-id",
    "tg-time": "unix format",
    "tg-button": "type style url data query text",
    "tg-button-row": "align",
    "ol": "start type reversed",
    "li": "value type",
    "input": "type checked",
    "blockquote": "expandable",
    "img": "src alt tg-spoiler",
    "table": "bordered striped compact",
    "th": "colspan rowspan align valign",
    "td": "colspan rowspan align valign",
    "details": "open",
}
_DEEPEST = 64
"""Deeper than any limit; it keeps the reading of hostile nesting short."""


@dataclass(slots=True, eq=False)
class Element:
    """A tag with what is in it: elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def elements(self) -> list[Element]:
        """List the elements directly in it, texts left out."""
        return [child for child in self.children if isinstance(child, Element)]


def parse_tree(html: str) -> Element:
    """Return the root, whose tag is ""; raise MarkupError for what is unknown or not closed in its place."""
    root = Element("")
    opened = [root]
    for token in read_tokens(html):
        if not token.tag:
            opened[-1].children.append(token.text)
        elif token.is_end:
            _close(opened, token)
        else:
            element = Element(token.tag, _check_attributes(token))
            opened[-1].children.append(element)
            if token.tag in _VOID:
                continue
            if token.is_closed:
                raise MarkupError(f'Unclosed start tag "{token.tag}" at byte offset {token.offset}')
            opened.append(element)
            if len(opened) > _DEEPEST:
                raise bad_request("RICH_MESSAGE_DEPTH_INVALID")
    if len(opened) > 1:
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{opened[-1].tag}"')
    return root


def _check_attributes(token: Token) -> dict[str, str]:
    if token.tag not in _ATTRIBUTES:
        raise MarkupError(f'Unsupported start tag "{token.tag}" at byte offset {token.offset}')
    known = _ATTRIBUTES[token.tag].split()
    for name in token.attributes:
        if name not in known:
            raise MarkupError(f'Unsupported attribute "{name}" in the tag "{token.tag}" at byte offset {token.offset}')
    return token.attributes


def _close(opened: list[Element], token: Token) -> None:
    if len(opened) == 1 or token.tag in _VOID:
        raise MarkupError(f"Unexpected end tag at byte offset {token.offset}")
    if token.tag != opened[-1].tag:
        raise MarkupError(
            f'Unmatched end tag at byte offset {token.offset}, expected "</{opened[-1].tag}>", found "</{token.tag}>"'
        )
    opened.pop()
