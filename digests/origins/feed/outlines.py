"""The outlines of an OPML file, in whatever state the file is (pure).

Files are made by many programs, and mended by hand: a bare `&` in an address, quote marks in a title, a tag that nobody
closed. What is well-formed reads as XML says; of the rest is read what a careful person would. Time grows as the file
does, whatever is in it, and no reference is followed but that to a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from digests.articles.text import one_line, unescape
from digests.model.feed_refusal import FeedRefusal, FeedRefused

MOST_OUTLINES = 100_000
"""How many outlines a file may have, folders and feeds."""
MOST_LEVELS = 8
"""How deep folders become categories; what lies deeper is in the last of these."""
LONGEST_NAME = 100
"""How many characters of a folder's name are kept."""

# What may come next in the file, as far as it matters here.
_MARK = re.compile(
    r"<!--|<!\[CDATA\[|<!(?:DOCTYPE|ENTITY)\b|<\s*+(/?)\s*+(?:[\w.-]++:)?(outline|body|opml)(?=[\s/>]|$)", re.IGNORECASE
)
_WANTED = frozenset({"xmlurl", "feedurl", "url", "htmlurl", "text", "title", "type", "category"})
_ENDS = {"<!--": "-->", "<![cdata[": "]]>"}
_NAME = r"""[^\s=<>"'/]++"""
_PROPER_TAG = re.compile(rf"""((?:\s++{_NAME}\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))*+)\s*+(/?)>""")
_PROPER_ATTRIBUTE = re.compile(rf"""\s({_NAME})\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
# A name begins after white space or a quote mark, so that a long word is not looked at from each of its letters.
_LOOSE_ATTRIBUTE = re.compile(rf"""(?<![^\s"'])({_NAME})\s*+=\s*+(["']?)""")
_AFTER_VALUE = re.compile(rf"""\s*+(?:/?\s*+>|{_NAME}\s*+=\s*+["']|/?\s*+$)""")
_ADDRESS_BEFORE = re.compile(r"\s(?:xml|html)url\s{0,9}=\s{0,9}$", re.IGNORECASE)
_LONGEST_BEFORE = 30
_BARE_VALUE = re.compile(r"[^\s>]*+")
_TAG_END = re.compile(r"\s*+(/?)\s*+>")


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline: its attributes that matter, by names in lower case, the folders around it, and if it has others."""

    attributes: Mapping[str, str]
    folders: tuple[str, ...]
    has_children: bool

    def get(self, *names: str) -> str:
        """Return the first of these attributes that says something, on one line; "" for none."""
        return next((text for name in names if (text := one_line(self.attributes.get(name, "")))), "")


@dataclass(slots=True)
class OutlineFile:
    """What was found in a file, in its order; `is_proper` if it is well-formed as far as outlines go."""

    outlines: list[Outline] = field(default_factory=list)
    has_opml: bool = False
    is_proper: bool = True


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag of an outline: `attributes` is None for one that ends it."""

    attributes: Mapping[str, str] | None
    is_empty: bool = False


def read_outlines(text: str) -> OutlineFile:
    """Return all outlines of a file.

    Raises:
        FeedRefused: There are more than MOST_OUTLINES, or the file defines entities, which is done to make a small file
            huge or to read other files.
    """
    found = OutlineFile()
    tags = list(_tags(text, found))
    opened = sum(1 for tag in tags if tag.attributes is not None and not tag.is_empty)
    closed = sum(1 for tag in tags if tag.attributes is None)
    if opened != closed:
        found.is_proper = False
    _nest(tags, found, feeds_stay_open=closed >= opened)
    return found


def _nest(tags: Sequence[_Tag], found: OutlineFile, *, feeds_stay_open: bool) -> None:
    """Add the outlines with the folders around them. Where ends are missing, they are taken to be those of feeds."""
    around: list[tuple[str, ...]] = []
    for number, tag in enumerate(tags):
        folders = around[-1] if around else ()
        if tag.attributes is None:
            if around:
                around.pop()
            continue
        is_feed = bool(tag.attributes.get("xmlurl", "").strip())
        follows = tags[number + 1] if number + 1 < len(tags) else None
        is_open = not tag.is_empty and (feeds_stay_open or not is_feed)
        has_children = is_open and follows is not None and follows.attributes is not None
        outline = Outline(tag.attributes, folders, has_children)
        found.outlines.append(outline)
        if is_open:
            name = "" if is_feed else outline.get("title", "text")[:LONGEST_NAME].strip()
            around.append((*folders, name) if name and len(folders) < MOST_LEVELS else folders)


def _tags(text: str, found: OutlineFile) -> Iterator[_Tag]:
    count, mark = 0, _MARK.search(text)
    while mark is not None:
        if mark[0].startswith("<!"):
            mark = _MARK.search(text, _after(text, mark))
            continue
        follows = _MARK.search(text, mark.end())
        name, is_end = mark[2].lower(), bool(mark[1])
        if name == "opml":
            found.has_opml = True
        elif name == "outline" and is_end:
            yield _Tag(None)
        elif name == "outline":
            count += 1
            if count > MOST_OUTLINES:
                raise FeedRefused(
                    FeedRefusal.TOO_LARGE, f"The file has more than {MOST_OUTLINES:,} outlines: split it."
                )
            yield _tag(text[mark.end() : follows.start() if follows else len(text)], found)
        mark = follows


def _after(text: str, mark: re.Match[str]) -> int:
    """Return where to go on after a comment, a section of plain characters, or a document type."""
    kind = mark[0].lower()
    if kind in _ENDS:
        end = text.find(_ENDS[kind], mark.end())
        return len(text) if end < 0 else end + 3
    if kind == "<!entity":
        raise FeedRefused(
            FeedRefusal.NOT_OPML, "The file defines entities of its own, which no list of feeds needs: it is not read."
        )
    return mark.end()


def _tag(text: str, found: OutlineFile) -> _Tag:
    """Return the tag whose attributes this text begins with; it goes on to the next mark of the file."""
    proper = _PROPER_TAG.match(text)
    if proper is not None:
        pairs = [(name, double or single) for name, double, single in _PROPER_ATTRIBUTE.findall(proper[1])]
        return _Tag(_by_name(pairs), bool(proper[2]))
    found.is_proper = False
    pairs, at, unending = [], 0, set[str]()
    while (attribute := _LOOSE_ATTRIBUTE.search(text, at)) is not None:
        value, at = _loose_value(text, attribute, unending)
        pairs.append((attribute[1], value))
    end = _TAG_END.match(text, at)
    return _Tag(_by_name(pairs), end is not None and bool(end[1]))


def _by_name(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    # Of an attribute that is there twice, the first that says something counts.
    found: dict[str, str] = {}
    for name, value in pairs:
        name = name.lower()
        if name in _WANTED and not found.get(name):
            found[name] = unescape(value)
    return found


def _loose_value(text: str, attribute: re.Match[str], unending: set[str]) -> tuple[str, int]:
    """Return the value of an attribute, and where to go on.

    A quote mark ends it only where another attribute or the tag's end follows, so that a title may hold some.
    `unending` are the marks that end no value any more in this tag, to which those are added that turn out not to.
    """
    start, quote = attribute.end(), attribute[2]
    if not quote:
        bare = _BARE_VALUE.match(text, start)
        end = bare.end() if bare else start
        if text[end : end + 1] == ">" and text[start:end].endswith("/"):
            end -= 1
        return text[start:end], end
    first = end = text.find(quote, start)
    while end >= 0 and quote not in unending and not _AFTER_VALUE.match(text, end + 1):
        if (inside := _ADDRESS_BEFORE.search(text[max(start, end - _LONGEST_BEFORE) : end])) is not None:
            # Nobody closed the value, and the address follows.
            end -= len(inside[0])
            return text[start:end], end
        end = text.find(quote, end + 1)
    if end < 0:
        unending.add(quote)
        end = first if first >= 0 else text.find(">", start)
        end = end if end >= 0 else len(text)
    return text[start:end].rstrip("/" if first < 0 else ""), end + 1
