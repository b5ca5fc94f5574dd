"""Several senders over one database: what one of them has uploaded, the others send by its file_id."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.telegram.known_pictures import KnownPictures
from bot.telegram.part_pictures import PicturesInPart
from bot.telegram.photos import ArticlePhotos, UploadedPhotos
from digests.media.files import FolderFiles
from digests.media.folder import LARGE, mosaic_path, picture_path
from digests.media.own_pictures import StoredPictures
from digests.model.delivery import Part
from digests.model.outcome import Sent
from digests.storage.database import Database
from digests.storage.media.mosaics import MosaicStore
from digests.storage.media.uploads import UploadStore
from digests.storage.people.people import PeopleStore
from digests.storage.schema.media_tables import kept_pictures
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.unit.sending.harness import CAPTION, MOSAIC, FileTelegram, SendingHarness, rich_part
from tests.waiting import until

KEY = "cd" * 20
PARTS = [pytest.param(CAPTION, id="mosaic"), pytest.param(rich_part(KEY), id="magazine")]


async def make_pictures(database: Database, folder: Path) -> None:
    await MosaicStore(database).made(MOSAIC, 5, NOW)
    row = {"likeness": "0", "width": 9, "height": 9, "bytes": 10, "used_at": NOW, "file_id": ""}
    async with database.write() as connection:
        await connection.execute(sa.insert(kept_pictures), {"key": KEY, **row})
    for file in (mosaic_path(folder, MOSAIC.key), picture_path(folder, KEY, LARGE)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\xff\xd8\xff" + file.name.encode() + b"\xff\xd9")


def stored(database: Database, folder: Path) -> StoredPictures:
    return StoredPictures(UploadStore(database), FolderFiles(folder), FakeClock(NOW))


def senders(database: Database, folder: Path, number: int) -> tuple[FileTelegram, list[SendingHarness]]:
    telegram = FileTelegram()
    return telegram, [SendingHarness(folder, "", stored(database, folder), telegram) for _ in range(number)]


async def send(sender: SendingHarness, part: Part, number: int) -> None:
    tries = await sender.send(part, number)
    assert isinstance(tries[-1][1], Sent)


@pytest.mark.parametrize("part", PARTS)
async def test_what_was_uploaded_by_one_is_uploaded_by_no_other(database: Database, tmp_path: Path, part: Part) -> None:
    await make_pictures(database, tmp_path)
    telegram, (first, *others) = senders(database, tmp_path, 4)
    for sender in others:
        # Each has just looked, and found no file_id.
        async with sender.part_pictures.of(part) as found:
            assert isinstance(found, PicturesInPart)
    await send(first, part, 1)
    for number, sender in enumerate(others, 2):
        await send(sender, part, number)
    assert len(telegram.uploads) == 1
    assert len(telegram.sent) == 4


@pytest.mark.parametrize("part", PARTS)
async def test_at_the_same_moment_each_process_uploads_once_at_most(
    database: Database, tmp_path: Path, part: Part
) -> None:
    await make_pictures(database, tmp_path)
    telegram, both = senders(database, tmp_path, 2)
    telegram.held = asyncio.Event()
    sending = [
        asyncio.create_task(send(sender, part, 10 * number + chat))
        for number, sender in enumerate(both)
        for chat in range(1, 4)
    ]
    await until(lambda: len(telegram.uploads) == 2)
    telegram.held.set()
    await asyncio.gather(*sending)
    assert len(telegram.uploads) == 2
    assert len(telegram.sent) == 6


async def test_a_name_that_telegram_forgot_is_replaced_by_the_one_that_another_has(
    database: Database, tmp_path: Path
) -> None:
    await make_pictures(database, tmp_path)
    telegram, (first, second) = senders(database, tmp_path, 2)
    await send(first, CAPTION, 1)
    await send(second, CAPTION, 2)
    telegram.forget_files()
    await send(first, CAPTION, 3)
    await send(second, CAPTION, 4)
    assert len(telegram.uploads) == 2


async def test_a_photo_that_another_process_has_shown_is_not_uploaded_for_a_card(
    database: Database, tmp_path: Path
) -> None:
    await make_pictures(database, tmp_path)
    people, clock = PeopleStore(database), FakeClock(NOW)
    known = [KnownPictures(stored(database, tmp_path)) for _ in range(2)]
    uploaded = [UploadedPhotos(people, clock, each) for each in known]
    photos = [await ArticlePhotos(each).of(KEY) for each in known]
    first, second = photos
    assert first is not None
    assert second is not None
    assert [await each.file_id(first) for each in uploaded] == ["", ""]
    await uploaded[0].uploaded(first, "abc")
    assert await uploaded[1].file_id(second) == "abc"
