"""Backups: made beside a running bot, tried out, and restored into either kind of database."""

from __future__ import annotations

import gc
import json
import os
import random
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

import digests.operation.backup as backups
from digests.errors import InvalidInput, NewerDatabase, StorageError
from digests.operation.backup import Belongings, make_backup
from digests.operation.restoring import restore
from digests.storage.cluster.connection import lock_key
from digests.storage.migrate import MIGRATION, latest_revision, migrate
from digests.storage.move_marks import UNFINISHED
from digests.storage.schema.base import metadata
from digests.storage.transfer import postgres_end, refilling
from digests.storage.transfer.archive import ArchiveWriter
from digests.storage.transfer.ends import Summing, passing
from digests.storage.transfer.manifest import PICTURES, SEARCH, Manifest, manifest_data, member_of
from digests.storage.transfer.opening import open_source
from digests.storage.transfer.tables import TableForm
from tests.contract.test_moving import execute, moved_rows, quietly, scalar
from tests.factories.full_tables import engine_of, fill_tables
from tests.factories.times import NOW
from tests.postgres import Server
from tests.released.loading import load_released


@pytest.fixture
def source_url(tmp_path: Path) -> str:
    """Return the URL of a SQLite database with rows in every table."""
    url = f"sqlite:///{tmp_path / 'source.db'}"
    migrate(url)
    fill_tables(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of an empty database to restore into."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored' / 'digestbot.db'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


def belongings(folder: Path) -> Belongings:
    return Belongings(folder / "search.db", folder / "pictures")


def make(url: str, path: Path, folder: Path | None = None) -> backups.BackupReport:
    return make_backup(url, path, belongings(folder or path.parent / "none"), NOW, "0.2.0", quietly)


def put_back(path: Path, url: str, folder: Path | None = None, **options: Any) -> Any:
    return restore(path, url, belongings(folder or path.parent / "none"), NOW, quietly, **options)


def test_a_backup_is_restored_into_either_kind(database_url: str, empty_url: str, tmp_path: Path) -> None:
    fill_tables(database_url)
    path = tmp_path / "my.backup"
    previous = os.umask(0)
    try:
        report = make(database_url, path)
    finally:
        os.umask(previous)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert report.bytes == path.stat().st_size
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []
    restored = put_back(path, empty_url)
    assert restored.manifest.rows == report.manifest.rows
    assert restored.kept is None
    assert moved_rows(empty_url) == moved_rows(database_url)
    assert migrate(empty_url) == (latest_revision(), latest_revision())
    # New rows get numbers of their own.
    execute(empty_url, "INSERT INTO queries (words, created_at) VALUES ('new', '2026-06-06 04:00:00')")
    assert scalar(empty_url, "SELECT max(id) FROM queries") == 10


def test_search_index_and_list_of_pictures(source_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "pictures" / "ab").mkdir(parents=True)
    (folder / "pictures" / "ab" / "abc.jpg").write_bytes(b"12345")
    (folder / "pictures" / "ab" / "abd.jpg").write_bytes(b"123")
    with closing(sqlite3.connect(folder / "search.db")) as index:
        index.execute("PRAGMA journal_mode=WAL")
        index.execute("CREATE TABLE documents (text)")
        index.execute("INSERT INTO documents VALUES ('moon')")
        index.commit()
        # Still open, as by a running bot.
        report = make(source_url, tmp_path / "my.backup", folder)
    assert set(report.manifest.files) == {SEARCH, PICTURES}
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "pictures" / "ab").mkdir(parents=True)
    (elsewhere / "pictures" / "ab" / "abc.jpg").write_bytes(b"12345")
    (elsewhere / "search.db").write_text("an index of something else")
    (elsewhere / "search.db-wal").write_text("and its journal")
    restored = put_back(tmp_path / "my.backup", f"sqlite:///{elsewhere / 'digestbot.db'}", elsewhere)
    assert (restored.pictures, restored.missing) == (2, 1)
    assert stat.S_IMODE((elsewhere / "search.db").stat().st_mode) == 0o600
    assert not (elsewhere / "search.db-wal").exists()
    with closing(sqlite3.connect(elsewhere / "search.db")) as index:
        assert index.execute("SELECT text FROM documents").fetchall() == [("moon",)]


def test_without_an_index_in_the_backup_an_old_one_goes(source_url: str, tmp_path: Path) -> None:
    make(source_url, tmp_path / "my.backup")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "search.db").write_text("of articles that are not there")
    put_back(tmp_path / "my.backup", f"sqlite:///{elsewhere / 'digestbot.db'}", elsewhere)
    assert not (elsewhere / "search.db").exists()


def test_writers_go_on_and_are_not_in_the_backup(source_url: str, tmp_path: Path) -> None:
    before = moved_rows(source_url)
    file = tmp_path / "source.db"
    written: list[int] = []

    class Show:
        def __call__(self, step: str) -> Any:
            return self

        def __enter__(self) -> Any:
            return self.on_progress

        def __exit__(self, *_: object) -> None:
            return None

        def on_progress(self, _done: int, _total: int) -> None:
            with closing(sqlite3.connect(file, timeout=0.1, isolation_level=None)) as other:
                written.append(other.execute("UPDATE facts SET value = value || 'x'").rowcount)

    make_backup(source_url, tmp_path / "my.backup", belongings(tmp_path / "none"), NOW, "0.2.0", Show())
    assert len(written) > 20
    put_back(tmp_path / "my.backup", f"sqlite:///{tmp_path / 'restored.db'}")
    assert moved_rows(f"sqlite:///{tmp_path / 'restored.db'}") == before


def test_a_database_in_use_is_replaced_only_when_told(source_url: str, empty_url: str, tmp_path: Path) -> None:
    path = tmp_path / "my.backup"
    make(source_url, path)
    migrate(empty_url)
    execute(empty_url, "INSERT INTO counters (name, value) VALUES ('mine', 7)")
    with pytest.raises(StorageError, match=r"not empty \(there are rows in counters\)\. Add --replace"):
        put_back(path, empty_url)
    assert scalar(empty_url, "SELECT value FROM counters") == 7
    report = put_back(path, empty_url, replace=True)
    assert moved_rows(empty_url) == moved_rows(source_url)
    if empty_url.startswith("sqlite"):
        assert report.kept is not None
        assert scalar(f"sqlite:///{report.kept}", "SELECT value FROM counters") == 7
        assert stat.S_IMODE(report.kept.stat().st_mode) == 0o600


def test_every_altered_or_cut_backup_is_refused_before_anything_is_written(source_url: str, tmp_path: Path) -> None:
    path, bad = tmp_path / "my.backup", tmp_path / "bad.backup"
    make(source_url, path)
    good = path.read_bytes()
    target = tmp_path / "target" / "digestbot.db"
    chance = random.Random(7)
    cuts = [good[: chance.randrange(len(good))] for _ in range(20)] + [good[:-1], b"", good + b"x", good[1:]]
    for place in [
        0,
        2,
        30,
        len(good) // 2,
        len(good) - 1,
        len(good) - 75,
        *(chance.randrange(len(good)) for _ in range(40)),
    ]:
        changed = bytearray(good)
        changed[place] ^= 1 << chance.randrange(8)
        cuts.append(bytes(changed))
    for data in cuts:
        bad.write_bytes(data)
        with pytest.raises(StorageError, match=r"bad\.backup"):
            put_back(bad, f"sqlite:///{target}")
        assert not target.exists()
    with pytest.raises(StorageError, match="can't be read"):
        put_back(tmp_path / "none.backup", f"sqlite:///{target}")
    with pytest.raises(StorageError, match="is no file"):
        put_back(tmp_path, f"sqlite:///{target}")


def _forged(path: Path, original: Path, change: Any, members: dict[str, bytes] | None = None) -> None:
    """Write a backup with a changed manifest, changed members, and a seal that holds."""
    with zipfile.ZipFile(original) as old:
        manifest = json.loads(old.read("manifest.json"))
        packed = {name: old.read(name) for name in old.namelist() if name != "manifest.json"}
    change(manifest)
    writer = ArchiveWriter(path)
    for name, data in (packed | (members or {})).items():
        writer._zip.writestr(name, data)
    writer.seal(manifest)
    writer.put_in_place()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(program="tar"), "another program"),
        (lambda m: m.update(revision="9999"), "newer version"),
        (lambda m: m.update(format=2), "newer version"),
        (lambda m: m.update(revision="0013a"), "not as digestbot writes it"),
        (lambda m: m.update(revision=None), "newer version|not as digestbot"),
        (lambda m: m["tables"].pop("places"), "not as digestbot writes it"),
        (lambda m: m["tables"]["places"]["columns"].pop(), "not as digestbot writes it"),
        (lambda m: m["tables"]["places"].update(key=[]), "not as digestbot writes it"),
        (lambda m: m["tables"]["places"].update(bytes=10**15), r"is not what it says \(in .*places"),
        (lambda m: m["tables"]["places"].update(bytes=5), r"is not what it says \(in .*places|damaged"),
        (lambda m: m["tables"]["places"].update(rows=1), r"is not what it says \(in places"),
        (lambda m: m["tables"]["places"].update(sha256="0" * 64), r"is not what it says \(in places"),
        (lambda m: m["tables"]["places"].update(bytes=-1), "not as digestbot writes it"),
        (lambda m: m["files"].update({"../../evil": {"rows": 0, "bytes": 0, "sha256": ""}}), "not as digestbot"),
        (lambda m: m.update(tables=[]), "not as digestbot writes it"),
        (lambda m: m.clear(), "not as digestbot writes it"),
    ],
)
def test_a_forged_backup_is_refused(source_url: str, tmp_path: Path, change: Any, said: str) -> None:
    path, bad = tmp_path / "my.backup", tmp_path / "bad.backup"
    make(source_url, path)
    _forged(bad, path, change)
    with pytest.raises(StorageError, match=said):
        put_back(bad, f"sqlite:///{tmp_path / 'target.db'}")
    assert not (tmp_path / "target.db").exists()


def test_names_and_sizes_of_members_mean_nothing(source_url: str, tmp_path: Path) -> None:
    path, bad = tmp_path / "my.backup", tmp_path / "bad.backup"
    make(source_url, path)
    _forged(bad, path, lambda _: None, {"../evil.db": b"x", "/tmp/evil.db": b"x"})
    with pytest.raises(StorageError, match="not as digestbot writes it"):
        put_back(bad, f"sqlite:///{tmp_path / 'target.db'}")
    # A member that unpacks to a thousand times of what the manifest says.
    bomb = b"".join(backups_packed(b"0" * 1_000_000 for _ in range(50)))
    _forged(bad, path, lambda _: None, {member_of("facts"): bomb})
    with pytest.raises(StorageError, match=r"is not what it says \(in .*facts|damaged"):
        put_back(bad, f"sqlite:///{tmp_path / 'target.db'}")

    # An honest manifest with more than the disk has.
    def grow(manifest: dict[str, Any]) -> None:
        for values in manifest["tables"].values():
            values["bytes"] = 10**15

    _forged(bad, path, grow)
    with pytest.raises(StorageError):
        put_back(bad, f"sqlite:///{tmp_path / 'target.db'}")
    assert not (tmp_path / "target.db").exists()


def backups_packed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    from digests.storage.transfer.archive import zstd

    packer = zstd.ZstdCompressor()
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()


def test_rows_that_do_not_belong_together_are_refused(source_url: str, empty_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "source.db")) as connection:
        connection.execute("DELETE FROM places")
        connection.commit()
    with pytest.raises(StorageError, match="refers to a row of places"):
        make(source_url, tmp_path / "my.backup")
    assert list(tmp_path.glob("*.backup*")) == []
    assert list(tmp_path.glob(".*")) == []


def test_what_is_there_is_not_overwritten_but_by_the_next_backup(source_url: str, tmp_path: Path) -> None:
    path = tmp_path / "my.backup"
    make(source_url, path)
    first = path.read_bytes()
    execute(source_url, "UPDATE facts SET value = 'later'")
    make(source_url, path)
    assert path.read_bytes() != first
    long, below = tmp_path / ("x" * 300), path / "my.backup"
    for other in (tmp_path / "source.db", tmp_path, tmp_path / "no" / "folder" / "my.backup", long, below):
        with pytest.raises(InvalidInput):
            make(source_url, other)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="no backup"):
        make(source_url, tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def _back_up_as_it_was(url: str, path: Path) -> None:
    """Write a backup of an older version's database, as that version would have."""
    engine = engine_of(url)
    forms: list[TableForm] = []
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        for table in metadata.sorted_tables:
            if inspector.has_table(table.name):
                there = {column["name"] for column in inspector.get_columns(table.name)}
                kept = [column for column in table.columns if column.name in there]
                columns = [sa.Column(column.name, column.type, primary_key=column.primary_key) for column in kept]
                forms.append(
                    TableForm(sa.Table(table.name, sa.MetaData(), *columns), tuple(table.primary_key.columns.keys()))
                )
        revision = str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")))
    engine.dispose()
    writer = ArchiveWriter(path)
    with closing(open_source(url)) as source:
        sums = {}
        for form in forms:
            summing = Summing()
            writer.add(member_of(form.name), passing(source.lines(form), summing))
            sums[form.name] = summing.sum()
    writer.seal(manifest_data(Manifest("0.1.0", revision, NOW, forms, sums, {})))
    writer.put_in_place()


def test_a_backup_of_an_older_version_is_brought_up_to_date(tmp_path: Path, empty_url: str) -> None:
    old = load_released("0.1.0", tmp_path / "old.db")
    _back_up_as_it_was(old, tmp_path / "aged.backup")
    put_back(tmp_path / "aged.backup", empty_url)
    migrate(old)
    assert migrate(empty_url) == (latest_revision(), latest_revision())
    assert moved_rows(empty_url) == moved_rows(old)


def test_a_living_bot_on_a_server_is_not_restored_over(source_url: str, postgresql: Server, tmp_path: Path) -> None:
    make(source_url, tmp_path / "my.backup")
    with postgresql.database() as url:
        engine = engine_of(url)
        with engine.connect():
            execute(url, "INSERT INTO facts (name, value, at) VALUES ('alive', '4711', now())")
            with pytest.raises(StorageError, match="A bot runs on the database"):
                put_back(tmp_path / "my.backup", url, replace=True)
        engine.dispose()


def test_a_newer_backup_is_refused_by_name(source_url: str, tmp_path: Path) -> None:
    path, newer = tmp_path / "my.backup", tmp_path / "newer.backup"
    make(source_url, path)
    _forged(newer, path, lambda m: m.update(revision="9000", version="7.0.0"))
    with pytest.raises(NewerDatabase, match=r"newer version of the bot \(7\.0\.0\)"):
        put_back(newer, f"sqlite:///{tmp_path / 'target.db'}")


def test_a_backup_that_fails_midway_leaves_no_file_and_complains_of_nothing_else(
    postgresql: Server, tmp_path: Path
) -> None:
    with postgresql.database() as url:
        execute(url, "DROP TABLE places CASCADE")
        with pytest.raises(StorageError):
            make(url, tmp_path / "my.backup")
        # A half-written archive would complain when it is forgotten, which fails the test.
        gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_file_is_refused_at_once(source_url: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(StorageError, match="is no file"):
            put_back(path, f"sqlite:///{tmp_path / 'restored.db'}")
        with pytest.raises(InvalidInput, match=r"is no backup|is a folder"):
            make(source_url, path)
    assert not (tmp_path / "restored.db").exists()


@pytest.mark.parametrize("is_older", [False, True])
def test_a_restore_that_ends_while_it_makes_tables_leaves_no_database_that_a_bot_starts_on(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_older: bool
) -> None:
    def die(*_: object, **_options: object) -> None:
        raise KeyboardInterrupt

    source = f"sqlite:///{tmp_path / 'old.db'}"
    migrate(source)
    fill_tables(source)
    path = tmp_path / "my.backup"
    make(source, path)
    with postgresql.database() as url:
        fill_tables(url)
        before = moved_rows(url)
        if is_older:
            monkeypatch.setattr(refilling, "latest_revision", lambda: "9999")
            monkeypatch.setattr(postgres_end, "create_older", die)
        else:
            monkeypatch.setattr(postgres_end, "CreateTable", die)
        with pytest.raises(KeyboardInterrupt):
            put_back(path, url, replace=True)
        if is_older:
            with pytest.raises(StorageError, match="is not complete"):
                migrate(url)
        else:
            assert moved_rows(url) == before
        monkeypatch.undo()
        put_back(path, url, replace=True)
        assert moved_rows(url) == moved_rows(source)


def test_a_bot_that_starts_as_a_restore_begins_waits_and_is_refused(postgresql: Server) -> None:
    found: list[str] = []

    def start() -> None:
        try:
            migrate(url)
        except StorageError as error:
            found.append(str(error))

    with postgresql.database() as url:
        engine = engine_of(url)
        starting = threading.Thread(target=start)
        with engine.begin() as restoring:
            restoring.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_key(MIGRATION))))
            restoring.execute(CreateTable(UNFINISHED))
            starting.start()
            starting.join(0.5)
            assert starting.is_alive()
        starting.join()
        engine.dispose()
    assert "is not complete" in found[0]
