"""The port of pictures' files: the same over a folder, a shared folder and a store; and what a bad store does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from obstore.exceptions import InvalidPathError
from yarl import URL

from bot.web.mosaics import MosaicServer
from digests.errors import StorageError
from digests.media import object_store, stored_files
from digests.media.files import FolderFiles, PictureFiles, PicturesFolderError, bring_tiles, item_of
from digests.media.folder import LARGE, SMALL, mosaic_name, picture_name
from digests.media.mosaics import MosaicMaker, MosaicOptions
from digests.media.object_store import PictureBucket
from digests.media.own_pictures import StoredPictures
from digests.media.stored_files import ObjectStoreFiles, trim_cache
from digests.model.mosaic import Tile, compose_mosaic
from digests.storage.database import Database
from digests.storage.deliveries.withdrawals import WithdrawalStore
from digests.storage.media.kept import FolderItem
from digests.storage.media.mosaics import MosaicStore
from digests.storage.media.uploads import UploadStore
from digests.storage.migrate import migrate
from tests.contract.object_stores import BUCKET, PREFIX, BadWay, make_bucket, options_for, serving_objects
from tests.contract.test_mosaics import deliver, rendering
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.unit.media.test_maker import FakeDrawing, picture_of
from tests.waiting import until

KEY = "ab" * 20
NAME = picture_name(KEY, LARGE)
MB = 1_000_000


def jpeg(text: str, size: int = 0) -> bytes:
    """Return what looks like a whole picture."""
    return b"\xff\xd8\xff" + text.encode() + bytes(size) + b"\xff\xd9"


@pytest.fixture(scope="module")
def store_address() -> Iterator[str]:
    with serving_objects() as address:
        yield address


@pytest.fixture
async def bucket(store_address: str) -> PictureBucket:
    await make_bucket(store_address)
    return PictureBucket(options_for(store_address))


@pytest.fixture(params=["folder", "shared", "store"])
async def files(request: pytest.FixtureRequest, tmp_path: Path, store_address: str) -> AsyncIterator[PictureFiles]:
    folder = tmp_path / "pictures"
    made: PictureFiles
    if request.param == "store":
        await make_bucket(store_address)
        made = ObjectStoreFiles(PictureBucket(options_for(store_address)), folder, 50 * MB)
    else:
        if request.param == "shared":
            folder.mkdir()
        made = FolderFiles(folder, is_shared=request.param == "shared")
    yield made
    await made.close()


async def test_what_is_put_is_there_whole_and_private_until_it_is_removed(files: PictureFiles) -> None:
    await files.check()
    assert not await files.has(NAME)
    assert await files.path(NAME) is None
    await files.put(NAME, jpeg("cat"))
    await files.put(NAME, jpeg("dog"))
    assert await files.has(NAME)
    file = await files.path(NAME)
    assert file == files.folder / NAME
    assert file.read_bytes() == jpeg("dog")
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert oct(file.parent.stat().st_mode)[-3:] == "700"
    assert await files.missing([NAME, mosaic_name(KEY)]) == {mosaic_name(KEY)}
    await files.remove([NAME, mosaic_name(KEY)])
    assert not await files.has(NAME)
    assert await files.path(NAME) is None
    await files.remove([])


async def test_a_broken_copy_does_not_count(files: PictureFiles) -> None:
    await files.put(NAME, jpeg("cat"))
    for content in (b"", jpeg("cat")[:-1], b"garbage"):
        (files.folder / NAME).write_bytes(content)
        found = await files.path(NAME)
        # Where there is another copy, it is taken.
        assert found is None or found.read_bytes() == jpeg("cat")


async def test_only_old_files_of_ours_are_strays(files: PictureFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [NAME, picture_name(KEY, SMALL), mosaic_name(KEY), "kept/ab/notes.txt", "elsewhere/x.jpg"]
    for name in names:
        await files.put(name, jpeg("x"))
    assert await files.strays() == []
    monkeypatch.setattr("digests.media.files.time.time", lambda: 4e9)
    assert sorted(await files.strays()) == sorted(names[:3])


def test_a_name_says_what_a_file_is() -> None:
    assert item_of(NAME) == FolderItem(KEY, False)
    assert item_of(mosaic_name(KEY)) == FolderItem(KEY, True)
    foreign = ("kept/ab/x.jpg", "mosaics/ab/.x.jpg", "../kept/ab/x-640.jpg", "kept/ab/c/x-640.jpg", "mosaics/abc/x.jpg")
    assert {item_of(name) for name in foreign} == {None}


async def test_a_shared_folder_that_is_not_mounted_is_not_made_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "mount"
    files = FolderFiles(folder, is_shared=True)
    for attempt in (files.check, lambda: files.put(NAME, jpeg("x"))):
        with pytest.raises(PicturesFolderError, match="mount it, or create it"):
            await attempt()
    assert not folder.exists()
    # A mount point without its disk is an empty folder.
    folder.mkdir()
    assert await files.is_emptied()
    with pytest.raises(PicturesFolderError, match="mount it; if they were deleted on purpose"):
        await files.missing([NAME])
    (folder / "kept").mkdir()
    assert await files.missing([NAME]) == {NAME}


async def test_two_machines_share_what_is_put(store_address: str, bucket: PictureBucket, tmp_path: Path) -> None:
    here = ObjectStoreFiles(bucket, tmp_path / "here", 50 * MB)
    there = ObjectStoreFiles(PictureBucket(options_for(store_address)), tmp_path / "there", 50 * MB)
    await here.put(NAME, jpeg("cat"))
    assert await there.has(NAME)
    assert not there.folder.exists()
    found = await asyncio.gather(*[there.path(NAME) for _ in range(20)])
    assert {file.read_bytes() for file in found if file is not None} == {jpeg("cat")}
    # As old as in the store, whichever machine is asked.
    ages = [(files.folder / NAME).stat().st_mtime for files in (here, there)]
    assert abs(ages[0] - ages[1]) < 5
    mosaic = compose_mosaic([Tile(1, KEY), Tile(2, "cd" * 20), Tile(3, "", "drawn")], b"")
    (there.folder / NAME).unlink()
    await bring_tiles(there, mosaic)
    assert (there.folder / NAME).is_file()
    await there.remove([NAME])
    assert not await bucket.has(NAME)


async def test_any_machine_serves_what_another_drew(store_address: str, tmp_path: Path) -> None:
    """Behind a balancer, Telegram asks whichever process it likes for the mosaic of a preview."""
    await make_bucket(store_address)
    url = f"sqlite:///{tmp_path / 'test.db'}"
    migrate(url)
    database = Database(url)
    mosaic = compose_mosaic([Tile(1, "", "drawn")], b"secret")
    await deliver(database, [rendering("key", mosaic)])
    drawing = FakeDrawing()
    here = ObjectStoreFiles(PictureBucket(options_for(store_address)), tmp_path / "here", 50 * MB)
    maker = MosaicMaker(MosaicStore(database), here, drawing, FakeClock(NOW), MosaicOptions(10, is_shared=True))
    await maker.hurry([mosaic])
    there = ObjectStoreFiles(PictureBucket(options_for(store_address)), tmp_path / "there", 50 * MB)
    pictures = StoredPictures(UploadStore(database), there, FakeClock(NOW))
    server = MosaicServer("https://bot.example", "127.0.0.1:0", pictures, WithdrawalStore(database).may_show)
    await server.start()
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.get(f"http://127.0.0.1:{server.port}/m/{mosaic.key}.jpg") as answer:
                assert (answer.status, await answer.read()) == (200, picture_of(mosaic))
    # In the store it is gone, and so is the copy: it is wanted again, and not served.
    await there.remove([mosaic_name(mosaic.key)])
    again = StoredPictures(UploadStore(database), there, FakeClock(NOW))
    assert await again.mosaic(mosaic.key) is None
    assert await MosaicStore(database).settled([mosaic.key]) == frozenset()
    await server.stop()
    await maker.stop()
    await database.close()


async def test_what_telegram_has_is_sent_while_the_store_is_gone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    migrate(url)
    database = Database(url)
    known, new = (compose_mosaic([Tile(1, "", name)], b"") for name in ("known", "new"))
    for mosaic in (known, new):
        await MosaicStore(database).made(mosaic, 10, NOW)
    uploads = UploadStore(database)
    await uploads.set_file_id(known.key, "file", is_mosaic=True, now=NOW)
    files = ObjectStoreFiles(PictureBucket(options_for("http://127.0.0.1:9")), tmp_path / "pictures", 50 * MB)
    pictures = StoredPictures(uploads, files, FakeClock(NOW))
    found = await pictures.mosaic(known.key)
    assert found is not None
    assert found.file_id == "file"
    assert await pictures.content(found) is None
    assert await pictures.mosaic(new.key) is None
    # Neither is lost by that.
    assert await MosaicStore(database).settled([known.key, new.key]) == {known.key, new.key}
    await database.close()


async def test_the_copies_are_bounded_and_those_used_lately_stay(
    bucket: PictureBucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_files, "_SPARED_SECONDS", 0)
    files = ObjectStoreFiles(bucket, tmp_path / "cache", 100_000)
    names = [picture_name(f"{number:02}" * 20, LARGE) for number in range(30)]
    for number, name in enumerate(names):
        await files.put(name, jpeg("x", 10_000))
        if (files.folder / name).exists():
            os.utime(files.folder / name, (number + 1000, 1000))
    await until(lambda: files._trimming is None)
    left = [name for name in names if (files.folder / name).exists()]
    assert len(left) <= 11
    assert names[-1] in left
    file = await files.path(names[0])
    assert file is not None
    assert file.stat().st_size == 10_006
    await files.close()


def test_trimming_takes_the_oldest_and_nothing_that_is_not_ours(tmp_path: Path) -> None:
    for number in range(10):
        file = tmp_path / picture_name(f"{number:02}", LARGE)
        file.parent.mkdir(parents=True)
        file.write_bytes(bytes(1000))
        os.utime(file, (number, number))
    (tmp_path / "kept" / "00" / "notes.txt").write_bytes(bytes(9000))
    (tmp_path / "kept" / "00" / ".half.jpg.1-2").write_bytes(b"x")
    os.utime(tmp_path / "kept" / "00" / ".half.jpg.1-2", (1, 1))
    trim_cache(tmp_path, 10_000)
    assert len(list(tmp_path.rglob("*-640.jpg"))) == 10
    trim_cache(tmp_path, 5_000)
    assert sorted(file.name for file in tmp_path.rglob("*.*")) == [
        *[f"0{number}-640.jpg" for number in range(6, 10)],
        "notes.txt",
    ]


@pytest.fixture
async def way(store_address: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[BadWay, str]]:
    """Return a way to the store that can be made worse, and the address at which it begins."""
    await make_bucket(store_address)
    bad = BadWay(store_address)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", bad.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    monkeypatch.setattr(object_store, "_CALL_SECONDS", 3.0)
    monkeypatch.setattr(object_store, "_REQUEST_SECONDS", 0.6)
    yield bad, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (500, "", r"is in trouble \(status 500\)"),
        (503, "SlowDown", "wants fewer requests"),
        (403, "InvalidAccessKeyId", "set media.store_key"),
        (403, "SignatureDoesNotMatch", "set media.store_secret"),
        (403, "AccessDenied", r"refuses this key \(AccessDenied\)"),
        (403, "RequestTimeTooSkewed", "set this machine's clock"),
        (401, "", r"refuses this key"),
        (404, "NoSuchBucket", "has no such bucket: create it, or mend media.store"),
        (400, "AuthorizationHeaderMalformed", "set media.store_region"),
        (507, "QuotaExceeded", "is full"),
    ],
)
async def test_a_store_that_refuses_says_why_and_is_left_alone(
    way: tuple[BadWay, str], tmp_path: Path, status: int, code: str, said: str
) -> None:
    bad, address = way
    seconds = 0.0
    files = ObjectStoreFiles(PictureBucket(options_for(address), lambda: seconds), tmp_path, 50 * MB)
    bad.status, bad.code = status, code
    with pytest.raises(PicturesFolderError, match=said) as error:
        await files.check()
    assert "secret-secret" not in str(error.value)
    assert "known-key" not in str(error.value)
    asked = len(bad.requests)
    for _ in range(50):
        for attempt in (files.has(NAME), files.path(NAME), files.missing([NAME]), files.put(NAME, jpeg("x"))):
            with pytest.raises(PicturesFolderError, match=said):
                await attempt
    assert await files.strays() == []
    await files.remove([NAME])
    assert len(bad.requests) == asked
    # After a while, it is tried again.
    bad.status = 0
    seconds = 11.0
    await files.put(NAME, jpeg("x"))
    assert await files.has(NAME)


async def test_a_missing_bucket_is_no_missing_picture(store_address: str, tmp_path: Path) -> None:
    """An answer to HEAD has no body that says which of them is missing."""
    await make_bucket(store_address)
    for ask in ("has", "path"):
        files = ObjectStoreFiles(PictureBucket(options_for(store_address, "another-bucket")), tmp_path, 50 * MB)
        with pytest.raises(PicturesFolderError, match="no such bucket"):
            await getattr(files, ask)(NAME)


async def test_a_slow_store_holds_nobody_up(way: tuple[BadWay, str], tmp_path: Path) -> None:
    bad, address = way
    files = ObjectStoreFiles(PictureBucket(options_for(address)), tmp_path, 50 * MB)
    bad.delay = 60
    answers = await asyncio.gather(*[files.has(NAME) for _ in range(40)], return_exceptions=True)
    assert {type(answer) for answer in answers} == {PicturesFolderError}
    asked = len(bad.requests)
    with pytest.raises(PicturesFolderError):
        await files.path(NAME)
    assert len(bad.requests) == asked


@pytest.mark.parametrize("fault", ["cut", "changed"])
async def test_what_arrives_broken_is_not_kept(way: tuple[BadWay, str], tmp_path: Path, fault: str) -> None:
    bad, address = way
    seconds = 0.0
    files = ObjectStoreFiles(PictureBucket(options_for(address), lambda: seconds), tmp_path, 50 * MB)
    await files.put(NAME, jpeg("cat", 5000))
    (tmp_path / NAME).unlink()
    setattr(bad, fault, 100)
    if fault == "cut":
        with pytest.raises(PicturesFolderError):
            await files.path(NAME)
    else:
        assert await files.path(NAME) is None
    assert not (tmp_path / NAME).exists()
    setattr(bad, fault, 0)
    seconds = 11.0
    assert await files.path(NAME) == tmp_path / NAME
    assert (tmp_path / NAME).read_bytes() == jpeg("cat", 5000)


async def test_what_is_no_picture_in_the_store_is_none(bucket: PictureBucket, tmp_path: Path) -> None:
    files = ObjectStoreFiles(bucket, tmp_path, 50 * MB)
    for content in (b"", b"<html>", jpeg("x", object_store.MOST_BYTES)):
        await bucket.put(NAME, content)
        assert await files.path(NAME) is None


async def test_what_others_keep_in_the_bucket_troubles_nobody(
    store_address: str, bucket: PictureBucket, tmp_path: Path
) -> None:
    files = ObjectStoreFiles(bucket, tmp_path, 50 * MB)
    await files.put(NAME, jpeg("cat"))
    async with aiohttp.ClientSession() as session:
        for key in ("a//b", "..%2Fetc%2Fpasswd"):
            address = URL(f"{store_address}/{BUCKET}/{quote(PREFIX)}/{key}", encoded=True)
            async with session.put(address, data=b"x") as made:
                assert made.status == 200
    assert await files.missing([NAME, "kept/zz/other"]) == {"kept/zz/other"}


async def test_a_store_that_lists_without_end_is_left(
    bucket: PictureBucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_store, "_MOST_LISTED", 2)
    files = ObjectStoreFiles(bucket, tmp_path, 50 * MB)
    for number in range(3):
        await files.put(picture_name(f"{number:02}", LARGE), jpeg("cat"))
    with pytest.raises(PicturesFolderError, match="lists more than 2 files"):
        await files.missing([NAME])


async def test_a_store_that_is_gone_is_told(tmp_path: Path) -> None:
    files = ObjectStoreFiles(PictureBucket(options_for("http://127.0.0.1:9")), tmp_path, 50 * MB)
    with pytest.raises(PicturesFolderError, match=r"can't be reached: check media\.store_endpoint"):
        await files.check()


async def test_a_copy_is_of_use_while_the_store_is_gone(way: tuple[BadWay, str], tmp_path: Path) -> None:
    bad, address = way
    files = ObjectStoreFiles(PictureBucket(options_for(address)), tmp_path, 50 * MB)
    await files.put(NAME, jpeg("cat"))
    bad.status = 500
    assert await files.has(NAME)
    assert await files.path(NAME) == tmp_path / NAME


async def test_a_full_disk_keeps_no_picture_from_the_store(
    bucket: PictureBucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digests.media.files.LEAST_FREE", 10**18)
    files = ObjectStoreFiles(bucket, tmp_path, 50 * MB)
    await files.put(NAME, jpeg("cat"))
    assert await bucket.has(NAME)
    with pytest.raises(PicturesFolderError, match="make room"):
        await files.path(NAME)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("Error performing PUT http://169.254.169.254/latest/api/token - status code: 403"), "needs a key"),
        (OSError("HTTP error: error decoding response body"), "breaks off its answers"),
        (OSError("<Error><Code>Odd</Code></Error>"), r"is in trouble \(Odd\)"),
        (RuntimeError("rust future panicked"), "answers as no S3-compatible store"),
        (OSError("Content-Length Header missing from response"), "answers as no S3-compatible store"),
        (
            InvalidPathError('Error parsing Path "bot 1/kept/a\nb": odd'),
            r"can't be used \('bot 1/kept/a\\nb'\): delete",
        ),
    ],
)
async def test_whatever_the_library_raises_becomes_a_sentence(
    bucket: PictureBucket, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    async def failing(*_args: object) -> object:
        raise error

    monkeypatch.setattr("obstore.head_async", failing)
    with pytest.raises(PicturesFolderError, match=said):
        await bucket.has(NAME)


def test_options_keep_their_secrets(store_address: str) -> None:
    options = options_for(store_address)
    assert "secret" not in repr(options)
    assert "known-key" not in repr(options)
    assert "secret" not in repr(PictureBucket(options)._store)
    assert options.name == f"s3://{BUCKET}/{PREFIX}"


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(StorageError, match=r"check media\.store and media\.store_endpoint"):
        PictureBucket(replace(options_for(""), prefix="a//b"))
