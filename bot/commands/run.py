"""`digestbot run`: the bot until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from bot.app import App
from bot.runtime.clock import SystemClock
from bot.runtime.memory import keep_one_heap, keep_what_is_there
from config.load import load_settings
from config.logs import configure_logging
from config.mistakes import ConfigError, Mistake
from config.settings import Settings

logger = logging.getLogger(__name__)

END_SECONDS = 8.8
_TELL_SECONDS = 0.3


def run_bot(config: Path | None) -> None:
    """Run the bot until it is stopped. Raises ConfigError without a token."""
    settings = load_settings(config)
    if not settings.telegram.token.get_secret_value():
        allowed = "is needed: the token that @BotFather gave you, by DIGESTBOT_TELEGRAM__TOKEN or …__TOKEN_FILE"
        raise ConfigError((Mistake("telegram.token", "", allowed, "default.toml"),))
    configure_logging(settings)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    stopping = stop_signals()
    app = App(settings, SystemClock())
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
    """End the process by then, unless it has ended by itself.

    A thread that hangs in the system (a disk or a host that is gone, a locked database) can't be stopped otherwise.
    Everything that must not be lost is in the database at any moment.
    """
    timer = threading.Timer(seconds, _end_now, [status])
    timer.daemon = True
    timer.start()


def _end_now(status: int) -> None:
    # Where the log goes may be what hangs.
    telling = threading.Thread(target=_tell_what_hangs, daemon=True)
    telling.start()
    telling.join(_TELL_SECONDS)
    os._exit(status)


def _tell_what_hangs() -> None:
    hanging = [thread.name for thread in threading.enumerate() if thread is not threading.current_thread()]
    logger.warning("the stop did not come to its end in time; what hangs is left", extra={"threads": hanging})
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def stop_signals() -> asyncio.Event:
    """Is set by the first SIGTERM or SIGINT; a second one ends the program at once."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        stopping.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    return stopping


async def started(app: App, stopping: asyncio.Event) -> bool:
    """Starts the app; False when it was told to stop before it had, as while it waits for a network."""
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
