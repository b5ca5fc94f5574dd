"""What Telegram says of the webhook that the settings describe, for the doctor."""

from __future__ import annotations

import asyncio

from telegram import WebhookInfo
from telegram.error import TelegramError

from bot.telegram.client import build_client
from config.settings import Settings
from digests.model.check import Check

_SECONDS = 5.0
_MANY_WAITING = 100
_WHAT = "webhook"


async def webhook_checks(settings: Settings) -> list[Check]:
    """Ask Telegram how it gets on with the webhook; nothing where the bot polls, or has no token."""
    if not settings.telegram.webhook_url or not settings.telegram.token.get_secret_value():
        return []
    client = build_client(settings)
    try:
        async with asyncio.timeout(_SECONDS):
            return [check_webhook(await client.bot.get_webhook_info(), settings.telegram.webhook_url)]
    except (TelegramError, TimeoutError) as error:
        why = error.message if isinstance(error, TelegramError) else "no answer"
        return [Check("warning", _WHAT, f"Telegram can't be asked ({why}): check the network and the token")]
    finally:
        await client.close()


def check_webhook(info: WebhookInfo, address: str) -> Check:
    """Return how the webhook is; `address` is what the settings say."""
    if not info.url:
        return Check("warning", _WHAT, "Telegram knows of none: it is set when the bot starts")
    if info.url != address:
        return Check("error", _WHAT, "Telegram calls another address: another program uses this token; end that one")
    waiting = f"{info.pending_update_count:,} updates wait"
    if info.last_error_date is not None and info.pending_update_count:
        return Check(
            "error",
            _WHAT,
            f"{waiting}; at {info.last_error_date:%Y-%m-%d %H:%M} UTC Telegram failed to call it "
            f"({info.last_error_message}): check your proxy, its certificate, and telegram.webhook_listen",
        )
    if info.pending_update_count > _MANY_WAITING:
        return Check("warning", _WHAT, f"{waiting}: see that the bot runs")
    return Check("ok", _WHAT, waiting)
