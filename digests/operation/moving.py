"""Moving a bot with its ledger from one database to another. All of it blocks: it is a command of the program's.

Nobody may use either database meanwhile. The source is marked before anything is copied, so that no bot starts on it;
the target is noted as unfinished until every table in it sums up to what the source's does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

from digests.errors import InvalidInput, StorageError
from digests.ports import ShowProgress
from digests.storage.engine.addresses import shown_url
from digests.storage.migrate import (
    latest_revision,
    migrate,
    refuse_others,
    stored_mark,
    stored_revision,
    take_back,
    write_mark,
)
from digests.storage.move_marks import MovedAway
from digests.storage.transfer.copying import copy_tables, differing, sum_up
from digests.storage.transfer.ends import Reached, Source, TableSum, Target
from digests.storage.transfer.living import living_processes
from digests.storage.transfer.opening import are_same, open_source, open_target
from digests.storage.transfer.tables import moved_tables

_KIND = "move"


@dataclass(frozen=True, slots=True)
class MoveReport:
    """What was moved: the rows of each table. `went_on` says that an earlier run had begun."""

    rows: Mapping[str, int]
    destination: str
    went_on: bool


def move(source_url: str, target_url: str, now: datetime, show: ShowProgress, *, anew: bool = False) -> MoveReport:
    """Move everything from one database to another, going on where an earlier run was interrupted.

    The caller holds the lock of a bot on both, if they are SQLite's. `anew` drops what an earlier run has copied.

    Raises:
        InvalidInput: An address is invalid, or both are the same.
        StorageError: Something stands against it; the text says what to do. The source stays usable then.
    """
    check_ends(source_url, target_url)
    _check_source(source_url)
    with closing(open_target(target_url)) as target:
        begun = _check_target(source_url, target_url, target, anew=anew)
        with _moving(source_url, target_url, now):
            migrate(source_url, marked=True)
            _refuse_living(source_url, "from")
            _refuse_living(target_url, "to")
            with closing(open_source(source_url)) as source:
                sums = _copy(source, target, shown_url(source_url), begun, show)
        # Marked before the target can be used: at no time can both.
        target.release()
    rows = {name: each.rows for name, each in sums.items()}
    return MoveReport(rows, shown_url(target_url), went_on=begun is not None)


def check_ends(source_url: str, target_url: str) -> None:
    """Check that there are two databases, as far as addresses tell; raise InvalidInput if not."""
    if are_same(source_url, target_url):
        raise InvalidInput("Both addresses lead to the same database: there is nothing to move.")


def _check_source(url: str) -> None:
    """Check that there is something to move, without changing it."""
    open_source(url).close()
    if stored_revision(url) is None:
        raise StorageError(f"There is no bot's database at {shown_url(url)}: check the address after --from.")


def _check_target(
    source_url: str, target_url: str, target: Target, *, anew: bool
) -> tuple[dict[str, TableSum], dict[str, Reached]] | None:
    """Return what an earlier run of this move noted; None if it begins."""
    note, moved, where = target.note(), stored_mark(source_url), shown_url(target_url)
    if moved is not None and (moved.destination != where or (moved.is_done and note is None)):
        begun = "was moved" if moved.is_done else "is being moved"
        raise StorageError(
            f"This database {begun} to {moved.destination}. To move it elsewhere, or again, run "
            "`digestbot migrate --back` with it first."
        )
    if note is None:
        refuse_others(target_url)
        if (table := target.row_in_use()) is not None:
            raise StorageError(
                f"The database at {where} is not empty (there are rows in {table}): name an empty one after --to."
            )
        return None
    noted = json.loads(note[0])
    if noted["kind"] != _KIND or noted["from"] != shown_url(source_url):
        raise StorageError(
            f"An unfinished {noted['kind']} from {noted['from']} is in the database at {where}: end that, or name an "
            "empty database after --to."
        )
    if anew:
        return None
    if noted["revision"] != latest_revision():
        raise StorageError(
            "This move was begun by another version of the program: add --anew, which begins it from the start."
        )
    return {name: TableSum(**values) for name, values in noted["sums"].items()}, note[1]


@contextmanager
def _moving(source_url: str, target_url: str, now: datetime) -> Iterator[None]:
    """Keep bots from starting on the source, for good if the block succeeds."""
    destination = shown_url(target_url)
    before = stored_mark(source_url)
    if before is None:
        write_mark(source_url, MovedAway(destination, now, is_done=False))
    try:
        yield
    except BaseException:
        # Whoever does not want to go on can start the bot on it again.
        if before is None or not before.is_done:
            take_back(source_url)
        raise
    write_mark(source_url, MovedAway(destination, now, is_done=True))


def _refuse_living(url: str, option: str) -> None:
    if living := living_processes(url):
        raise StorageError(
            f"A bot runs on the database after --{option} ({', '.join(living)}): stop it, and run this command again. "
            "Then start it with database.url set to the new database."
        )


def _copy(
    source: Source,
    target: Target,
    shown: str,
    begun: tuple[dict[str, TableSum], dict[str, Reached]] | None,
    show: ShowProgress,
) -> dict[str, TableSum]:
    forms = moved_tables()
    with show("Reading the old database") as on_progress:
        sums = sum_up(source, forms, on_progress)
    reached: Mapping[str, Reached] = {}
    if begun is None:
        noted = {"kind": _KIND, "from": shown, "revision": latest_revision()}
        target.begin(json.dumps({**noted, "sums": {name: asdict(each) for name, each in sums.items()}}))
    elif changed := differing(sums, begun[0]):
        raise StorageError(
            f"The old database has changed since this move began (in {', '.join(changed)}): add --anew, which begins "
            "it from the start."
        )
    else:
        reached = begun[1]
    with show("Copying") as on_progress:
        copy_tables(source, target, forms, reached, sums, on_progress)
    target.complete(forms)
    with show("Checking the copy") as on_progress, closing(target.source()) as copied:
        wrong = differing(sums, sum_up(copied, forms, on_progress))
    if wrong:
        raise StorageError(
            f"The copy is not the same as the original (in {', '.join(wrong)}); the old database is as it was. "
            "Add --anew to copy it again, and please report it."
        )
    return sums
