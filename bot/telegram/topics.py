"""The `TopicKeeper` port: topics of private chats."""

from __future__ import annotations

import logging

from telegram.error import BadRequest, Forbidden

from bot.telegram.client import DigestBot

logger = logging.getLogger(__name__)

_NAME = 128
"""Characters in a topic's name (Bot API, createForumTopic)."""


class TelegramTopics:
    """Opens and deletes topics of private chats."""

    def __init__(self, bot: DigestBot) -> None:
        self._bot = bot

    @property
    def has_topics(self) -> bool:
        """Whether BotFather's switch for topics in private chats is on (getMe, `has_topics_enabled`)."""
        return bool(self._bot.bot.has_topics_enabled)

    async def open(self, chat_id: int, name: str) -> int:
        """Open a topic, and return its thread; 0 where Telegram refuses. May raise TelegramError."""
        try:
            topic = await self._bot.create_forum_topic(chat_id, name[:_NAME])
        except (BadRequest, Forbidden) as error:
            logger.warning("a topic could not be opened", extra={"chat": chat_id, "reason": error.message})
            return 0
        return topic.message_thread_id

    async def delete(self, chat_id: int, thread: int) -> None:
        """Delete a topic with its messages; one that is gone already is fine. May raise TelegramError."""
        try:
            await self._bot.delete_forum_topic(chat_id, thread)
        except (BadRequest, Forbidden) as error:
            logger.info("a topic was not deleted", extra={"chat": chat_id, "reason": error.message})
