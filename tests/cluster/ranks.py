"""Which of several bots leads, by what they say."""

from __future__ import annotations

from collections.abc import Sequence

from tests.cluster.harness import Program
from tests.waiting import until

_LEADS, _LEADS_NO_MORE = "this process leads", "this process leads no more"


def leads(bot: Program) -> bool:
    """Return whether it says that it leads."""
    return bot.is_running and bot.says_last(_LEADS, _LEADS_NO_MORE) == _LEADS


async def by_rank(bots: Sequence[Program], seconds: float = 45) -> tuple[Program, Program]:
    """Return the one of two bots that leads, and the other, as soon as there is one."""
    await until(lambda: any(map(leads, bots)), seconds, pause=0.1, failure=bots[0].tail)
    leading = [bot for bot in bots if leads(bot)]
    assert len(leading) == 1, "two lead"
    [other] = [bot for bot in bots if bot is not leading[0]]
    return leading[0], other
