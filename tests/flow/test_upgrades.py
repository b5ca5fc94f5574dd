"""The database of every released version goes on in this one: on SQLite, and moved to PostgreSQL."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.simulator.server import Simulator
from digests.model.place import PlaceState
from digests.operation.moving import move
from digests.storage.migrate import latest_revision, migrate
from tests.contract.test_moving import moved_rows, quietly, scalar
from tests.factories.times import DAY
from tests.flow.harness import TOKEN, BotHarness, assert_liked
from tests.postgres import Server
from tests.program import PROGRAM, program_environment
from tests.released.loading import LEFT_AT, RELEASES, load_released

IMPORTED = range(700, 712)


@pytest.fixture(params=["sqlite", "postgresql"])
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of the database of 0.1.0, brought up to date or moved."""
    url = load_released(RELEASES[0], tmp_path / "data" / "digestbot.db")
    if request.param == "sqlite":
        migrate(url)
        yield url
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.database() as moved:
        move(url, moved, LEFT_AT, quietly)
        yield moved


async def test_readers_of_the_first_release_notice_nothing(upgraded: str, tmp_path: Path) -> None:
    simulator = Simulator(TOKEN)
    await simulator.start()
    harness = BotHarness(tmp_path, simulator, database={"url": upgraded})
    harness.clock.move(LEFT_AT - harness.clock.now())
    for chat in (1001, 1002, 1003, *IMPORTED):
        simulator.world.add_user(f"Reader {chat}", user_id=chat, started=True, language_code="en")
    await harness.start()
    try:
        assert scalar(upgraded, "SELECT count(*) FROM places") == 16
        assert scalar(upgraded, "SELECT count(*) FROM subscriptions") == 15
        assert await harness.is_in_state(1003, PlaceState.STOPPED)
        await harness.tick()
        # Those in the middle of being sent may have arrived, and are not sent again; the others are sent, once.
        assert scalar(upgraded, "SELECT count(*) FROM parts WHERE state = 'uncertain'") == 1
        assert [len(texts(simulator, chat)) for chat in IMPORTED] == [1] * 12
        assert "Evening news" in texts(simulator, 700)[0]
        assert texts(simulator, 1001) == []
        # What was sent before is known when the crawler writes it again, and what is new is sent.
        await harness.publish("The tide organ", "Something new", date="2026-06-07 20:00:00")
        await harness.move_to(LEFT_AT + DAY)
        assert len(texts(simulator, 700)) == 2
        assert "Something new" in texts(simulator, 700)[1]
        assert "tide organ" not in texts(simulator, 700)[1]
        assert texts(simulator, 1003) == []
        assert_liked(simulator)
    finally:
        await harness.close()
        await simulator.stop()


def texts(simulator: Simulator, chat: int) -> list[str]:
    """Return the texts that the bot sent to a chat."""
    return [str(message.text) for message in simulator.world.chats[chat].messages.values()]


@pytest.mark.parametrize("version", RELEASES)
def test_every_row_of_a_release_is_still_there(version: str, tmp_path: Path, postgresql: Server) -> None:
    url = load_released(version, tmp_path / "old.db")
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        before = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}
    with postgresql.database() as moved:
        move(url, moved, LEFT_AT, quietly)
        after = moved_rows(moved)
        assert moved_rows(url) == after
    del before["alembic_version"]
    # Two spellings of a category are one since 0.2.0; no row of anything else goes.
    assert {name: len(after[name]) for name in before if len(after[name]) != before[name]} == {}
    assert sum(before.values()) > 150


def test_a_downgrade_is_refused_in_words(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'data' / 'digestbot.db'}"
    migrate(url)
    with closing(sqlite3.connect(tmp_path / "data" / "digestbot.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    for command in (["run"], ["migrate"], ["backup", "my.backup"], ["doctor"]):
        ended = subprocess.run(
            [PROGRAM, *command],
            env=program_environment(tmp_path, telegram__token=TOKEN),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 1
        said = " ".join((ended.stdout + ended.stderr).split())
        assert "written by a newer version of the bot (revision 9999): update the bot" in said
        assert "Traceback" not in said
    assert latest_revision() < "9999"
