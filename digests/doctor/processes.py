"""The doctor's look at the processes of a bot that has several (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from digests.model.check import Check
from digests.model.process import MOST_SKEW, ProcessRole, ProcessRow

BOT = "bot"
_MISSING = {
    ProcessRole.UPDATES: "nobody answers readers: start `digestbot bot`",
    ProcessRole.JOBS: "nobody reads posts and plans digests: start `digestbot worker --jobs`",
    ProcessRole.DELIVERIES: "nobody sends messages: start `digestbot worker --deliveries`",
}


def process_checks(alive: Sequence[ProcessRow]) -> list[Check]:
    """Return whether all of the bot's work is done by the processes that are alive, and whose clock is wrong."""
    if not alive:
        return [Check("warning", BOT, "not running: start it with `digestbot run`")]
    done = frozenset(role for process in alive for role in process.roles)
    checks = [Check("warning", BOT, said) for role, said in _MISSING.items() if role not in done]
    if not checks:
        checks = [Check("ok", BOT, "running")]
    checks += [_process(process) for process in alive]
    return checks + [_clock(process) for process in alive if abs(process.skew) > MOST_SKEW]


def _process(process: ProcessRow) -> Check:
    roles = ", ".join(sorted(process.roles)) or "nothing, because its jobs are late; its log says why"
    return Check("ok" if process.roles else "warning", f"process {process.name}", f"{process.version}: {roles}")


def _clock(process: ProcessRow) -> Check:
    way = "ahead of" if process.skew > 0 else "behind"
    said = f"{abs(process.skew):,.0f} s {way} the database's. Nothing goes by it, but logs do: set it by NTP"
    return Check("warning", f"clock of {process.host}", said)
