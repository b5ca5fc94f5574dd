"""Articles' pictures from a server that keeps no rule into the folder."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from digests.errors import DigestsError
from digests.fetch.client import FetchOptions, WebClient
from digests.fetch.guard import AllowedHosts
from digests.media import files
from digests.media.files import FolderFiles, PicturesFolderError
from digests.media.folder import LARGE, SMALL, picture_path
from digests.media.judged import Judged, Unusable
from digests.media.pictures_pass import IsBusy, PicturesOptions
from digests.media.pipeline import PICTURES_TROUBLE, PicturePipeline, PicturesStores
from digests.model.picture import FILE_GONE, REPEATED
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.media.kept import KeptStore
from digests.storage.media.pictures import PictureStore
from digests.storage.people.people import PeopleStore
from tests.contract.test_pictures import Pictures
from tests.factories.articles import parsed_post
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.hostile_server import (
    Behave,
    HostileServer,
    LoopbackConnector,
    answer,
    endless,
    head,
    late,
    serve_hostile,
    status,
)
from tests.stalls import stopwatch
from tests.waiting import until

PUBLIC = [["93.184.216.34"]]
MINUTE = timedelta(minutes=1)


def shows(what: str) -> Behave:
    """Answer with a picture that shows this, as far as the judge of these tests is concerned."""
    return answer(what.encode())


def jpeg(data: bytes) -> bytes:
    """Return what a look at the folder takes for a whole picture."""
    return b"\xff\xd8\xff" + data + b"\xff\xd9"


class Judge:
    """Judges pictures by the words in them: `blank` is unusable, and equal first words look the same."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.fault: Exception | None = None

    async def __call__(self, data: bytes) -> Judged | Unusable:
        self.seen.append(data)
        if self.fault is not None:
            raise self.fault
        if data.startswith(b"blank"):
            return Unusable("nearly one colour")
        key = hashlib.sha256(data).hexdigest()[:40]
        likeness = hashlib.sha256(data.split()[0]).hexdigest()
        return Judged(key, likeness, 640, 480, jpeg(b"large " + data), jpeg(b"small " + data))


class Harness(Pictures):
    """The pipeline over one database, and a world that is one server under many names."""

    def __init__(self, database: Database, server: HostileServer, folder: Path) -> None:
        super().__init__(database)
        self.server = server
        self.folder = folder
        self.clock = FakeClock(NOW)
        self.judge = Judge()
        self.people = PeopleStore(database)
        self.pipeline = self.build()

    def build(
        self,
        *,
        folder_bytes: int = 10**9,
        per_host: int = 2,
        max_bytes: int = 5_000_000,
        seconds: float = 5,
        is_busy: IsBusy = lambda: False,
    ) -> PicturePipeline:
        names = [f"{name}.example" for name in "abcdefghij"]
        stores = PicturesStores(PictureStore(self.database), KeptStore(self.database), self.people)

        def open_client() -> WebClient:
            connector = LoopbackConnector(self.server.port, dict.fromkeys(names, PUBLIC), [self.server.name])
            options = FetchOptions(seconds, 100_000, per_host, allowed=AllowedHosts([self.server.name]))
            return WebClient(options, connector)

        options = PicturesOptions(folder_bytes, per_host=per_host, max_bytes=max_bytes, is_busy=is_busy)
        return PicturePipeline(stores, FolderFiles(self.folder), open_client, self.judge, self.clock, options)

    def files(self) -> list[Path]:
        return sorted(file for file in self.folder.rglob("*") if file.is_file())

    async def article(self, title: str, *paths: str, age: int = 1) -> None:
        """Bring an article with pictures at these paths; each host is the first letter of its path."""
        addresses = tuple(f"http://{path[1]}.example{path}" for path in paths)
        parsed = parsed_post(title, pictures=addresses, thumbnail=addresses[0])
        await self.bring(parsed, age=age, now=self.clock.now())


@pytest.fixture
async def harness(database: Database, tmp_path: Path) -> AsyncIterator[Harness]:
    async with serve_hostile() as server:
        yield Harness(database, server, tmp_path / "pictures")


async def test_a_picture_comes_into_the_folder_for_us_alone(harness: Harness) -> None:
    harness.server.pages["/a"] = shows("cat")
    await harness.article("A", "/a")
    assert await harness.pipeline.work() == 1
    ((state, reason, key),) = (await harness.rows()).values()
    assert (state, reason) == ("kept", "")
    assert picture_path(harness.folder, key, LARGE).read_bytes() == jpeg(b"large cat")
    assert picture_path(harness.folder, key, SMALL).read_bytes() == jpeg(b"small cat")
    assert {oct(file.stat().st_mode)[-3:] for file in harness.files()} == {"600"}
    assert oct(harness.folder.stat().st_mode)[-3:] == "700"
    assert await harness.pipeline.work() == 0
    assert len(harness.server.requests) == 1
    assert "referer" not in harness.server.requests[0].headers
    assert harness.server.requests[0].headers["accept"].startswith("image/")


async def test_a_thousand_articles_with_one_picture_ask_once_and_show_it_never(harness: Harness) -> None:
    harness.server.pages["/a"] = shows("logo")
    address = ("http://a.example/a",)
    posts = [parsed_post(f"{number}", pictures=address, thumbnail=address[0]) for number in range(1000)]
    await harness.bring(*posts)
    await harness.pipeline.work()
    assert harness.server.asked("/a") == 1
    assert set((await harness.rows()).values()) == {("dropped", REPEATED, "")}
    assert harness.files() == []


async def test_a_default_under_ever_new_addresses_is_found_by_what_it_shows(harness: Harness) -> None:
    for number in range(6):
        harness.server.pages[f"/a{number}"] = shows(f"logo {number}")
        await harness.article(f"{number}", f"/a{number}", "/b")
        await harness.pipeline.work()
    assert {row[0] for row in (await harness.rows()).values()} == {"dropped"}
    assert harness.files() == []
    assert harness.server.asked("/b") == 1


async def test_the_next_picture_is_tried(harness: Harness) -> None:
    harness.server.pages |= {"/a": shows("blank"), "/c": shows("cat")}
    await harness.article("A", "/a", "/b", "/c")
    assert await harness.pipeline.work() == 1
    assert (await harness.rows())["A"][:2] == ("kept", "")


async def test_every_fault_is_one_rows_trouble_and_is_told(harness: Harness) -> None:
    harness.pipeline = harness.build(seconds=0.5)
    bombs = {
        "/a": (status(404), "failed", "the server answers 404"),
        "/b": (endless(head(200, {}), b"x" * 9999), "failed", "it is larger than 0.1 MB"),
        "/c": (endless(head(200, {"Content-Length": "99"}), b"x", 0.1), "waiting", "it takes longer than 0.5 s"),
        "/d": (
            status(302, location="http://169.254.169.254/x"),
            "failed",
            "it redirects elsewhere: its host is not public (link-local)",
        ),
        "/e": (shows("blank"), "dropped", "nearly one colour"),
        "/f": (status(503), "waiting", "the server answers 503"),
        "/g": (shows("cat"), "kept", ""),
        "/z": (shows("cat"), "waiting", "its host has no address"),
    }
    for path, (page, _, _) in bombs.items():
        harness.server.pages[path] = page
        await harness.article(path, path)
    await harness.pipeline.work()
    rows = await harness.rows()
    assert {path: row[:2] for path, row in rows.items()} == {path: tuple(bomb[1:]) for path, bomb in bombs.items()}


async def test_what_may_pass_is_asked_again_when_it_is_due(harness: Harness) -> None:
    harness.server.pages["/a"] = status(500)
    await harness.article("A", "/a")
    await harness.pipeline.work()
    await harness.pipeline.work()
    assert harness.server.asked("/a") == 1
    harness.server.pages["/a"] = shows("cat")
    harness.clock.move(MINUTE)
    assert await harness.pipeline.work() == 1


async def test_a_host_that_does_not_answer_is_left_alone(harness: Harness) -> None:
    harness.pipeline = harness.build(per_host=1)
    for number in range(30):
        await harness.article(f"{number}", f"/a{number}")
        harness.server.pages[f"/a{number}"] = status(502)
    await harness.article("B", "/b")
    harness.server.pages["/b"] = status(429, retry_after="3600")
    harness.server.pages["/b2"] = harness.server.pages["/b"]
    await harness.article("B2", "/b2")
    await harness.pipeline.work()
    assert sum(harness.server.asked(f"/a{number}") for number in range(30)) == 3
    assert harness.server.asked("/b") + harness.server.asked("/b2") == 1
    harness.clock.move(59 * MINUTE)
    await harness.pipeline.work()
    assert harness.server.asked("/b") + harness.server.asked("/b2") == 1
    assert {row[0] for row in (await harness.rows()).values()} == {"waiting"}


async def test_pictures_give_way_to_what_is_urgent_and_go_on_meanwhile(harness: Harness) -> None:
    urgent = True
    harness.pipeline = harness.build(per_host=8, is_busy=lambda: urgent)
    for number in range(60):
        harness.server.pages[f"/a{number}"] = shows(f"picture{number}")
        await harness.article(f"{number}", f"/a{number}")
    began = monotonic()
    working = asyncio.ensure_future(harness.pipeline.work())
    await until(lambda: len(harness.judge.seen) >= 10)
    # Twenty a second.
    assert monotonic() - began >= 0.5
    assert len(harness.judge.seen) < 40
    urgent = False
    assert await working == 60


async def test_a_slow_host_delays_no_other(harness: Harness) -> None:
    for number in range(8):
        harness.server.pages[f"/a{number}"] = late(shows(f"slow{number}"), 0.3)
        await harness.article(f"slow {number}", f"/a{number}")
    for letter in "bcdefg":
        harness.server.pages[f"/{letter}"] = shows(letter)
        await harness.article(letter, f"/{letter}")
    working = asyncio.ensure_future(harness.pipeline.work())

    async def others_are_there() -> bool:
        rows = await harness.rows()
        return all(rows[letter][0] == "kept" for letter in "bcdefg")

    async with stopwatch() as watch:
        await until(others_are_there)
        assert watch.seconds < 1
    assert await working == 14
    assert harness.server.most_at_once <= 8


async def test_stopping_leaves_the_rest_to_the_next_start(harness: Harness) -> None:
    harness.server.pages["/a"] = late(shows("cat"), 30)
    await harness.article("A", "/a")
    working = asyncio.ensure_future(harness.pipeline.work())
    await until(lambda: harness.server.asked("/a") == 1)
    harness.pipeline.stop()
    assert await asyncio.wait_for(working, 2) == 0
    assert await harness.pipeline.work() == 0
    harness.server.pages["/a"] = shows("cat")
    assert await harness.build().work() == 1


async def test_a_cancelled_pass_leaves_everything_due(harness: Harness) -> None:
    harness.server.pages["/a"] = late(shows("cat"), 30)
    await harness.article("A", "/a")
    working = asyncio.ensure_future(harness.pipeline.work())
    await until(lambda: harness.server.asked("/a") == 1)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await harness.due() == ["http://a.example/a"]


async def test_a_full_disk_is_told_and_passes(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness.server.pages["/a"] = shows("cat")
    await harness.article("A", "/a")
    monkeypatch.setattr(files, "LEAST_FREE", 10**18)
    with pytest.raises(PicturesFolderError, match="make room"):
        await harness.pipeline.work()
    assert harness.server.requests == []
    fact = await harness.people.fact(PICTURES_TROUBLE)
    assert fact is not None
    assert "digests go on without new pictures" in fact[0]
    monkeypatch.undo()
    assert await harness.pipeline.work() == 1
    assert await harness.people.fact(PICTURES_TROUBLE) is None


async def test_a_disk_that_fills_up_meanwhile_leaves_nothing_behind(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.server.pages |= {"/a": shows("cat"), "/b": shows("dog")}
    await harness.article("A", "/a")
    await harness.article("B", "/b")

    def full(_file: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "replace_private", full)
    with pytest.raises(PicturesFolderError, match="No space left"):
        await harness.pipeline.work()
    assert len(await harness.due()) == 2
    assert harness.files() == []
    monkeypatch.undo()
    assert await harness.pipeline.work() == 2


async def test_a_folder_that_is_a_file_is_told(harness: Harness) -> None:
    harness.folder.write_text("no folder")
    harness.server.pages["/a"] = shows("cat")
    await harness.article("A", "/a")
    with pytest.raises(PicturesFolderError):
        await harness.pipeline.work()


async def test_a_deleted_folder_is_made_again(harness: Harness) -> None:
    harness.server.pages |= {"/a": shows("cat"), "/b": shows("dog")}
    await harness.article("A", "/a")
    harness.server.pages["/c"] = shows("old")
    await harness.article("Old", "/c", age=24 * 30)
    assert await harness.pipeline.work() == 2
    shutil.rmtree(harness.folder)
    assert await harness.pipeline.work() == 1
    rows = await harness.rows()
    assert rows["A"][0] == "kept"
    assert rows["Old"] == ("evicted", FILE_GONE, "")
    assert len(harness.files()) == 2
    # And while a pass is on.
    await harness.article("B", "/b")
    harness.server.pages["/b"] = late(shows("dog"), 0.2)
    working = asyncio.ensure_future(harness.pipeline.work())
    await until(lambda: harness.server.asked("/b") == 1)
    shutil.rmtree(harness.folder)
    assert await working == 1
    assert len(harness.files()) == 2


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff\xd8\xff large cat", b"\xff"])
async def test_a_kept_file_that_broke_is_fetched_again(harness: Harness, content: bytes) -> None:
    harness.server.pages["/a"] = shows("cat")
    await harness.article("A", "/a")
    await harness.pipeline.work()
    broken, _ = harness.files()
    whole = broken.read_bytes()
    broken.write_bytes(content)
    # As after a restart.
    harness.pipeline = harness.build()
    assert await harness.pipeline.work() == 1
    assert broken.read_bytes() == whole
    assert (await harness.rows())["A"][0] == "kept"


async def test_large_pictures_do_not_pile_up_before_a_judge_that_hangs(harness: Harness) -> None:
    size = 99_000
    for number in range(40):
        harness.server.pages[f"/{'abcdefghij'[number % 10]}{number}"] = answer(b"cat%d" % number + bytes(size))
        await harness.article(f"{number}", f"/{'abcdefghij'[number % 10]}{number}")
    judging = asyncio.Event()
    waiting = list[int]()

    async def judge(data: bytes) -> Judged | Unusable:
        waiting.append(len(data))
        await judging.wait()
        return Unusable("blank")

    harness.judge = judge  # type: ignore[assignment]
    harness.pipeline = harness.build(max_bytes=100_000)
    working = asyncio.ensure_future(harness.pipeline.work())
    await until(lambda: len(waiting) >= 12)
    await asyncio.sleep(0.3)
    assert sum(waiting) <= 12 * 100_000
    judging.set()
    await working
    assert len(waiting) == 40


async def test_the_folder_is_bounded(harness: Harness) -> None:
    harness.pipeline = harness.build(folder_bytes=100)
    for number in range(6):
        harness.server.pages[f"/a{number}"] = shows(f"picture{number}")
        await harness.article(f"{number}", f"/a{number}")
        await harness.pipeline.work()
        harness.clock.move(MINUTE)
    assert {title for title, row in (await harness.rows()).items() if row[0] == "kept"} == {"4", "5"}
    assert len(harness.files()) == 4


async def test_files_that_a_crash_left_behind_go(harness: Harness) -> None:
    harness.server.pages["/a"] = shows("cat")
    await harness.article("A", "/a")
    await harness.pipeline.work()
    kept = harness.files()
    stray = picture_path(harness.folder, "ab" * 20, LARGE)
    stray.parent.mkdir(parents=True, exist_ok=True)
    unfinished = stray.with_name(".half.jpg.1-2")
    for file in (stray, unfinished):
        file.write_bytes(b"x")
    await harness.pipeline.tidy()
    assert stray.exists(), "it may be about to be written down"
    for file in [*kept, stray, unfinished]:
        old = file.stat().st_mtime - 7200
        os.utime(file, (old, old))
    await harness.pipeline.tidy()
    assert harness.files() == kept


async def test_a_judge_that_fails_costs_one_picture_its_turn(harness: Harness) -> None:
    harness.server.pages["/a"] = shows("cat")
    await harness.article("A", "/a")
    harness.judge.fault = RuntimeError("decoder")
    assert await harness.pipeline.work() == 0
    assert (await harness.rows())["A"] == ("waiting", "judging it failed: RuntimeError", "")
    # Without the process nothing can be judged, and nothing is lost.
    harness.judge.fault = DigestsError("The second process can't be started.")
    harness.clock.move(MINUTE)
    with pytest.raises(DigestsError, match="can't be started"):
        await harness.pipeline.work()
    harness.judge.fault = None
    assert await harness.pipeline.work() == 1


async def test_articles_from_before_are_fetched_for(harness: Harness) -> None:
    harness.server.pages["/a"] = shows("old")
    harness.posts = IngestStore(harness.database, wants_pictures=False)
    await harness.article("A", "/a")
    assert await harness.pipeline.work() == 1
    assert (await harness.rows())["A"][0] == "kept"
