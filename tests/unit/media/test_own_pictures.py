"""Our pictures as senders see them: what is in the database and the folder, at next to no cost per message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from digests.errors import StorageError
from digests.media.files import FolderFiles
from digests.media.folder import LARGE, mosaic_path, picture_path
from digests.media.own_pictures import StoredPictures
from digests.model.mosaic import Mosaic, Tile, compose_mosaic
from digests.ports import OwnPicture, OwnPictures, PictureContent
from digests.storage.database import Database
from digests.storage.media.mosaics import MosaicStore
from digests.storage.media.uploads import UploadRow, UploadStore
from digests.storage.schema.media_tables import kept_pictures
from tests.empty_database import make_empty_database
from tests.factories.times import DAY, NOW
from tests.fakes import FakeClock


class CountingStore(UploadStore):
    """A store that counts how often it is asked, and fails while it is `broken`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked = 0
        self.broken = False

    async def mosaic(self, key: str) -> UploadRow | None:
        self.asked += 1
        if self.broken:
            raise StorageError("gone")
        return await super().mosaic(key)

    async def set_file_id(self, key: str, file_id: str, *, is_mosaic: bool, now: object) -> None:
        if self.broken:
            raise StorageError("gone")
        await super().set_file_id(key, file_id, is_mosaic=is_mosaic, now=NOW)


class PicturesHarness:
    """Pictures over a database, a folder and clocks that the test moves."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.store = CountingStore(database)
        self.seconds = 0.0
        self.clock = FakeClock(NOW)
        self.pictures = StoredPictures(self.store, FolderFiles(folder), self.clock, lambda: self.seconds)

    async def make(self, name: str) -> Mosaic:
        """Have a mosaic made."""
        mosaic = compose_mosaic([Tile(1, name)], b"")
        await MosaicStore(self.database).made(mosaic, 5, self.clock.now())
        file = mosaic_path(self.folder, mosaic.key)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\xff\xd8\xffmade!\xff\xd9")
        return mosaic

    async def keep(self, key: str, *, file_id: str = "") -> Path:
        """Keep a picture."""
        row = {"likeness": "0", "width": 9, "height": 9, "bytes": 10, "used_at": NOW, "file_id": file_id}
        async with self.database.write() as connection:
            await connection.execute(sa.insert(kept_pictures), {"key": key, **row})
        file = picture_path(self.folder, key, LARGE)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\xff\xd8\xffkept!\xff\xd9")
        return file


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PicturesHarness]:
    """Return pictures over an empty database."""
    database = Database(make_empty_database(tmp_path / "test.db"))
    yield PicturesHarness(database, tmp_path / "pictures")
    await database.close()


async def test_the_port_is_met(harness: PicturesHarness) -> None:
    port: OwnPictures = harness.pictures
    assert await port.mosaic("x") is None


async def test_a_thousand_messages_ask_the_database_once(harness: PicturesHarness) -> None:
    mosaic = await harness.make("a")
    found = {await harness.pictures.mosaic(mosaic.key) for _ in range(1000)}
    assert found == {OwnPicture(mosaic.key, True, "")}
    assert harness.store.asked == 1
    assert await harness.pictures.mosaic("none") is await harness.pictures.mosaic("none") is None
    assert harness.store.asked == 2


async def test_many_who_ask_at_once_ask_the_database_once(harness: PicturesHarness) -> None:
    mosaic = await harness.make("a")
    asking = [asyncio.ensure_future(harness.pictures.mosaic(mosaic.key)) for _ in range(200)]
    await asyncio.sleep(0)
    asking[0].cancel()
    found = await asyncio.gather(*asking[1:])
    assert {picture.key for picture in found if picture is not None} == {mosaic.key}
    assert harness.store.asked == 1
    # Another process may upload it: that is seen within seconds.
    await harness.store.set_file_id(mosaic.key, "theirs", is_mosaic=True, now=NOW)
    harness.seconds += 5
    again = await harness.pictures.mosaic(mosaic.key)
    assert again is not None
    assert again.file_id == "theirs"


async def test_a_mosaic_of_another_machine_is_not_lost_while_it_may_be_late(harness: PicturesHarness) -> None:
    mosaic = await harness.make("a")
    file = mosaic_path(harness.folder, mosaic.key)
    data = file.read_bytes()
    file.unlink()
    harness.pictures = StoredPictures(
        harness.store, FolderFiles(harness.folder, is_shared=True), harness.clock, lambda: harness.seconds
    )
    assert await harness.pictures.mosaic(mosaic.key) is None
    assert await MosaicStore(harness.database).settled([mosaic.key]) == {mosaic.key}
    file.write_bytes(data)
    harness.seconds += 1
    assert await harness.pictures.mosaic(mosaic.key) is not None
    file.unlink()
    harness.seconds += 10
    harness.clock.move(timedelta(minutes=3))
    assert await harness.pictures.mosaic(mosaic.key) is None
    assert await MosaicStore(harness.database).settled([mosaic.key]) == frozenset()


async def test_a_mosaic_that_becomes_ready_is_noticed_within_a_second(harness: PicturesHarness) -> None:
    mosaic = compose_mosaic([Tile(1, "a")], b"")
    assert await harness.pictures.mosaic(mosaic.key) is None
    await harness.make("a")
    harness.seconds += 1
    assert await harness.pictures.mosaic(mosaic.key) is not None


async def test_a_file_id_is_known_at_once_and_forgotten_at_once(harness: PicturesHarness) -> None:
    mosaic = await harness.make("a")
    picture = await harness.pictures.mosaic(mosaic.key)
    assert picture is not None
    await harness.pictures.uploaded(picture, "file")
    known = await harness.pictures.mosaic(mosaic.key)
    assert known is not None
    assert known.file_id == "file"
    await harness.pictures.forgotten(known)
    again = await harness.pictures.mosaic(mosaic.key)
    assert again is not None
    assert again.file_id == ""
    await harness.pictures.refused(again)
    assert await harness.pictures.mosaic(mosaic.key) is None


async def test_a_mosaic_whose_file_is_gone_is_none_and_made_again_later(harness: PicturesHarness) -> None:
    mosaic = await harness.make("a")
    mosaic_path(harness.folder, mosaic.key).unlink()
    assert await harness.pictures.mosaic(mosaic.key) is None
    assert await MosaicStore(harness.database).settled([mosaic.key]) == frozenset()


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xffmad", b"garbage"])
async def test_a_mosaic_that_was_cut_off_is_made_again_and_not_sent(harness: PicturesHarness, content: bytes) -> None:
    mosaic = await harness.make("a")
    mosaic_path(harness.folder, mosaic.key).write_bytes(content)
    assert await harness.pictures.mosaic(mosaic.key) is None
    assert await MosaicStore(harness.database).settled([mosaic.key]) == frozenset()


async def test_kept_pictures_are_sent_in_their_large_size(harness: PicturesHarness) -> None:
    file = await harness.keep("a")
    (await harness.keep("gone")).unlink()
    (await harness.keep("known", file_id="file")).unlink()
    found = await harness.pictures.kept(["a", "gone", "known", "never", "a"])
    assert set(found) == {"a", "known"}
    assert found["a"] == OwnPicture("a", False, "")
    content = await harness.pictures.content(found["a"])
    assert content == PictureContent(file.read_bytes(), file.stat().st_mtime)
    assert await harness.pictures.content(found["known"]) is None
    assert found["known"].file_id == "file"
    await harness.pictures.refused(found["a"])
    assert set(await harness.pictures.kept(["a", "known"])) == {"known"}
    assert await harness.pictures.kept([]) == {}


async def test_pictures_in_use_are_not_the_first_to_make_room(harness: PicturesHarness) -> None:
    mosaic = await harness.make("a")
    harness.clock.move(2 * DAY)
    await harness.pictures.mosaic(mosaic.key)
    row = await harness.store.mosaic(mosaic.key)
    assert row is not None
    assert row.used_at == NOW + 2 * DAY


async def test_a_broken_database_means_no_pictures_for_now(harness: PicturesHarness) -> None:
    mosaic = await harness.make("a")
    harness.store.broken = True
    assert await harness.pictures.mosaic(mosaic.key) is None
    await harness.pictures.uploaded(OwnPicture(mosaic.key, True, ""), "file")
    harness.store.broken = False
    assert await harness.pictures.mosaic(mosaic.key) is not None
