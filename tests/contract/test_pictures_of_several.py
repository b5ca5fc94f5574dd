"""Several processes over one database: each mosaic is drawn once, pictures are fetched by one, and all wait for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from digests.errors import StorageError
from digests.isolation.process import ProcessUnavailable
from digests.media.files import FolderFiles, PicturesFolderError
from digests.media.folder import mosaic_path
from digests.media.mosaics import MosaicMaker, MosaicOptions
from digests.media.pictures_pass import PicturesOptions
from digests.media.pipeline import PicturePipeline, PicturesStores
from digests.media.turn import PicturesTurn
from digests.model.mosaic import Mosaic, Tile, compose_mosaic
from digests.storage.cluster.leases import LeaseStore
from digests.storage.database import Database
from digests.storage.media.kept import KeptStore
from digests.storage.media.mosaics import MosaicStore
from digests.storage.media.pictures import PictureStore
from digests.storage.people.people import PeopleStore
from tests.contract.test_mosaics import deliver, mosaic, rendering
from tests.contract.test_picture_pipeline import Harness, shows
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.hostile_server import late, serve_hostile
from tests.unit.media.test_maker import FakeDrawing, picture_of
from tests.waiting import until

SECOND = timedelta(seconds=1)
LAPSED = NOW - 30 * SECOND


async def test_a_mosaic_is_claimed_by_one(database: Database) -> None:
    store, shown = MosaicStore(database), mosaic("a")
    await deliver(database, [rendering("key", shown)])
    claims = await asyncio.gather(*[store.claim(shown, NOW, LAPSED) for _ in range(8)])
    assert sorted(claims) == [False] * 7 + [True]
    assert await store.wanted(10, LAPSED) == []
    assert await store.settled([shown.key]) == frozenset()
    assert await store.number_since(NOW) == 1
    # Whoever claimed it may be gone.
    later = NOW + 31 * SECOND
    assert await store.wanted(10, NOW + SECOND) == [shown]
    assert await store.claim(shown, later, NOW + SECOND)
    # The first, which was only slow, takes nothing from the second.
    await store.give_back(shown.key, NOW)
    assert not await store.claim(shown, later, NOW + SECOND)
    await store.made(shown, 5, later)
    await store.give_back(shown.key, later)
    assert await store.settled([shown.key]) == {shown.key}
    assert not await store.claim(shown, later, later)


async def test_a_claim_that_is_given_back_is_free_at_once(database: Database) -> None:
    store, shown = MosaicStore(database), mosaic("a")
    assert await store.claim(shown, NOW, LAPSED)
    await store.give_back(shown.key, NOW)
    assert await store.claim(shown, NOW + SECOND, LAPSED)
    await store.failed(shown, "gone", NOW)
    assert not await store.claim(shown, NOW + SECOND, NOW)


async def test_a_lease_is_one_process_s_until_it_ends(database: Database) -> None:
    leases = LeaseStore(database)
    until_then = NOW + 60 * SECOND
    taken = await asyncio.gather(*[leases.take("x", f"p{number}", NOW, until_then) for number in range(8)])
    assert sum(taken) == 1
    owner = f"p{taken.index(True)}"
    assert await leases.take("x", owner, NOW, until_then)
    assert await leases.take("another task", "other", NOW, until_then)
    assert not await leases.take("x", "other", NOW + 59 * SECOND, until_then)
    assert await leases.take("x", "other", until_then, until_then + 60 * SECOND)
    await leases.release("x", owner)
    assert not await leases.take("x", owner, until_then, until_then + 60 * SECOND)
    await leases.release("x", "other")
    assert await leases.take("x", owner, until_then, until_then + 60 * SECOND)


class Makers:
    """Two processes that draw, with one database and one folder."""

    def __init__(self, database: Database, folder: Path) -> None:
        folder.mkdir()
        self.clock = FakeClock(NOW)
        self.database = database
        self.folder = folder
        self.store = MosaicStore(database)
        self.drawings = FakeDrawing(), FakeDrawing()
        self.makers = tuple(self.new_maker(drawing) for drawing in self.drawings)

    def new_maker(self, drawing: FakeDrawing, head_start: float = 5.0) -> MosaicMaker:
        options = MosaicOptions(100, head_start, is_shared=True)
        return MosaicMaker(self.store, FolderFiles(self.folder, is_shared=True), drawing, self.clock, options)

    async def want(self, *names: str) -> list[Mosaic]:
        mosaics = [compose_mosaic([Tile(1, name)], b"") for name in names]
        await deliver(self.database, [rendering(f"r {each.key}", each) for each in mosaics])
        return mosaics

    @property
    def drawn(self) -> list[str]:
        return sorted(each.key for drawing in self.drawings for each in drawing.drawn)


@pytest.fixture
async def several(database: Database, tmp_path: Path) -> AsyncIterator[Makers]:
    made = Makers(database, tmp_path / "pictures")
    yield made
    for maker in made.makers:
        await maker.stop()


async def test_each_mosaic_is_drawn_by_one_process(several: Makers) -> None:
    wanted = await several.want(*"abcdefgh")
    await asyncio.gather(*[maker.make_wanted() for maker in several.makers for _ in range(2)])
    assert several.drawn == sorted(each.key for each in wanted)
    assert await several.store.settled([each.key for each in wanted]) == {each.key for each in wanted}
    for each in wanted:
        assert mosaic_path(several.folder, each.key).read_bytes() == picture_of(each)


async def test_what_a_person_waits_for_here_may_be_drawn_there(several: Makers) -> None:
    (wanted,) = await several.want("a")
    here, there = several.makers
    several.drawings[1].gate.clear()
    making = asyncio.ensure_future(there.make_wanted())
    await until(lambda: bool(several.drawings[1].drawn))
    waiting = asyncio.ensure_future(here.hurry([wanted]))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    several.drawings[1].gate.set()
    await asyncio.wait_for(waiting, 20)
    assert await making == 1
    assert several.drawn == [wanted.key]
    assert not here.is_coming(wanted.key)


async def test_deliveries_here_wait_for_what_is_planned_and_drawn_there(several: Makers) -> None:
    first, second = await several.want("a", "b")
    here, there = several.makers
    assert here.is_coming(first.key)
    waiting = [asyncio.ensure_future(here.arrive(each.key)) for each in (first, second, first)]
    await asyncio.sleep(0.3)
    assert not any(task.done() for task in waiting)
    await there.make_wanted()
    await asyncio.wait_for(asyncio.gather(*waiting), 20)
    assert not here.is_coming(first.key)
    assert await here.make_wanted() == 0


async def test_nobody_waits_long_for_what_no_process_draws(several: Makers) -> None:
    (wanted,) = await several.want("a")
    here = several.new_maker(several.drawings[0], head_start=0.3)
    began = monotonic()
    await asyncio.wait_for(asyncio.gather(*[here.arrive(wanted.key) for _ in range(50)]), 3)
    assert monotonic() - began >= 0.25
    # Nor does the next delivery that shows it.
    assert not here.is_coming(wanted.key)
    await asyncio.wait_for(here.arrive(wanted.key), 0.2)
    await here.stop()


async def test_what_a_dead_process_claimed_is_drawn_by_another(several: Makers) -> None:
    (wanted,) = await several.want("a")
    here, there = several.makers
    # It claims, and never comes back: as if it were killed.
    assert await several.store.claim(wanted, several.clock.now(), LAPSED)
    assert await here.make_wanted() == 0
    several.clock.move(31 * SECOND)
    assert await there.make_wanted() == 1
    assert several.drawn == [wanted.key]


@pytest.mark.parametrize(
    "fault", [ProcessUnavailable("no process"), PicturesFolderError("no store"), OSError(28, "full")]
)
async def test_what_one_process_cannot_draw_now_another_can_at_once(several: Makers, fault: Exception) -> None:
    (wanted,) = await several.want("a")
    here, there = several.makers
    several.drawings[0].fault = lambda _mosaic: fault
    assert await here.make_wanted() == 0
    assert await there.make_wanted() == 1
    assert await several.store.settled([wanted.key]) == {wanted.key}


async def test_a_process_that_stops_gives_its_claim_back(several: Makers) -> None:
    (wanted,) = await several.want("a")
    here, there = several.makers
    several.drawings[0].gate.clear()
    making = asyncio.ensure_future(here.make_wanted())
    await until(lambda: bool(several.drawings[0].drawn))
    await here.stop()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert await there.make_wanted() == 1
    assert wanted.key in several.drawn


class Fetchers(Harness):
    """Two processes that fetch."""

    def new(self, name: str, renew_seconds: float = 15.0) -> PicturePipeline:
        """Return the pipeline of another process."""
        stores = PicturesStores(PictureStore(self.database), KeptStore(self.database), PeopleStore(self.database))
        turn = PicturesTurn(LeaseStore(self.database), name, self.clock, renew_seconds)
        first = self.build()
        return PicturePipeline(
            stores,
            FolderFiles(self.folder),
            first._open_client,
            self.judge,
            self.clock,
            PicturesOptions(10**9),
            turn,
        )


@asynccontextmanager
async def fetchers(database: Database, tmp_path: Path) -> AsyncIterator[Fetchers]:
    async with serve_hostile() as server:
        yield Fetchers(database, server, tmp_path / "pictures")


async def test_pictures_are_fetched_by_one_process_at_a_time(database: Database, tmp_path: Path) -> None:
    async with fetchers(database, tmp_path) as harness:
        for number in range(8):
            harness.server.pages[f"/a{number}"] = late(shows(f"picture{number}"), 0.05)
            await harness.article(f"{number}", f"/a{number}")
        first, second = harness.new("p1"), harness.new("p2")
        counts = await asyncio.gather(*[pipeline.work() for pipeline in (first, second) for _ in range(2)])
        assert sum(counts) == 8
        assert all(harness.server.asked(f"/a{number}") == 1 for number in range(8))
        # The turn is given back, so the other begins at once.
        harness.server.pages["/b"] = shows("cat")
        await harness.article("b", "/b")
        assert await second.work() + await first.work() == 1


async def test_a_process_that_loses_its_turn_stops(database: Database, tmp_path: Path) -> None:
    async with fetchers(database, tmp_path) as harness:
        harness.server.pages["/a"] = late(shows("cat"), 30)
        await harness.article("A", "/a")
        first, second = harness.new("p1", renew_seconds=0.1), harness.new("p2")
        working = asyncio.ensure_future(first.work())
        await until(lambda: harness.server.asked("/a") == 1)
        assert await second.work() == 0
        leases = LeaseStore(database)

        async def another_began() -> bool:
            # No further, or a renewal that read the clock before would take this lease for one of a wrong clock.
            harness.clock.move(65 * SECOND)
            now = harness.clock.now()
            return await leases.take("pictures", "another", now, now + 30 * SECOND)

        # As if it had slept for longer than its lease.
        await until(another_began)
        assert await asyncio.wait_for(working, 5) == 0
        await leases.release("pictures", "another")
        harness.server.pages["/a"] = shows("cat")
        assert await second.work() == 1


class FailingLeases(LeaseStore):
    """Leases of a database that is gone while `is_gone`."""

    is_gone = False

    async def take(self, task: str, owner: str, now: datetime, until: datetime, *, instead_of: str = "") -> bool:
        if self.is_gone:
            raise StorageError("gone")
        return await super().take(task, owner, now, until, instead_of=instead_of)

    async def release(self, task: str, owner: str) -> None:
        if self.is_gone:
            raise StorageError("gone")
        await super().release(task, owner)


async def test_a_process_that_cannot_renew_its_turn_stops_before_it_ends(database: Database) -> None:
    leases, clock, lost = FailingLeases(database), FakeClock(NOW), asyncio.Event()
    turn = PicturesTurn(leases, "p1", clock, renew_seconds=0.05)
    async with turn.take(lost.set) as is_mine:
        assert is_mine
        leases.is_gone = True
        await asyncio.sleep(0.2)
        # A moment without the database costs nothing.
        assert not lost.is_set()
        clock.move(59.95 * SECOND)
        await asyncio.wait_for(lost.wait(), 20)
    leases.is_gone = False
    assert not await leases.take("pictures", "p2", NOW + 59 * SECOND, NOW + 90 * SECOND)
    assert await leases.take("pictures", "p2", NOW + 120 * SECOND, NOW + 180 * SECOND)


async def test_a_broken_database_holds_up_no_delivery(several: Makers, monkeypatch: pytest.MonkeyPatch) -> None:
    (wanted,) = await several.want("a")
    here = several.new_maker(several.drawings[0], head_start=0.5)

    async def broken(*_args: object) -> frozenset[str]:
        raise StorageError("gone")

    monkeypatch.setattr(several.store, "settled", broken)
    assert here.is_coming(wanted.key)
    await asyncio.wait_for(here.arrive(wanted.key), 20)
    assert not here.is_coming(wanted.key)
    await here.stop()
