"""The balancer of the cluster, run as it is but for its addresses: what it passes on, to whom, and what it refuses."""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.waiting import until

BALANCER = Path(__file__).resolve().parents[2] / "docs" / "deploy" / "haproxy.cfg"
MOSAIC = f"/m/{'0a' * 20}.jpg"


class FakeBot:
    """A process that answers: updates at one port, mosaics at another."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen = Counter[str]()
        self.runners: list[web.AppRunner] = []
        self.ports: list[int] = []

    async def start(self) -> None:
        for what in ("updates", "mosaics"):
            app = web.Application(client_max_size=2_000_000)
            app.router.add_route("*", "/{path:.*}", self._answer(what))
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.runners.append(runner)
            self.ports.append(int(runner.addresses[0][1]))

    def _answer(self, what: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.Response:
            await request.read()
            self.seen[f"{what} {request.method} {request.path}"] += 1
            return web.Response(text=self.name)

        return answer

    async def stop(self) -> None:
        for runner in self.runners:
            await runner.cleanup()
        self.runners.clear()


@dataclass
class Balanced:
    """A balancer before two processes."""

    port: int
    bots: tuple[FakeBot, FakeBot]
    answered: Counter[str] = field(default_factory=Counter)

    async def ask(self, method: str, path: str, body: bytes = b"") -> int:
        """Return the status of an answer, or 0 if there is none; its text is counted."""
        url = f"http://127.0.0.1:{self.port}{path}"
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.request(method, url, data=io.BytesIO(body)) as answer,
            ):
                self.answered[await answer.text()] += answer.status == 200
                return answer.status
        except aiohttp.ClientError:
            return 0


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@pytest.fixture
async def balanced(tmp_path: Path) -> AsyncIterator[Balanced]:
    program = shutil.which("haproxy") or "/usr/sbin/haproxy"
    if not Path(program).exists():
        # .ci/run installs it.
        pytest.skip("haproxy is not installed")
    bots = FakeBot("a"), FakeBot("b")
    for bot in bots:
        await bot.start()
    port = free_port()
    text = re.sub(r"bind :8443 .*", f"bind 127.0.0.1:{port}", BALANCER.read_text("utf-8"))
    for number, inside in enumerate((8443, 8480)):
        servers = "".join(
            f"    server {bot.name} 127.0.0.1:{bot.ports[number]} check inter 100ms fall 2 rise 1\n" for bot in bots
        )
        text, changed = re.subn(rf"    server-template bot \S+ bot:{inside} .*\n", servers, text)
        assert changed == 1
    (tmp_path / "haproxy.cfg").write_text(text)
    process = await asyncio.create_subprocess_exec(program, "-db", "-f", str(tmp_path / "haproxy.cfg"))
    found = Balanced(port, bots)

    async def is_up() -> bool:
        return await found.ask("POST", "/telegram") == 200

    await until(is_up, 20)
    yield found
    process.terminate()
    await process.wait()
    for bot in bots:
        await bot.stop()


async def test_updates_and_mosaics_are_passed_on_and_nothing_else(balanced: Balanced) -> None:
    assert await balanced.ask("POST", "/telegram", b"{}") == 200
    assert await balanced.ask("GET", MOSAIC) == 200
    assert await balanced.ask("HEAD", MOSAIC) == 200
    refused = [
        ("GET", "/telegram"),
        ("POST", "/telegram/"),
        ("POST", "/"),
        ("GET", "/metrics"),
        ("POST", MOSAIC),
        ("GET", "/m/0a.jpg"),
        ("GET", f"/x{MOSAIC}"),
        ("GET", f"{MOSAIC}/../../metrics"),
        ("GET", "/m/%2e%2e/metrics"),
    ]
    before = [dict(bot.seen) for bot in balanced.bots]
    assert {await balanced.ask(method, path) for method, path in refused} == {404}
    assert await balanced.ask("POST", "/telegram", bytes(1_200_000)) in (413, 0)
    assert [dict(bot.seen) for bot in balanced.bots] == before
    assert {line.split()[0] for bot in balanced.bots for line in bot.seen if "/m/" in line} == {"mosaics"}


async def test_both_get_their_share_and_one_may_go(balanced: Balanced) -> None:
    balanced.answered.clear()
    await asyncio.gather(*[balanced.ask("POST", "/telegram", b"{}") for _ in range(40)])
    assert min(balanced.answered["a"], balanced.answered["b"]) > 0
    await balanced.bots[0].stop()
    # An attempt that meets nobody goes to the other.
    statuses = [await balanced.ask("POST", "/telegram", b"{}") for _ in range(20)]
    assert set(statuses) == {200}
