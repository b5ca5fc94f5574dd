"""Outages in the middle of a broadcast, after which Telegram's ledger and ours are compared.

The bot is a process of its own, and the trouble comes from outside. The tests run these for a few seconds,
`make bench FULL=1` as long as the goals say.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.simulator.server import Simulator
from bot.simulator.state.faults import Fault
from digests.storage.database import Database
from tests.load.database import add_chats, announce, make_database
from tests.load.faults import LedgerAudit, compare, until_settled
from tests.load.harness import ROOT, TOKEN, BotProcess
from tests.waiting import until

_PAGE = 4096
_TEN_MINUTES_ON = signal.SIGUSR2
_AN_HOUR_BACK = signal.SIGUSR1
# Messages that were under way when the trouble began may still arrive.
_SETTLING = 1.0


@dataclass
class Broadcast:
    """A broadcast at the paid rate that is under way; the bot's clock is `behind`, the `others` are ended with it."""

    simulator: Simulator
    bot: BotProcess
    seconds: float
    behind: timedelta = timedelta()
    others: list[asyncio.subprocess.Process] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """The number of messages that Telegram has accepted."""
        return self.simulator.world.ledger.accepted.total()

    @property
    def pid(self) -> int:
        """The bot's process id."""
        assert self.bot.process is not None
        return self.bot.process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send the bot a signal."""
        assert self.bot.process is not None
        self.bot.process.send_signal(number)

    async def assert_stands_still(self, seconds: float) -> None:
        """Assert that no message is accepted for so long, once what was under way has settled."""
        await asyncio.sleep(min(_SETTLING, seconds / 2))
        standing = self.accepted
        await asyncio.sleep(max(0.0, seconds - _SETTLING))
        assert self.accepted == standing, (standing, self.accepted)


Trouble = Callable[[Broadcast], Awaitable[None]]


async def outage(folder: Path, chats: int, trouble: Trouble, seconds: float, database_url: str = "") -> LedgerAudit:
    """Let the trouble begin after a quarter of the messages, and last for `seconds` where that can be chosen.

    The database is an SQLite file below `folder`, or the one at the URL.
    """
    simulator = Simulator(TOKEN)
    simulator.world.ledger.hold_calls = False
    await simulator.start()
    for chat in range(1, chats + 1):
        simulator.world.add_user(f"Reader {chat}", user_id=chat, started=True)
    bot = BotProcess(folder, simulator.url, telegram__paid=True, delivery__tick_seconds=0.2, database__url=database_url)
    make_database(bot.database_url)
    database = Database(bot.database_url)
    broadcast = Broadcast(simulator, bot, seconds)
    try:
        await add_chats(database, range(1, chats + 1), datetime.now(UTC))
        await bot.start()
        await announce(database, "the <b>outage</b>")
        await until(lambda: broadcast.accepted >= chats / 4, 120)
        await trouble(broadcast)
        await until_settled(database, 120 + chats / 200, broadcast.behind)
        # A second copy would arrive soon after.
        await asyncio.sleep(0.3)
        return await compare(database, simulator)
    finally:
        await bot.kill()
        for other in broadcast.others:
            other.kill()
            await other.wait()
        await database.close()
        await simulator.stop()


async def telegram_is_gone(broadcast: Broadcast) -> None:
    """Cut its connections, and refuse new ones for an hour of the bot's clock."""
    fault = Fault("offline")
    broadcast.simulator.world.faults.add(fault)
    await broadcast.simulator.close_port()
    for _ in range(6):
        broadcast.signal(_TEN_MINUTES_ON)
        await broadcast.assert_stands_still(broadcast.seconds / 6)
    broadcast.simulator.world.faults.remove(fault)
    await broadcast.simulator.open_port()
    broadcast.signal(_TEN_MINUTES_ON)


async def database_is_held(broadcast: Broadcast) -> None:
    """Let another program hold the database in a transaction."""
    path = broadcast.bot.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)) as other:
        await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
        await broadcast.assert_stands_still(broadcast.seconds)
        other.execute("ROLLBACK")


async def no_file_grows(broadcast: Broadcast) -> None:
    """Let no file of the bot grow, or be written beyond its first page."""
    before = resource.prlimit(broadcast.pid, resource.RLIMIT_FSIZE, (_PAGE, resource.RLIM_INFINITY))
    await broadcast.assert_stands_still(broadcast.seconds)
    resource.prlimit(broadcast.pid, resource.RLIMIT_FSIZE, before)


async def disk_is_full(broadcast: Broadcast) -> None:
    """Fill all the room that is left on the database's disk."""
    filler = broadcast.bot.folder / "data" / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * _PAGE):
            pass
    await broadcast.assert_stands_still(broadcast.seconds)
    filler.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Put the bot's data on a disk of its own.

    Raises:
        PermissionError: This user may not mount a disk.
    """
    data = folder / "data"
    data.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", data], capture_output=True, check=False)
    if made.returncode:
        raise PermissionError(f"no disk can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", data], check=True)


async def clock_is_set_back(broadcast: Broadcast) -> None:
    """Set the bot's clock back by an hour."""
    broadcast.signal(_AN_HOUR_BACK)
    broadcast.behind = timedelta(hours=1)


async def second_bot_starts(broadcast: Broadcast) -> None:
    """Start a second bot on the same files, which must refuse to run."""
    second = await _another(broadcast.bot.environment, stderr=subprocess.PIPE)
    said, why = await asyncio.wait_for(second.communicate(), 60)
    assert (second.returncode, said) == (1, b""), (second.returncode, said)
    assert b"Another bot is running" in why, why


async def second_bot_shares(broadcast: Broadcast) -> None:
    """Start a second bot on the same database with files of its own: both share the work."""
    folder = broadcast.bot.folder / "second"
    second = await _another(broadcast.bot.environment | {"DIGESTBOT_DATA_DIR": str(folder)})
    broadcast.others.append(second)
    assert second.stdout is not None
    assert await asyncio.wait_for(second.stdout.readline(), 60) == b"ready\n"


async def _another(environment: Mapping[str, str], stderr: int | None = None) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "tests.load.bot_process"]
    return await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=stderr
    )


TROUBLES: dict[str, tuple[Trouble, float]] = {
    "Telegram gone for an hour": (telegram_is_gone, 30),
    "database held for 30 s": (database_is_held, 32),
    "no file can grow for 30 s": (no_file_grows, 30),
    "clock set back an hour": (clock_is_set_back, 0),
    "two bots on one database": (second_bot_starts, 0),
}
"""What can go wrong, and how long it lasts at full size."""
