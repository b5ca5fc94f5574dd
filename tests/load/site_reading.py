"""A Hexo site as people publish it: how soon `digestbot ingest` has taken it in on one core, and reading its posts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import psutil

from digests.articles.hexo.site import read_site_config
from digests.articles.options import PostOptions
from digests.articles.reading import read_post
from tests.factories.times import NOW
from tests.load.figures import Figure
from tests.load.plain import read_plainly
from tests.load.sites import CONFIG, PACKAGE, HexoSite
from tests.program import PROGRAM, program_environment

_POSTS = 500
_RUNS = 5
_WATCH_SECONDS = 0.02


async def measure_site(folder: Path) -> list[Figure]:
    """Write the site into the folder, measure, and print what reading a post of it costs."""
    HexoSite().write(folder, _POSTS)
    runs = [await _ingest(folder, folder.with_name(f"site-data-{number}")) for number in range(_RUNS)]
    _print_costs(folder)
    what = f"`digestbot ingest` of a Hexo site of {_POSTS} Markdown posts, on one core"
    return [
        Figure(f"{what}, the best of {_RUNS}", min(seconds for seconds, _ in runs), "s", 3),
        Figure(f"{what}: most memory, all processes together", max(memory for _, memory in runs), "MB", 160),
    ]


async def _ingest(site: Path, data: Path) -> tuple[float, float]:
    """Take the site into an empty data folder; return the seconds and the most memory of its processes, in MB."""
    data.mkdir()
    environment = program_environment(data, posts__folder=site, posts__site_config=site / "_config.yml")
    core = max(os.sched_getaffinity(0))
    began = perf_counter()
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        "ingest",
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    watching = asyncio.create_task(_watch(process.pid))
    status = await process.wait()
    seconds = perf_counter() - began
    assert status == 0
    return seconds, await watching


async def _watch(process_id: int) -> float:
    """Return the most memory that a process and its children have together until it ends, in MB."""
    most = 0.0
    while True:
        try:
            process = psutil.Process(process_id)
            most = max(most, sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 1e6)
            if process.status() == psutil.STATUS_ZOMBIE:
                return most
        except psutil.Error:
            return most
        await asyncio.sleep(_WATCH_SECONDS)


def _print_costs(folder: Path) -> None:
    options = PostOptions(site=read_site_config(CONFIG, PACKAGE))
    posts = [(file.read_bytes(), file.relative_to(folder).as_posix()) for file in sorted(folder.rglob("post-*.md"))]
    ways: list[tuple[str, Callable[[bytes, str], object]]] = [
        ("this bot", lambda data, path: read_post(data, path, options, now=NOW)),
        (
            "plain: frontmatter, markdown-it-py, BeautifulSoup",
            lambda data, _: read_plainly(data, is_markdown=True),
        ),
        ("plain, the Markdown taken for HTML: frontmatter, BeautifulSoup", lambda data, _: read_plainly(data)),
    ]
    costs = _costs(posts, [read for _, read in ways])
    rows = [f"| {name} | {cost:.2f} | {cost / costs[0]:.2f} x |" for (name, _), cost in zip(ways, costs, strict=True)]
    print("\n".join(["| reading a Markdown post of the site | ms | |", "| --- | --- | --- |", *rows, ""]))


def _costs(posts: Sequence[tuple[bytes, str]], ways: Sequence[Callable[[bytes, str], object]]) -> list[float]:
    """Return the milliseconds a post of each way, in turns; the best of each, as the machine is shared."""
    best = [float("inf")] * len(ways)
    for _ in range(4):
        for number, read in enumerate(ways):
            began = perf_counter()
            for data, path in posts:
                read(data, path)
            best[number] = min(best[number], 1000 * (perf_counter() - began) / len(posts))
    return best
