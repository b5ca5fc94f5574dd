"""What is said of a server that can't be used, and what the doctor sees of one that can."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from telegram import WebhookInfo

from bot.process.app import App
from bot.telegram.checks import check_webhook
from config.load import load_settings
from digests.doctor.database import database_checks
from digests.errors import InvalidInput, StorageError
from digests.model.backup import LAST_BACKUP
from digests.storage.database import Database
from digests.storage.engine.addresses import read_url, shown_url
from digests.storage.engine.failures import explain_database_error
from digests.storage.engine.server import Pooling, check_server_version, pooling_of
from digests.storage.migrate import migrate
from digests.storage.people.people import PeopleStore
from tests.factories.deliveries import plan_digests
from tests.factories.full_tables import engine_of
from tests.factories.times import DAY, NOW
from tests.load.harness import TOKEN
from tests.postgres import Server
from tests.waiting import until

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


def failing(url: str) -> str:
    with pytest.raises(StorageError) as caught:
        migrate(url)
    return str(caught.value)


def changed(url: str, **parts: Any) -> str:
    return sa.make_url(url).set(**parts).render_as_string(hide_password=False)


@contextmanager
def user(url: str, name: str) -> Iterator[None]:
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE USER {name}")
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {name}")
        connection.exec_driver_sql(f"DROP USER {name}")
    engine.dispose()


def test_an_address_that_leads_nowhere(postgresql: Server) -> None:
    with postgresql.database() as url:
        assert "no such database or user" in failing(changed(url, database="nope"))
        assert "no such database or user" in failing(changed(url, username="nobody"))
    assert "did not answer: nothing listens" in failing("postgresql://me:geheim@127.0.0.1:1/x")
    said = failing("postgresql://me:geh@eim@no.host.invalid/x")
    assert "host in database.url is not known" in said
    assert "eim" not in said
    with pytest.raises(InvalidInput, match="database can't be read"):
        migrate("postgresql://me:geheim@127.0.0.1/x?port=geheim")
    for option in ("sslmode=geheim", "geheim=1", "connect_timeout=geheim"):
        said = failing(f"postgresql://me:geheim@127.0.0.1/x?{option}")
        assert "geheim" not in said
        assert "database.url" in said


def test_a_user_without_rights(postgresql: Server) -> None:
    name = f"reader_{uuid4().hex[:8]}"
    with postgresql.database() as url, user(url, name):
        assert "belong to another" in failing(changed(url, username=name))
        engine = engine_of(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
            connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {name}")
        engine.dispose()
        assert "may not create tables: make it the owner" in failing(changed(url, username=name))


async def test_a_database_that_takes_no_writes(postgresql: Server) -> None:
    with postgresql.database() as url:
        engine = engine_of(url)
        with engine.begin() as connection:
            name = sa.make_url(url).database
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        engine.dispose()
        assert "takes no writes" in failing(url)
        database = Database(url)
        with pytest.raises(StorageError, match="takes no writes"):
            await PeopleStore(database).note("x", "y", NOW)
        await database.close()


def test_an_old_server_is_refused_by_its_version() -> None:
    check_server_version((15, 0))
    check_server_version((18, 4))
    with pytest.raises(StorageError, match=r"PostgreSQL 14\.9 is too old: 15 or newer"):
        check_server_version((14, 9))


class Failure(Exception):  # noqa: N818
    def __init__(self, sqlstate: str | None, text: str) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "text", "said"),
    [
        ("53100", "could not extend file", "disk of the database's server is full: free some room"),
        ("53300", "too many connections", "raise its max_connections"),
        (None, "FATAL:  sorry, too many clients already", "raise its max_connections"),
        ("25006", "cannot execute INSERT in a read-only transaction", "Set database.url to the primary"),
        ("57P01", "terminating connection", "continues once it is back"),
        (None, 'password authentication failed for user "me"', "refused the user or the password"),
        (None, "server does not support SSL, but SSL was required", "change sslmode"),
        (None, "connection to server failed: SSL error: certificate verify failed", "sslrootcert"),
        (None, "something to postgresql://me:geheim@host/x", "********"),
    ],
)
def test_failures_of_servers_are_explained(state: str | None, text: str, said: str) -> None:
    explained = explain_database_error(DBAPIError("SELECT 1", None, Failure(state, text)))
    assert said in explained
    assert "geheim" not in explained


def test_addresses_are_shown_without_secrets() -> None:
    shown = shown_url("postgresql://me:geheim@db.example:5433/news?sslpassword=geheim")
    assert shown == "postgresql://db.example:5433/news"
    assert shown_url("postgresql:///news?host=/run/postgresql") == "postgresql:///news?host=/run/postgresql"


async def test_what_the_doctor_says_of_a_database(database: Database) -> None:
    people = PeopleStore(database)
    found = {check.what: check for check in await database_checks(database, people, NOW)}
    assert "revision" in found["database"].text
    assert found["queue"].level == "ok"
    assert "none yet" in found["last backup"].text
    if not database.is_sqlite:
        assert found["way to the database"].text == "straight to the server"
        assert found["clock"].level == "ok"
        assert found["encryption to the database"].level == "ok"
    await plan_digests(database)
    await people.note(LAST_BACKUP, "my.backup: 7 rows", NOW)
    later = NOW + timedelta(minutes=11)
    found = {check.what: check for check in await database_checks(database, people, later)}
    assert found["queue"].level == "warning"
    assert "due for 11 minutes" in found["queue"].text
    assert found["last backup"].level == "ok"
    assert "my.backup: 7 rows" in found["last backup"].text
    (old,) = [check for check in await database_checks(database, people, NOW + 8 * DAY) if check.what == "last backup"]
    assert old.level == "warning"


async def test_a_way_over_a_network_without_encryption_is_warned_about(
    postgresql: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with postgresql.database() as url:
        # The second host is only asked where the first does not answer.
        (socket_folder,) = {str(sa.make_url(url).query["host"])}
        ways = changed(url, query={"host": f"{socket_folder},192.0.2.1"})
        database = Database(ways)
        people = PeopleStore(database)
        found = {check.what: check for check in await database_checks(database, people, NOW)}
        assert found["encryption to the database"].level == "warning"
        assert "192.0.2.1" in found["encryption to the database"].text
        assert "sslmode=require" in found["encryption to the database"].text
        await database.close()
        app = App(load_settings(environ={}, database={"url": ways}, data_dir=str(tmp_path), telegram={"token": TOKEN}))
        try:
            await app._open()
        finally:
            await app.stop()
        told = [record.getMessage() for record in caplog.records if "sslmode" in record.getMessage()]
        assert len(told) == 1
        assert "192.0.2.1" in told[0]


@pytest.mark.parametrize(
    ("info", "level"),
    [
        (WebhookInfo("https://bot.example/hook", False, 0), "ok"),
        (WebhookInfo("https://bot.example/hook", False, 500), "warning"),
        (WebhookInfo("", False, 0), "warning"),
        (WebhookInfo("https://other.example/hook", False, 0), "error"),
        (
            WebhookInfo("https://bot.example/hook", False, 7, last_error_date=NOW, last_error_message="502"),
            "error",
        ),
        (WebhookInfo("https://bot.example/hook", False, 0, last_error_date=NOW, last_error_message="502"), "ok"),
    ],
)
def test_how_a_webhook_is(info: WebhookInfo, level: str) -> None:
    assert [check.level for check in check_webhook(info, "https://bot.example/hook")] == [level]


def test_a_webhook_of_others_is_told_to_a_bot_that_polls() -> None:
    assert check_webhook(WebhookInfo("", False, 0), "") == []
    (told,) = check_webhook(WebhookInfo("https://other.example/hook", False, 0), "")
    assert told.level == "warning"
    assert "other.example" not in told.text


def test_nothing_stands_before_a_server(postgresql: Server) -> None:
    with postgresql.database() as url:
        assert pooling_of(read_url(url)) is Pooling.NONE


@pytest.mark.skipif(PGBOUNCER is None or os.getuid() != 0, reason="PgBouncer is not installed")
@pytest.mark.parametrize("mode", ["session", "transaction"])
async def test_a_pooler_is_recognised(postgresql: Server, tmp_path: Path, mode: str) -> None:
    with postgresql.database() as url:
        parsed = sa.make_url(url)
        # It gives up its rights, and has to reach the server's socket without them.
        Path(str(parsed.query["host"])).chmod(0o755)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (tmp_path / "pgbouncer.ini").write_text(
            f"[databases]\n{parsed.database} = host={parsed.query['host']} user=postgres\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\npool_mode = {mode}\nunix_socket_dir =\n"
        )
        running = subprocess.Popen([str(PGBOUNCER), "-u", "nobody", str(tmp_path / "pgbouncer.ini")])
        try:
            await until(lambda: _answers(port))
            through = f"postgresql://postgres@127.0.0.1:{port}/{parsed.database}"
            assert pooling_of(read_url(through)) == mode
            database = Database(through)
            for number in range(20):
                await PeopleStore(database).note("x", str(number), NOW)
            assert await PeopleStore(database).fact("x") == ("19", NOW)
            await database.close()
        finally:
            running.terminate()
            running.wait()


def _answers(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0
