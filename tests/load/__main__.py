"""`make bench`: measures, prints a table that names the machine, and exits with 1 when a goal is missed.

`make bench FULL=1` measures at the sizes that the goals are given for, which takes some twenty minutes;
`ONLY=paid,planning` measures some parts alone.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from contextlib import nullcontext
from pathlib import Path

from digests.model.layout import Layout
from tests.load.asking import measure_asking, measure_inline
from tests.load.broadcast import measure_digests, measure_free_rate, measure_paid_rate
from tests.load.clients import measure_clients
from tests.load.cluster import measure_cluster
from tests.load.drawing import measure_drawing
from tests.load.faults import LedgerAudit, kill_again_and_again, storm
from tests.load.feeds import measure_feeds
from tests.load.figures import Figure
from tests.load.galleries import measure_galleries
from tests.load.killed_digests import kill_while_digests_go
from tests.load.layouts import measure_layouts
from tests.load.ledger import measure_ledger
from tests.load.matching import measure_matching
from tests.load.million import measure_million
from tests.load.moving import measure_backup, measure_moving
from tests.load.next_digest import measure_next_digest
from tests.load.outages import TROUBLES, Trouble, disk_is_full, outage, second_bot_shares, small_disk
from tests.load.pictures import measure_pictures
from tests.load.planning import measure_planning
from tests.load.posts import measure_posts
from tests.load.program import measure_program
from tests.load.search import measure_search
from tests.load.search_engines import measure_search_engines
from tests.load.sizes import measure_sizes
from tests.load.tapping import measure_tapping
from tests.load.webhooks import measure_webhooks
from tests.load.workers import measure_workers
from tests.postgres import serving

FULL = bool(os.environ.get("FULL"))


def main() -> int:
    """Measure what ONLY names, or all; return the exit status."""
    wanted = os.environ.get("ONLY", "").split(",") if os.environ.get("ONLY") else list(_PARTS)
    figures: list[Figure] = []
    for part in wanted:
        figures.extend(asyncio.run(_PARTS[part]()))
    print(table(figures))
    missed = [figure for figure in figures if not figure.met]
    for figure in missed:
        print(f"MISSED: {figure.name}: {figure.shown}, the goal is {figure.goal}", file=sys.stderr)
    return 1 if missed else 0


async def _posts() -> list[Figure]:
    return await measure_posts(full=FULL)


async def _search() -> list[Figure]:
    return await measure_search(100_000 if FULL else 10_000, twice=FULL)


async def _search_engines() -> list[Figure]:
    return await measure_search_engines(100_000 if FULL else 3_000)


async def _asking() -> list[Figure]:
    return await measure_asking(full=FULL)


async def _inline() -> list[Figure]:
    return await measure_inline(100_000)


async def _tapping() -> list[Figure]:
    return await measure_tapping(100_000 if FULL else 20_000)


async def _webhooks() -> list[Figure]:
    return await measure_webhooks(10_000 if FULL else 2000)


async def _next() -> list[Figure]:
    return await measure_next_digest(100_000 if FULL else 20_000)


async def _free() -> list[Figure]:
    return await measure_free_rate(3000 if FULL else 300)


async def _paid() -> list[Figure]:
    figures = await measure_paid_rate(100_000 if FULL else 10_000)
    rows = [f"| {name} | {rate:,.0f} | {cpu:.2f} |" for name, rate, cpu in await measure_clients(5000)]
    own = f"| this bot: ledger, pacing, people first | {figures[0].value:,.0f} | {figures[1].value:.2f} |"
    print("\n".join(["| client | messages/s | CPU ms each |", "| --- | --- | --- |", *rows, own, ""]))
    return figures


async def _digests() -> list[Figure]:
    return await measure_digests(100_000 if FULL else 10_000)


async def _galleries() -> list[Figure]:
    return await measure_galleries(100_000 if FULL else 10_000)


async def _moving() -> list[Figure]:
    return await measure_moving(100_000 if FULL else 10_000)


async def _backup() -> list[Figure]:
    return await measure_backup(100_000 if FULL else 10_000)


async def _planning() -> list[Figure]:
    return await asyncio.to_thread(measure_planning, 100_000 if FULL else 20_000)


async def _workers() -> list[Figure]:
    return await measure_workers(20_000 if FULL else 4000)


async def _ledger() -> list[Figure]:
    return await measure_ledger(20_000 if FULL else 4000, 1_000_000 if FULL else 50_000)


async def _wishes() -> list[Figure]:
    return await measure_matching(100_000, 1500 if FULL else 400)


async def _pictures() -> list[Figure]:
    return await measure_pictures(1000 if FULL else 300)


async def _feeds() -> list[Figure]:
    return await measure_feeds(full=FULL)


async def _layouts() -> list[Figure]:
    return await asyncio.to_thread(measure_layouts, 10_000 if FULL else 2000)


async def _million() -> list[Figure]:
    return await asyncio.to_thread(measure_million)


async def _sizes() -> list[Figure]:
    return await measure_sizes(20_000, 20_000 if FULL else 2000)


async def _kills() -> list[Figure]:
    kills, chats = (200, 500) if FULL else (20, 250)
    with tempfile.TemporaryDirectory() as folder:
        audit = await kill_again_and_again(Path(folder), kills, chats)
    name = f"kill -9, {kills} times, {kills * chats:,} messages"
    return [
        *_compared(name, audit),
        Figure(f"{name}: under way at one kill", audit.most_at_a_kill, "", 128),
        *(await _killed_digests(kills, chats, Layout.LIST)),
        *(await _killed_digests(kills, chats, Layout.GALLERY)),
        *(await _killed_digests(kills, chats, Layout.MAGAZINE)),
    ]


async def _killed_digests(kills: int, chats: int, layout: Layout) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        audit, told = await kill_while_digests_go(Path(folder), kills, chats, layout=layout)
    name = f"kill -9, {kills} times, digests, {layout}"
    return [
        *_compared(name, audit),
        Figure(f"{name}: under way at one kill", audit.most_at_a_kill, "", 128),
        Figure(f"{name}: of {told.wanted:,} wanted articles in no digest", told.never, "", 0),
        Figure(f"{name}: articles in two digests of a reader", told.twice, "", 0),
    ]


async def _storm() -> list[Figure]:
    chats = 20_000 if FULL else 1000
    with tempfile.TemporaryDirectory() as folder:
        audit, met = await storm(Path(folder), chats, 10.0)
    name = f"storm, {chats:,} chats"
    share = met["refused connection"] / (chats * 1.01)
    return [
        *_compared(name, audit),
        Figure(f"{name}: uncertain beside connections cut", abs(_unsure(audit) - _cut(met)), "", 0),
        Figure(f"{name}: refused connections a message", 100 * share, "%", 1.8, at_most=False),
    ]


def _unsure(audit: LedgerAudit) -> int:
    return audit.states["uncertain"]


def _cut(met: Counter[str]) -> int:
    return met["cut_before"] + met["cut_after"]


async def _outages() -> list[Figure]:
    chats = 5000 if FULL else 500
    figures: list[Figure] = []

    async def measure(name: str, trouble: Trouble, seconds: float, url: str = "", *, small: bool = False) -> None:
        with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder)) if small else nullcontext():
            audit = await outage(Path(folder), chats, trouble, seconds if FULL else min(seconds, 3), url)
        figures.extend(_compared(f"{name}, {chats:,} chats", audit))

    for name, (trouble, seconds) in TROUBLES.items():
        await measure(name, trouble, seconds)
    try:
        await measure("disk full for 30 s", disk_is_full, 30, small=True)
    except PermissionError as error:
        print(f"left out, the full disk: {error}", file=sys.stderr)
    with serving() as server, server.database() as url:
        await measure("two bots share one PostgreSQL", second_bot_shares, 0, url)
    return figures


def _compared(name: str, audit: LedgerAudit) -> list[Figure]:
    sent, unsure, failed = (audit.states[state] for state in ("sent", "uncertain", "failed"))
    name = f"{name} ({sent:,} sent, {unsure:,} uncertain, {failed:,} failed)"
    return [
        Figure(f"{name}: lost", audit.lost, "", 0),
        Figure(f"{name}: twice", audit.twice, "", 0),
        Figure(f"{name}: came and not booked", audit.unbooked, "", 0),
        Figure(f"{name}: left", audit.left, "", 0),
    ]


async def _cluster() -> list[Figure]:
    return await measure_cluster(2000 if FULL else 200, 6 if FULL else 2)


_PARTS: dict[str, Callable[[], Coroutine[None, None, list[Figure]]]] = {
    "program": measure_program,
    "drawing": measure_drawing,
    "posts": _posts,
    "search": _search,
    "search-postgresql": _search_engines,
    "inline": _inline,
    "asking": _asking,
    "tapping": _tapping,
    "webhooks": _webhooks,
    "next": _next,
    "free": _free,
    "paid": _paid,
    "digests": _digests,
    "galleries": _galleries,
    "workers": _workers,
    "ledger": _ledger,
    "planning": _planning,
    "moving": _moving,
    "backup": _backup,
    "wishes": _wishes,
    "layouts": _layouts,
    "pictures": _pictures,
    "feeds": _feeds,
    "million": _million,
    "sizes": _sizes,
    "kills": _kills,
    "storm": _storm,
    "outages": _outages,
    "cluster": _cluster,
}


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table."""
    rows = [f"| {figure.name} | {figure.shown} | {figure.goal} |" for figure in figures]
    return "\n".join([machine(), "", "| what | measured | goal |", "| --- | --- | --- |", *rows])


def machine() -> str:
    """Return the processor, its cores, the system and the version of Python."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
