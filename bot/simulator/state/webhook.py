"""Delivery of updates to the bot's webhook, in order, each repeated until it is answered with 2xx."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp

from bot.simulator.state.updates import UpdateQueue
from bot.simulator.text.formatted import Json

_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_RESPONSE_SECONDS = 60.0
_FIRST_DELAY = 0.5
_MAX_DELAY = 60.0


@dataclass
class Webhook:
    """The webhook that setWebhook set; `url` is "" when there is none."""

    url: str = ""
    secret: str = ""
    connections: int = 40
    last_error: str = ""
    last_error_at: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever there may be something to deliver."""

    def set(self, url: str, secret: str, connections: int = 40) -> None:
        """Set the webhook, and forget errors of an earlier one."""
        self.url, self.secret, self.connections = url, secret, connections
        self.last_error, self.last_error_at = "", 0
        self.changed.set()

    def unset(self) -> None:
        """Remove the webhook."""
        self.set("", "", 40)

    def record_error(self, reason: str) -> None:
        """Record why a delivery failed, for getWebhookInfo."""
        self.last_error, self.last_error_at = reason, int(time.time())

    def as_json(self) -> Json:
        """Return Telegram's WebhookInfo, but for the fields that the update queue knows."""
        shown: Json = {"url": self.url, "has_custom_certificate": False}
        if self.url:
            shown |= {"max_connections": self.connections, "ip_address": "127.0.0.1"}
        if self.last_error:
            shown |= {"last_error_date": self.last_error_at, "last_error_message": self.last_error}
        return shown


class WebhookSender:
    """A task that posts queued updates to the webhook.

    After a failure it waits 0.5 s, doubled each time up to 60 s. `targets` maps the beginning of an https address to
    a loopback one, as a proxy that terminates TLS would.
    """

    def __init__(self, webhook: Webhook, updates: UpdateQueue, targets: Mapping[str, str]) -> None:
        self._webhook = webhook
        self._updates = updates
        self._targets = targets
        self._session: aiohttp.ClientSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._delay = _FIRST_DELAY

    def start(self) -> None:
        """Start the task."""
        self._updates.on_new = self._webhook.changed.set
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop the task, a running delivery included."""
        self._updates.on_new = None
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _run(self) -> None:
        while True:
            if not (self._webhook.url and self._updates.waiting):
                self._webhook.changed.clear()
                await self._webhook.changed.wait()
                continue
            update = self._updates.waiting[0]
            if await self._deliver(update):
                if self._updates.waiting and self._updates.waiting[0] is update:
                    self._updates.waiting.popleft()
                self._delay = _FIRST_DELAY
                continue
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * 2, _MAX_DELAY)

    async def _deliver(self, update: Json) -> bool:
        webhook = self._webhook
        target = self._target(webhook.url)
        if target is None:
            webhook.record_error("Connection refused")
            return False
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=_RESPONSE_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False)
        headers = {_HEADER: webhook.secret} if webhook.secret else {}
        try:
            async with self._session.post(target, json=update, headers=headers) as response:
                await response.read()
                if 200 <= response.status < 300:
                    return True
                webhook.record_error(f"Wrong response from the webhook: {response.status} {response.reason}")
        except TimeoutError:
            webhook.record_error("Read timeout expired")
        except (aiohttp.ClientError, OSError):
            webhook.record_error("Connection refused")
        return False

    def _target(self, url: str) -> str | None:
        for prefix, target in self._targets.items():
            if url.startswith(prefix):
                return target.rstrip("/") + "/" + url[len(prefix) :].lstrip("/")
        return None
