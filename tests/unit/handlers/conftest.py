from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.storage.migrate import migrate
from tests.unit.handlers.harness import HandlerHarness, open_harness


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty, migrated database; a copy of it is ten times as fast as a migration."""
    path = tmp_path_factory.mktemp("migrated") / "digestbot.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path) -> Path:
    """Return a data folder with an empty, migrated database."""
    shutil.copy(migrated_file, tmp_path)
    return tmp_path


@pytest.fixture
async def harness(folder: Path) -> AsyncIterator[HandlerHarness]:
    """Return the handlers of a bot that everybody may use."""
    async with open_harness(folder) as opened:
        yield opened
