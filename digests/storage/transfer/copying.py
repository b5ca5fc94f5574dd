"""Copying tables from one end to the other in batches, and summing them up. All of it blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing

from digests.errors import StorageError
from digests.ports import OnProgress
from digests.storage.transfer.ends import Reached, Source, Summing, TableSum, Target
from digests.storage.transfer.lines import last_key, odd_row
from digests.storage.transfer.tables import TableForm

BATCH_ROWS = 20_000
BATCH_BYTES = 16_000_000
START = Reached(0, ())


def sum_up(source: Source, forms: Sequence[TableForm], on_progress: OnProgress) -> dict[str, TableSum]:
    """Read all tables, and return what each sums up to."""
    total, done, sums = sum(source.counts(forms).values()), 0, {}
    for form in forms:
        summing = Summing()
        with closing(source.lines(form)) as chunks:
            for lines in chunks:
                summing.add(lines)
                on_progress(done + summing.rows, total)
        sums[form.name] = summing.sum()
        done += summing.rows
    return sums


def copy_tables(
    source: Source,
    target: Target,
    forms: Sequence[TableForm],
    reached: Mapping[str, Reached],
    sums: Mapping[str, TableSum],
    on_progress: OnProgress,
) -> None:
    """Copy all tables, each on from where it has come to."""
    total, done = sum(sums[form.name].rows for form in forms), 0
    for form in forms:
        start = reached.get(form.name, START)
        if start.rows < sums[form.name].rows:
            with closing(source.lines(form, start.key)) as chunks:
                fill_table(target, form, chunks, start, behind(done, total, on_progress))
        done += sums[form.name].rows
    on_progress(done, total)


def behind(done: int, total: int, on_progress: OnProgress) -> Callable[[int], None]:
    """Return what tells the progress of a table by the rows in it, `done` rows being in the tables before."""
    return lambda rows: on_progress(done + rows, total)


def fill_table(
    target: Target, form: TableForm, chunks: Iterable[bytes], start: Reached, on_rows: Callable[[int], None]
) -> None:
    """Write lines into a table, many in each transaction.

    Raises:
        StorageError: A row can't be stored; the text names it.
    """
    rows = start.rows
    batch: list[bytes] = []
    in_batch = length = 0

    def write() -> None:
        lines = b"".join(batch)
        try:
            target.write(form, lines, Reached(rows, tuple(last_key(lines, form.columns, form.key))))
        except ValueError as error:
            raise StorageError(
                f"A row of the table {form.name} can't be stored: "
                f"{odd_row(lines, form.columns, form.key, error)}. Correct it in the database that it is from, or "
                "delete it, and run this command again."
            ) from error
        on_rows(rows)

    for chunk in chunks:
        batch.append(chunk)
        found = chunk.count(b"\n")
        rows, in_batch, length = rows + found, in_batch + found, length + len(chunk)
        if in_batch >= BATCH_ROWS or length >= BATCH_BYTES:
            write()
            batch, in_batch, length = [], 0, 0
    if batch:
        write()


def differing(sums: Mapping[str, TableSum], others: Mapping[str, TableSum]) -> list[str]:
    """Return the names of the tables that are not the same."""
    return [name for name in sums if sums[name] != others.get(name)]
