"""A server that can't serve is refused before anything is written, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
import sqlalchemy as sa

from digests.errors import StorageError
from digests.storage.database import Database
from digests.storage.engine.server import check_server_version
from digests.storage.migrate import migrate
from tests.postgres import Server


@contextmanager
def bare_database(postgresql: Server, made: str = "") -> Iterator[str]:
    """Create an empty database with these options until the block ends; yield its URL."""
    name = f"test_{uuid4().hex}"
    with postgresql.database() as url:
        run(url, f"CREATE DATABASE {name} TEMPLATE template0 {made}")
        yield sa.make_url(url).set(database=name).render_as_string(hide_password=False)
        run(url, f"DROP DATABASE {name} WITH (FORCE)")


def run(url: str, *statements: str) -> None:
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_without_all_languages_is_refused(postgresql: Server, encoding: str) -> None:
    said = f"server_encoding is {encoding}: create one .* ENCODING 'UTF8'"
    with (
        bare_database(postgresql, f"ENCODING '{encoding}' LOCALE 'C'") as url,
        pytest.raises(StorageError, match=said),
    ):
        migrate(url)


@pytest.mark.parametrize(
    ("name", "value"), [("default_transaction_isolation", "repeatable read"), ("DateStyle", "German, DMY")]
)
def test_a_setting_that_the_bot_cannot_work_with_is_refused(postgresql: Server, name: str, value: str) -> None:
    with postgresql.database() as url:
        run(url, f"ALTER DATABASE {sa.make_url(url).database} SET {name} = '{value}'")
        with pytest.raises(StorageError, match=rf"{name} is {value}: reset it \(ALTER ROLE … RESET {name};"):
            migrate(url)


async def test_an_encoding_in_the_address_or_the_environment_loses_no_text(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    with postgresql.database() as url:
        for address in (url, f"{url}{'&' if '?' in url else '?'}client_encoding=latin1"):
            database = Database(address)
            async with database.read() as reading:
                assert await reading.scalar(sa.select(sa.literal("月亮"))) == "月亮"
            await database.close()


def test_a_user_who_may_not_create_tables_is_told_what_to_ask_for(postgresql: Server) -> None:
    role = f"role_{uuid4().hex}"
    with bare_database(postgresql) as url:
        run(url, f"CREATE ROLE {role} LOGIN")
        with pytest.raises(StorageError, match="may not create tables: make it the owner"):
            migrate(as_user(url, role))
        migrate(url)
        with pytest.raises(StorageError, match="may not use the bot's tables: they belong to another"):
            migrate(as_user(url, role))
    with postgresql.database() as url:
        run(url, f"DROP ROLE {role}")


def test_a_database_without_a_schema_is_told_so(postgresql: Server) -> None:
    with bare_database(postgresql) as url:
        run(url, "DROP SCHEMA public")
        with pytest.raises(StorageError, match="no schema for the bot's tables: create one"):
            migrate(url)


def test_a_database_that_takes_no_writes_is_refused(postgresql: Server) -> None:
    with bare_database(postgresql) as url:
        run(url, f"ALTER DATABASE {sa.make_url(url).database} SET default_transaction_read_only = on")
        with pytest.raises(StorageError, match="takes no writes"):
            migrate(url)


def test_an_older_server_is_refused() -> None:
    with pytest.raises(StorageError, match=r"PostgreSQL 14\.9 is too old: 15"):
        check_server_version((14, 9))
    check_server_version((15, 0))


def as_user(url: str, role: str) -> str:
    return sa.make_url(url).set(username=role).render_as_string(hide_password=False)
