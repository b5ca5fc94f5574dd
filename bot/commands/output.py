"""How commands print: JSON, tables, and progress, as a bar on a terminal and as plain lines elsewhere."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from time import monotonic

from digests.ports import OnProgress

_SECONDS_BETWEEN_LINES = 5.0


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(rows: Sequence[tuple[str, str]]) -> None:
    """Print names and values in two columns."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in rows:
        # As plain text: what comes from posts and chats must not be read as Rich's markup.
        table.add_row(Text(name), Text(value))
    Console(highlight=False).print(table)


@contextlib.contextmanager
def progress_bar(what: str) -> Iterator[OnProgress]:
    """Show a progress bar with rate and time left, on standard error."""
    if not sys.stderr.isatty():
        yield _plain_lines(what)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, count="")
        started = monotonic()

        def show(done: int, total: int) -> None:
            rate = done / max(monotonic() - started, 0.001)
            bar.update(task, completed=done, total=total, count=f"{done:,} of {total:,}, {rate:,.0f}/s")

        yield show


def _plain_lines(what: str) -> OnProgress:
    said = monotonic()

    def show(done: int, total: int) -> None:
        nonlocal said
        if monotonic() - said >= _SECONDS_BETWEEN_LINES and done < total:
            said = monotonic()
            print(f"{what}: {done:,} of {total:,}", file=sys.stderr)

    return show
