"""Whether Telegram can be reached, and what time it is there, by what requests to it came to."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from aiohttp import web
from yarl import URL

from bot.telegram.errors import NoAnswerError, NotSentError
from bot.telegram.reachability import Reachability
from bot.telegram.request import AiohttpRequest
from tests.http_server import serve

WALL = 1_790_000_000.0


class Times:
    """A monotonic clock that the test moves, and a wall clock beside it."""

    def __init__(self) -> None:
        self.now = 100.0

    def made(self, ahead: float = 0.0) -> Reachability:
        return Reachability(lambda: self.now, lambda: WALL + self.now + ahead)

    def date(self) -> str:
        return formatdate(WALL + self.now, usegmt=True)


def test_nothing_is_known_before_the_first_request() -> None:
    reachability = Times().made()
    assert (reachability.answered_at, reachability.skew) == (None, None)
    assert reachability.failing_seconds == 0


def test_it_fails_until_anything_is_answered() -> None:
    times = Times()
    reachability = times.made()
    reachability.answered(200, "")
    reachability.failed()
    times.now += 60
    reachability.failed()
    reachability.answered(502, times.date())
    assert reachability.failing_seconds == 60
    assert reachability.skew is None, "a gateway's clock is not Telegram's"
    reachability.answered(403, "")
    assert reachability.failing_seconds == 0


@pytest.mark.parametrize("ahead", [0.0, 300.0, -86_400.0, 4.0])
def test_how_far_the_clock_is_ahead_is_known_to_a_second(ahead: float) -> None:
    times = Times()
    reachability = times.made(ahead)
    reachability.answered(200, times.date())
    assert reachability.skew == pytest.approx(ahead, abs=1)
    times.now += 5
    reachability.answered(200, formatdate(0, usegmt=True))
    assert reachability.skew == pytest.approx(ahead, abs=1), "looked at now and then only"


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Zzz 2026 00:00:00 GMT", "\x00"])
def test_a_date_that_is_none_says_nothing(date: str) -> None:
    reachability = Times().made()
    reachability.answered(200, date)
    assert reachability.skew is None
    assert reachability.failing_seconds == 0


async def test_requests_tell_what_they_came_to() -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="{}")

    reachability = Reachability()
    request = AiohttpRequest(reachability=reachability)
    async with serve(answer) as url:
        await request.send_json(URL(url), b"{}")
        assert reachability.answered_at is not None
        assert reachability.skew == pytest.approx(0, abs=2)
    with pytest.raises((NotSentError, NoAnswerError)):
        await request.send_json(URL(url), b"{}")
    assert reachability.failing_since is not None
    await request.shutdown()
