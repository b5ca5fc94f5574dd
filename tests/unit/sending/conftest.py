from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.sending.harness import SendingHarness


@pytest.fixture
def harness(tmp_path: Path) -> SendingHarness:
    return SendingHarness(tmp_path)


@pytest.fixture
def web_harness(tmp_path: Path) -> SendingHarness:
    """Return a sender of a bot from which Telegram fetches mosaics."""
    return SendingHarness(tmp_path, "https://bot.example/pictures")
