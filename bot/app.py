"""The running bot: starts every part in its order, keeps it going, and ends it cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from time import monotonic

from telegram import Update
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Application, CallbackQueryHandler, ChatMemberHandler, MessageHandler, filters

from bot.checkup import ALIVE, REINDEX
from bot.data_folder import prepare_data_folder
from bot.errors import StartError
from bot.handlers import groups, links, table, withdraw
from bot.handlers.reporting import Reporter
from bot.handlers.route import Router, log_error
from bot.jobs import Jobs
from bot.lock import BotLock
from bot.looks import note_look, unreadable_folders
from bot.sources import Source, build_sources
from bot.telegram.client import build_line
from bot.telegram.limiter import seconds_of
from bot.telegram.menus import set_menus
from bot.telegram.webhook import WebhookServer
from bot.watching import watch
from bot.wiring import build_house, build_rooms
from config.settings import Settings
from digests.aside import Aside, a_process
from digests.errors import OriginError
from digests.ingest import Report, ingest
from digests.parsing import Reading
from digests.ports import Clock, Origin
from digests.storage.migrate import migrate

logger = logging.getLogger(__name__)

_UPDATES = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
_LONGEST_WAIT = 60.0
_STOP_SECONDS = 7.0
_CONFIRM_SECONDS = 2.0
_KEEP_DAYS = 90
_MUCH_WASTE = 0.3
_MOST_NAMED = 20


class App:
    """One process of the bot. `start` returns when it answers; `stop` when nothing is half-done."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.owner_link: str | None = None
        self.rooms = build_rooms(settings)
        self._lock = BotLock(settings.data_dir, self.rooms.database.file)
        self._line = build_line(settings)
        self.bot = self._line.bot
        owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.house = build_house(settings, clock, self._line, self.rooms, owner)
        self.announcer = self.house.announcer
        self.reporter = Reporter(self.house)
        self.jobs = Jobs()
        self.house.wake = self.jobs.wake
        self._application = Application.builder().bot(self.bot).concurrent_updates(64).job_queue(None).build()
        self._scanning = asyncio.Lock()
        self._said: dict[str, str] = {}
        self._watching: asyncio.Task[None] | None = None
        self._webhook: WebhookServer | None = None
        self._sources = build_sources(settings)

    async def start(self, *, scheduled: bool = True) -> None:
        """Opens what is stored, looks at the posts, connects, listens. `scheduled` False: jobs run when called.

        Raises StartError for what no waiting mends; waits as long as it takes for a network.
        """
        await self._open()
        if scheduled:
            self.jobs.add("scan", self.scan, self.settings.posts.scan_seconds)
            self.jobs.add("alive", self._sign_of_life, 20)
            self.jobs.add("tidy", self.tidy, 6 * 3600, at_once=False)
            self.jobs.start()
            if self.settings.posts.watch:
                folders = [one.folder for one in self._sources if one.folder is not None]
                self._watching = asyncio.create_task(watch(folders, lambda: self.jobs.wake("scan")))
        await self._connect()
        await self._listen()
        if scheduled:
            self.jobs.add("tick", self.plan, self.settings.delivery.tick_seconds)
            self.jobs.add("deliver", self.house.courier.deliver_due, self.settings.delivery.tick_seconds)
            self.jobs.add("follow", self.house.follow_up.work, self.settings.delivery.tick_seconds)
            self.jobs.add("care", self._care, 1)
            self.jobs.add("report", self._report, 2)
            self.jobs.add("recall", self.recall, 5)
        logger.info("ready", extra={"bot": self.bot.username})

    async def _open(self) -> None:
        await asyncio.to_thread(prepare_data_folder, self.settings)
        if self.rooms.database.is_sqlite:
            self._lock.take()
        before, after = await asyncio.to_thread(migrate, self.settings.database_url)
        if before != after:
            logger.info("database brought up to date", extra={"from": before, "to": after})
        await self.house.index.open()
        if self.rooms.database.is_sqlite:
            # The lock says that we are alone: what a dead process held is free at once.
            await self.house.ledger.release_all()

    async def _connect(self) -> None:
        """Greets Telegram, waiting for a network as long as there is none."""
        try:
            await _patiently(self._application.initialize)
        except InvalidToken as error:
            raise StartError(
                "Telegram does not know this token (401): take the right one from @BotFather "
                "and set DIGESTBOT_TELEGRAM__TOKEN."
            ) from error
        self.owner_link = await links.offer_ownership(self.house)
        roles = await self.house.roles()
        try:
            self.house.admins_with_menu.update(await set_menus(self.bot, roles))
        except TelegramError as error:
            logger.warning("the command lists were not set", extra={"reason": error.message})

    async def _listen(self) -> None:
        router = Router(self.house, **table.routes(self.house, self.reporter))
        add = self._application.add_handler
        add(MessageHandler(filters.StatusUpdate.MIGRATE, lambda update, _: groups.moved(self.house, update)))
        add(MessageHandler(filters.UpdateType.MESSAGE & ~filters.StatusUpdate.ALL, router.message))
        add(CallbackQueryHandler(router.press))
        add(ChatMemberHandler(lambda update, _: groups.my_chat_member(self.house, update)))
        self._application.add_error_handler(log_error)
        telegram = self.settings.telegram
        await self._application.start()
        if telegram.webhook_url:
            secret = telegram.webhook_secret.get_secret_value() or secrets.token_urlsafe(32)
            server = WebhookServer(
                self.bot, telegram.webhook_url, telegram.webhook_listen, secret, self._application.update_queue.put
            )
            await server.start()
            self._webhook = server
            await self._set_webhook(telegram.webhook_url, secret)
            return
        updater = self._application.updater
        assert updater is not None
        # A webhook that was left over is taken down by this, or Telegram would refuse to be asked.
        await updater.start_polling(
            timeout=telegram.poll_seconds,
            bootstrap_retries=-1,
            allowed_updates=_UPDATES,
            error_callback=self._polling_failed,
        )

    async def _set_webhook(self, url: str, secret: str) -> None:
        async def call() -> None:
            await self.bot.set_webhook(url, secret_token=secret, allowed_updates=_UPDATES)

        try:
            await _patiently(call)
        except BadRequest as error:
            raise StartError(
                f"Telegram does not take this webhook ({error.message}): mend telegram.webhook_url, "
                "or leave it empty to poll instead."
            ) from error

    def _polling_failed(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            logger.error(
                "Another program receives this bot's updates (409): end it, or give it another token. Trying again."
            )
        else:
            logger.warning("updates can't be fetched; trying again", extra={"reason": error.message})

    async def scan(self) -> Report:
        """Looks the posts of all origins through once, and brings the search index up to date."""
        async with self._scanning:
            with a_process() as aside:
                return await self._scan(aside)

    async def _scan(self, aside: Aside) -> Report:
        """An origin that can't be read stops no other; the first such trouble is raised at the end."""
        report, troubles = Report(), list[OriginError]()
        for source in self._sources:
            try:
                report = report.plus(await self._scan_one(source, aside))
            except OriginError as error:
                troubles.append(error)
                if len(self._sources) > 1:
                    self._say(source.origin.name, str(error))
            else:
                self._said.pop(source.origin.name, None)
        if report.new or report.changed:
            self.house.forget_tree()
        await self._index(aside)
        if len(troubles) == len(self._sources):
            raise troubles[0]
        origins = [source.origin for source in self._sources]
        self._say_unreadable(origins)
        await note_look(self.house.people, report, origins, len(troubles), self.clock.now())
        return report

    async def _scan_one(self, source: Source, aside: Aside) -> Report:
        reading = await self._reading(source)
        report = await ingest(
            source.origin, self.house.posts, reading, self.clock.now(), aside=aside, memory=source.memory
        )
        if report.new or report.changed or report.quarantined:
            logger.info(
                "posts read",
                extra={
                    "origin": source.origin.name,
                    "new": report.new,
                    "changed": report.changed,
                    "duplicates": report.duplicates,
                    "aside": report.quarantined,
                },
            )
        return report

    def _say(self, about: str, text: str) -> None:
        """Once, not at every scan."""
        if self._said.get(about) != text:
            self._said[about] = text
            logger.error(text)

    def _say_unreadable(self, origins: Sequence[Origin]) -> None:
        folders = unreadable_folders(origins)
        if folders:
            named = ", ".join(folders[:_MOST_NAMED])
            self._say("unreadable", f"{len(folders)} folders of posts can't be read: {named}. Give the bot the right.")
        else:
            self._said.pop("unreadable", None)

    async def _index(self, aside: Aside) -> None:
        """Brings the search index up to date; makes it anew where that was asked for or pays."""
        people, index = self.house.people, self.house.index
        asked = await people.fact(REINDEX) is not None
        if asked or await index.waste() > _MUCH_WASTE:
            logger.info(
                "the search index is made anew", extra={"articles": await index.rebuild(self.house.articles, aside)}
            )
            if asked:
                await people.forget_fact(REINDEX)
        await index.update(self.house.articles, aside)
        await index.tidy()

    async def _reading(self, source: Source) -> Reading:
        about = f"site of {source.origin.name}"
        try:
            reading = await asyncio.to_thread(source.reading)
        except OriginError as error:
            # Posts are read all the same, without links to the site.
            self._say(about, str(error))
            return await asyncio.to_thread(source.reading_without_site)
        self._said.pop(about, None)
        return reading

    async def recall(self) -> None:
        """Takes withdrawn articles out of messages that were sent, where that was asked for."""
        for one in await self.house.withdrawer.recall_some():
            await withdraw.report(self.house, one)

    async def plan(self) -> int:
        """Plans what is due; how many digests and announcements are on their way."""
        now = self.clock.now()
        await self.house.places.end_breaks(now)
        planned = await self.house.planner.plan_due(now)
        planned += await self.announcer.plan_confirmed(now)
        if planned:
            self.jobs.wake("deliver")
        return planned

    async def _care(self) -> None:
        """Apart from the reports: a message that can't be shown just now holds up no pause."""
        await self.reporter.look_after_all(self.clock.now())

    async def _report(self) -> None:
        await self.reporter.report_all(self.clock.now())

    async def tick(self) -> None:
        """Plans, sends and reports, one after the other, until nothing is left to do now."""
        await self.plan()
        await self.house.courier.deliver_due()
        await self.house.follow_up.work()
        await self._care()
        await self._report()

    async def tidy(self) -> None:
        """Forgets what nobody will ask for any more."""
        before = self.clock.now() - timedelta(days=_KEEP_DAYS)
        await self.house.deliveries.tidy(before)
        await self.house.people.tidy(before)

    async def _sign_of_life(self) -> None:
        await self.house.people.note(ALIVE, str(os.getpid()), self.clock.now())

    async def stop(self) -> None:
        """Takes no more updates, ends what is under way, and closes; safe to call after a failed start."""
        deadline = monotonic() + _STOP_SECONDS
        self.house.courier.stop()
        if self._watching is not None:
            self._watching.cancel()
        for source in self._sources:
            source.origin.close()
        self.house.follow_up.stop()
        updater = self._application.updater
        if updater is not None and updater.running:
            # It asks Telegram once more, to confirm what it has; without a network that is left for the next start.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(updater.stop(), _CONFIRM_SECONDS)
        if self._webhook is not None:
            await self._webhook.stop()
        await self.jobs.stop(max(0.1, deadline - monotonic()))
        if self._application.running:
            with contextlib.suppress(TimeoutError):
                # A handler that waits for Telegram longer than this is left; its delivery is in the ledger.
                await asyncio.wait_for(self._application.stop(), max(0.5, deadline - monotonic()))
        with contextlib.suppress(BadRequest, RuntimeError):
            await self._application.shutdown()
        await self._line.close()
        await self.rooms.close()
        self._lock.release()
        logger.info("stopped")


async def _patiently(call: Callable[[], Awaitable[None]]) -> None:
    """Makes the call, again and again with growing waits while there is no way to Telegram."""
    wait = 1.0
    while True:
        try:
            await call()
            return
        except BadRequest:
            # To PTB this is a network error too, but waiting does not mend it.
            raise
        except RetryAfter as error:
            logger.warning("Telegram says to wait", extra={"in": seconds_of(error)})
            await asyncio.sleep(seconds_of(error))
        except NetworkError as error:
            logger.warning("Telegram can't be reached; trying again", extra={"reason": error.message, "in": wait})
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)
