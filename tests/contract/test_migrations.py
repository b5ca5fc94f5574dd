from __future__ import annotations

import shutil
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from digests.errors import NewerDatabase, StorageError
from digests.storage import migrate as migrate_module
from digests.storage import migrations
from digests.storage.database import Database
from digests.storage.engine.failures import explain_database_error
from digests.storage.engine.sqlite import check_sqlite_version
from digests.storage.migrate import migrate
from digests.storage.schema.base import metadata
from tests.contract.newsroom import Newsroom, crawled
from tests.factories.feed_items import FERRY, KITES, LINK
from tests.postgres import Server

MIGRATIONS = Path(migrations.__file__).parent


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    driver = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return sa.create_engine(parsed.set(drivername=driver), poolclass=sa.NullPool)


def _describe(connection: sa.Connection) -> dict[str, Any]:
    """Return everything that a database says about its tables."""
    inspector = sa.inspect(connection)
    tables: dict[str, Any] = {}
    for name in sorted(inspector.get_table_names()):
        tables[name] = {
            "columns": sorted(str({**column, "type": str(column["type"])}) for column in inspector.get_columns(name)),
            "key": inspector.get_pk_constraint(name),
            "foreign": sorted(map(str, inspector.get_foreign_keys(name))),
            "unique": sorted(map(str, inspector.get_unique_constraints(name))),
            "indexes": sorted(map(str, inspector.get_indexes(name))),
        }
        if connection.dialect.name == "sqlite":
            without_rowid = sa.text("SELECT wr FROM pragma_table_list WHERE name = :name")
            tables[name]["without_rowid"] = connection.scalar(without_rowid, {"name": name})
    return tables


def _differences(connection: sa.Connection) -> list[Any]:
    """Return how a database differs from the program's schema, without the indexes that only the other kind has."""

    def is_meant(item: Any, _name: str | None, kind: str, is_reflected: bool, _to: Any) -> bool:
        condition = None if kind != "index" or is_reflected else item._ddl_if
        return condition is None or condition.dialect == connection.dialect.name

    context = MigrationContext.configure(connection, opts={"include_object": is_meant})
    return list(compare_metadata(context, metadata))


def _set_revision(url: str, revision: str) -> None:
    engine = _engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()


def test_migrations_create_the_programs_schema(database_url: str) -> None:
    engine = _engine(database_url)
    with engine.connect() as connection:
        at_once = _describe(connection)
        everything = sa.MetaData()
        everything.reflect(connection)
        everything.drop_all(connection)
        connection.commit()
        assert not sa.inspect(connection).get_table_names()
        migrate_module._upgrade(connection)
        assert _differences(connection) == []
        assert _describe(connection) == at_once
    engine.dispose()
    assert migrate(database_url)[0] == migrate(database_url)[1]


def test_a_migration_that_was_killed_starts_over(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    engine = _engine(url)
    with engine.begin() as connection:
        metadata.tables["articles"].create(connection)
    before, after = migrate(url)
    assert (before, after) == (None, migrate(url)[0])
    with engine.connect() as connection:
        assert _differences(connection) == []
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    before, after = migrate(database_url)
    assert before == after


@pytest.mark.parametrize("before", [None, migrate_module.known_revisions()[-2]], ids=["empty", "older"])
def test_processes_that_start_together_make_the_tables_once(tmp_path: Path, before: str | None) -> None:
    """A bot, and the commands that somebody types while it starts."""
    url = f"sqlite:///{tmp_path / 'digestbot.db'}"
    if before is not None:
        migrate_module.create_older(url, before)
    together = threading.Barrier(4)

    def start() -> tuple[str | None, str]:
        together.wait(10)
        return migrate(url)

    with ThreadPoolExecutor(4) as threads:
        done = Counter(starting.result() for starting in [threads.submit(start) for _ in range(4)])
    latest = migrate_module.latest_revision()
    assert done == {(before, latest): 1, (latest, latest): 3}


def test_file_names_follow_the_order_of_the_revisions() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest_first = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    assert [name.partition("_")[0] for name in names] == newest_first[::-1]


def test_a_newer_database_is_refused_with_a_reason(database_url: str) -> None:
    _set_revision(database_url, "9999")
    with pytest.raises(NewerDatabase, match="newer version of the bot"):
        migrate(database_url)


def _rebuild_at(url: str, revision: str) -> sa.Engine:
    """Make the database anew, as the program of that revision made it."""
    engine = _engine(url)
    with engine.begin() as connection:
        everything = sa.MetaData()
        everything.reflect(connection)
        everything.drop_all(connection)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return engine


def test_a_database_of_the_last_pre_release_goes_on_working(database_url: str) -> None:
    # The revision is spelled out: databases out there are at it, whatever the files are called.
    engine = _rebuild_at(database_url, "0009")
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO counters (name, value) VALUES ('mood', 7)"))
    before, after = migrate(database_url)
    assert before == "0009"
    assert after == migrate(database_url)[0]
    with engine.connect() as connection:
        assert _differences(connection) == []
        assert connection.scalar(sa.text("SELECT value FROM counters WHERE name = 'mood'")) == 7
    engine.dispose()


def test_spellings_of_a_category_are_merged_with_all_that_names_them(database_url: str) -> None:
    engine = _rebuild_at(database_url, "0009")
    now = "2026-06-06 04:00:00"
    paths = {1: "Web开发", 2: "WEB开发", 3: "WEB开发\x1fCSS", 4: "Web开发\x1fJS", 5: "web 开发\x1fjs", 6: "web 开发"}
    parents = {3: 2, 4: 1, 5: 6}
    with engine.begin() as connection:
        for number in (1, 2, 6, 3, 4, 5):
            row = {"id": number, "parent": parents.get(number), "path": paths[number]}
            row["name"] = paths[number].rpartition("\x1f")[2]
            connection.execute(
                sa.text("INSERT INTO categories (id, parent_id, name, path) VALUES (:id, :parent, :name, :path)"), row
            )
        for article in (1, 2, 3):
            connection.execute(
                sa.text(
                    "INSERT INTO articles (id, ingest, revision, identity, content_hash, title, category_id, author,"
                    " source, language, first_seen_at, shown_at, updated_at, fresh, summary, text)"
                    " VALUES (:id, :id, :id, :name, '', '', :category, '', '', '', :now, :now, :now, true, '', '')"
                ),
                {"id": article, "name": str(article), "category": 2 if article < 3 else 5, "now": now},
            )
        links = [(1, 2), (2, 2), (2, 1), (3, 5), (3, 6)]
        for article, category in links:
            connection.execute(
                sa.text("INSERT INTO article_categories (article_id, category_id) VALUES (:article, :category)"),
                {"article": article, "category": category},
            )
        connection.execute(sa.text("INSERT INTO hidden_categories (category_id, at) VALUES (6, :now)"), {"now": now})
    migrate(database_url)
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT id, parent_id, path, alias_of FROM categories ORDER BY id")).all()
        kept = {row.id: (row.parent_id, row.path) for row in rows if row.alias_of is None}
        assert kept == {2: (None, "WEB开发"), 3: (2, "WEB开发\x1fCSS"), 5: (2, "WEB开发\x1fjs")}
        assert {row.id: row.alias_of for row in rows if row.alias_of} == {1: 2, 6: 2, 4: 5}
        found = connection.execute(sa.text("SELECT article_id, category_id FROM article_categories")).all()
        assert sorted(map(tuple, found)) == [(1, 2), (2, 2), (3, 2), (3, 5)]
        assert connection.scalar(sa.text("SELECT category_id FROM hidden_categories")) == 2
        assert connection.scalar(sa.text("SELECT category_id FROM articles WHERE id = 3")) == 5
    engine.dispose()


async def test_articles_of_posts_are_known_to_feeds_at_once(database_url: str) -> None:
    opened = Database(database_url)
    room = Newsroom(opened)
    await room.scan(
        {
            "a.md": crawled("Kites above the beach", f'<p>{KITES}</p><p>原文链接：<a href="{LINK}">{LINK}</a></p>'),
            "b.md": crawled("12_00", f"<p>{FERRY}</p>"),
            "c.md": crawled("", ""),
        }
    )
    before = [row._mapping for row in await room.rows()]
    await opened.close()
    stored = _rows(database_url, "categories", "articles", "posts")
    engine = _rebuild_at(database_url, "0012")
    with engine.begin() as connection:
        for table, rows in stored.items():
            names = [column["name"] for column in sa.inspect(connection).get_columns(table)]
            values = ", ".join(f":{name}" for name in names)
            connection.execute(sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"), rows)
    engine.dispose()
    migrate(database_url)
    opened = Database(database_url)
    assert [row._mapping for row in await Newsroom(opened).rows()] == before
    await opened.close()


def _rows(url: str, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the tables as the database has them."""
    engine = _engine(url)
    with engine.connect() as connection:
        found = {
            table: [dict(row._mapping) for row in connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY 1"))]
            for table in tables
        }
    engine.dispose()
    return found


@pytest.mark.parametrize("revision", ["0001", "0008"])
def test_an_older_pre_release_is_refused_with_what_to_do(database_url: str, revision: str) -> None:
    _set_revision(database_url, revision)
    with pytest.raises(StorageError, match=rf"revision {revision}.*`digestbot migrate`.*then start this version"):
        migrate(database_url)
    engine = _engine(database_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == revision
    engine.dispose()


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a migration that the next release might have, after the databases were made."""
    newer = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, newer)
    (newer / "versions" / "9000_moods.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = '9000', {migrate_module._revisions()[-1]!r}\n"
        "def upgrade():\n    op.add_column('places', sa.Column('mood', sa.Text(), nullable=True))\n"
    )
    monkeypatch.setattr(migrate_module, "_MIGRATIONS", newer)


def test_a_database_of_the_release_before_is_upgraded(database_url: str, next_release: None) -> None:
    before, after = migrate(database_url)
    assert (before, after) == (migrate_module._revisions()[-2], "9000")
    engine = _engine(database_url)
    with engine.connect() as connection:
        assert "mood" in {column["name"] for column in sa.inspect(connection).get_columns("places")}
    engine.dispose()


def test_an_upgrade_that_waits_for_a_long_read_lets_others_go_first(postgresql: Server, next_release: None) -> None:
    with postgresql.database() as url, ThreadPoolExecutor(1) as pool:
        engine = _engine(url)
        with engine.connect() as backup:
            backup.execute(sa.text("SELECT count(*) FROM places"))
            upgrading = pool.submit(migrate, url)
            with engine.connect() as other:
                waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'")
                while not other.scalar(waits):
                    assert not upgrading.done(), upgrading.exception()
                other.execute(sa.text("SET statement_timeout = '30s'"))
                assert other.scalar(sa.text("SELECT count(*) FROM places")) == 0
                other.rollback()
            assert not upgrading.done()
        assert upgrading.result(60)[1] == "9000"
        engine.dispose()


def test_a_data_folder_that_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="data_dir"):
        migrate(f"sqlite:///{tmp_path / 'file' / 'x.db'}")


def test_a_file_that_is_not_a_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("this is no database, but it is long enough to be looked at as one" * 30)
    with pytest.raises(StorageError, match="did not answer"):
        migrate(f"sqlite:///{tmp_path / 'x.db'}")


async def test_an_unavailable_server_is_a_storage_error() -> None:
    away = Database("postgresql://me@127.0.0.1:1/none")
    with pytest.raises(StorageError, match="did not answer"):
        async with away.read():
            pass
    await away.close()


def test_an_old_sqlite_is_refused_by_its_version() -> None:
    check_sqlite_version((3, 40, 0))
    with pytest.raises(StorageError, match=r"3\.39\.9 is too old"):
        check_sqlite_version((3, 39, 9))


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        ("database or disk is full", "free some room"),
        ("could not extend file: No space left on device", "free some room"),
        ("database is locked", "another program"),
        ("attempt to write a readonly database", "opened for writing"),
        ("server closed the connection", "did not answer"),
    ],
)
def test_failures_of_disk_and_server_are_explained(cause: str, said: str) -> None:
    error = sa.exc.OperationalError("SELECT 1", {}, Exception(cause))
    assert said in explain_database_error(error)


async def test_a_broken_write_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as connection:
            await connection.execute(sa.text("INSERT INTO counters (name, value) VALUES ('x', 1)"))
            raise ZeroDivisionError
    async with database.read() as connection:
        assert await connection.scalar(sa.text("SELECT count(*) FROM counters")) == 0
