"""Others on the machine cannot read the bot's files, no second bot writes them, and unreadable posts are reported."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.commands.posts import ingest_posts
from bot.errors import StartError
from bot.process.app import App
from bot.runtime.lock import BotLock
from bot.wiring.stores import open_stores
from config.load import load_settings
from config.settings import Settings
from digests.doctor.health import CheckedStores, run_checks
from digests.errors import OriginError, StorageError
from digests.ingest.status import LAST_SCAN, UNREADABLE
from digests.media.folder import mosaic_name
from digests.media.place import open_picture_files
from digests.storage.files.data_folder import open_to_others, prepare_data_folder
from digests.storage.files.private_files import make_database_file, write_private
from digests.storage.migrate import migrate
from tests.factories.articles import post
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.flow.harness import FRESH, TOKEN, open_harness


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set masks from the most generous to the strictest."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def settings_in(folder: Path, **more: Any) -> Settings:
    (folder / "posts").mkdir(exist_ok=True)
    return load_settings(environ={}, data_dir=str(folder / "data"), posts={"folder": str(folder / "posts")}, **more)


async def test_files_of_a_running_bot_are_private(tmp_path: Path) -> None:
    async with open_harness(tmp_path, FRESH) as harness:
        await harness.subscriber_of("Moon")
        data = tmp_path / "data"
        files = {path.name: rights(path) for path in data.iterdir()}
        assert {"digestbot.db", "digestbot.db-wal", "digestbot.db-shm", "search.db", "search.db-wal"} <= set(files)
        assert {"digestbot.lock", "digestbot.db.lock"} <= set(files)
        assert set(files.values()) == {0o600}
        assert rights(data) == 0o700
        await harness.app.stores.index.rebuild(harness.app.stores.articles)
        assert {rights(path) for path in data.iterdir()} == {0o600}
        assert open_to_others(harness.settings) == []


async def test_files_that_an_older_bot_left_open_become_private(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with open_stores(settings):
        pass
    data = tmp_path / "data"
    (data / "digestbot.lock").touch()
    data.chmod(0o755)
    for path in data.iterdir():
        path.chmod(0o664)
    assert set(open_to_others(settings)) == {data, data / "digestbot.db", data / "search.db"}
    async with open_stores(settings):
        assert {rights(path) for path in data.iterdir()} == {0o600}
    assert rights(data) == 0o700


@pytest.mark.parametrize(
    ("made", "kept"), [(0o755, 0o700), (0o750, 0o700), (0o777, 0o770), (0o770, 0o770), (0o2755, 0o2750), (0o700, 0o700)]
)
def test_a_folder_that_a_group_may_use_keeps_that_right(tmp_path: Path, made: int, kept: int) -> None:
    settings = settings_in(tmp_path)
    settings.data_dir.mkdir()
    settings.data_dir.chmod(made)
    prepare_data_folder(settings)
    assert rights(settings.data_dir) == kept


@pytest.mark.parametrize(("made", "kept"), [(0o755, 0o700), (0o777, 0o770), (0o2755, 0o2750), (0o700, 0o700)])
async def test_the_folder_of_pictures_is_ours_alone(tmp_path: Path, made: int, kept: int) -> None:
    settings = settings_in(tmp_path)
    settings.pictures_folder.mkdir(parents=True)
    settings.pictures_folder.chmod(made)
    settings.data_dir.chmod(0o755)
    prepare_data_folder(settings)
    assert rights(settings.pictures_folder) == kept
    assert rights(settings.data_dir) == 0o700
    name = mosaic_name("ab" * 20)
    await open_picture_files(settings).put(name, b"\xff\xd8\xff\xff\xd9")
    assert rights(settings.pictures_folder / name) == 0o600
    assert {rights(folder) & 0o777 for folder in (settings.pictures_folder / name).parents[:2]} == {0o700}


def test_a_folder_of_pictures_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.data_dir.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere").chmod(0o755)
    settings.pictures_folder.symlink_to(tmp_path / "elsewhere")
    prepare_data_folder(settings)
    assert rights(tmp_path / "elsewhere") == 0o755


async def test_a_data_folder_with_other_files_is_left_alone_and_reported(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.data_dir.mkdir()
    settings.data_dir.chmod(0o755)
    (settings.data_dir / "site").mkdir()
    async with open_stores(settings) as stores:
        checked = CheckedStores(stores.articles, stores.people, stores.index, stores.gaps)
        found = await run_checks(settings, checked, NOW)
    assert rights(settings.data_dir) == 0o755
    assert rights(settings.data_dir / "digestbot.db") == 0o600
    (finding,) = [finding for finding in found if finding.what == "rights"]
    assert (finding.level, str(settings.data_dir) in finding.text) == ("warning", True)


def test_a_database_behind_a_link_becomes_private_too(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    make_database_file(tmp_path / "link.db")
    assert rights(tmp_path / "real.db") == 0o600
    (tmp_path / "real.db").chmod(0o666)
    migrate(f"sqlite:///{tmp_path / 'link.db'}")
    assert rights(tmp_path / "real.db") == 0o600


@pytest.mark.parametrize("where", ["database", "index"])
async def test_a_file_that_is_not_a_database_is_left_alone(tmp_path: Path, where: str) -> None:
    """A setting or a link may point at any file of the machine by mistake, and the bot may run as root."""
    file = tmp_path / "accounts"
    file.write_text("robin:x:1001:1001::/home/robin:/bin/sh\n" * 200)
    file.chmod(0o644)
    settings = settings_in(tmp_path)
    settings.data_dir.mkdir()
    (settings.data_dir / {"database": "digestbot.db", "index": "search.db"}[where]).symlink_to(file)
    try:
        async with open_stores(settings) as stores:
            assert await stores.index.revision() == 0
    except StorageError:
        assert where == "database"
    assert rights(file) == 0o644
    assert file.read_text().startswith("robin:")


def test_writing_a_private_file_makes_an_existing_one_private(tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    file.write_text("longer than what comes now")
    file.chmod(0o666)
    write_private(file, "x")
    assert (file.read_text(), rights(file)) == ("x", 0o600)
    write_private(tmp_path / "new", "a\u2028b\r\n")
    assert ((tmp_path / "new").read_bytes(), rights(tmp_path / "new")) == ("a\u2028b\r\n".encode(), 0o600)


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.data_dir.write_text("")
    with pytest.raises(StorageError, match="data_dir"):
        prepare_data_folder(settings)


@pytest.mark.parametrize(
    "second",
    [
        lambda folder: folder / "shared.db",
        lambda folder: folder / "one" / ".." / "shared.db",
        lambda folder: folder / "link.db",
        lambda folder: folder / "way" / "shared.db",
        lambda folder: Path("shared.db"),
    ],
)
async def test_a_database_has_one_bot_whatever_its_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: Callable[[Path], Path]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "link.db").symlink_to("shared.db")
    (tmp_path / "way").symlink_to(tmp_path)
    async with open_harness(tmp_path / "one", database={"url": f"sqlite:///{tmp_path}/shared.db"}) as harness:
        (tmp_path / "two").mkdir()
        database = {"url": f"sqlite:///{second(tmp_path)}"}
        settings = settings_in(tmp_path / "two", database=database, telegram={"token": TOKEN})
        other = App(settings, FakeClock(NOW))
        with pytest.raises(StartError, match=r"Another bot is running on the database .*database\.url"):
            await other.start(scheduled=False)
        await other.stop()
        # The program's other commands work beside it.
        async with open_stores(settings) as stores:
            assert await stores.places.counts() == {}
        await harness.publish("Moon")


def test_a_released_lock_can_be_acquired_again(tmp_path: Path) -> None:
    first, second = (BotLock(tmp_path, tmp_path / "x.db") for _ in range(2))
    first.acquire()
    with pytest.raises(StartError, match="Another bot is running"):
        second.acquire()
    first.release()
    second.acquire()
    third = BotLock(tmp_path / "elsewhere", tmp_path / "x.db")
    with pytest.raises(StartError, match=r"database\.url"):
        third.acquire()
    # The lock that it acquired before it was refused is free again.
    BotLock(tmp_path / "elsewhere").acquire()
    second.release()
    assert rights(tmp_path / "x.db.lock") == 0o600


def refuse_listing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to list the folder. Changing its mode would not do: root may read everything."""
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if os.fsencode(path) == os.fsencode(folder):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)


async def test_an_unreadable_folder_inside_an_origin_is_reported_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_harness(tmp_path) as harness:
        harness.write("Moon")
        (harness.posts / "private").mkdir()
        with monkeypatch.context() as patch:
            refuse_listing(harness.posts / "private", patch)
            for _ in range(3):
                await harness.app.scan()
            stores = harness.app.stores
            checked = CheckedStores(stores.articles, stores.people, stores.index, stores.gaps)
            found = await run_checks(harness.settings, checked, NOW)
        named = [check.text for check in found if check.level == "warning" and check.what == "folder of posts"]
        assert named == ["private/ of the origin folder can't be read: give the bot the right to read it"]
        assert [
            record.getMessage().count("private/") for record in caplog.records if "can't be read" in record.getMessage()
        ] == [1]
        await harness.app.scan()
        assert await stores.people.fact(UNREADABLE) is None


@pytest.mark.parametrize("given", [None, "posts", "elsewhere"])
def test_the_ingest_command_notes_its_scan_as_the_bot_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    monkeypatch.setenv("DIGESTBOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DIGESTBOT_POSTS__FOLDER", str(tmp_path / "posts"))
    for folder in ("posts", "elsewhere"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.md").write_text(post(folder))
    ingest_posts(None, tmp_path / given if given else None, as_json=True)

    async def noted() -> str:
        async with open_stores(load_settings()) as stores:
            fact = await stores.people.fact(LAST_SCAN)
        return fact[0] if fact else ""

    assert asyncio.run(noted()) == ("" if given == "elsewhere" else "1 files, 1 new")


def test_a_scan_that_reaches_no_origin_is_not_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGESTBOT_DATA_DIR", str(tmp_path / "data"))
    with pytest.raises(OriginError):
        ingest_posts(None, None, as_json=True)

    async def noted() -> object:
        async with open_stores(load_settings()) as stores:
            return await stores.people.fact(LAST_SCAN)

    assert asyncio.run(noted()) is None


async def test_an_unreadable_posts_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path)
    access = os.access
    closed_folder = settings.posts.folder
    monkeypatch.setattr(os, "access", lambda path, mode: path != closed_folder and access(path, mode))
    async with open_stores(settings) as stores:
        checked = CheckedStores(stores.articles, stores.people, stores.index, stores.gaps)
        found = await run_checks(settings, checked, NOW)
    (finding,) = [finding for finding in found if finding.what == "posts folder"]
    assert (finding.level, "can't be read" in finding.text) == ("error", True)
