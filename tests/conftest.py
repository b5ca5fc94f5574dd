"""What every test has: a clean environment, and no network beyond this machine."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from digests.storage.database import Database
from tests.empty_database import make_empty_database
from tests.postgres import Server, serving

# Where the shell forbids bytecode, each program that a test starts would compile everything that it imports: 2.8 s of
# CPU instead of 1.0 (measured).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# An example takes as long as a busy machine lets it.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")

pytest_plugins = ("tests.leftovers",)

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which tests run that have none of their own."""
    return tmp_path_factory.mktemp("empty")


@pytest.fixture
def own_folder(request: pytest.FixtureRequest, empty_folder: Path) -> Iterator[Path]:
    """Return the folder to run in: the test's own one if it wants one, or one that it has to leave empty.

    Most tests want none, and to make one for each of them took longer than most of them do.
    """
    if "tmp_path" in request.fixturenames:
        yield request.getfixturevalue("tmp_path")
        return
    yield empty_folder
    if left := [path.name for path in empty_folder.iterdir()]:
        for path in empty_folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        pytest.fail(f"the test wrote {left} into the folder in which it ran: it needs tmp_path")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> None:
    """Forget the developer's own settings, and work in an empty folder."""
    for name in list(os.environ):
        if name.startswith("DIGESTBOT_"):
            monkeypatch.delenv(name)
    # The developer's own digestbot.toml and data folder must not be found.
    monkeypatch.chdir(own_folder)


@pytest.fixture(autouse=True)
def root_logger_as_it_was() -> Iterator[None]:
    """Undo what a program that the test ran has set for the log: a later test may look for a warning."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    # Those whose levels `configure_logging` sets.
    loggers = [logging.getLogger(name) for name in ("bot", "digests", "config", "apscheduler")]
    levels = [logger.level for logger in loggers]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for logger, own_level in zip(loggers, levels, strict=True):
        logger.setLevel(own_level)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost")):
            raise AssertionError(f"a test wanted to connect to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def shared() -> Path:
    """Return the folder of real posts beside the checkout; without it the test is skipped, or fails in CI."""
    if not SHARED.is_dir():
        if os.environ.get("TESTS_REQUIRE_SHARED"):
            pytest.fail(f"{SHARED} is not there")
        pytest.skip("the real posts are not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Run a PostgreSQL server for this session."""
    with serving(is_durable=False) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of an empty, migrated database: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield make_empty_database(tmp_path / "test.db")
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Open the database of `database_url`."""
    opened = Database(database_url)
    try:
        yield opened
    finally:
        await opened.close()
