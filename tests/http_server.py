"""An HTTP server of the test's own on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

HandleRequest = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serve(handle: HandleRequest) -> AsyncIterator[str]:
    """Answer every request by one handler until the block ends; yield the server's URL."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
