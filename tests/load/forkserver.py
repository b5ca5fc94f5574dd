"""Forks bots, which start at once since everything is imported: `python -m tests.load.forkserver`.

Each line on stdin asks for a bot, whose process id is answered. The bots end with this process.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from tests.load import bot_process


def main() -> None:
    """Fork a bot for each line of stdin."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, 0)
            os.dup2(nowhere, 1)
            asyncio.run(bot_process.main())
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
