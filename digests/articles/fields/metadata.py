"""A post's metadata: title, categories, author, source."""

from __future__ import annotations

import re
from functools import lru_cache

from digests.articles.fields.crawled import is_crawled
from digests.articles.fields.inline_markup import strip_cdata, strip_markup
from digests.articles.heads.front_matter import FieldValue, FrontMatter
from digests.articles.markdown.convert import linked_text
from digests.articles.options import PostOptions
from digests.articles.text import one_line, unescape
from digests.model.category_tree import split_channel

Branches = tuple[tuple[str, ...], ...]

_LIST_MARKS = re.compile(r"(?:[-–•*·▪◦][ \t]+|[—―]+\s*)+")
# As themes and generators call them, the shortest name first: Volantis, Matery and NexT of Hexo, Jekyll, Hugo.
_PERSON_KEYS = (
    *("nick", "nickname", "name", "display_name", "displayname", "full_name", "title", "author"),
    *("github_name", "github", "login", "username", "user", "id", "key"),
)
_CONTACT_KEYS = frozenset({"email", "mail", "url", "link", "homepage", "site", "avatar", "picture", "image", "uri"})
_WITH_ADDRESS = re.compile(r"([^<>@]+?)\s*<[^<>\s]+@[^<>\s]+>|[^\s@()]+@[^\s@()]+\s*\(([^()]+)\)")
_EMPTY = frozenset({"", "~", "null", "-", "—", "undefined"})
# Hexo's default for `default_category`, which nearly every site leaves as it is, and its translation.
NO_CATEGORY = frozenset({"", "uncategorized", "uncategorised", "未分类", "未分類"})
_MAX_CATEGORIES = 8
_MAX_BRANCHES = 20
MAX_TAGS = 50
MAX_NAME = 100
"""Characters of a name."""
MAX_TITLE = 500


def given_title(front: FrontMatter) -> str:
    """Return the title in the head, on one line; '' if none is given."""
    value = front.fields.get("title")
    return plain(_as_text(value.value), MAX_TITLE) if value else ""


def category_branches(front: FrontMatter) -> Branches:
    """Return all categories of the post, each as a path from the top."""
    branches = (_path(branch) for branch in _branches(front.value("categories", "category")))
    return tuple(dict.fromkeys(branch for branch in branches if branch))[:_MAX_BRANCHES]


def tags_of(front: FrontMatter) -> tuple[str, ...]:
    """Return the post's tags, each once; a text is a list of tags between commas."""
    value = front.value("tags", "tag")
    texts = re.split(r"[,，、]", value) if isinstance(value, str) else _flatten([value] if value else [])
    return tuple(dict.fromkeys(name for text in texts if (name := name_of(text.lstrip("#＃")))))[:MAX_TAGS]


def author_of(front: FrontMatter) -> str:
    """Return the authors, joined by commas; '' if none is named."""
    value = front.value("author", "authors")
    names = [person_name(entry) for entry in (value if isinstance(value, list) else [value or ""])]
    return ", ".join(name for name in names if name)[: 2 * MAX_NAME].strip()


def source_of(categories: tuple[str, ...], author: str, options: PostOptions) -> str:
    """Return the site an article comes from, as the origin's setting says; '' if nothing names it.

    The second category is the source only where the author says the same, as the crawler writes; else it is a mere
    category, and the source is the site. Where the site is not known, the second category is the best guess.
    """
    second = _without_channel(categories[1]) if len(categories) > 1 else ""
    site = (options.site.title or options.site.author) if options.site is not None else ""
    site = site or options.origin
    if options.source == "site":
        return site or second or _without_channel(author)
    if options.source == "category":
        return second or site or _without_channel(author)
    if options.source == "author":
        return _without_channel(author) or site or second
    return second if is_crawled(categories, author) else site or second or _without_channel(author)


def placed_in(branches: Branches, tags: tuple[str, ...], options: PostOptions) -> Branches:
    """Return the categories in which readers find the post, with the origin's prefix.

    A post without a category is in the site's default one, else in that of its first tag, else in the origin's: that of
    its prefix, if it has one, or of its name.
    """
    if not branches:
        default = options.site.default_category if options.site is not None else ""
        if name_of(default).casefold() in NO_CATEGORY:
            default = ""
        tag = tags[0] if tags and options.category_from_tags else ""
        site = options.site.title if options.site is not None else ""
        name = name_of(default) or tag
        if not name and not options.category_prefix:
            name = options.origin or site or options.folder
        branches = ((name,),) if name else ((),) if options.category_prefix else ()
    return tuple((*options.category_prefix, *branch) for branch in branches)


def channel_of(categories: tuple[str, ...]) -> str:
    """Return the section of the source: the third level, or what follows the source's name in the second; or ''."""
    if len(categories) > 2:
        return categories[2]
    return split_channel(categories[1])[1] if len(categories) == 2 else ""


def _without_channel(name: str) -> str:
    return split_channel(name)[0] or name


def name_of(text: str) -> str:
    """Return a category's name without stray list marks; '' if nothing is left."""
    # Thousands of posts are in a few categories.
    return _known_name(text) if len(text) <= MAX_NAME else _name_of(text)


def _name_of(text: str) -> str:
    name = plain(linked_text(text), MAX_NAME)
    if (match := _LIST_MARKS.match(name)) is not None:
        name = name[match.end() :].strip()
    return "" if name.lower() in _EMPTY else name


_known_name = lru_cache(maxsize=2_000)(_name_of)


def plain(text: str, max_length: int) -> str:
    """Return one line of plain text of at most `max_length` characters.

    Character references are decoded, also those that were escaped twice; markup and invisible characters are removed.
    """
    text = text[: max_length * 20]
    if "<" in text:
        text = strip_markup(text)
    if "&" in text:
        text = strip_cdata(unescape(unescape(text)))
    return one_line(text)[:max_length].rstrip()


def person_name(value: FieldValue) -> str:
    """Return an author's name: of a mapping the nick or name, of `Name <address>` and `address (Name)` the name."""
    if isinstance(value, dict):
        given = {key.strip().lower(): item for key, item in value.items()}
        for key in _PERSON_KEYS:
            if isinstance(name := given.get(key), str) and name not in ("", "~", "null"):
                return person_name(name)
        if given and all(isinstance(item, dict | list) for item in value.values()):
            # `author: {ada: {github: ...}}`: the names are the keys.
            return plain(", ".join(value), MAX_NAME)
        if given.keys() <= {*_PERSON_KEYS, *_CONTACT_KEYS}:
            return ""
    text = _as_text(value)
    if "@" in text and len(text) < 300 and (match := _WITH_ADDRESS.fullmatch(text.strip())):
        text = match[1] or match[2]
    return plain(linked_text(text), MAX_NAME)


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
        # Each value once: twice at each level would take a second for 21 levels.
        texts = ((key, _as_text(item)) for key, item in value.items())
        return ", ".join(f"{key}: {text}" if text else key for key, text in texts)
    if isinstance(value, list):
        return ", ".join(_as_text(item) for item in value)
    return value
