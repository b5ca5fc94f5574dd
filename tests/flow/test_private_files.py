"""Nobody else on the machine reads what the bot keeps, no second bot writes it, and what it can't read is named."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.commands.posts import ingest_posts
from bot.errors import StartError
from bot.runtime.lock import BotLock
from bot.wiring import open_stores
from config.load import load_settings
from config.settings import Settings
from digests.doctor import run_checks
from digests.errors import OriginError, StorageError
from digests.ingest.status import LAST_SCAN, UNREADABLE
from digests.storage.data_folder import open_to_others, prepare_data_folder
from digests.storage.migrate import migrate
from digests.storage.private_files import make_database_file, write_private
from tests.builders import NOW, post
from tests.fakes import FakeClock
from tests.flow.stage import TOKEN, open_stage


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """However generous the system is."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def settings_in(folder: Path, **more: Any) -> Settings:
    (folder / "posts").mkdir(exist_ok=True)
    return load_settings(environ={}, data_dir=str(folder / "data"), posts={"folder": str(folder / "posts")}, **more)


async def test_all_that_a_running_bot_keeps_is_its_own(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as harness:
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


async def test_what_an_older_bot_left_open_is_closed(tmp_path: Path) -> None:
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
def test_a_folder_that_was_given_to_a_group_stays_the_groups(tmp_path: Path, made: int, kept: int) -> None:
    settings = settings_in(tmp_path)
    settings.data_dir.mkdir()
    settings.data_dir.chmod(made)
    prepare_data_folder(settings)
    assert rights(settings.data_dir) == kept


async def test_a_folder_with_other_things_in_it_is_left_and_named(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.data_dir.mkdir()
    settings.data_dir.chmod(0o755)
    (settings.data_dir / "site").mkdir()
    async with open_stores(settings) as stores:
        found = await run_checks(settings, stores.articles, stores.people, stores.index, NOW)
    assert rights(settings.data_dir) == 0o755
    assert rights(settings.data_dir / "digestbot.db") == 0o600
    (finding,) = [one for one in found if one.what == "rights"]
    assert (finding.level, str(settings.data_dir) in finding.text) == ("warning", True)


def test_a_database_behind_a_link_is_closed_too(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    make_database_file(tmp_path / "link.db")
    assert rights(tmp_path / "real.db") == 0o600
    (tmp_path / "real.db").chmod(0o666)
    migrate(f"sqlite:///{tmp_path / 'link.db'}")
    assert rights(tmp_path / "real.db") == 0o600


@pytest.mark.parametrize("where", ["database", "index"])
async def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path, where: str) -> None:
    """A setting or a link may lead to any file of the machine by mistake, and the bot may run as root."""
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


def test_a_private_file_is_private_also_where_it_was_there(tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    file.write_text("longer than what comes now")
    file.chmod(0o666)
    write_private(file, "x")
    assert (file.read_text(), rights(file)) == ("x", 0o600)
    write_private(tmp_path / "new", "a\u2028b\r\n")
    assert ((tmp_path / "new").read_bytes(), rights(tmp_path / "new")) == ("a\u2028b\r\n".encode(), 0o600)


def test_a_data_folder_that_is_a_file_is_told_in_a_sentence(tmp_path: Path) -> None:
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
async def test_a_database_has_one_bot_whatever_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: Callable[[Path], Path]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "link.db").symlink_to("shared.db")
    (tmp_path / "way").symlink_to(tmp_path)
    async with open_stage(tmp_path / "one", database={"url": f"sqlite:///{tmp_path}/shared.db"}) as harness:
        (tmp_path / "two").mkdir()
        database = {"url": f"sqlite:///{second(tmp_path)}"}
        settings = settings_in(tmp_path / "two", database=database, telegram={"token": TOKEN})
        other = App(settings, FakeClock(NOW))
        with pytest.raises(StartError, match=r"Another bot is running on the database .*database\.url"):
            await other.start(scheduled=False)
        await other.stop()
        # What the program's other commands do beside it goes on.
        async with open_stores(settings) as stores:
            assert await stores.places.counts() == {}
        await harness.publish("Moon")


def test_a_lock_that_was_let_go_can_be_taken(tmp_path: Path) -> None:
    first, second = (BotLock(tmp_path, tmp_path / "x.db") for _ in range(2))
    first.acquire()
    with pytest.raises(StartError, match="Another bot is running"):
        second.acquire()
    first.release()
    second.acquire()
    third = BotLock(tmp_path / "elsewhere", tmp_path / "x.db")
    with pytest.raises(StartError, match=r"database\.url"):
        third.acquire()
    # What it took before it was refused is free again.
    BotLock(tmp_path / "elsewhere").acquire()
    second.release()
    assert rights(tmp_path / "x.db.lock") == 0o600


def closed(origin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so taking the right away would test nothing there."""
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if os.fsencode(path) == os.fsencode(origin_folder):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)


async def test_a_folder_of_posts_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_stage(tmp_path) as harness:
        harness.write("Moon")
        (harness.posts / "private").mkdir()
        with monkeypatch.context() as patch:
            closed(harness.posts / "private", patch)
            for _ in range(3):
                await harness.app.scan()
            stores = harness.app.stores
            found = await run_checks(harness.settings, stores.articles, stores.people, stores.index, NOW)
        named = [one.text for one in found if one.level == "warning" and one.what == "folder of posts"]
        assert named == ["private/ of the origin folder can't be read: give the bot the right to read it"]
        assert [
            record.getMessage().count("private/") for record in caplog.records if "can't be read" in record.getMessage()
        ] == [1]
        await harness.app.scan()
        assert await stores.people.fact(UNREADABLE) is None


@pytest.mark.parametrize("given", [None, "posts", "elsewhere"])
def test_a_look_of_the_command_is_one_of_the_bot(
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


def test_a_look_that_reaches_no_origin_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGESTBOT_DATA_DIR", str(tmp_path / "data"))
    with pytest.raises(OriginError):
        ingest_posts(None, None, as_json=True)

    async def noted() -> object:
        async with open_stores(load_settings()) as stores:
            return await stores.people.fact(LAST_SCAN)

    assert asyncio.run(noted()) is None


async def test_the_folder_itself_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path)
    access = os.access
    closed_folder = settings.posts.folder
    monkeypatch.setattr(os, "access", lambda path, mode: path != closed_folder and access(path, mode))
    async with open_stores(settings) as stores:
        found = await run_checks(settings, stores.articles, stores.people, stores.index, NOW)
    (finding,) = [one for one in found if one.what == "posts folder"]
    assert (finding.level, "can't be read" in finding.text) == ("error", True)
