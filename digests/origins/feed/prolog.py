"""What stands before the first element of a document: told apart, judged and taken off, before any XML parser sees it.

A document type can make a small file large (entities of entities, one long entity a million times) or reach for files
and addresses (external entities and DTDs). No feed needs it; what some have in it are names of characters. So it is cut
off, and only entities of plain text are declared anew.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_SPACE = re.compile(r"[\s\ufeff]*")
_DECLARATION = re.compile(r"<\?xml(?=[\s?])")
_FEED_ROOT = re.compile(r"<(?:rss|feed|rdf:rdf|channel|atom:feed)[\s>]", re.IGNORECASE)
_ROOT = re.compile(r"<([^\s<>/&;=\"']{1,200})")
_JUNK = 20_000
"""So many characters before the declaration may be warnings of the program that wrote the feed."""
_SUBSET_BEGINS = 2_000
"""Characters of a document type before its internal subset, at most."""
_SUBSET_SIGN = re.compile(r"[\"'<>\]]")
_ENTITY = re.compile(
    r"<!ENTITY\s{1,20}(%\s{1,20})?([^\s\"'<>%&;]{1,100})\s{1,20}(SYSTEM|PUBLIC|\"([^\"]{0,2000})\"|'([^']{0,2000})')"
)
_USE = re.compile(r"&([^\s\"'<>%&;#]{1,100});")
_OUTSIDE = re.compile(r"<!DOCTYPE\s{1,20}[^\s\"'<>\[]{1,100}\s{1,20}(?:SYSTEM|PUBLIC)", re.IGNORECASE)
_KNOWN_TYPES = ("rss-0.9", "-//netscape", "-//w3c//dtd")
"""Document types that are only names by now."""
_CHARACTER = re.compile(r"&#(?:[0-9]{1,7}|x[0-9a-fA-F]{1,6});")
_LARGEST_EXPANSION = 100_000
"""So many characters all uses of a document's own entities may come to."""
_MOST_ENTITIES = 500


@dataclass(frozen=True, slots=True)
class GuardedXml:
    """A document without its declaration and document type, on as many lines as it was written on.

    Attributes:
        body: The document from its first element on, after the line breaks of what was taken off.
        entities: What the document's own entities stand for, as XML; only those that are safe.
        root: The name of the first element as written, "" if there is none.
        is_page: Whether its document type says that it is HTML.
        problems: What was taken off that could do harm, or does not belong there.
    """

    body: str
    entities: dict[str, str]
    root: str
    is_page: bool
    problems: tuple[str, ...]


def guard_xml(text: str) -> GuardedXml:
    """Take the prolog off a document."""
    problems: list[str] = []
    start = _junk_end(text)
    if text[:start].strip("\ufeff \t\r\n"):
        problems.append("Something stands before its XML declaration; it is left out.")
    entities: dict[str, str] = {}
    is_page = has_doctype = False
    position = start
    while True:
        match = _SPACE.match(text, position)
        position = match.end() if match else position
        if text.startswith("<?", position):
            position = _after(text, "?>", position)
        elif text.startswith("<!--", position):
            position = _after(text, "-->", position)
        elif text[position : position + 9].upper() == "<!DOCTYPE" and not has_doctype:
            has_doctype = True
            end = _doctype_end(text, position)
            doctype = text[position:end]
            is_page = is_page or doctype[9:60].strip().lower().startswith("html")
            entities |= _entities(doctype, text[end:], problems)
            position = end
        else:
            break
    root = _ROOT.match(text, position)
    return GuardedXml(
        "\n" * text.count("\n", 0, position) + text[position:],
        entities,
        root[1] if root else "",
        is_page,
        tuple(problems),
    )


def _junk_end(text: str) -> int:
    """Return where the declaration begins, or 0; a declaration within the feed is not meant."""
    declaration = _DECLARATION.search(text, 0, _JUNK)
    if declaration is None:
        root = _FEED_ROOT.search(text, 0, _JUNK)
        # Without a declaration, only text can be told from what belongs to the document.
        return root.start() if root and "<" not in text[: root.start()] else 0
    root = _FEED_ROOT.search(text, 0, declaration.start())
    return 0 if root else declaration.start()


def _after(text: str, end: str, start: int) -> int:
    found = text.find(end, start)
    return len(text) if found < 0 else found + len(end)


def _doctype_end(text: str, start: int) -> int:
    """Return where a document type ends, with its internal subset, or the document if it does not."""
    position = start + 9
    depth = 1
    subset = text.find(
        "[", start, _SUBSET_BEGINS + start if (end := text.find(">", start, start + _SUBSET_BEGINS)) < 0 else end
    )
    in_subset = subset >= 0
    while found := _SUBSET_SIGN.search(text, position):
        sign, position = found[0], found.end()
        if sign in "\"'":
            position = _after(text, sign, position)
        elif text.startswith("<!--", found.start()):
            position = _after(text, "-->", position)
        elif sign == "<":
            if not in_subset:
                # It was never closed: the document's first element begins here.
                return found.start()
            if not text.startswith(("!", "?"), position):
                return found.start()
            depth += 1
        elif sign == "]":
            in_subset = False
            depth = 1
        else:
            depth -= 1
            if depth == 0:
                return position
    return len(text)


def _entities(doctype: str, rest: str, problems: list[str]) -> dict[str, str]:
    """Return the entities that only stand for some characters, and say which others were left out."""
    if _OUTSIDE.match(doctype) and not any(known in doctype[:500].lower() for known in _KNOWN_TYPES):
        problems.append("It refers to a document type elsewhere, which is not fetched.")
    if "<!ENTITY" not in doctype:
        return {}
    kept: dict[str, str] = {}
    uses = Counter(_USE.findall(rest))
    room = _LARGEST_EXPANSION
    outside = nested = large = False
    for parameter, name, kind, double, single in _ENTITY.findall(doctype):
        value = double or single
        size = len(value) * uses[name]
        if kind in ("SYSTEM", "PUBLIC") or parameter:
            outside = True
        elif "%" in value or "<" in value or "&" in _CHARACTER.sub("", value):
            nested = True
        elif size > room or len(kept) >= _MOST_ENTITIES:
            large = True
        elif name not in kept:
            kept[name] = value
            room -= size
    if outside:
        problems.append("It refers to something outside of itself by external entities; they are left out.")
    if nested:
        problems.append("It declares entities of entities; they are left out.")
    if large or not (kept or outside or nested):
        problems.append("It declares entities that would make it too large; they are left out.")
    return kept
