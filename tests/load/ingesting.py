"""One measured run in a process of its own: `python -m tests.load.ingesting WHAT FOLDER DATA`, answered in JSON.

`whole` scans an origin into an empty store and index while a reader uses the bot. `ready` writes the same articles from
memory: rows and index entries alone.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

import psutil

from bot.wiring.stores import Stores, build_stores
from config.load import load_settings
from digests.articles.reading import read_post
from digests.ingest.ingest import BATCH, ingest
from digests.ingest.parsing import ReadingOptions
from digests.model.article import ParsedPost
from digests.model.place import PlaceKind
from digests.offload import process_pool
from digests.origins.folder import FolderOrigin
from digests.readers.lookup import Lookup
from digests.storage.articles.post_files import KnownFile, ReadPost
from digests.storage.migrate import migrate
from digests.storage.places.places import NewPlace
from digests.storage.search.rows import rows_of_entries
from tests.factories.times import NOW

READING = ReadingOptions(max_age=None)
_PAUSE = 0.1


def main() -> None:
    """Run what the arguments name, and print its figures."""
    what, folder, data = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    print(json.dumps(asyncio.run(_whole(folder, data) if what == "whole" else _ready(folder, data))))


async def open_load_stores(data: Path) -> Stores:
    """Open the stores of a data folder, whose tables are created."""
    settings = load_settings(environ={}, data_dir=str(data))
    await asyncio.to_thread(migrate, settings.database_url)
    stores = build_stores(settings)
    await stores.index.open()
    return stores


async def _whole(folder: Path, data: Path) -> dict[str, Any]:
    stores = await open_load_stores(data)
    asked: list[float] = []
    asking = asyncio.create_task(_ask(stores, asked))
    most = PeakMemory()
    watching = asyncio.create_task(most.watch())
    with process_pool() as offload:
        began = perf_counter()
        report = await ingest(FolderOrigin(folder), stores.posts, READING, NOW, offload=offload)
        stored = perf_counter() - began
        await stores.index.update(stores.articles, offload)
        seconds = perf_counter() - began
    asking.cancel()
    watching.cancel()
    await stores.close()
    p95 = quantiles(asked, n=20)[-1] if len(asked) > 20 else max(asked)
    return {
        "articles": report.new,
        "seconds": seconds,
        "stored": stored,
        "reader_p95": p95,
        "asked": len(asked),
        "rss": most.rss,
        "own": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


class PeakMemory:
    """The most memory that this process and its children have had together, in MB."""

    def __init__(self) -> None:
        self.rss = 0.0

    async def watch(self) -> None:
        """Measure until it is cancelled."""
        own = psutil.Process()
        while True:
            sizes = [own.memory_info().rss]
            for child in own.children():
                try:
                    sizes.append(child.memory_info().rss)
                except psutil.Error:
                    continue
            self.rss = max(self.rss, sum(sizes) / 1e6)
            await asyncio.sleep(0.25)


async def _ask(stores: Stores, times: list[float]) -> None:
    """Do what readers' commands do with the stores: find the place, list articles, search, change a setting."""
    lookup = Lookup(stores.index, stores.articles, stores.hidden)
    me = NewPlace(7, 0, PlaceKind.PRIVATE, "Robin", "en", "08:00", "UTC")
    number = 0
    while True:
        await asyncio.sleep(_PAUSE)
        number += 1
        began = perf_counter()
        place = await stores.places.meet(me, NOW)
        if number % 3 == 0:
            await stores.places.set_language(place.id, "en" if number % 2 else "zh_CN")
        elif number % 3 == 1:
            await stores.articles.latest(None, 5)
        else:
            await lookup.find("moon 频道", await stores.categories.readers_tree(), 5)
        times.append(perf_counter() - began)


async def _ready(folder: Path, data: Path) -> dict[str, Any]:
    """Write the same articles in portions that are made before the clock starts."""
    stores = await open_load_stores(data)
    origin = FolderOrigin(folder)
    files = origin.files()
    seconds = 0.0
    documents = 0
    for start in range(0, len(files), 40 * BATCH):
        posts: list[ReadPost] = []
        for file in files[start : start + 40 * BATCH]:
            parsed = read_post(origin.read(file), file.path, READING.post, now=NOW)
            assert isinstance(parsed, ParsedPost)
            posts.append(ReadPost(file.path, KnownFile(file.mtime_ns, file.size, "x" * 64), parsed, True, NOW))
        began = perf_counter()
        for at in range(0, len(posts), BATCH):
            await stores.posts.write("folder", posts[at : at + BATCH], NOW)
        seconds += perf_counter() - began
    async for entries in stores.articles.by_time(40 * BATCH):
        rows = rows_of_entries(entries)
        documents += len(rows)
        began = perf_counter()
        for at in range(0, len(rows), 100):
            await stores.index.put(rows[at : at + 100])
        seconds += perf_counter() - began
    await stores.close()
    return {"articles": documents, "seconds": seconds}


if __name__ == "__main__":
    main()
