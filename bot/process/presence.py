"""How a process shows that it is there, and which part of its work it gets done."""

from __future__ import annotations

import logging
import os
import platform
import secrets
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version

from bot.wiring.stores import Stores
from digests.doctor.health import ALIVE
from digests.model.process import ProcessRole
from digests.ports import Clock
from digests.storage.cluster.server_clock import ServerClock

logger = logging.getLogger(__name__)

_SUFFIX_BYTES = 3

LateJob = tuple[str, ProcessRole | None]
"""What is late, and whose part of the work it is; None: everybody's."""


def process_name(given: str = "") -> str:
    """Return a name that no other process has or had: what was given, or the host's, and some random digits.

    It names the owner of leases, so a process that was started again under the same name must not seem to be the one
    before.
    """
    return f"{given or platform.node() or 'digestbot'}-{secrets.token_hex(_SUFFIX_BYTES)}"


class Presence:
    """Notes signs of life, for `doctor` and for processes that take over from those that died."""

    def __init__(self, stores: Stores, clock: Clock, name: str, roles: frozenset[ProcessRole]) -> None:
        self._stores = stores
        self._clock = clock
        self._name = name
        self._roles = roles
        self._host = platform.node()
        self._version = version("digestbot")
        self._started_at: datetime | None = None

    async def sign(self, late: Sequence[LateJob]) -> None:
        """Say in the log what is late; if nothing is, give a sign of life: a bot that sends no digests is not alive."""
        if late:
            names = ", ".join(name for name, _ in late)
            logger.error("not everything runs as it should", extra={"late": names})
            return
        await self._stores.people.note(ALIVE, str(os.getpid()), self._clock.now())

    async def note(self, late: Sequence[LateJob]) -> None:
        """Tell the other processes that this one is there, and which of its parts of the work run."""
        now = self._clock.now()
        self._started_at = self._started_at or now
        roles = self._roles.difference(role for _, role in late)
        skew = self._clock.skew if isinstance(self._clock, ServerClock) else 0.0
        await self._stores.processes.note(self._name, self._host, roles, self._version, self._started_at, now, skew)

    async def leave(self) -> None:
        """Tell them that it ends."""
        if self._started_at is not None:
            await self._stores.processes.forget(self._name)
