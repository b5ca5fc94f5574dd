"""From files to what readers find: parsing, a first scan, a scan of unchanged files, a few new files among many."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from digests.articles.reading import read_post
from digests.ingest.ingest import ingest
from digests.ingest.listing import ScanState
from digests.offload import process_pool
from digests.origins.folder import FolderOrigin
from digests.search.query import parse_query
from tests.factories.articles import post
from tests.factories.times import NOW
from tests.load.corpus import Corpus
from tests.load.figures import Figure
from tests.load.ingesting import READING, open_load_stores
from tests.load.plain import read_plainly
from tests.load.site_reading import measure_site

_NEW = 20
_PARSED = 300


async def measure_posts(*, full: bool) -> list[Figure]:
    """Measure the way of posts from files to readers."""
    number = 100_000 if full else 20_000
    with tempfile.TemporaryDirectory() as scratch:
        folder, data = Path(scratch, "posts"), Path(scratch, "data")
        print(f"writing {number:,} posts …", file=sys.stderr)
        Corpus().write(folder, range(number))
        parsing = _parsing(folder)
        ready = await _run("ready", folder, Path(scratch, "ready"))
        whole = await _run("whole", folder, data)
        rescan, news = await _looks(folder, data)
        site = await measure_site(Path(scratch, "site"))
    what = f"{number:,} posts"
    return [
        Figure(
            f"reading a post whole, against plain frontmatter and BeautifulSoup ({_PARSED} posts)",
            parsing,
            "x",
            2.5,
            at_most=False,
        ),
        Figure(
            f"{what} into an empty store and index, against ready-made rows alone",
            whole["seconds"] / ready["seconds"],
            "x",
            1.3,
        ),
        Figure("most memory meanwhile, the second process with it", whole["rss"], "MB", 300),
        Figure("a reader's command meanwhile, p95", whole["reader_p95"] * 1000, "ms", 200),
        Figure(f"a look at {what} that did not change, against scandir and stat", rescan, "x", 1.5),
        Figure(f"{_NEW} new files among {what}: from the look's start to being found", news, "s", 1),
        *site,
    ]


def _parsing(folder: Path) -> float:
    """Return how many times as fast ours is, in turns on the same posts; the best of each, as the machine is shared."""
    posts = [(path.read_bytes(), path.name) for path in sorted(folder.rglob("*.md"))[:_PARSED]]
    plain, ours = [], []
    for _ in range(5):
        began = perf_counter()
        for data, _ in posts:
            read_plainly(data)
        between = perf_counter()
        for data, name in posts:
            read_post(data, name, READING.post, now=NOW)
        plain.append(between - began)
        ours.append(perf_counter() - between)
    return min(plain) / min(ours)


async def _run(what: str, folder: Path, data: Path) -> dict[str, Any]:
    """Run a measurement in a process of its own, whose main module no second process loads again."""
    code = "from tests.load.ingesting import main; main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, what, str(folder), str(data), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    answer: dict[str, Any] = json.loads(out)
    return answer


async def _looks(folder: Path, data: Path) -> tuple[float, float]:
    stores = await open_load_stores(data)
    try:
        origin, state = FolderOrigin(folder), ScanState()
        await ingest(origin, stores.posts, READING, NOW, state=state)
        floor, ours = [], []
        for _ in range(9):
            began = perf_counter()
            _scan(folder)
            between = perf_counter()
            await ingest(origin, stores.posts, READING, NOW, state=state)
            floor.append(between - began)
            ours.append(perf_counter() - between)
        for number in range(_NEW):
            (folder / f"{number}.md").write_text(post(f"Brandnew {number}"), encoding="utf-8")
        began = perf_counter()
        with process_pool() as offload:
            await ingest(origin, stores.posts, READING, NOW, offload=offload, state=state)
            await stores.index.update(stores.articles, offload)
        found = await stores.index.find(parse_query("brandnew"), _NEW + 1)
        news = perf_counter() - began
        assert found.total == _NEW
        return min(ours) / min(floor), news
    finally:
        await stores.close()


def _scan(folder: Path) -> int:
    """Do the least that any scan must: list every entry, and ask for the times of every post."""
    seen = 0
    waiting = [os.fspath(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith(".md"):
                    entry.stat(follow_symlinks=False)
                    seen += 1
    return seen
