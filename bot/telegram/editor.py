"""The `Editor` port over PTB's bot: edits messages of deliveries."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.i18n import translator
from bot.keyboards.digest import delivery_keyboard
from bot.telegram.client import DigestBot
from bot.telegram.limiter import BULK
from bot.telegram.messages import picture_preview
from bot.telegram.outcomes import is_unchanged
from digests.model.delivery import Delivery, Part

logger = logging.getLogger(__name__)


class TelegramEditor:
    """Edits messages after whatever is waiting to be sent: an edit is never urgent."""

    def __init__(self, bot: DigestBot) -> None:
        self._bot = bot

    async def edit(self, delivery: Delivery, message_id: int, part: Part, *, rest: int) -> bool | None:
        """Make the message say what the part says, as `Editor.edit` promises."""
        keyboard = delivery_keyboard(delivery.id, rest, part, delivery.offers, translator(delivery.place.language))
        return await self._try(
            delivery,
            lambda: self._bot.edit_message_text(
                part.html,
                delivery.place.chat_id,
                message_id,
                reply_markup=keyboard,
                link_preview_options=picture_preview(part.picture),
                rate_limit_args=BULK,
            ),
        )

    async def remove(self, delivery: Delivery, message_id: int) -> bool | None:
        """Delete the message, as `Editor.remove` promises."""
        return await self._try(
            delivery,
            lambda: self._bot.delete_message(delivery.place.chat_id, message_id, rate_limit_args=BULK),
        )

    async def _try(self, delivery: Delivery, call: Callable[[], Awaitable[object]]) -> bool | None:
        try:
            await call()
        except (BadRequest, ChatMigrated, Forbidden) as error:
            if is_unchanged(error):
                return True
            logger.info("a message can't be edited", extra={"delivery": delivery.id, "reason": error.message})
            return False
        except TelegramError as error:
            logger.info("a message is edited later", extra={"delivery": delivery.id, "reason": error.message})
            return None
        return True
