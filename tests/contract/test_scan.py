"""Scans of all origins: what they record and report, whatever fails."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.load import load_settings
from digests.errors import OriginError, StorageError
from digests.ingest.configured import ConfiguredOrigin
from digests.ingest.scan import Scanner, ScanStep, ScanStores
from digests.ingest.status import LAST_SCAN, SILENT_SECONDS, OriginStatus, StatusLog
from digests.ports import OnProgress
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.people.people import PeopleStore
from digests.storage.search.sqlite.index import SearchIndex
from tests.factories.articles import post
from tests.factories.times import NOW
from tests.fakes import BrokenOrigin, FakeClock, MemoryOrigin


def configured(name: str, origin: MemoryOrigin, site_config: str = "") -> ConfiguredOrigin:
    origin.name = name
    posts = {"max_age_days": 0, "site_config": site_config}
    return ConfiguredOrigin(origin, load_settings(environ={}, posts=posts))


def stores_of(database: Database, folder: Path) -> ScanStores:
    index = SearchIndex(folder / "search.db")
    return ScanStores(IngestStore(database), ArticleStore(database), index, PeopleStore(database))


async def recorded(stores: ScanStores) -> str | None:
    fact = await stores.people.fact(LAST_SCAN)
    return fact[0] if fact else None


async def test_an_origin_that_cannot_be_read_stops_no_other(database: Database, tmp_path: Path) -> None:
    stores = stores_of(database, tmp_path)
    await stores.index.open()
    origins = [
        configured("first", BrokenOrigin({})),
        configured("second", MemoryOrigin({"a.md": post("A"), "b.md": post("B")})),
        configured("third", MemoryOrigin({"a.md": post("A")})),
    ]
    steps: list[ScanStep] = []
    shown: list[tuple[int, int]] = []

    @contextlib.contextmanager
    def show(step: ScanStep) -> Iterator[OnProgress]:
        steps.append(step)
        yield lambda done, total: shown.append((done, total))

    result = await Scanner(origins, stores, FakeClock(NOW)).scan(show)
    assert (result.report.seen, result.report.new, result.report.duplicates) == (3, 2, 1)
    assert [str(error) for error in result.errors] == ["The posts folder is not there: create it."]
    assert steps == [ScanStep.READING, ScanStep.INDEXING]
    assert shown == [(2, 2), (1, 1), (2, 2)]
    assert await recorded(stores) == "3 files, 2 new; 1 of 3 origins could not be read"
    await stores.index.close()


@pytest.mark.parametrize(("processors", "processes"), [(1, 0), (2, 1)])
async def test_a_second_process_is_started_only_where_there_is_a_second_processor(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int, processes: int
) -> None:
    monkeypatch.setattr("digests.ingest.scan.processors", lambda: processors)
    monkeypatch.setattr("digests.ingest.scan._LITTLE", 0)
    stores = stores_of(database, tmp_path)
    await stores.index.open()
    seen: list[int] = []

    @contextlib.contextmanager
    def show(_step: ScanStep) -> Iterator[OnProgress]:
        yield lambda _done, _total: seen.append(len(multiprocessing.active_children()))

    origin = MemoryOrigin({f"{number}.md": post(f"Post {number}") for number in range(60)})
    result = await Scanner([configured("first", origin)], stores, FakeClock(NOW)).scan(show)
    assert result.report.new == 60
    assert max(seen) == processes
    await stores.index.close()


async def test_posts_that_were_read_are_recorded_also_when_they_cannot_be_indexed(
    database: Database, tmp_path: Path
) -> None:
    stores = stores_of(database, tmp_path)
    scanner = Scanner([configured("first", MemoryOrigin({"a.md": post("A")}))], stores, FakeClock(NOW))
    with pytest.raises(StorageError, match="not open"):
        await scanner.scan()
    assert await recorded(stores) == "1 files, 1 new"


@pytest.mark.parametrize("record", [True, False])
async def test_a_scan_that_reads_nothing_or_not_the_bots_origins_is_not_recorded(
    database: Database, tmp_path: Path, record: bool
) -> None:
    stores = stores_of(database, tmp_path)
    await stores.index.open()
    origin = BrokenOrigin({}) if record else MemoryOrigin({"a.md": post("A")})
    await Scanner([configured("first", origin)], stores, FakeClock(NOW)).scan(record=record)
    assert await recorded(stores) is None
    await stores.index.close()


@pytest.mark.parametrize("strict", [True, False])
async def test_a_broken_site_configuration_costs_the_links_or_the_origin(
    database: Database, tmp_path: Path, strict: bool
) -> None:
    stores = stores_of(database, tmp_path)
    await stores.index.open()
    statuses: list[OriginStatus] = []
    origins = [configured("first", MemoryOrigin({"a.md": post("A")}), str(tmp_path / "none.yml"))]
    scanner = Scanner(origins, stores, FakeClock(NOW), strict=strict, on_status=statuses.append)
    result = await scanner.scan()
    assert (result.report.new, len(result.errors)) == ((0, 1) if strict else (1, 0))
    (status,) = statuses
    assert "none.yml" in str(status.error if strict else status.site_error)
    await stores.index.close()


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [record.getMessage() for record in caplog.records]
    caplog.clear()
    return found


def test_what_is_wrong_with_an_origin_is_logged_when_it_begins_changes_or_ends(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    log, origin = StatusLog(), MemoryOrigin({})
    status = OriginStatus(configured("first", origin))
    for error, said in [("gone", ["gone"]), ("gone", []), ("closed", ["closed"])]:
        status.error = OriginError(error)
        log(status)
        assert messages(caplog) == said
    status.error = None
    log(status)
    log(status)
    assert messages(caplog) == ["the origin can be read again"]
    for _ in range(2):
        origin.unreadable = ("private/",)
        log(status)
        log(status)
        assert messages(caplog) == [
            "1 folders of posts can't be read: private/ of the origin first. Give the bot the right."
        ]
        origin.unreadable = ()
        log(status)
        assert messages(caplog) == []
    monkeypatch.setattr("digests.ingest.status.monotonic", lambda: SILENT_SECONDS + 1)
    status.begun_at = 0.0
    log(status)
    log(status)
    assert messages(caplog) == ["The origin first has not answered for 5 minutes."]
