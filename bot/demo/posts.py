"""Copying the sample posts into a folder, dated as if a crawler had just been there.

The files have fixed dates in November 2026. The copies' dates are shifted by whole days, in the form in which each is
written, so that the newest is as late as possible but not after `now`. Dates of other years stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Literal

PostSet = Literal["first", "later", "all"]

POSTS = Path(__file__).parent / "posts"
LATER = Path(__file__).parent / "later.txt"
_YEAR = 2026
# Later crawls of posts, which replace the earlier ones.
_RECRAWL_FOLDER = "_recrawl"
_PICTURES = re.compile(r"(?:https?:)?//pictures\.example(?=/)")
_DATE = re.compile(r"^date: (.+)$", re.MULTILINE)
_FORMS = ("%Y-%m-%d %H:%M:%S", "%a, %d %b %Y %H:%M:%S GMT")


def lay_out(
    target: Path, now: datetime, picture_base: str = "", *, part: PostSet = "all", day: int | None = None
) -> int:
    """Copy the posts of `part` into `target`, and return how many files were created or replaced.

    "later" are the posts that arrive on the demo's following days, "first" all others. `day` selects one of those days,
    0 being the first; after the last, there are no posts. The placeholder host of pictures becomes `picture_base`,
    unless that is empty.
    """
    texts = {path: _read(POSTS / path) for path in _paths(part, day)}
    if not texts:
        return 0
    days = (now - max(_dates(texts.values()))) // timedelta(days=1)
    written: set[Path] = set()
    for path, text in texts.items():
        file = target.joinpath(*(name for name in path.parts if name != _RECRAWL_FOLDER))
        file.parent.mkdir(parents=True, exist_ok=True)
        redated = _redate(text, timedelta(days=days))
        if picture_base:
            redated = _PICTURES.sub(lambda _: picture_base.rstrip("/"), redated)
        file.write_bytes(redated.encode())
        written.add(file)
    return len(written)


def _paths(part: PostSet, day: int | None) -> list[PurePosixPath]:
    """Return the selected posts, with later crawls last, so that they replace the earlier ones."""
    later = later_days()
    chosen = {path for number, paths in enumerate(later) for path in paths if day in (None, number)}
    if part != "later":
        every = {PurePosixPath(file.relative_to(POSTS)) for file in POSTS.rglob("*") if file.is_file()}
        chosen = every if part == "all" else every.difference(*later)
    return sorted(chosen, key=lambda path: (path.parts[0] == _RECRAWL_FOLDER, path))


def later_days() -> list[list[PurePosixPath]]:
    """Return the posts that arrive on each following day; in the list, an empty line separates days."""
    return [[PurePosixPath(line) for line in day.splitlines()] for day in _read(LATER).split("\n\n")]


def _read(file: Path) -> str:
    return file.read_bytes().decode()


def _end_of_front_matter(text: str) -> int:
    return text.index("\n---\n", text.index("---\n"))


def _dates(texts: Iterable[str]) -> list[datetime]:
    """Return the dates that are to be moved."""
    found = (_DATE.search(text, 0, _end_of_front_matter(text)) for text in texts)
    parsed = (_parse(match[1]) for match in found if match)
    return [moment for moment, _ in filter(None, parsed)]


def _redate(text: str, shift: timedelta) -> str:
    end = _end_of_front_matter(text)

    def later(match: re.Match[str]) -> str:
        parsed = _parse(match[1])
        return match[0] if parsed is None else f"date: {(parsed[0] + shift).strftime(parsed[1])}"

    return _DATE.sub(later, text[:end], count=1) + text[end:]


def _parse(written: str) -> tuple[datetime, str] | None:
    """Return the moment and its form; None for what is not a date, or is meant to be long ago."""
    for form in _FORMS:
        try:
            moment = datetime.strptime(written, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return (moment, form) if moment.year == _YEAR else None
    return None
