"""What every test has: a clean environment, and no way out of this machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("DIGESTBOT_") and not name.startswith("DIGESTBOT_REQUIRE_"):
            monkeypatch.delenv(name)
    # A digestbot.toml or a data folder of the developer's must not be found.
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave for this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost")):
            raise AssertionError(f"a test wanted to connect to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def shared() -> Path:
    """The real posts and rules beside the checkout. Where they must be (in CI), their absence fails."""
    if not SHARED.is_dir():
        if os.environ.get("DIGESTBOT_REQUIRE_SHARED"):
            pytest.fail(f"{SHARED} is not there")
        pytest.skip("the real posts are not beside this checkout")
    return SHARED
