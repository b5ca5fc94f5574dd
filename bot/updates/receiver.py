"""Receives updates, by polling or by webhook.

One process polls: the one that leads; the others stand by. A webhook is set by the one that leads as well, and every
process listens for what a balancer gives it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from telegram import Update
from telegram.error import BadRequest

from bot.errors import StartError
from bot.telegram.client import TelegramClient
from bot.telegram.patience import patiently
from bot.telegram.polling import Poller
from bot.telegram.webhook import WebhookServer
from bot.updates.inbox import Inbox
from config.settings import TelegramSettings

logger = logging.getLogger(__name__)

_UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER, Update.INLINE_QUERY]
_AGAIN_SECONDS = 5.0

TakeUpdates = Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]]


class Receiver:
    """Receives by webhook if `telegram.webhook_url` is set, otherwise by polling, and hands what comes to `take`."""

    def __init__(self, settings: TelegramSettings, client: TelegramClient, inbox: Inbox, take: TakeUpdates) -> None:
        self._settings = settings
        self._bot = client.bot
        self._inbox = inbox
        self._take = take
        self._poller = Poller(
            client.bot.base_url,
            client.updates,
            inbox.wait_for_room,
            take,
            seconds=settings.poll_seconds,
            kinds=_UPDATES,
        )
        self._polling: asyncio.Task[None] | None = None
        self._webhook: WebhookServer | None = None
        self._beginning: asyncio.Task[None] | None = None
        self._leads = False
        self._has_started = False
        self._stopping = False

    @property
    def is_deaf(self) -> bool:
        """Whether polling should be running and is not."""
        return self._polling is not None and (self._polling.done() or self._poller.is_stuck)

    async def start(self) -> None:
        """Begin to listen for webhooks, if there are any. Raises StartError when that is not possible."""
        if self._settings.webhook_url:
            secret, listen = webhook_secret(self._settings), self._settings.webhook_listen
            self._webhook = WebhookServer(self._settings.webhook_url, listen, secret, self._receive)
            await self._webhook.start()

    def lead(self, leads: bool) -> None:
        """Begin with what one process does for all, or end it."""
        self._leads = leads
        for task in (self._beginning, self._polling):
            if task is not None:
                task.cancel()
        self._beginning = self._polling = None
        if leads and not self._stopping:
            self._beginning = asyncio.create_task(self._begin())

    async def begun(self) -> None:
        """Return when what this process does for all has begun, if it leads.

        Raises:
            StartError: for a problem that waiting does not solve.
        """
        if self._beginning is not None:
            await self._beginning
        self._has_started = True

    async def _begin(self) -> None:
        """Poll, or set the webhook, waiting for a network for as long as there is none."""
        try:
            if self._webhook is not None:
                await self._set_webhook(webhook_secret(self._settings))
            else:
                # While an old webhook is set, Telegram refuses polling.
                await patiently(self._take_webhook_down)
                self._poll()
        except StartError as error:
            if not self._has_started:
                raise
            logger.error(str(error))

    async def stop(self) -> None:
        """Receive no more updates. A webhook stays set: other processes, or the next start, get what comes."""
        self._stopping = True
        tasks = [task for task in (self._beginning, self._polling) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._webhook is not None:
            await self._webhook.stop()

    async def confirm(self) -> None:
        """Tell Telegram, after the stop, which updates were taken; otherwise it would send the last ones again.

        Raises:
            TelegramError: when Telegram can't be reached, or refuses.
        """
        if self._leads and self._webhook is None:
            await self._poller.confirm()

    def _poll(self) -> None:
        self._polling = asyncio.create_task(self._poller.run())
        self._polling.add_done_callback(self._polling_ended)

    def _polling_ended(self, task: asyncio.Task[None]) -> None:
        """Start polling again, whatever ended it: otherwise the bot would be deaf."""
        if self._stopping or task.cancelled():
            return
        logger.error("polling ended unexpectedly; it begins again", exc_info=task.exception())
        asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._poll_again)

    def _poll_again(self) -> None:
        if self._leads and not self._stopping:
            self._poll()

    async def _receive(self, update: Mapping[str, Any]) -> None:
        """Take an update from the webhook. Telegram gets its answer only when there is room, and so keeps the rest."""
        await self._inbox.wait_for_room()
        await self._take([update])

    async def _take_webhook_down(self) -> None:
        await self._bot.delete_webhook()

    async def _set_webhook(self, secret: str) -> None:
        async def call() -> None:
            await self._bot.set_webhook(self._settings.webhook_url, secret_token=secret, allowed_updates=_UPDATES)

        try:
            await patiently(call)
        except BadRequest as error:
            raise StartError(
                f"Telegram does not take this webhook ({error.message}): fix telegram.webhook_url, "
                "or leave it empty to poll instead."
            ) from error


def webhook_secret(settings: TelegramSettings) -> str:
    """Return what Telegram sends with each call: as it is set, otherwise made of the token by a keyed hash.

    So all processes have the same, and keep it over restarts, without being told. It does not lead back to the token.
    """
    given = settings.webhook_secret.get_secret_value()
    token = settings.token.get_secret_value()
    return given or hmac.new(token.encode(), b"digestbot webhook secret", hashlib.sha256).hexdigest()
