"""What every part of the running bot is built on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.telegram.client import TelegramClient
from bot.wiring.stores import Stores
from config.settings import Settings
from digests.ports import Clock


@dataclass(frozen=True, slots=True)
class Foundation:
    """The settings, clock, stores and client of one process.

    `owner` names the process in its leases; `wake` runs a job, given its name, as soon as possible.
    """

    settings: Settings
    clock: Clock
    stores: Stores
    client: TelegramClient
    owner: str
    wake: Callable[[str], None]
