"""An S3-compatible store on this machine, and a way to it that a test can make worse."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from moto.server import ThreadedMotoServer

from digests.media.object_store import StoreOptions

# An answer that broke off is asked for from there on.
_OK = (200, 206)
BUCKET, PREFIX = "pictures", "bot 1"


@contextmanager
def serving_objects() -> Iterator[str]:
    """Run a store with a bucket until the block ends; yield its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


async def make_bucket(address: str, bucket: str = BUCKET) -> None:
    """Empty the store, and make a bucket."""
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{address}/moto-api/reset"):
            pass
        async with session.put(f"{address}/{bucket}") as made:
            assert made.status == 200


def options_for(address: str, bucket: str = BUCKET) -> StoreOptions:
    """Return how to reach a store."""
    return StoreOptions(bucket, PREFIX, address, "us-east-1", "known-key", "very-secret-secret")


@dataclass
class BadWay:
    """Passes requests on to a store, with faults: set one of the fields.

    `status` and `code` are answered instead; of bodies, only `cut` bytes arrive, or all with one that is `changed`.
    """

    address: str = ""
    status: int = 0
    code: str = ""
    delay: float = 0
    cut: int = 0
    changed: bool = False
    requests: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        await asyncio.sleep(self.delay)
        if self.status:
            words = f"<Error><Code>{self.code}</Code><Message>very-secret-secret</Message></Error>" if self.code else ""
            return web.Response(status=self.status, text=words)
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, self.address + request.raw_path, data=await request.read(), headers=headers
            ) as got,
        ):
            body = await got.read()
            answer = web.StreamResponse(status=got.status, headers=dict(got.headers))
            if request.method == "GET" and got.status in _OK and self.changed:
                body = body[:10] + bytes([body[10] ^ 1]) + body[11:]
            await answer.prepare(request)
            if request.method == "GET" and got.status in _OK and self.cut:
                await answer.write(body[: self.cut])
                assert request.transport is not None
                request.transport.abort()
            elif request.method != "HEAD":
                await answer.write(body)
            return answer
