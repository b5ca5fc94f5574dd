"""The commands that move, back up and restore, as an operator runs them."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

from bot.runtime.lock import BotLock
from tests.contract.test_moving import execute, moved_rows, scalar
from tests.flow.harness import TOKEN
from tests.program import PROGRAM, program_environment
from tests.released.loading import load_released


def run(folder: Path, *arguments: object, **options: object) -> tuple[int, str]:
    ended = subprocess.run(
        [str(PROGRAM), *map(str, arguments)],
        env=program_environment(folder, telegram__token=TOKEN, **options),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    said = " ".join((ended.stdout + ended.stderr).split())
    assert "Traceback" not in said
    return ended.returncode, said


def test_a_backup_and_a_restore(tmp_path: Path) -> None:
    url = load_released("0.1.0", tmp_path / "data" / "digestbot.db")
    path = tmp_path / "my.backup"
    assert run(tmp_path, "backup", path)[0] == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TOKEN.encode() not in path.read_bytes()
    before = moved_rows(url)
    assert str(path) in run(tmp_path, "doctor", "--json")[1]
    execute(url, "DELETE FROM subscriptions")
    status, said = run(tmp_path, "restore", path)
    assert (status, "Add --replace" in said) == (1, True)
    lock = BotLock(tmp_path / "data", tmp_path / "data" / "digestbot.db")
    lock.acquire()
    status, said = run(tmp_path, "restore", path, "--replace")
    assert (status, "Another bot is running" in said) == (1, True)
    lock.release()
    status, said = run(tmp_path, "restore", path, "--replace")
    assert status == 0, said
    after = moved_rows(url)
    # The backup was noted after it was made.
    del before["facts"], after["facts"]
    assert after == before


def test_a_move_with_the_bot_stopped(tmp_path: Path) -> None:
    url = load_released("0.1.0", tmp_path / "data" / "digestbot.db")
    target = f"sqlite:///{tmp_path / 'new.db'}"
    lock = BotLock(tmp_path / "data", tmp_path / "data" / "digestbot.db")
    lock.acquire()
    status, said = run(tmp_path, "migrate", "--from", url, "--to", target)
    assert status == 1
    assert "Another bot is running on the database" in said
    assert "Then start it with database.url set to the new database." in said
    lock.release()
    status, said = run(tmp_path, "migrate", "--from", url, "--to", url)
    assert (status, "same database" in said) == (2, True)
    status, said = run(tmp_path, "migrate", "--from", url, "--to", target)
    assert status == 0, said
    assert "each table was compared" in said
    assert scalar(target, "SELECT count(*) FROM places") == 16
    for command in (("run",), ("stats",), ("migrate",)):
        status, said = run(tmp_path, *command)
        assert (status, "was moved to" in said) == (1, True)
    for address in ("", "sqlite://"):
        assert run(tmp_path, "migrate", "--back", "--from", address)[0] == 2
    assert run(tmp_path, "migrate", "--back")[0] == 0
    assert run(tmp_path, "stats")[0] == 0
    assert run(tmp_path, "migrate", "--from", url)[0] == 2
    assert run(tmp_path, "migrate", "--anew")[0] == 2
