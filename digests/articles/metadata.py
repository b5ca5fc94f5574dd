"""What a post is filed under: title, categories, author, source."""

from __future__ import annotations

import re

from digests.articles.front_matter import FieldValue, FrontMatter
from digests.articles.text import one_line, unescape

_TAGS = re.compile(r"</?(?:a|b|br|em|font|i|mark|p|small|span|strong|sub|sup|u)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_LIST_MARKS = re.compile(r"(?:[-–•*·▪◦][ \t]+|[—―]+\s*)+")
_NOTHING = frozenset({"", "~", "null", "-", "—", "undefined"})
_MOST_CATEGORIES = 8
_LONGEST_NAME = 100
_LONGEST_TITLE = 500


def title_of(front: FrontMatter) -> str:
    """The title as a reader should see it, on one line; '' for a post without one."""
    value = front.fields.get("title")
    return plain(_words(value.value), _LONGEST_TITLE) if value else ""


def categories_of(front: FrontMatter) -> tuple[str, ...]:
    """The path of categories, from the top; of several branches the first."""
    value = front.value("categories", "category")
    names: list[str] = []
    for name in _names(value):
        name = name_of(name)
        if name and name not in names:
            names.append(name)
    return tuple(names[:_MOST_CATEGORIES])


def author_of(front: FrontMatter) -> str:
    value = front.value("author", "authors")
    names = [plain(_words(one), _LONGEST_NAME) for one in (value if isinstance(value, list) else [value or ""])]
    return ", ".join(name for name in names if name)[: 2 * _LONGEST_NAME].strip()


def source_of(categories: tuple[str, ...], author: str) -> str:
    """The site an article comes from: the second level up to its channel, else the author up to his."""
    name = categories[1] if len(categories) > 1 else author
    return name.partition(" - ")[0].strip() or name


def channel_of(categories: tuple[str, ...]) -> str:
    """The part of the source that the article comes from: the third level, or what follows the source in the second."""
    if len(categories) > 2:
        return categories[2]
    return categories[1].partition(" - ")[2].strip() if len(categories) == 2 else ""


def name_of(text: str) -> str:
    """A category's name without the marks that lists leave in it; '' when nothing is left."""
    name = plain(text, _LONGEST_NAME)
    if (match := _LIST_MARKS.match(name)) is not None:
        name = name[match.end() :].strip()
    return "" if name.lower() in _NOTHING else name


def plain(text: str, longest: int) -> str:
    """One line of plain text: references decoded, inline markup and unseen characters gone, cut at `longest`."""
    text = text[: longest * 20]
    if "<" in text:
        text = _TAGS.sub("", text)
    return one_line(unescape(text))[:longest].rstrip()


def _names(value: FieldValue | None) -> list[str]:
    if isinstance(value, list):
        # Hexo: when the items are lists, each is a branch of its own. The crawler once nested only the last name.
        if value and isinstance(value[0], list):
            first = next((one for one in value if isinstance(one, list) and one), [])
            return _flat(first)
        return _flat(value)
    # In Hexo a text is one category, whatever commas and slashes it holds; ` > ` is how people write a path.
    return re.split(r"\s+[>›»]\s+", value) if isinstance(value, str) else _flat([value] if value else [])


def _flat(value: FieldValue) -> list[str]:
    if isinstance(value, list):
        return [name for one in value for name in _flat(one)]
    return [_words(value)]


def _words(value: FieldValue) -> str:
    """A value as one text; a mapping is what YAML makes of a name with a colon in it."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_words(one)}" if _words(one) else key for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(_words(one) for one in value)
    return value
