"""A restore and a move beside a bot that has just been started: two programs, as an operator starts them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from digests.storage.cluster.connection import lock_key
from digests.storage.migrate import MIGRATION, migrate
from tests.contract.test_backups import make
from tests.contract.test_moving import scalar
from tests.factories.full_tables import engine_of, fill_tables
from tests.flow.harness import TOKEN
from tests.flow.test_backups import run
from tests.postgres import Server
from tests.program import PROGRAM, program_environment
from tests.waiting import until

_WAITS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    source = f"sqlite:///{tmp_path / 'source.db'}"
    migrate(source)
    fill_tables(source)
    path = tmp_path / "my.backup"
    make(source, path)
    return path


@contextmanager
def starting_bot(folder: Path, **options: object) -> Iterator[Path]:
    """Start a bot that finds no Telegram, and yield its log."""
    log = folder / "bot.log"
    environment = program_environment(folder, telegram__token=TOKEN, log__level="info", **options)
    with log.open("wb") as out:
        bot = subprocess.Popen([PROGRAM, "run"], env=environment, cwd=folder, stdout=out, stderr=out)
    try:
        yield log
    finally:
        bot.kill()
        bot.wait()


@contextmanager
def held(url: str, what: str) -> Iterator[None]:
    """Hold a lock of the bot's in PostgreSQL, so that a start stands still where it needs that."""
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_key(what))))
        yield
    engine.dispose()


@pytest.mark.parametrize("at", [MIGRATION, "start"])
async def test_a_bot_that_has_just_started_on_a_server_is_seen(
    postgresql: Server, backup: Path, tmp_path: Path, at: str
) -> None:
    with postgresql.database() as url:
        with held(url, at), starting_bot(tmp_path, database__url=url) as log:
            await until(lambda: scalar(url, _WAITS) == 1, 30, pause=0.05, failure=log.read_text)
            status, said = run(tmp_path, "restore", backup, "--replace", database__url=url)
            assert status == 1, said
            assert "A bot runs on the database" in said
            assert ("is starting" in said) == (at == MIGRATION)
            if at == MIGRATION:
                # Once it is further, the database is not empty any more, which a move refuses as well.
                source = f"sqlite:///{tmp_path / 'source.db'}"
                status, said = run(tmp_path, "migrate", "--from", source, "--to", url)
                assert (status, "A bot runs on the database after --to" in said) == (1, True), said
        assert scalar(url, "SELECT count(*) FROM articles") == 0
        # Killed, and not there any more.
        await until(lambda: run(tmp_path, "restore", backup, "--replace", database__url=url)[0] == 0, 30, pause=0.2)
        assert scalar(url, "SELECT count(*) FROM articles")


async def test_a_bot_that_has_just_started_on_a_file_is_seen(backup: Path, tmp_path: Path) -> None:
    with starting_bot(tmp_path) as log:
        await until(lambda: "database brought up to date" in log.read_text(), 30, pause=0.05, failure=log.read_text)
        status, said = run(tmp_path, "restore", backup, "--replace")
        assert status == 1, said
        assert "Another bot is running" in said
