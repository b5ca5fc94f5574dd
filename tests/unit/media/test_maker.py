"""The maker: each mosaic once, most readers first, within its budget; whoever waits waits for seconds at most."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digests.errors import StorageError
from digests.isolation.process import ProcessUnavailable, WorkLost
from digests.media.files import FolderFiles
from digests.media.folder import PictureGoneError, mosaic_path
from digests.media.mosaics import MosaicMaker, MosaicOptions
from digests.media.own_pictures import StoredPictures
from digests.media.work import draw_mosaic
from digests.model.mosaic import Mosaic, Tile, compose_mosaic
from digests.storage.database import Database
from digests.storage.media.mosaics import MosaicStore
from digests.storage.media.uploads import UploadStore
from tests.contract.test_mosaics import deliver, rendering
from tests.empty_database import make_empty_database
from tests.factories.times import DAY, NOW
from tests.fakes import FakeClock
from tests.waiting import until


def picture_of(mosaic: Mosaic) -> bytes:
    """Return what is drawn of a mosaic here, in the form of a JPEG."""
    return b"\xff\xd8\xff" + mosaic.key.encode() + b"\xff\xd9"


class FakeDrawing:
    """An `Offload` that draws nothing: it waits for `gate`, and returns bytes or raises what `fault` says."""

    ahead = 1

    def __init__(self) -> None:
        self.drawn: list[Mosaic] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.fault: Callable[[Mosaic], Exception | None] = lambda _mosaic: None

    async def __call__(self, work: Callable[..., Any], *args: object) -> Any:
        assert work is draw_mosaic
        mosaic = args[0]
        assert isinstance(mosaic, Mosaic)
        self.drawn.append(mosaic)
        await self.gate.wait()
        if (fault := self.fault(mosaic)) is not None:
            raise fault
        return picture_of(mosaic)


class MakerHarness:
    """A maker over a database and a folder, with drawing that the test controls."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.files = FolderFiles(folder)
        self.drawing = FakeDrawing()
        self.clock = FakeClock(NOW)
        self.store = MosaicStore(database)
        self.pictures = StoredPictures(UploadStore(database), self.files, self.clock)
        self.maker = self.new_maker()

    def new_maker(self, most: int = 100, head_start: float = 5.0) -> MosaicMaker:
        """Return a maker with other options."""
        return MosaicMaker(self.store, self.files, self.drawing, self.clock, MosaicOptions(most, head_start))

    async def want(self, *names: str, first_chat: int = 1) -> list[Mosaic]:
        """Have a delivery wait for the mosaic of each name."""
        mosaics = [compose_mosaic([Tile(1, name)], b"") for name in names]
        await deliver(self.database, [rendering(f"r {each.key}", each) for each in mosaics], first_chat)
        return mosaics


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[MakerHarness]:
    """Return a maker over an empty database."""
    database = Database(make_empty_database(tmp_path / "test.db"))
    made = MakerHarness(database, tmp_path / "pictures")
    yield made
    await made.maker.stop()
    await database.close()


async def test_what_is_wanted_is_made_once_and_can_be_sent(harness: MakerHarness) -> None:
    (few, many, _) = await harness.want("a", "b", "b")
    assert await harness.pictures.mosaic(many.key) is None
    assert await harness.maker.make_wanted() == 2
    assert harness.drawing.drawn == [many, few]
    assert await harness.maker.make_wanted() == 0
    await asyncio.sleep(0.6)
    picture = await harness.pictures.mosaic(many.key)
    assert picture is not None
    assert (picture.key, picture.is_mosaic, picture.file_id) == (many.key, True, "")
    file = mosaic_path(harness.folder, many.key)
    assert file.read_bytes() == picture_of(many)
    assert file.stat().st_mode & 0o077 == 0


async def test_no_more_are_made_for_a_moment_than_the_setting_allows(harness: MakerHarness) -> None:
    maker = harness.new_maker(most=2)
    await harness.want("a", "b", "c")
    assert await maker.make_wanted() == 2
    assert await maker.make_wanted() == 0
    harness.clock.move(timedelta(minutes=16))
    assert await maker.make_wanted() == 1
    none = harness.new_maker(most=0)
    (mosaic,) = await harness.want("d", first_chat=9)
    none.expect()
    assert not none.is_coming(mosaic.key)
    await none.hurry([mosaic])
    assert await none.make_wanted() == 0
    assert mosaic not in harness.drawing.drawn


@pytest.mark.parametrize("fault", [PictureGoneError("gone"), WorkLost("lost"), ValueError("odd"), RuntimeError("odd")])
async def test_a_mosaic_that_cannot_be_made_is_given_up_and_the_others_go_on(
    harness: MakerHarness, fault: Exception
) -> None:
    bad, good = await harness.want("bad", "good")
    harness.drawing.fault = lambda mosaic: fault if mosaic == bad else None
    await harness.maker.make_wanted()
    await harness.maker.make_wanted()
    assert sorted(harness.drawing.drawn, key=lambda each: each.key) == sorted((bad, good), key=lambda each: each.key)
    assert await harness.pictures.mosaic(bad.key) is None
    assert await harness.pictures.mosaic(good.key) is not None


@pytest.mark.parametrize("fault", [ProcessUnavailable("no process"), OSError(28, "No space left")])
async def test_what_is_not_the_mosaics_fault_is_tried_again(harness: MakerHarness, fault: Exception) -> None:
    (wanted,) = await harness.want("a")
    harness.drawing.fault = lambda _mosaic: fault
    await harness.maker.make_wanted()
    assert await harness.store.settled([wanted.key]) == frozenset()
    harness.drawing.fault = lambda _mosaic: None
    await harness.maker.make_wanted()
    assert await harness.pictures.mosaic(wanted.key) is not None


async def test_a_folder_that_cannot_be_written_stops_nothing(harness: MakerHarness) -> None:
    (wanted,) = await harness.want("a")
    harness.folder.write_text("a file in the folder's place")
    await harness.maker.make_wanted()
    assert await harness.store.settled([wanted.key]) == frozenset()
    harness.folder.unlink()
    await harness.maker.make_wanted()
    assert await harness.store.settled([wanted.key]) == {wanted.key}


async def test_deliveries_wait_only_for_what_is_being_made(harness: MakerHarness) -> None:
    maker, drawing = harness.maker, harness.drawing
    first, second = await harness.want("a", "b")
    assert not maker.is_coming(first.key)
    await asyncio.wait_for(maker.arrive(first.key), 1)
    # While digests are planned, any mosaic may be about to be wanted.
    maker.expect()
    assert maker.is_coming(first.key)
    other = asyncio.ensure_future(maker.arrive("another"))
    drawing.gate.clear()
    making = asyncio.ensure_future(maker.make_wanted())
    # Once it is known which are made, nobody waits for others.
    await asyncio.wait_for(other, 2)
    assert not maker.is_coming("another")
    arrivals = [asyncio.ensure_future(maker.arrive(each.key)) for each in (first, second, first)]
    await until(lambda: bool(drawing.drawn))
    assert maker.is_coming(first.key)
    assert not any(arrival.done() for arrival in arrivals)
    drawing.gate.set()
    await asyncio.wait_for(asyncio.gather(*arrivals), 2)
    assert await making == 2
    assert not maker.is_coming(first.key)


async def test_nobody_waits_longer_than_the_head_start(harness: MakerHarness) -> None:
    maker = harness.new_maker(head_start=0.1)
    (wanted,) = await harness.want("a")
    harness.drawing.gate.clear()
    making = asyncio.ensure_future(maker.make_wanted())
    await until(lambda: bool(harness.drawing.drawn))
    await asyncio.wait_for(maker.arrive(wanted.key), 1)
    await asyncio.wait_for(maker.hurry([wanted]), 1)
    await until(lambda: not maker.is_coming(wanted.key))
    harness.drawing.gate.set()
    assert await making == 1
    # It was not given up: what leaves later has it.
    assert await harness.store.settled([wanted.key]) == {wanted.key}


async def test_when_nothing_was_planned_nobody_waits(harness: MakerHarness) -> None:
    harness.maker.expect()
    waiting = asyncio.ensure_future(harness.maker.arrive("x"))
    await asyncio.sleep(0)
    harness.maker.expect_nothing()
    await asyncio.wait_for(waiting, 1)
    assert not harness.maker.is_coming("x")


async def test_what_a_person_waits_for_is_made_at_once_and_once(harness: MakerHarness) -> None:
    maker, drawing = harness.maker, harness.drawing
    (wanted,) = await harness.want("a")
    drawing.gate.clear()
    hurried = [asyncio.ensure_future(maker.hurry([wanted])) for _ in range(3)]
    making = asyncio.ensure_future(maker.make_wanted())
    await until(lambda: bool(drawing.drawn))
    drawing.gate.set()
    await asyncio.gather(*hurried, making)
    assert drawing.drawn == [wanted]
    await maker.hurry([wanted])
    await harness.new_maker().hurry([wanted])
    assert drawing.drawn == [wanted]


async def test_a_mosaic_whose_file_is_gone_is_made_again(harness: MakerHarness) -> None:
    (wanted,) = await harness.want("a")
    await harness.maker.make_wanted()
    file = mosaic_path(harness.folder, wanted.key)
    file.unlink()
    assert await harness.pictures.mosaic(wanted.key) is None
    assert await harness.maker.make_wanted() == 1
    assert file.is_file()


async def test_whoever_stops_waiting_ends_no_work_of_others(harness: MakerHarness) -> None:
    (wanted,) = await harness.want("a")
    harness.drawing.gate.clear()
    hurried = asyncio.ensure_future(harness.maker.hurry([wanted]))
    making = asyncio.ensure_future(harness.maker.make_wanted())
    await until(lambda: bool(harness.drawing.drawn))
    # Both wait for it now: whoever looks up what is wanted later finds that it is made.
    await until(lambda: harness.maker.is_coming(wanted.key))
    hurried.cancel()
    harness.drawing.gate.set()
    assert await making == 1


async def test_a_broken_database_is_told_to_the_job_and_not_to_deliveries(
    harness: MakerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wanted,) = await harness.want("a")

    async def broken(*_args: object) -> frozenset[str]:
        raise StorageError("gone")

    harness.maker.expect()
    monkeypatch.setattr(harness.store, "settled", broken)
    monkeypatch.setattr(harness.store, "number_since", broken)
    await harness.maker.hurry([wanted])
    with pytest.raises(StorageError):
        await harness.maker.make_wanted()
    assert not harness.maker.is_coming(wanted.key)


async def test_old_mosaics_go_with_their_files(harness: MakerHarness) -> None:
    (old,) = await harness.want("a")
    await harness.maker.make_wanted()
    file = mosaic_path(harness.folder, old.key)
    await harness.maker.tidy(NOW)
    assert file.is_file()
    await harness.maker.tidy(NOW + DAY)
    assert not file.exists()
    assert await harness.store.settled([old.key]) == frozenset()
    # A file that is gone already is no trouble.
    await harness.maker.make_wanted()
    file.unlink()
    await harness.maker.tidy(NOW + DAY)


async def test_a_stop_abandons_what_is_being_made(harness: MakerHarness) -> None:
    (wanted,) = await harness.want("a")
    harness.drawing.gate.clear()
    hurried = asyncio.ensure_future(harness.maker.hurry([wanted]))
    await until(lambda: bool(harness.drawing.drawn))
    await harness.maker.stop()
    with pytest.raises(asyncio.CancelledError):
        await hurried
    assert await harness.store.settled([wanted.key]) == frozenset()
