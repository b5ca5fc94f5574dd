"""What readers miss in an article, and what is to blame for it (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from digests.model.link_causes import LINK_CAUSES


class GapKind(StrEnum):
    """What is missing. A title is missing where it was taken from the file's name."""

    LINK = "link"
    DATE = "date"
    CATEGORY = "category"
    PICTURE = "picture"
    SUMMARY = "summary"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing: `cause` is a word of `CAUSES`, `detail` the rule or value that is to blame."""

    kind: GapKind
    cause: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause for operators: a sentence about the article, and how to fix it; both may contain {detail}."""

    sentence: str
    fix: str


CAUSES: Mapping[tuple[GapKind, str], Cause] = {
    **{(GapKind.LINK, cause): Cause(*texts) for cause, texts in LINK_CAUSES.items()},
    (GapKind.DATE, "none"): Cause(
        "the post has no date, neither in its head nor in its file's name",
        "write a line such as date: 2026-11-25 10:00:00, or begin the file's name with 2026-11-25-",
    ),
    (GapKind.DATE, "unreadable"): Cause(
        'the date "{detail}" can\'t be read',
        "write it as in 2026-11-25 10:00:00",
    ),
    (GapKind.TITLE, "file name"): Cause(
        "neither the head nor a heading gives a title, so it was made from the file's name",
        "write a line title: into the head",
    ),
    (GapKind.TITLE, "none"): Cause(
        "neither the head, nor a heading, nor the file's name gives a title",
        "write a line title: into the head",
    ),
    (GapKind.CATEGORY, "none"): Cause(
        "the post names no category",
        "write a line categories: into the head",
    ),
    (GapKind.PICTURE, "none"): Cause(
        "the post has no picture of its own",
        "write a line cover: with its address into the head, if the post should have one",
    ),
    (GapKind.SUMMARY, "none"): Cause(
        "nothing in the post says more than its title",
        "write a line description: into the head",
    ),
    **{
        (kind, "feed"): Cause(f"the feed gives no {kind} for the item", "nothing: only the feed's owner can add it")
        for kind in GapKind
    },
    (GapKind.DATE, "feed unreadable"): Cause(
        "the feed's date \"{detail}\" can't be read",
        "nothing: only the feed's owner can mend it",
    ),
    (GapKind.TITLE, "feed text"): Cause(
        "the feed gives no title for the item, so the beginning of its text stands for it",
        "nothing: only the feed's owner can add it",
    ),
}
"""What is said of each cause, by the kind of gap and the cause's word."""


def pack_gaps(gaps: Iterable[Gap]) -> str:
    """Return gaps as one short text, to be stored with each of 100,000 posts."""
    return "\x1e".join("\x1f".join((gap.kind, gap.cause, gap.detail)) for gap in gaps)


def unpack_gaps(text: str) -> tuple[Gap, ...]:
    """Return the gaps that `pack_gaps` stored."""
    return tuple(_gap(*row.split("\x1f")) for row in text.split("\x1e")) if text else ()


def _gap(kind: str, cause: str, detail: str) -> Gap:
    return Gap(GapKind(kind), cause, detail)
