"""Answers to inline queries: articles with the words, the latest without any, or the one that `id:123` names."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

from telegram import InlineQuery
from telegram.error import TelegramError
from telegram.helpers import create_deep_linked_url

from bot.handlers.access import Access
from bot.handlers.notifier import Notifier
from bot.i18n import Translator, translator
from bot.render.inline import inline_result
from bot.telegram.client import DigestBot
from bot.telegram.messenger import Messenger
from config.settings import DigestSettings
from digests.errors import StorageError
from digests.model.article import Article
from digests.model.ids import ArticleId
from digests.model.place import Place
from digests.ports import Clock
from digests.readers.personal_lookup import PersonalLookup, PersonalPage
from digests.search.ranking import Cursor, Tier
from digests.storage.articles.read import ArticleStore

logger = logging.getLogger(__name__)

PAGE = 20
START = "inline"
"""The start parameter of the button above the results."""
_WORDS_SECONDS, _LATEST_SECONDS = 60, 20
"""How long Telegram may give the same person the same answer: not so long that what was withdrawn is still shown."""
_BY_ID = re.compile(r"id:\s*(\d{1,15})", re.IGNORECASE)
_OFFSET = re.compile(r"([0-2])\.(\d{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class InlineServices:
    """For answering what people type behind the bot's name."""

    bot: DigestBot
    messenger: Messenger
    access: Access
    notifier: Notifier
    lookup: PersonalLookup
    articles: ArticleStore
    clock: Clock
    defaults: DigestSettings
    shows_pictures: bool


@dataclass(frozen=True, slots=True)
class _Asker:
    """Whoever typed: `place` is their private chat with the bot; None where there is none yet."""

    place: Place | None
    t: Translator
    timezone: str


class InlineQueries:
    """Answers inline queries, each once and for whoever asked alone: language, time zone and mutes are their own."""

    def __init__(self, services: InlineServices) -> None:
        self._services = services

    async def answer(self, query: InlineQuery) -> None:
        """Answer a query; after a fault of ours with nothing, so that nobody waits."""
        try:
            fields = await self._fields(query)
        except StorageError:
            logger.exception("an inline query could not be answered")
            fields = {"results": [], "cache_time": 0}
        try:
            await self._services.messenger.answer_inline(query.id, {"is_personal": True} | fields)
        except TelegramError as error:
            # Whoever types on has asked something else by now, and after an outage every query is too old.
            logger.info("an inline query was not answered", extra={"reason": error.message})

    async def _fields(self, query: InlineQuery) -> dict[str, Any]:
        user, services = query.from_user, self._services
        visitor = await services.access.visitor(user.id, 0, user.id)
        asker = self._asker(visitor.place, user.language_code)
        if not services.access.lets_in(user.id, user.id, visitor):
            return {"results": [], "cache_time": 0, "button": _button(asker.t("Start the bot"))}
        words = " ".join(query.query.split())
        page = await self._page(asker, words, read_offset(query.offset))
        also = await services.articles.others(page.articles)
        results = [self._result(article, asker, also.get(article.id, ())) for article in page.articles]
        fields: dict[str, Any] = {
            "results": results,
            "cache_time": _WORDS_SECONDS if words else _LATEST_SECONDS,
            "next_offset": written_offset(page.next),
        }
        if not results and not query.offset:
            fields |= {"cache_time": _LATEST_SECONDS, "button": _button(asker.t("Nothing found. Open the bot"))}
        elif visitor.place is None and not query.offset:
            fields["button"] = _button(asker.t("Choose what to read each day"))
        return fields

    def _asker(self, place: Place | None, code: str | None) -> _Asker:
        language = self._services.notifier.language_for(code)
        if place is None:
            defaults = self._services.defaults
            return _Asker(None, translator(language), defaults.timezones.get(language, defaults.timezone))
        return _Asker(place, translator(place.language if place.has_chosen_language else language), place.timezone)

    async def _page(self, asker: _Asker, words: str, start: Cursor | None) -> PersonalPage:
        if named := _BY_ID.fullmatch(words):
            article = await self._services.lookup.get(ArticleId(int(named[1])))
            return PersonalPage((article,) if article is not None else ())
        return await self._services.lookup.find(asker.place, words, PAGE, start)

    def _result(self, article: Article, asker: _Asker, also: tuple[Article, ...]) -> dict[str, Any]:
        services = self._services
        return inline_result(
            article,
            asker.t,
            asker.timezone,
            services.clock.now(),
            also,
            create_deep_linked_url(services.bot.username, f"a_{article.id}"),
            has_picture=services.shows_pictures,
        )


def written_offset(position: Cursor | None) -> str:
    """Return the offset by which Telegram asks for what follows a position; "" if nothing does."""
    return f"{position.tier:d}.{position.document}" if position is not None else ""


def read_offset(offset: str) -> Cursor | None:
    """Return the position that an offset of ours means; None, which is the beginning, for any other text."""
    found = _OFFSET.fullmatch(offset)
    return Cursor(Tier(int(found[1])), int(found[2])) if found is not None else None


def _button(text: str) -> dict[str, str]:
    return {"text": text, "start_parameter": START}
