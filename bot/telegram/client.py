"""PTB's bot over our own requests and throttle."""

from __future__ import annotations

from telegram.ext import ExtBot

from bot.telegram.limiter import Limiter
from bot.telegram.request import AiohttpRequest
from bot.telegram.throttle import Throttle
from config.settings import Settings

DigestBot = ExtBot[dict[str, bool]]


def build_bot(settings: Settings) -> DigestBot:
    """Nothing is connected yet: `initialize` does that."""
    telegram = settings.telegram
    proxy = telegram.proxy.get_secret_value()
    return ExtBot(
        token=telegram.token.get_secret_value(),
        base_url=f"{telegram.api_url}/bot",
        base_file_url=f"{telegram.api_url}/file/bot",
        request=AiohttpRequest(connections=settings.delivery.workers * 2, proxy=proxy),
        get_updates_request=AiohttpRequest(connections=2, proxy=proxy, answer_seconds=10),
        rate_limiter=Limiter(Throttle(telegram.rate, telegram.group_rate, telegram.chat_rate)),
    )
