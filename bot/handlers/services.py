"""What the handlers work with: the stores, the use cases, and the settings that they follow."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telegram import InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.handlers.menus import CommandMenus
from bot.i18n import Translator, supported_language, translator
from bot.markup import Html
from bot.telegram.client import DigestBot
from bot.telegram.contents import PreviewSender
from bot.telegram.messages import NO_PREVIEW
from bot.telegram.messenger import Messenger
from bot.telegram.screens import Screens
from config.settings import Settings
from digests.announcements.broadcast import Broadcaster
from digests.announcements.copies import CopyChangeWorker
from digests.announcements.edit import AnnouncementEditor
from digests.announcements.upkeep import AnnouncementUpkeep
from digests.delivery.withdraw import Withdrawer
from digests.delivery.worker import DeliveryWorker
from digests.lookup import Lookup
from digests.model.audit import AuditAct
from digests.model.role import Role
from digests.planning.planner import Planner
from digests.ports import Clock
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.audit import AuditLog
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.people import PeopleStore
from digests.storage.places import PlaceStore
from digests.storage.search.index import SearchIndex
from digests.storage.visits import Visitor, VisitorStore
from digests.subscriptions import Subscriptions

logger = logging.getLogger(__name__)


def _nobody(_job: str) -> None:
    """Without a scheduler jobs run when they are called."""


OWNER_LINK_LIFE = timedelta(days=7)
INVITE_LIFE = timedelta(days=30)


@dataclass
class Services:
    """Wired once, by `bot.app`."""

    settings: Settings
    clock: Clock
    bot: DigestBot
    preview_sender: PreviewSender
    messenger: Messenger
    screens: Screens
    visitors: VisitorStore
    articles: ArticleStore
    categories: CategoryStore
    posts: IngestStore
    places: PlaceStore
    deliveries: DeliveryStore
    ledger: LedgerStore
    announcements: AnnouncementStore
    people: PeopleStore
    index: SearchIndex
    lookup: Lookup
    planner: Planner
    delivery_worker: DeliveryWorker
    hidden: HiddenStore
    withdrawer: Withdrawer
    subscriptions: Subscriptions
    broadcaster: Broadcaster
    announcement_editor: AnnouncementEditor
    copy_change_worker: CopyChangeWorker
    upkeep: AnnouncementUpkeep
    audit_log: AuditLog
    menus: CommandMenus
    wake: Callable[[str], None] = _nobody
    """Runs a job as soon as may be: "deliver", "follow"."""

    async def admins(self) -> frozenset[int]:
        """Owners and admins; editors are none."""
        return frozenset(user for user, role in (await self.roles()).items() if role is not Role.EDITOR)

    async def roles(self) -> dict[int, Role]:
        """Everybody who has a role. Whom the settings name is an owner."""
        return await self.people.roles() | dict.fromkeys(self.settings.telegram.admins, Role.OWNER)

    async def record(self, user_id: int, act: AuditAct, **details: Any) -> None:
        """Writes down what an admin did. `details` are plain values, which
        `bot.handlers.admins.audit` puts into words."""
        await self.audit_log.add(user_id, act, details, self.clock.now())

    async def name_of(self, user_id: int) -> str:
        """As he is called in his private chat with the bot, or his id."""
        place = await self.places.find(user_id)
        return place.title if place and place.title else str(user_id)

    async def translator_of(self, chat_id: int) -> Translator:
        place = await self.places.find(chat_id)
        return translator(place.language if place else "en")

    async def notify(self, user_id: int, text: Html, keyboard: InlineKeyboardMarkup | None = None) -> bool:
        """Whether he could be told: who never wrote to the bot can't be."""
        try:
            await self.bot.send_message(
                user_id, text, parse_mode=ParseMode.HTML, reply_markup=keyboard, link_preview_options=NO_PREVIEW
            )
        except TelegramError as error:
            logger.info("somebody with a role could not be told", extra={"user": user_id, "reason": error.message})
            return False
        return True

    async def may_use(self, chat_id: int, user_id: int) -> bool:
        """Whether `chat.access` lets this person, in this chat, use the bot."""
        return self.lets_in(chat_id, user_id, await self.visitors.get(chat_id, 0, user_id))

    def role_of(self, user_id: int, visitor: Visitor) -> Role | None:
        """The role of somebody who came by."""
        return Role.OWNER if user_id in self.settings.telegram.admins else visitor.role

    def lets_in(self, chat_id: int, user_id: int, visitor: Visitor) -> bool:
        """As `may_use`, of somebody who came by."""
        access = self.settings.chat.access
        if access == "open" or self.role_of(user_id, visitor) is not None:
            return True
        if access == "list":
            return not {chat_id, user_id}.isdisjoint(self.settings.chat.allowed)
        return visitor.is_member

    def supported_language(self, code: str | None) -> str:
        return supported_language(code, self.settings.chat.language)
