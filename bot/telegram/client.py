"""The connection to Telegram: PTB's bot, and the pools of connections, behind one throttle."""

from __future__ import annotations

from dataclasses import dataclass, field

from telegram.constants import ParseMode
from telegram.ext import Defaults, ExtBot

from bot.telegram.limiter import Limiter
from bot.telegram.messages import NO_PREVIEW
from bot.telegram.reachability import Reachability
from bot.telegram.request import AiohttpRequest
from bot.telegram.throttle import Throttle
from config.settings import Settings
from digests.ports import RateSource

DigestBot = ExtBot[dict[str, bool]]

_FOR_PEOPLE = 64
"""Connections for answers to people, who never wait for one of those for bulk messages."""


@dataclass(frozen=True)
class TelegramClient:
    """The bot, its throttle and its pools of connections.

    Nothing is connected at first: `bot.initialize` connects, and so does the first delivery.
    """

    bot: DigestBot
    throttle: Throttle
    people: AiohttpRequest
    bulk: AiohttpRequest
    updates: AiohttpRequest
    reachability: Reachability = field(default_factory=Reachability)

    async def close(self) -> None:
        """Close all connections, even of a bot that was never initialized; PTB would leave those open."""
        for request in (self.people, self.bulk, self.updates):
            await request.shutdown()


def build_client(settings: Settings, source: RateSource | None = None) -> TelegramClient:
    """Return the client that the settings describe; `source` shares the rates out to several processes."""
    telegram = settings.telegram
    proxy = telegram.proxy.get_secret_value()
    paid_rate = telegram.paid_rate if telegram.paid or telegram.paid_announcements else None
    throttle = Throttle(telegram.rate, telegram.group_rate, telegram.chat_rate, paid_rate=paid_rate, source=source)
    reachability = Reachability()
    people = AiohttpRequest(connections=_FOR_PEOPLE, proxy=proxy, reachability=reachability)
    updates = AiohttpRequest(connections=2, proxy=proxy, answer_seconds=10, reachability=reachability)
    bot = ExtBot(
        token=telegram.token.get_secret_value(),
        base_url=f"{telegram.api_url}/bot",
        base_file_url=f"{telegram.api_url}/file/bot",
        request=people,
        get_updates_request=updates,
        rate_limiter=Limiter(throttle),
        defaults=Defaults(parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW),
    )
    bulk = AiohttpRequest(connections=settings.delivery.workers, proxy=proxy, reachability=reachability)
    return TelegramClient(bot, throttle, people, bulk, updates, reachability)
