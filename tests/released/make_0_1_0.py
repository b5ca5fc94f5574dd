"""How `0.1.0.sql.gz` was made: by the program of that version, with its own tests' harness.

In a checkout of v0.1.0: `PYTHONPATH=. python make_0_1_0.py 0.1.0.sql.gz`. It is kept to show what is in it; the tests
of this version never run it.
"""
# mypy: ignore-errors

from __future__ import annotations

import asyncio
import gzip
import sqlite3
import sys
import tempfile
from pathlib import Path

from bot.simulator.server import Simulator
from tests.factories.times import HOUR
from tests.flow.harness import TOKEN, BotHarness

TITLES = ("The tide organ", "A lamp for whales", "12_00", "Kites above the beach", "It's the sea", "Ferries at night")


async def _fill(folder: Path) -> None:
    simulator = Simulator(TOKEN)
    await simulator.start()
    harness = BotHarness(folder, simulator)
    await harness.start()
    await _live(harness)
    await harness.close()
    await simulator.stop()


async def _live(harness: BotHarness) -> None:
    """Let readers, an admin and a crawler do something of everything."""
    await harness.publish(*TITLES, body=f"<p>{'What the sea says at night, and to whom. ' * 4}</p>")
    for spelling, title in (("WEB开发", "盛夏的潮声"), ("Web开发", "鲸鱼的灯"), ("新媒体", "早报")):
        await harness.publish(title, categories=(spelling, "36kr", "资讯"), author="36kr")
    harness.write("broken", path="broken.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    admin = await harness.admin()
    robin = await harness.subscriber()
    li = await harness.subscriber("Li", "zh-hans", "WEB开发")
    quiet = await harness.subscriber("Quinn")
    await robin.say("/search sea")
    await li.say("/search 潮声")
    await admin.say("/announce The bot moves tomorrow")
    await admin.press("Send to 3")
    await admin.press("Yes")
    await harness.tick()
    await harness.tick()
    await quiet.say("/stop")
    await harness.add_chats(range(700, 712))
    await harness.publish("Morning news", "Noon news")
    await harness.next_slot()
    await harness.publish("Evening news")
    # Planned, and not sent: the next version has to.
    moment = await harness.app.stores.places.next_moment()
    harness.clock.move(moment - harness.clock.now() + HOUR)
    await harness.app.plan()
    # Of one, a process that died had begun to send its part.
    ledger, now = harness.app.stores.ledger, harness.clock.now()
    (begun,) = await ledger.claim("dead", now, HOUR, 1)
    await ledger.write("dead", [(begun.id, 0)], [], [], now + HOUR)


def main() -> None:
    """Write the dump."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_fill(Path(folder)))
        with sqlite3.connect(Path(folder) / "data" / "digestbot.db") as connection:
            text = "\n".join(connection.iterdump())
    Path(sys.argv[1]).write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
