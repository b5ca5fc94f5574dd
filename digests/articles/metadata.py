"""A post's metadata: title, categories, author, source."""

from __future__ import annotations

import re

from digests.articles.front_matter import FieldValue, FrontMatter
from digests.articles.markdown import linked_text
from digests.articles.text import one_line, unescape

_TAGS = re.compile(r"</?(?:a|b|br|em|font|i|mark|p|small|span|strong|sub|sup|u)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_LIST_MARKS = re.compile(r"(?:[-–•*·▪◦][ \t]+|[—―]+\s*)+")
_EMPTY = frozenset({"", "~", "null", "-", "—", "undefined"})
_MAX_CATEGORIES = 8
_MAX_BRANCHES = 20
_MAX_TAGS = 50
_MAX_NAME = 100
_MAX_TITLE = 500


def title_of(front: FrontMatter) -> str:
    """Return the title for readers, on one line; '' for a post without one."""
    value = front.fields.get("title")
    return plain(_as_text(value.value), _MAX_TITLE) if value else ""


def branches_of(front: FrontMatter) -> tuple[tuple[str, ...], ...]:
    """Return all categories of the post, each as a path from the top."""
    branches = (_path(branch) for branch in _branches(front.value("categories", "category")))
    return tuple(dict.fromkeys(branch for branch in branches if branch))[:_MAX_BRANCHES]


def tags_of(front: FrontMatter) -> tuple[str, ...]:
    """Return the post's tags, each once; a text is a list of tags between commas."""
    value = front.value("tags", "tag")
    texts = re.split(r"[,，、]", value) if isinstance(value, str) else _flatten([value] if value else [])
    return tuple(dict.fromkeys(name for text in texts if (name := name_of(text.lstrip("#＃")))))[:_MAX_TAGS]


def author_of(front: FrontMatter) -> str:
    """Return the authors, joined by commas; '' if none is named."""
    value = front.value("author", "authors")
    names = [
        plain(linked_text(_as_text(name)), _MAX_NAME) for name in (value if isinstance(value, list) else [value or ""])
    ]
    return ", ".join(name for name in names if name)[: 2 * _MAX_NAME].strip()


def source_of(categories: tuple[str, ...], author: str) -> str:
    """Return the site an article comes from: the second level without its channel, else the author without theirs."""
    name = categories[1] if len(categories) > 1 else author
    return name.partition(" - ")[0].strip() or name


def channel_of(categories: tuple[str, ...]) -> str:
    """Return the section of the source: the third level, or what follows the source's name in the second; or ''."""
    if len(categories) > 2:
        return categories[2]
    return categories[1].partition(" - ")[2].strip() if len(categories) == 2 else ""


def name_of(text: str) -> str:
    """Return a category's name without stray list marks; '' if nothing is left."""
    name = plain(linked_text(text), _MAX_NAME)
    if (match := _LIST_MARKS.match(name)) is not None:
        name = name[match.end() :].strip()
    return "" if name.lower() in _EMPTY else name


def plain(text: str, max_length: int) -> str:
    """Return one line of plain text of at most `max_length` characters.

    Character references are decoded; inline markup and invisible characters are removed.
    """
    text = text[: max_length * 20]
    if "<" in text:
        text = _TAGS.sub("", text)
    return one_line(unescape(text))[:max_length].rstrip()


def _path(names: list[str]) -> tuple[str, ...]:
    """Return the names of a branch, cleaned, without repetitions and empty ones."""
    return tuple(dict.fromkeys(name for text in names if (name := name_of(text))))[:_MAX_CATEGORIES]


def _branches(value: FieldValue | None) -> list[list[str]]:
    if isinstance(value, list):
        # In Hexo, once an item is a list, each item is a branch of its own. The crawler once nested only the last name.
        nested = [isinstance(item, list) for item in value]
        if any(nested) and not (nested.index(True) == len(value) - 1 >= 2 and len(value[-1]) == 1):
            return [_flatten(branch) for branch in value]
        return [_flatten(value)]
    # In Hexo a text is one category, whatever commas and slashes it contains; ` > ` is how people write a path.
    if isinstance(value, str):
        return [re.split(r"\s+[>›»]\s+", value)]
    return [_flatten(value)] if value else []


def _flatten(value: FieldValue) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in _flatten(item)]
    return [_as_text(value)]


def _as_text(value: FieldValue) -> str:
    """Return a value as one text; a mapping comes from a name with a colon in it."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_as_text(item)}" if _as_text(item) else key for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_as_text(item) for item in value)
    return value
