"""Files that the simulator serves, as a server of feeds does: whoever has one already gets 304."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.simulator.server import Simulator
from tests.factories.times import HOUR, NOW


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A simulator that serves one file."""
    simulator = Simulator()
    simulator.feeds.put("a.xml", "application/rss+xml; charset=utf-8", "<rss>新</rss>".encode(), NOW)
    await simulator.start()
    yield simulator
    await simulator.stop()


async def get(simulator: Simulator, name: str = "a.xml", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Ask for a file; `if_none_match` is the header If-None-Match, and so on."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{simulator.url}/feeds/{name}"
    async with aiohttp.ClientSession() as session, session.get(url, headers=sent) as response:
        answered = {name.lower(): value for name, value in response.headers.items()}
        return response.status, answered, await response.read()


async def test_a_file_with_what_it_is_asked_for_again_by(simulator: Simulator) -> None:
    status, headers, body = await get(simulator)
    assert (status, body.decode()) == (200, "<rss>新</rss>")
    assert headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert headers["last-modified"] == "Sat, 06 Jun 2026 07:30:00 GMT"
    assert headers["etag"].startswith('"')


async def test_whoever_has_it_gets_304(simulator: Simulator) -> None:
    _, headers, _ = await get(simulator)
    etag, modified = headers["etag"], headers["last-modified"]
    for asked in (
        {"if_none_match": etag},
        {"if_none_match": f'"other", W/{etag}'},
        {"if_none_match": "*"},
        {"if_none_match": etag, "if_modified_since": "Sat, 06 Jun 2020 07:30:00 GMT"},
        {"if_modified_since": modified},
    ):
        status, answered, body = await get(simulator, **asked)
        assert (status, body) == (304, b""), asked
        assert answered["etag"] == etag


async def test_whoever_has_another_gets_the_file(simulator: Simulator) -> None:
    modified = (await get(simulator))[1]["last-modified"]
    for asked in (
        {"if_none_match": '"other"'},
        {"if_none_match": '"other"', "if_modified_since": modified},
        {"if_modified_since": "Sat, 06 Jun 2020 07:30:00 GMT"},
        {"if_modified_since": "yesterday"},
    ):
        assert (await get(simulator, **asked))[0] == 200, asked


async def test_a_file_changes_by_its_bytes_alone(simulator: Simulator) -> None:
    _, first, _ = await get(simulator)
    simulator.feeds.put("a.xml", "application/rss+xml; charset=utf-8", "<rss>新</rss>".encode(), NOW + HOUR)
    _, same, _ = await get(simulator)
    assert (same["etag"], same["last-modified"]) == (first["etag"], first["last-modified"])
    simulator.feeds.put("a.xml", "text/xml", b"<rss/>", NOW + HOUR)
    status, changed, _ = await get(simulator, if_none_match=first["etag"])
    assert status == 200
    assert changed["last-modified"] == "Sat, 06 Jun 2026 08:30:00 GMT"


async def test_what_is_not_there(simulator: Simulator) -> None:
    assert (await get(simulator, "b.xml"))[0] == 404
    assert (await get(simulator, "..%2f..%2fetc%2fpasswd"))[0] == 404
