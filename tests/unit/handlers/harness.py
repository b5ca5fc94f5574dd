"""Handlers called one by one: their services over a database, their contexts over a fake Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.ext import ExtBot

from bot.callbacks import Button, pack
from bot.handlers.announcements.screens import AnnouncementScreens
from bot.handlers.context import Context
from bot.handlers.contexts import Contexts
from bot.handlers.notifier import Notifier
from bot.telegram.client import TelegramClient
from bot.telegram.limiter import Limiter
from bot.telegram.throttle import Throttle
from bot.updates.arrivals import read_arrival
from bot.wiring.foundation import Foundation
from bot.wiring.parts import build_parts
from bot.wiring.stores import Stores, build_stores
from config.load import load_settings
from config.settings import Settings
from digests.model.audit import AuditAct
from digests.model.category_tree import Category
from digests.model.place import Place
from digests.model.role import Role
from digests.storage.places.places import PlaceStore
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import DAY, NOW
from tests.fake_feed_book import FakeFeedBook
from tests.fakes import FakeClock, FakeTelegram

BOT_ID = 123456
BOT: Mapping[str, Any] = {"id": BOT_ID, "is_bot": True, "first_name": "Digest"}
MESSAGE = 40
"""The id of the message that people write, or below which they press."""
DATE = int(NOW.timestamp())

RawUser = Mapping[str, Any]
RawChat = Mapping[str, Any]


def person(user_id: int, name: str, language: str = "en") -> RawUser:
    """Return a person as Telegram describes them."""
    return {"id": user_id, "is_bot": False, "first_name": name, "language_code": language}


ADA = person(9001, "Ada")
"""The owner, whom the settings name."""
KIM = person(78, "Kim")
ROBIN = person(77, "Robin")
GROUP: RawChat = {"id": -500, "type": "supergroup", "title": "The readers"}


class HandlerHarness:
    """The services of every handler, and what the bot has shown of its work in `telegram`."""

    def __init__(self, settings: Settings, stores: Stores, client: TelegramClient, telegram: FakeTelegram) -> None:
        self.telegram = telegram
        self.clock = FakeClock(NOW)
        self.stores = stores
        self.woken: list[str] = []
        self._settings = settings
        self._client = client
        self._updates = 0
        self.book = FakeFeedBook(stores, self.clock)
        foundation = Foundation(settings, self.clock, stores, client, "test", self.woken.append)
        self.parts = parts = build_parts(foundation, self.book)
        self.contexts = self.contexts_over(stores.places)
        self.routes = parts.routes
        self.readers, self.admins, self.feeds = parts.readers, parts.admins, parts.feeds
        self.announcements = AnnouncementScreens(parts.announcements, parts.reporter)

    def contexts_over(self, places: PlaceStore) -> Contexts:
        """Return what makes contexts, over these places."""
        notifier = Notifier(self._client.bot, places, self._settings.chat.language)
        parts, audit = self.parts, self.stores.audit
        return Contexts(parts.chats, self.clock, parts.access, notifier, audit, places, self._settings.digest)

    # What people do

    async def written(
        self, text: str = "", *, by: RawUser = ROBIN, chat: RawChat | None = None, **message: Any
    ) -> Context:
        """Return the context of a message; `text` is what follows the command, or the whole message."""
        context = await self.context_of(self.message(text or "/command", by=by, chat=chat, **message))
        assert context is not None
        context.text = text
        return context

    async def pressed(
        self,
        *buttons: Button,
        by: RawUser = ROBIN,
        chat: RawChat | None = None,
        asked_by: RawUser | None = None,
        is_gone: bool = False,
        has_photo: bool = False,
    ) -> Context:
        """Return the context of a press on the first of the buttons of a message that the bot sent.

        `asked_by` is whose command the message answers; one that `is_gone` comes without what it showed. With
        `has_photo`, the message's text is the caption of one.
        """
        shown = {"message_id": MESSAGE, "date": 0, "chat": chat or _private_chat(by)}
        if not is_gone:
            rows = [[{"text": "A button", "callback_data": pack(button)}] for button in buttons]
            shown |= {"date": DATE, "from": BOT, "reply_markup": {"inline_keyboard": rows}}
            sizes = [{"file_id": "file", "file_unique_id": "f", "width": 900, "height": 600}]
            shown |= {"caption": "A message", "photo": sizes} if has_photo else {"text": "A message"}
        if asked_by is not None:
            shown["reply_to_message"] = self.message("/command", by=asked_by, chat=chat)["message"]
        query = {"id": "55", "from": by, "chat_instance": "1", "message": shown, "data": pack(buttons[0])}
        context = await self.context_of(self._update(callback_query=query))
        assert context is not None
        return context

    def message(
        self, text: str = "/command", *, by: RawUser = ROBIN, chat: RawChat | None = None, **more: Any
    ) -> dict[str, Any]:
        """Return the update of a message, as Telegram sends it."""
        place = chat or _private_chat(by)
        return self._update(
            message={"message_id": MESSAGE, "date": DATE, "chat": place, "from": by, "text": text, **more}
        )

    async def context_of(self, raw: Mapping[str, Any]) -> Context | None:
        """Return the context of an update; None for what no person did, or somebody who is not let in."""
        return await self.contexts.of(self.update_of(raw), asyncio.Lock(), read_arrival(raw))

    def update_of(self, raw: Mapping[str, Any]) -> Update:
        """Return an update as PTB reads it."""
        return Update.de_json(dict(raw), self._client.bot)

    def _update(self, **content: Any) -> dict[str, Any]:
        self._updates += 1
        return {"update_id": self._updates, **content}

    async def settle(self) -> None:
        """Wait until what handlers began in the background is done, and shown."""
        await self.feeds.background.settle()
        await self.parts.chats.screens.settle()

    # What is stored

    async def publish(self, *titles: str, categories: Sequence[str] = ("Science",), **changes: Any) -> Category:
        """Store and index articles of these titles, and return their category."""
        batch = [
            read_post(f"{title}.md", parsed_post(title, categories=tuple(categories), **changes)) for title in titles
        ]
        await self.stores.posts.write("folder", batch, self.clock.now())
        await self.stores.index.update(self.stores.articles)
        tree = await self.stores.categories.tree()
        (category,) = (category for category in tree if category.path == tuple(categories))
        return category

    async def follow(self, category: Category, by: RawUser = ROBIN) -> Place:
        """Subscribe a person to a category, with a digest a day from now on, and return their place."""
        context = await self.written(by=by)
        await self.readers.subscriptions.follow(context.place, category, self.clock.now() - DAY)
        return await self.place(by)

    async def place(self, by: RawUser = ROBIN) -> Place:
        """Return the place of a person's private chat."""
        found = await self.stores.places.find(by["id"])
        assert found is not None
        return found

    async def acts(self) -> list[AuditAct | str]:
        """Return what the audit log says was done, the newest first."""
        entries, _ = await self.stores.audit.page(0, 100)
        return [entry.act for entry in entries]

    async def grant(self, user: RawUser, role: Role) -> None:
        """Give somebody a role."""
        await self.stores.people.grant(user["id"], role, self.clock.now())


def _private_chat(user: RawUser) -> RawChat:
    return {"id": user["id"], "type": "private", "first_name": user["first_name"]}


@asynccontextmanager
async def open_harness(folder: Path, **sections: Any) -> AsyncIterator[HandlerHarness]:
    """Open the handlers over the migrated database `digestbot.db` of a folder."""
    sections["telegram"] = {
        "token": f"{BOT_ID}:test-token",
        "admins": [ADA["id"]],
        "chat_rate": 1000,
        "group_rate": 1000,
        **sections.get("telegram", {}),
    }
    settings = load_settings(environ={}, data_dir=str(folder), posts={"folder": str(folder)}, **sections)
    telegram = FakeTelegram(BOT_ID)
    throttle = Throttle(settings.telegram.rate, settings.telegram.group_rate, settings.telegram.chat_rate)
    bot = ExtBot(
        settings.telegram.token.get_secret_value(),
        request=telegram,
        get_updates_request=telegram,
        rate_limiter=Limiter(throttle),
    )
    await bot.initialize()
    telegram.calls.clear()
    stores = build_stores(settings)
    await stores.index.open()
    harness = HandlerHarness(settings, stores, TelegramClient(bot, throttle, telegram, telegram, telegram), telegram)
    try:
        yield harness
    finally:
        await harness.feeds.following.stop()
        harness.parts.chats.screens.stop()
        await stores.close()
