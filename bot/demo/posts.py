"""Lays the sample posts out in a folder, so dated as if a crawler had just been there.

The files carry fixed dates of November 2026. A copy has them moved by whole days, in the form in which each is
written, until the newest is the latest that is not after `now`. What a post says of another year stays.
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
# A later crawl of a post: its copy goes over the first one.
_RECRAWLED = "_recrawl"
_PICTURES = re.compile(r"https?://pictures\.example(?=/)")
_DATE = re.compile(r"^date: (.+)$", re.MULTILINE)
_FORMS = ("%Y-%m-%d %H:%M:%S", "%a, %d %b %Y %H:%M:%S GMT")


def lay_out(
    target: Path, now: datetime, picture_base: str = "", *, part: PostSet = "all", day: int | None = None
) -> int:
    """Copies the posts of `part` into `target`; gives how many files that made or replaced.

    "later" are the posts that arrive on the demo's following days, "first" all others. `day` picks one of those days,
    0 the first; from some day on there are none. The pictures' placeholder host becomes `picture_base`, unless that
    is empty.
    """
    texts = {path: _read(POSTS / path) for path in _paths(part, day)}
    if not texts:
        return 0
    days = (now - max(_dates(texts.values()))) // timedelta(days=1)
    laid: set[Path] = set()
    for path, text in texts.items():
        file = target.joinpath(*(name for name in path.parts if name != _RECRAWLED))
        file.parent.mkdir(parents=True, exist_ok=True)
        moved = _moved(text, timedelta(days=days))
        if picture_base:
            moved = _PICTURES.sub(lambda _: picture_base.rstrip("/"), moved)
        file.write_bytes(moved.encode())
        laid.add(file)
    return len(laid)


def _paths(part: PostSet, day: int | None) -> list[PurePosixPath]:
    """Recrawled files last, so that they replace."""
    later = later_days()
    chosen = {path for number, paths in enumerate(later) for path in paths if day in (None, number)}
    if part != "later":
        every = {PurePosixPath(file.relative_to(POSTS)) for file in POSTS.rglob("*") if file.is_file()}
        chosen = every if part == "all" else every.difference(*later)
    return sorted(chosen, key=lambda path: (path.parts[0] == _RECRAWLED, path))


def later_days() -> list[list[PurePosixPath]]:
    """What comes on each following day; in the list an empty line stands between two days."""
    return [[PurePosixPath(line) for line in day.splitlines()] for day in _read(LATER).split("\n\n")]


def _read(file: Path) -> str:
    return file.read_bytes().decode()


def _head_end(text: str) -> int:
    return text.index("\n---\n", text.index("---\n"))


def _dates(texts: Iterable[str]) -> list[datetime]:
    """The dates that are to be moved."""
    found = (_DATE.search(text, 0, _head_end(text)) for text in texts)
    parsed = (_parse(match[1]) for match in found if match)
    return [moment for moment, _ in filter(None, parsed)]


def _moved(text: str, shift: timedelta) -> str:
    end = _head_end(text)

    def later(match: re.Match[str]) -> str:
        parsed = _parse(match[1])
        return match[0] if parsed is None else f"date: {(parsed[0] + shift).strftime(parsed[1])}"

    return _DATE.sub(later, text[:end], count=1) + text[end:]


def _parse(written: str) -> tuple[datetime, str] | None:
    """The moment and its form; None for what is no date, or one that is meant to be long ago."""
    for form in _FORMS:
        try:
            moment = datetime.strptime(written, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return (moment, form) if moment.year == _YEAR else None
    return None
