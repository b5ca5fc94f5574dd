"""What flow tests share: a bot to talk to, and the program's commands."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import cli
from tests.flow.everybody import Everybody, open_everybody
from tests.flow.harness import BotHarness, open_harness
from tests.program import Ran, RunCommand


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """Return a running bot without posts; a module that wants it otherwise overrides this."""
    async with open_harness(tmp_path) as opened:
        yield opened


@pytest.fixture
async def everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Everybody]:
    """Return a bot with people of every kind."""
    async with open_everybody(tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> RunCommand:
    """Run a command in this process, as the console script does."""
    (tmp_path / "posts").mkdir()
    monkeypatch.setenv("DIGESTBOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DIGESTBOT_POSTS__FOLDER", str(tmp_path / "posts"))
    monkeypatch.setenv("DIGESTBOT_LOG__LEVEL", "error")

    def call(*arguments: str, **environment: str) -> Ran:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["digestbot", *arguments])
            for name, value in environment.items():
                patch.setenv(name, value)
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                cli.main()
        out, err = capfd.readouterr()
        assert "Traceback" not in err, err
        return Ran(int(ended.value.code or 0), out, err)

    return call
