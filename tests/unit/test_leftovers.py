"""What a test leaves open when it fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = """[pytest]
filterwarnings = error
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
"""
TESTS = """
import asyncio, socket, pytest

class Held:
    def __init__(self):
        self.itself, self.socket = self, socket.create_server(("127.0.0.1", 0))

@pytest.fixture
def closed():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server

@pytest.fixture
def held():
    yield Held()

@pytest.fixture
def unfinished():
    yield
    held = Held()
    raise ValueError("teardown")

def test_guilty():
    held = Held()
    raise ValueError

async def test_guilty_later():
    held = Held()
    await asyncio.sleep(0)
    raise ValueError

def test_guilty_fixture(held):
    raise ValueError

def test_guilty_teardown(unfinished):
    pass

def test_only_failing(closed):
    raise ValueError

@pytest.mark.parametrize("number", range(3))
def test_innocent(number):
    pass
"""


@pytest.fixture
def lines(tmp_path: Path) -> list[str]:
    """Return the lines of a session of these tests."""
    (tmp_path / "test_some.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(OPTIONS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-p", "tests.leftovers"]
    ran = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 1, ran
    return ran.stdout.splitlines()


def test_what_a_failed_test_left_open_is_its_own_fault(lines: list[str]) -> None:
    errors = {line.split("::")[1].split(" ")[0] for line in lines if line.startswith("ERROR ")}
    assert errors == {"test_guilty", "test_guilty_later", "test_guilty_fixture", "test_guilty_teardown"}
    assert sum("ResourceWarning" in line and "unclosed <socket" in line for line in lines) >= 4
    assert "ValueError: teardown" in "\n".join(lines)
    assert sum(line.startswith("test_some.py::test_innocent") and "PASSED" in line for line in lines) == 3
