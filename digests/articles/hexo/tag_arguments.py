"""The arguments of tag plugins: which of them readers see.

Hexo splits arguments at blanks, outside quotes. NexT, Fluid, Butterfly and Volantis join them again and split at
commas, newer versions of Volantis at `::`; Stellar has `key:value` among them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

_WORD = re.compile(r"\"([^\"]*+)\"|'([^']*+)'|(\S++)")
_ADDRESS = re.compile(r"(?:https?:)?//|[/#.]|mailto:|\S++\.(?:html?|md)$", re.IGNORECASE)
_PICTURE = re.compile(r"\S.*\.(?:jpe?g|png|gif|webp|avif|svg|bmp|ico|heic)(?:[?#!@].*)?$", re.IGNORECASE)
_KEYED = re.compile(r"[A-Za-z][\w-]{0,20}[:=](?!//)\S*")
_TITLE = re.compile(r"\"title[:=]([^\"]*+)\"|'title[:=]([^']*+)'|\btitle[:=]\s*(?:\"([^\"]*+)\"|'([^']*+)'|(\S++))")
_SIZE = re.compile(r"[0-9]{1,5}(?:px|%|em|rem|vh|vw)?|auto")
_SWITCH = re.compile(r"true|false|checked|open|close[d]?|plus|minus|times|no-icon", re.IGNORECASE)
_STYLE = re.compile(
    r"(?:default|primary|secondary|success|info|warning|warn|danger|error|light|dark|blue|pink|red|purple|orange|green|cyan"
    r"|yellow|gray|grey|black|white|simple|modern|flat|disabled|into|done|todo|quote|question|up|down|open|bold"
    r"|[a-z]-?[0-9]|fa[srb]?|fa-[\w-]+|color:\S*|[,，\s])+",
    re.IGNORECASE,
)


def parts(args: str) -> list[str]:
    """Return the arguments between `::` or commas, or the whole as one."""
    return [_unquoted(part) for part in args.split("::" if "::" in args else ",")]


def _split(args: str) -> list[str]:
    return [next(filter(None, match.groups()), "") for match in _WORD.finditer(args)]


def words(args: str, skip: int = 0) -> str:
    """Return the words without quotes, switches at their end and `key:value`."""
    found = [word for word in _split(args)[skip:] if not _KEYED.fullmatch(word)]
    while len(found) > 1 and found[-1] in ("true", "false"):
        found.pop()
    return " ".join("" if skip and word in ("true", "false") else word for word in found).strip()


def styled_text(args: str, *, first: bool = False) -> str:
    """Return the text beside the style: `style, text` (Volantis), or what comes first (`text, checked, inline`)."""
    found = parts(args)
    if len(found) == 1:
        return words(args)
    return _unquoted(found[0]) if first else ", ".join(found[1:])


def last_part(args: str) -> str:
    """Return the text of a check box: `style, checked, text`."""
    found = parts(args)
    return (
        found[-1] if len(found) > 1 else " ".join(word for word in words(args).split() if not _SWITCH.fullmatch(word))
    )


def label_text(args: str) -> str:
    """Return the text of `class@text` (NexT, Fluid) or `text colour` (Butterfly)."""
    _, at, text = args.partition("@")
    if at:
        return text.strip()
    found = _split(args)
    if len(found) > 1 and _STYLE.fullmatch(found[-1]):
        found.pop()
    return " ".join(found)


def note_text(args: str) -> str:
    """Return the text of a note without an end: `style, text` or `style::text` (Volantis), `text color:x` (Stellar)."""
    found = parts(args)
    if len(found) > 1 and _STYLE.fullmatch(found[0] or ","):
        return args.partition("::" if "::" in args else ",")[2].strip()
    text = words(args)
    return "" if _STYLE.fullmatch(text) else text


def title_after_at(args: str) -> str:
    """Return the title of `style @title` (Fluid), else as `title_of_block` does."""
    _, at, title = args.partition("@")
    return title.strip() if at else title_of_block(args)


def title_of_block(args: str) -> str:
    """Return the title shown above a passage: `style, title`, `title, style`, `title:x`, or `title key:value`."""
    if (match := _TITLE.search(args)) is not None:
        return next(filter(None, match.groups()), "")
    found = [part for part in parts(args) if part and not _STYLE.fullmatch(part)]
    if not found:
        return ""
    return words(found[0]) if len(parts(args)) == 1 else _unquoted(found[0])


def button_link(args: str) -> str:
    """Return the link of `address, text, ...` (NexT, Fluid, Butterfly) or `style, text, address, icon` (Volantis)."""
    found = parts(args)
    place = _address(found)
    if place is None:
        return next((part for part in found[1:] if part), "")
    text = found[place - 1] if place else next(iter(found[1:]), "")
    return _linked(text, found[place].partition(" ")[0])


def link_beside(args: str) -> str:
    """Return the link of `text address` (Hexo), `address text` (Stellar) or `text, address` (Volantis)."""
    found = parts(args)
    if len(found) == 1:
        found = [word for word in _split(args) if not _KEYED.fullmatch(word)]
        place = _address(found)
        if place is None:
            return " ".join(found)
        beside = found[:place] or [word for word in found[place + 1 :] if word not in ("true", "false")]
        return _linked(" ".join(beside), found[place])
    place = _address(found)
    text = next((part for part in found if part and not _ADDRESS.match(part)), "")
    return text if place is None else _linked(text, found[place])


def picture(args: str) -> str:
    """Return the picture of `[class] address [width] [height] [title]`, with the commas and keys of any theme."""
    found = [word.rstrip(",") for word in _split(args.replace("::", " "))]
    place = next((place for place, word in enumerate(found) if _PICTURE.match(word)), None)
    if place is None:
        place = _address(found)
    if place is None:
        return ""
    sizes = [word for word in found[place + 1 :] if _SIZE.fullmatch(word)]
    text = " ".join(word for word in found[place + 1 :] if not (_SIZE.fullmatch(word) or _KEYED.fullmatch(word)))
    size = "".join(f' {key}="{escape(value)}"' for key, value in zip(("width", "height"), sizes, strict=False))
    return f'<img src="{escape(found[place])}" alt="{escape(text)}"{size}>'


def _address(found: Sequence[str]) -> int | None:
    return next((place for place, part in enumerate(found) if _ADDRESS.match(part)), None)


def _linked(text: str, address: str) -> str:
    return f'<a href="{escape(_unquoted(address))}">{_unquoted(text)}</a>' if text else ""


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
