"""`digestbot run`, `bot` and `worker`: the bot, or parts of it, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from bot.process.app import App
from bot.runtime.memory import keep_one_heap, keep_what_is_there
from config.load import load_settings
from config.logs import configure_logging
from config.mistakes import ConfigError, Mistake
from config.settings import Settings
from digests.errors import InvalidInput
from digests.model.process import ALL_ROLES, ProcessRole
from digests.storage.engine.addresses import read_url

logger = logging.getLogger(__name__)

END_SECONDS = 8.8
"""How long a stop may take; most supervisors kill a process after ten seconds."""
_TELL_SECONDS = 0.3


def run_bot(config: Path | None, roles: frozenset[ProcessRole] = ALL_ROLES, name: str = "") -> None:
    """Run the bot, or the parts of its work that `roles` name, until it is stopped.

    Raises:
        ConfigError: when a setting is wrong, or there is no token.
        InvalidInput: when one process has to do all of the work.
        StartError: when the bot can't start.
    """
    settings = load_settings(config)
    if roles != ALL_ROLES and read_url(settings.database_url).get_backend_name() == "sqlite":
        raise InvalidInput(
            "Several processes need PostgreSQL: with SQLite, one does everything. Start it with `digestbot run`, "
            "or set database.url to one of PostgreSQL's, such as postgresql://host/name."
        )
    if not settings.telegram.token.get_secret_value():
        allowed = "is needed: the token that @BotFather gave you, by DIGESTBOT_TELEGRAM__TOKEN or …__TOKEN_FILE"
        raise ConfigError((Mistake("telegram.token", "", allowed, "default.toml"),))
    configure_logging(settings)
    asyncio.run(_run(settings, roles, name))


async def _run(settings: Settings, roles: frozenset[ProcessRole], name: str) -> None:
    stopping = stop_signals()
    app = App(settings, roles=roles, name=name)
    status = 1
    try:
        if await started(app, stopping):
            if app.owner_link:
                print(f"Nobody is admin yet. Whoever opens this link first becomes the owner:\n{app.owner_link}")
            await stopping.wait()
        status = 0
    finally:
        end_within(END_SECONDS, status)
        await app.stop()


def end_within(seconds: float, status: int = 0) -> None:
    """End the process after so many seconds if it has not ended by itself.

    A thread that hangs in the system, on a lost disk or host or on a locked database, can't be stopped otherwise.
    Whatever must not be lost is in the database at any time.
    """
    timer = threading.Timer(seconds, _end_now, [status])
    timer.daemon = True
    timer.start()


def _end_now(status: int) -> None:
    # Writing the log may be what hangs.
    telling = threading.Thread(target=_tell_what_hangs, daemon=True)
    telling.start()
    telling.join(_TELL_SECONDS)
    os._exit(status)


def _tell_what_hangs() -> None:
    hanging = [thread.name for thread in threading.enumerate() if thread is not threading.current_thread()]
    logger.warning("the stop took too long; threads that hang are abandoned", extra={"threads": hanging})
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def stop_signals() -> asyncio.Event:
    """Return an event that the first SIGTERM or SIGINT sets; the second one ends the program at once."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        stopping.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    return stopping


async def started(app: App, stopping: asyncio.Event) -> bool:
    """Start the app, and return True; False if it was stopped before, such as while it waited for a network."""
    keep_one_heap()
    start = asyncio.create_task(app.start())
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait((start, stop), return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not start.done():
        start.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await start
        return False
    await start
    keep_what_is_there()
    return True
