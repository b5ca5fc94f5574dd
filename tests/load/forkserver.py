"""Bots that start at once and are killed at any moment: everything is imported, each bot is a fork.

A line on stdin asks for one; its process id comes back. They end with the nursery.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from tests.load import bot_process


def main() -> None:
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
