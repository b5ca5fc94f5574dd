"""Checks of people, times, languages, paths and other plain values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from pathlib import Path
from typing import Annotated, TypeGuard
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator

from config.accounts import foreign_ids
from config.checks.refusal import NotAllowed, Shown
from config.languages import spoken_languages


def _split_ids(value: object) -> object:
    """Split a list of ids, which comes as "1,2" from the environment, or as a number if there is only one."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [value] if isinstance(value, int) else value


def split_texts(value: object) -> object:
    """Split a list of texts, which comes as "a,b" from the environment."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _people(value: tuple[int, ...]) -> tuple[int, ...]:
    if wrong := foreign_ids(value, groups=False):
        raise NotAllowed(f"the ids of people, as /id shows them; no person has {', '.join(wrong)}")
    return value


def _people_and_groups(value: tuple[int, ...]) -> tuple[int, ...]:
    if wrong := foreign_ids(value, groups=True):
        raise NotAllowed(f"the ids of people and groups, as /id shows them; none of them has {', '.join(wrong)}")
    return value


def _kept_days(value: int) -> int:
    # What is younger may still be needed: for a chat's next digest, or to send one again.
    if value != 0 and not 7 <= value <= 36500:
        raise NotAllowed("a number of days from 7 to 36500, or 0 for ever")
    return value


def _local_time(value: str) -> str:
    if not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value):
        raise NotAllowed('a time of day from "00:00" to "23:59"')
    hour, minute = value.split(":")
    return time(int(hour), int(minute)).strftime("%H:%M")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise NotAllowed('a zone of the IANA database, such as "Europe/Berlin" or "Asia/Shanghai"') from error
    return value


def _language(value: str) -> str:
    if value not in spoken_languages():
        raise NotAllowed(f"one of {', '.join(map(repr, spoken_languages()))}")
    return value


def _glob(value: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in value:
        if not pattern or pattern.startswith("/") or ".." in pattern.split("/"):
            raise NotAllowed('patterns below the origin, such as "news/**/*.md" or "drafts/*"')
    return value


def _inside(value: str) -> str:
    parts = value.strip("/").split("/")
    if value.startswith("/") or ".." in parts or "" in parts[:-1] or "\0" in value:
        raise NotAllowed('a folder inside the origin, such as "source/_posts"')
    return "/".join(part for part in parts if part not in ("", "."))


def expand_home(value: str) -> str:
    """Return the path with "~" expanded to the home folder."""
    if "\0" in value:
        raise NotAllowed("a path without a zero byte")
    try:
        return str(Path(value).expanduser()) if value.startswith("~") else value
    except RuntimeError:
        raise NotAllowed('a path whose "~" names a home folder on this machine') from None


def _path(value: Path) -> Path:
    return Path(expand_home(str(value)))


def _category_path(value: object) -> object:
    """Split a category's path, written as "World/Japan"; a name with a slash is written in a list: ["C/C++"]."""
    if isinstance(value, str):
        value = value.split("/")
    return tuple(part.strip() for part in value if part.strip()) if _are_texts(value) else value


def _are_texts(value: object) -> TypeGuard[Sequence[str]]:
    return isinstance(value, list | tuple) and all(isinstance(part, str) for part in value)


def matching(pattern: str, what: str) -> AfterValidator:
    """Return a check that the whole text matches the pattern; `what` says what is allowed."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise NotAllowed(what)
        return value

    return AfterValidator(check)


PlainText = Annotated[str, Shown.TEXT]
PlainTexts = Annotated[tuple[str, ...], BeforeValidator(split_texts), Shown.TEXT]
CategoryPath = Annotated[tuple[str, ...], BeforeValidator(_category_path), Shown.TEXT]
GlobPatterns = Annotated[tuple[str, ...], BeforeValidator(split_texts), AfterValidator(_glob), Shown.TEXT]
Ids = Annotated[tuple[Annotated[int, Shown.TEXT], ...], BeforeValidator(_split_ids), Shown.TEXT]
People = Annotated[Ids, AfterValidator(_people)]
PeopleAndGroups = Annotated[Ids, AfterValidator(_people_and_groups)]
KeptDays = Annotated[int, AfterValidator(_kept_days)]
LocalTime = Annotated[str, AfterValidator(_local_time), Shown.TEXT]
Language = Annotated[str, AfterValidator(_language), Shown.TEXT]
Zone = Annotated[str, AfterValidator(_zone), Shown.TEXT]
FolderInside = Annotated[str, AfterValidator(_inside), Shown.TEXT]
FilePath = Annotated[Path, AfterValidator(_path), Shown.TEXT]
SecretPath = Annotated[Path, AfterValidator(_path), Shown.PATH]
OptionalPath = Annotated[str, AfterValidator(expand_home), Shown.TEXT]
SiteConfig = Annotated[str, AfterValidator(expand_home), Shown.ADDRESS]
