"""What a look at the posts leaves behind for `digestbot doctor`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from digests.ingest.ingest import IngestReport
from digests.ports import Origin
from digests.storage.people import PeopleStore

LAST_SCAN = "scan"
UNREADABLE = "unreadable"
_MOST_NAMED = 20


async def note_scan(
    people: PeopleStore,
    report: IngestReport,
    origins: Sequence[Origin],
    troubles: int,
    now: datetime,
    silent: Sequence[str] = (),
) -> None:
    """Notes that the posts were looked at, what that came to, and which folders could not be looked into.

    `troubles` is the number of origins that could not be read at all; `silent` names those that have not answered yet.
    """
    looked = f"{report.seen:,} files, {report.new:,} new"
    if troubles:
        looked += f"; {troubles} of {len(origins)} origins could not be read"
    if silent:
        looked += f"; no answer yet from {', '.join(silent)}"
    await people.note(LAST_SCAN, looked, now)
    unreadable = unreadable_folders(origins)
    if unreadable:
        await people.note(UNREADABLE, json.dumps(unreadable[:_MOST_NAMED], ensure_ascii=False), now)
    elif await people.fact(UNREADABLE) is not None:
        await people.forget_fact(UNREADABLE)


def unreadable_folders(origins: Iterable[Origin]) -> list[str]:
    """The folders inside origins that the last look could not look into, as they can be printed."""
    return [f"{_printable(folder)} of the origin {origin.name}" for origin in origins for folder in origin.unreadable]


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in name)


async def noted_unreadable(people: PeopleStore) -> list[str]:
    """What the last look noted of such folders."""
    noted = await people.fact(UNREADABLE)
    return [str(folder) for folder in json.loads(noted[0])] if noted else []
