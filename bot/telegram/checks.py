"""What Telegram says of the token, the clock and the webhook, for the doctor."""

from __future__ import annotations

import asyncio

from telegram import WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.telegram.client import build_client
from bot.text.moments import iso
from config.settings import Settings
from digests.model.check import Check
from digests.model.process import MOST_SKEW

_SECONDS = 5.0
_MANY_WAITING = 100
_ASKED = "token"
_CLOCK = "clock of this machine"
_WEBHOOK = "webhook"


async def telegram_checks(settings: Settings) -> list[Check]:
    """Ask Telegram whether it knows the token, what time it is, and how it gets on with the webhook."""
    if not settings.telegram.token.get_secret_value():
        return [Check("warning", _ASKED, "none yet: set telegram.token to the one that @BotFather gave you")]
    client = build_client(settings)
    try:
        async with asyncio.timeout(_SECONDS):
            await client.bot.initialize()
            checks = [Check("ok", _ASKED, f"of @{client.bot.username}"), *check_clock(client.reachability.skew)]
            return [*checks, *check_webhook(await client.bot.get_webhook_info(), settings.telegram.webhook_url)]
    except InvalidToken:
        said = "Telegram does not know it: copy it again from @BotFather, and set telegram.token"
        return [Check("error", _ASKED, said)]
    except (TelegramError, TimeoutError) as error:
        why = error.message if isinstance(error, TelegramError) else "no answer"
        said = f"Telegram can't be asked ({why}): check the network, and telegram.proxy where Telegram is blocked"
        return [Check("warning", _ASKED, said)]
    finally:
        await client.close()


def check_clock(skew: float | None) -> list[Check]:
    """Return how the machine's clock is: by `skew` seconds ahead of Telegram's; nothing while that is not known."""
    if skew is None:
        return []
    if abs(skew) > MOST_SKEW:
        way = "ahead of" if skew > 0 else "behind"
        return [Check("warning", _CLOCK, f"{abs(skew):,.0f} s {way} Telegram's: set it by NTP")]
    return [Check("ok", _CLOCK, "as Telegram's, to a few seconds")]


def check_webhook(info: WebhookInfo, address: str) -> list[Check]:
    """Return how the webhook is; `address` is what the settings say, "" for a bot that polls."""
    if not info.url:
        return [Check("warning", _WEBHOOK, "Telegram knows of none: it is set when the bot starts")] if address else []
    if not address:
        said = "one is set, but this bot polls: its start ends that. If it is back, another program uses the token"
        return [Check("warning", _WEBHOOK, said)]
    if info.url != address:
        said = "Telegram calls another address: another program uses this token; end that one"
        return [Check("error", _WEBHOOK, said)]
    return [_used_webhook(info)]


def _used_webhook(info: WebhookInfo) -> Check:
    waiting = f"{info.pending_update_count} updates wait"
    if info.last_error_date is not None and info.pending_update_count:
        return Check(
            "error",
            _WEBHOOK,
            f"{waiting}; at {iso(info.last_error_date)} Telegram failed to call it "
            f"({info.last_error_message}): check your proxy, its certificate, and telegram.webhook_listen",
        )
    if info.pending_update_count > _MANY_WAITING:
        return Check("warning", _WEBHOOK, f"{waiting}: see that the bot runs")
    return Check("ok", _WEBHOOK, waiting)
