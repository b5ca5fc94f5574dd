"""The bot, in a world in which every name ends at one port of this machine: `python -m tests.load.feed_bot PORT`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import bot.wiring.feeds
from bot.commands.run import run_bot
from digests.fetch.client import FetchOptions, WebClient
from tests.hostile_server import LoopbackConnector


class AnyNameConnector(LoopbackConnector):
    """Leads every name to the port."""

    async def _find(self, host: str, _port: int) -> tuple[str, ...]:
        self.reached.clear()
        return ("93.184.216.34",)


def client_at(port: int) -> Callable[..., WebClient]:
    """Return what opens clients that ask this port, whatever they are to ask."""

    def open_client(options: FetchOptions, **more: Any) -> WebClient:
        return WebClient(options, AnyNameConnector(port), **more)

    return open_client


if __name__ == "__main__":
    setattr(bot.wiring.feeds, "WebClient", client_at(int(sys.argv[1])))  # noqa: B010 - it is no part of what it exports
    run_bot(None)
