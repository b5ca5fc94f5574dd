"""A simulator, a bot that uses no library, and a person."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.simulator.person.driver import Person
from bot.simulator.server import Simulator


class RawBot:
    """A bot that calls methods by plain HTTP, with each parameter as a text."""

    def __init__(self, session: aiohttp.ClientSession, sim: Simulator) -> None:
        self._session = session
        self.base = f"{sim.url}/bot{sim.token}"

    async def call(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        """Return the whole answer to a call; bytes are uploaded."""
        form = aiohttp.FormData()
        for name, value in parameters.items():
            if isinstance(value, bytes):
                form.add_field(name, io.BytesIO(value), filename=f"{name}.bin")
            elif value is not None:
                form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        async with self._session.post(f"{self.base}/{method}", data=form if parameters else None) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == (200 if answer["ok"] else answer["error_code"])
            return answer

    async def ok(self, method: str, /, **parameters: Any) -> Any:
        """Return the result of a call that must succeed."""
        answer = await self.call(method, **parameters)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, /, **parameters: Any) -> str:
        """Return the description of the refusal of a call that must be refused."""
        answer = await self.call(method, **parameters)
        assert not answer["ok"], answer
        return str(answer["description"])

    async def send(self, chat: int, text: str = "hello", **more: Any) -> dict[str, Any]:
        """Send a message, and return it."""
        message: dict[str, Any] = await self.ok("sendMessage", chat_id=chat, text=text, **more)
        return message

    async def updates(self, **more: Any) -> list[dict[str, Any]]:
        """Return the waiting updates, and confirm them."""
        found: list[dict[str, Any]] = await self.ok("getUpdates", **more)
        if found:
            await self.ok("getUpdates", offset=found[-1]["update_id"] + 1)
        return found


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    simulator = Simulator()
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def bot(sim: Simulator, session: aiohttp.ClientSession) -> RawBot:
    return RawBot(session, sim)


@pytest.fixture
async def ada(sim: Simulator) -> AsyncIterator[Person]:
    """A person who has started the bot, of which the bot has got the update."""
    async with await Person.arrive(sim.url, "Ada", "en") as person:
        await person.say("/start")
        sim.world.updates.waiting.clear()
        yield person


def png(width: int, height: int) -> bytes:
    """Return a PNG without pixels, from which its size can be read."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
