"""The wishes in a chat's line: how each is written, and read back (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.chat_files.fields import (
    MOST_ITEMS,
    CategoryNames,
    choice,
    flag_reader,
    has_no_controls,
    moment_reader,
    number_reader,
    quoted,
    read_category,
    text_reader,
)
from bot.text.moments import iso
from digests.model.category_tree import Category
from digests.model.wish import Matter, Wish, WishKind
from digests.wishes.canonical import WishRefused, words_subject

MOST_WISHES = 1000
_FIELDS = frozenset({"kind", "at_once", "most", "until", *Matter})


@dataclass(frozen=True, slots=True)
class WishLine:
    """A wish as a chat's line has it, checked.

    `about` is a query, the name of a source, or a category as people write it, by `matter`.
    """

    kind: WishKind
    matter: Matter
    about: str | CategoryNames
    at_once: bool = False
    most: int = 0
    until: datetime | None = None


def wish_fields(wish: Wish, path_of: Callable[[Category], object], category: Category | None) -> dict[str, Any] | None:
    """Return a wish as a line has it; None for one about a category that is no more.

    `category` is what the wish is about, and `path_of` writes it.
    """
    if wish.subject.matter is Matter.CATEGORY and category is None:
        return None
    about = path_of(category) if category is not None else wish.subject.value
    shown = (
        ("kind", str(wish.kind), True),
        (str(wish.subject.matter), about, True),
        ("at_once", wish.at_once, wish.at_once),
        ("most", wish.most, bool(wish.most)),
        ("until", iso(wish.until), wish.until is not None),
    )
    return {name: value for name, value, tells in shown if tells}


def read_wishes(value: object) -> tuple[WishLine, ...]:
    """Return the wishes of a line. Raises ValueError naming what is wrong."""
    if not isinstance(value, list) or len(value) > MOST_WISHES:
        raise ValueError(f"wishes must be a list of at most {MOST_WISHES} wishes")
    return tuple(_wish(each) for each in value)


def _wish(value: object) -> WishLine:
    if not isinstance(value, dict) or not _FIELDS.issuperset(value):
        raise ValueError(f'wishes: {quoted(value)} must be a wish such as {{"kind": "watch", "words": "moon"}}')
    matters = [matter for matter in Matter if matter in value]
    if len(matters) != 1:
        raise ValueError(f"wishes: {quoted(value)} must have one of {', '.join(Matter)}")
    (matter,) = matters
    kind = WishKind(choice("wishes: kind", value.get("kind"), [str(kind) for kind in WishKind]))
    if kind is WishKind.CAP and (matter is not Matter.CATEGORY or "most" not in value):
        raise ValueError(f"wishes: {quoted(value)} must have a category and most")
    if kind is not WishKind.CAP and "most" in value:
        raise ValueError(f"wishes: {quoted(value)} must have no most, which is a cap's")
    if value.get("at_once") is True and (kind, matter) != (WishKind.WATCH, Matter.WORDS):
        raise ValueError(f"wishes: {quoted(value)} can't come at once; watches for words can")
    return WishLine(kind, matter, _about(matter, value[matter]), **_options(value))


def _about(matter: Matter, value: object) -> str | CategoryNames:
    if matter is Matter.CATEGORY:
        return read_category(value)
    text = text_reader(f"wishes: {matter}")(value).strip()
    if not text:
        raise ValueError(f"wishes: {matter} {quoted(value)} must not be empty")
    if not has_no_controls(text):
        raise ValueError(f"wishes: {matter} {quoted(value)} must have no control characters")
    if matter is Matter.WORDS:
        try:
            words_subject(text)
        except WishRefused as error:
            raise ValueError(f"wishes: words {quoted(value)} can't be wished for ({error})") from None
    return text


def _options(value: Mapping[str, object]) -> dict[str, Any]:
    readers: Mapping[str, Callable[[object], object]] = {
        "at_once": flag_reader("wishes: at_once"),
        "most": number_reader("wishes: most", MOST_ITEMS),
        "until": moment_reader("wishes: until"),
    }
    return {name: read(value[name]) for name, read in readers.items() if name in value}
