"""PTB's bot over our own requests and throttle."""

from __future__ import annotations

from dataclasses import dataclass

from telegram.ext import ExtBot

from bot.telegram.limiter import Limiter
from bot.telegram.request import AiohttpRequest
from bot.telegram.throttle import Throttle
from config.settings import Settings

DigestBot = ExtBot[dict[str, bool]]


@dataclass(frozen=True)
class Client:
    """The bot and its ways to Telegram."""

    bot: DigestBot
    requests: tuple[AiohttpRequest, ...]

    async def close(self) -> None:
        """Closes the connections, also of a bot that never came to be initialized, which PTB leaves open."""
        for request in self.requests:
            await request.shutdown()


def build_client(settings: Settings) -> Client:
    """Nothing is connected yet: the bot's `initialize` does that."""
    telegram = settings.telegram
    proxy = telegram.proxy.get_secret_value()
    calls = AiohttpRequest(connections=settings.delivery.workers * 2, proxy=proxy)
    updates = AiohttpRequest(connections=2, proxy=proxy, answer_seconds=10)
    bot = ExtBot(
        token=telegram.token.get_secret_value(),
        base_url=f"{telegram.api_url}/bot",
        base_file_url=f"{telegram.api_url}/file/bot",
        request=calls,
        get_updates_request=updates,
        rate_limiter=Limiter(Throttle(telegram.rate, telegram.group_rate, telegram.chat_rate)),
    )
    return Client(bot, (calls, updates))
