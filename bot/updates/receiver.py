"""Receives updates, by polling or by webhook, and puts them into the inbox as it has room."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
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


class Receiver:
    """Receives by webhook if `telegram.webhook_url` is set, otherwise by polling."""

    def __init__(self, settings: TelegramSettings, client: TelegramClient, inbox: Inbox) -> None:
        self._settings = settings
        self._bot = client.bot
        self._inbox = inbox
        self._poller = Poller(
            client.bot.base_url,
            client.updates,
            inbox.wait_for_room,
            inbox.put,
            seconds=settings.poll_seconds,
            kinds=_UPDATES,
        )
        self._polling: asyncio.Task[None] | None = None
        self._webhook: WebhookServer | None = None
        self._stopping = False

    @property
    def is_deaf(self) -> bool:
        """Whether polling should be running and is not."""
        return self._polling is not None and (self._polling.done() or self._poller.is_stuck)

    async def start(self) -> None:
        """Begin to receive updates, waiting for a network for as long as there is none.

        Raises:
            StartError: for a problem that waiting does not solve.
        """
        if not self._settings.webhook_url:
            # While an old webhook is set, Telegram refuses polling.
            await patiently(self._take_webhook_down)
            self._poll()
            return
        secret = self._settings.webhook_secret.get_secret_value() or secrets.token_urlsafe(32)
        self._webhook = WebhookServer(self._settings.webhook_url, self._settings.webhook_listen, secret, self._receive)
        await self._webhook.start()
        await self._set_webhook(secret)

    async def stop(self) -> None:
        """Receive no more updates."""
        self._stopping = True
        if self._polling is not None:
            self._polling.cancel()
        if self._webhook is not None:
            await self._webhook.stop()

    async def confirm(self) -> None:
        """Tell Telegram, after the stop, which updates were taken.

        Raises:
            TelegramError: when Telegram can't be reached, or refuses.
        """
        if self._polling is not None:
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
        if not self._stopping:
            self._poll()

    async def _receive(self, update: Mapping[str, Any]) -> None:
        """Take an update from the webhook. Telegram gets its answer only when there is room, and so keeps the rest."""
        await self._inbox.wait_for_room()
        self._inbox.put(update)

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
