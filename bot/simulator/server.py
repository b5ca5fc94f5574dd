"""The simulator as one HTTP server: the Bot API, the person's side and the page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from bot.simulator.botapi.api import BotApi
from bot.simulator.clockwork import Clockwork
from bot.simulator.person import routes as person
from bot.simulator.person.pages import pictures_of
from bot.simulator.state.faults import Fault
from bot.simulator.state.people import User
from bot.simulator.state.rates import RateLimits
from bot.simulator.state.webhook import WebhookSender
from bot.simulator.state.world import World

_HOST = "127.0.0.1"
_LARGEST_REQUEST = 60 * 1024 * 1024


class Simulator:
    """A Telegram of one bot. `webhook_targets` maps the beginning of an https address to a loopback one;
    `pictures` is a folder of pictures for posts to refer to, as {url}/pictures/NAME."""

    def __init__(
        self,
        token: str = "123456:test-token",  # noqa: S107  # nobody's token
        username: str = "digest_demo_bot",
        name: str = "Digest",
        strict_rates: bool = False,
        clock: Clockwork | None = None,
        port: int = 0,
        pictures: Path | None = None,
    ) -> None:
        bot = User(_id_of(token), name, username=username, is_bot=True, started=True)
        now: Callable[[], datetime] = clock.now if clock is not None else lambda: datetime.now(UTC)
        self.token = token
        self.clock = clock
        self.world = World(bot, RateLimits(strict_rates=strict_rates), now)
        self.webhook_targets: dict[str, str] = {}
        self._api = BotApi(self.world, token)
        self._postman = WebhookSender(self.world.webhook, self.world.updates, self.webhook_targets)
        self._port = port
        self._pictures = pictures
        self._runner: web.AppRunner | None = None
        self._absence: asyncio.Task[None] | None = None
        self.world.on_gone = self._be_gone

    @property
    def url(self) -> str:
        """The bot's requests go to {url}/bot{TOKEN}/{method}, a person's to {url}/sim/...; the page is at {url}/."""
        return f"http://{_HOST}:{self._port}"

    async def start(self) -> None:
        """Raises OSError when the port is in use."""
        app = web.Application(client_max_size=_LARGEST_REQUEST)
        # The bot's calls first: there are thousands a second of them.
        app.router.add_route("*", "/bot{token}/{method}", self._api.handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self._api.file)
        person.add_routes(app, self.world, self.clock)
        if self._pictures is not None:
            app.router.add_get("/pictures/{name}", pictures_of(self._pictures))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.3)
        await self._runner.setup()
        try:
            await self._listen()
        except OSError:
            await self._runner.cleanup()
            self._runner = None
            raise
        self._postman.start()

    async def _listen(self) -> None:
        assert self._runner is not None
        site = web.TCPSite(self._runner, _HOST, self._port, backlog=1024)
        await site.start()
        if not self._port:
            self._port = int(self._runner.addresses[0][1])

    async def close_port(self) -> None:
        """From now on connections are refused, as when Telegram is gone; those that exist stay."""
        assert self._runner is not None
        for site in list(self._runner.sites):
            await site.stop()

    async def open_port(self) -> None:
        """The same port again."""
        await self._listen()

    def _be_gone(self, fault: Fault) -> None:
        self._absence = asyncio.create_task(self._gone_for(fault))

    async def _gone_for(self, fault: Fault) -> None:
        await self.close_port()
        await asyncio.sleep(fault.seconds)
        self.world.faults.remove(fault)
        await self.open_port()

    async def stop(self) -> None:
        """Ends at once; requests that wait are answered empty."""
        if self._absence is not None:
            self._absence.cancel()
            await asyncio.gather(self._absence, return_exceptions=True)
        await self._postman.stop()
        self.world.updates.close()
        self.world.events.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def _id_of(token: str) -> int:
    """A token begins with its bot's id."""
    digits = token.partition(":")[0]
    return int(digits) if digits.isdigit() else 123456
