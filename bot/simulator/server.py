"""The simulator as an HTTP server: the Bot API, the person's side and the chat page."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from bot.simulator.botapi.api import BotApi
from bot.simulator.clock import SimulatedClock
from bot.simulator.person.endpoints.page import picture_handler
from bot.simulator.person.endpoints.served_files import ServedFiles
from bot.simulator.person.routes import add_routes
from bot.simulator.state.faults import Fault
from bot.simulator.state.rates import RateLimits
from bot.simulator.state.users import User
from bot.simulator.state.webhook import WebhookSender
from bot.simulator.state.world import World

_HOST = "127.0.0.1"
_MAX_REQUEST_BYTES = 60 * 1024 * 1024


class Simulator:
    """A Telegram with a single bot, on 127.0.0.1.

    `webhook_targets` maps the beginning of an https address to a loopback one. `pictures` is a folder whose pictures
    are served as {url}/pictures/NAME, for posts to refer to; `feeds` are served as {url}/feeds/NAME.
    """

    def __init__(
        self,
        token: str = "123456:test-token",  # noqa: S107  # not a real token
        username: str = "digest_demo_bot",
        name: str = "Digest",
        strict_rates: bool = False,
        clock: SimulatedClock | None = None,
        port: int = 0,
        pictures: Path | None = None,
    ) -> None:
        bot = User(_id_of(token), name, username=username, is_bot=True, started=True)
        now: Callable[[], datetime] = clock.now if clock is not None else lambda: datetime.now(UTC)
        self.token = token
        self.clock = clock
        self.world = World(bot, RateLimits(strict_rates=strict_rates), now)
        self.webhook_targets: dict[str, str] = {}
        self.feeds = ServedFiles()
        self._api = BotApi(self.world, token)
        self._webhook_sender = WebhookSender(self.world.webhook, self.world.updates, self.webhook_targets)
        self._port = port
        self._pictures = pictures
        self._runner: web.AppRunner | None = None
        self._outage: asyncio.Task[None] | None = None
        self._reserved: socket.socket | None = None
        self.world.on_outage = self._start_outage

    @property
    def url(self) -> str:
        """The address of the chat page.

        The bot's requests go to {url}/bot{TOKEN}/{METHOD}, a person's to {url}/sim/...
        """
        return f"http://{_HOST}:{self._port}"

    async def start(self) -> None:
        """Start to listen, on a free port unless one was given; raise OSError when the port is in use."""
        app = web.Application(client_max_size=_MAX_REQUEST_BYTES)
        # The first routes are found the fastest, and the bot makes thousands of calls a second.
        app.router.add_route("*", "/bot{token}/{method}", self._api.handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self._api.file)
        add_routes(app, self.world, self.clock)
        app.router.add_get("/feeds/{name}", self.feeds.handle)
        if self._pictures is not None:
            app.router.add_get("/pictures/{name}", picture_handler(self._pictures))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.3)
        await self._runner.setup()
        try:
            await self._listen()
        except OSError:
            await self._runner.cleanup()
            self._runner = None
            raise
        self._webhook_sender.start()

    async def _listen(self) -> None:
        assert self._runner is not None
        site = web.TCPSite(self._runner, _HOST, self._port, backlog=1024)
        await site.start()
        if not self._port:
            self._port = int(self._runner.addresses[0][1])

    async def close_port(self) -> None:
        """Refuse new connections from now on, as when Telegram is down; open ones stay open."""
        assert self._runner is not None
        for site in list(self._runner.sites):
            await site.stop()
        self._release_port()
        # Bound and not listened on, it refuses connections, and no other program can be given it meanwhile.
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind((_HOST, self._port))

    async def open_port(self) -> None:
        """Listen on the same port again."""
        self._release_port()
        await self._listen()

    def _release_port(self) -> None:
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None

    def _start_outage(self, fault: Fault) -> None:
        self._outage = asyncio.create_task(self._run_outage(fault))

    async def _run_outage(self, fault: Fault) -> None:
        await self.close_port()
        await asyncio.sleep(fault.seconds)
        self.world.faults.remove(fault)
        await self.open_port()

    async def stop(self) -> None:
        """Stop at once; waiting requests get empty answers."""
        if self._outage is not None:
            self._outage.cancel()
            await asyncio.gather(self._outage, return_exceptions=True)
        await self._webhook_sender.stop()
        self.world.updates.close()
        self.world.events.close()
        self._release_port()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def _id_of(token: str) -> int:
    """Return the bot's id, with which a token begins."""
    digits = token.partition(":")[0]
    return int(digits) if digits.isdigit() else 123456
