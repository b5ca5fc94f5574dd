"""The bot is added, removed, blocked, let in again; a group becomes a supergroup."""

from __future__ import annotations

import logging

from telegram import ChatMember, ChatMemberUpdated, Update
from telegram.constants import ChatType

from bot.handlers.services import Services
from bot.i18n import translator

logger = logging.getLogger(__name__)

_INSIDE = (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


async def my_chat_member(services: Services, change: ChatMemberUpdated) -> None:
    """Follow a change of the bot's own membership: places fall silent, come back, or are greeted."""
    now_inside = _is_inside(change)
    if change.chat.type == ChatType.PRIVATE:
        if not now_inside:
            await services.places.mark_lost(change.chat.id, "blocked by the user")
        return
    if not now_inside:
        await services.places.mark_lost(change.chat.id, "removed from the chat")
    elif change.old_chat_member.status not in _INSIDE and change.chat.type != ChatType.CHANNEL:
        if await services.places.regain(change.chat.id, services.clock.now()):
            return
        if not await services.may_use(change.chat.id, change.from_user.id):
            return
        t = translator(services.supported_language(change.from_user.language_code))
        text = t("Hello! I bring this group one digest of the news a day. An admin of the group chooses what: /start")
        await services.bot.send_message(chat_id=change.chat.id, text=text)


def _is_inside(change: ChatMemberUpdated) -> bool:
    member = change.new_chat_member
    return member.status in _INSIDE or (
        member.status == ChatMember.RESTRICTED and bool(getattr(member, "is_member", 0))
    )


async def moved(services: Services, update: Update) -> None:
    """A group became a supergroup: its places go on under the new id."""
    message = update.effective_message
    if message is not None and message.migrate_to_chat_id is not None:
        logger.info("group became a supergroup", extra={"from": message.chat_id, "to": message.migrate_to_chat_id})
        await services.places.move_chat(message.chat_id, message.migrate_to_chat_id)
