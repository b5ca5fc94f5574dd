"""The server of /metrics, /healthz and /readyz: read-only, bounded, and silent about anything else."""

from __future__ import annotations

import asyncio
import json
import logging
from http import HTTPStatus

from aiohttp import hdrs, web

from bot.errors import StartError
from bot.monitoring.exposition import CONTENT_TYPE, exposition
from bot.monitoring.families import collect_families
from bot.monitoring.measured import MeasuredCache
from bot.monitoring.parts import MonitoredParts
from bot.monitoring.readiness import Readiness
from bot.web.server import READING_METHODS, BoundedServer, send_in_pieces
from config.checks.addresses import is_this_machine

logger = logging.getLogger(__name__)

ROUTES = ("/metrics", "/healthz", "/readyz")
_MOST_CONNECTIONS = 20
_HEADER_SECONDS = 10.0
_ANSWER_SECONDS = 10.0
_BUSY_SECONDS = 5.0
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Monitoring:
    """Answers what monitors ask, at `listen` ("host:port"); at "" nobody is answered."""

    def __init__(self, listen: str, parts: MonitoredParts) -> None:
        self._parts = parts
        self._measured = MeasuredCache(parts)
        self._readiness = Readiness(parts)
        self._turn = asyncio.Lock()
        self._answers = dict(zip(ROUTES, (self._metrics, _healthz, self._readyz), strict=True))
        self._is_private = not listen or is_this_machine(f"http://{listen}")
        self._server: BoundedServer | None = None
        if listen:
            self._server = BoundedServer(
                listen,
                self._handle,
                option="metrics.listen",
                most_connections=lambda: _MOST_CONNECTIONS,
                header_seconds=_HEADER_SECONDS,
            )

    async def start(self) -> None:
        """Begin to listen. A port that is taken is logged, and keeps nothing else from working."""
        if self._server is None:
            return
        if not self._is_private:
            logger.warning("whoever reaches metrics.listen can read the metrics: allow that to your monitor alone")
        try:
            await self._server.start()
        except StartError as error:
            self._server = None
            logger.warning("nobody can ask for metrics: %s", error)

    async def stop(self) -> None:
        """Stop listening, and ask the database nothing more."""
        if self._server is not None:
            await self._server.stop()
            self._server = None
        await self._measured.stop()
        await self._readiness.stop()

    @property
    def port(self) -> int | None:
        """The port that is listened on; None if none is."""
        return None if self._server is None else self._server.port

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        answer = self._answers.get(request.rel_url.raw_path)
        if answer is None or request.method not in READING_METHODS:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        status, content_type, content = await answer()
        response = web.StreamResponse(status=status, headers={**_HEADERS, hdrs.CONTENT_TYPE: content_type})
        response.content_length = len(content)
        body = b"" if request.method == hdrs.METH_HEAD else content
        return await send_in_pieces(request, response, body, _ANSWER_SECONDS)

    async def _metrics(self) -> tuple[HTTPStatus, str, bytes]:
        """Return the metrics: for one scrape at a time, written down in another thread."""
        try:
            async with asyncio.timeout(_BUSY_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            return HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"busy\n"
        try:
            families = tuple(collect_families(self._parts, await self._measured.get()))
            return HTTPStatus.OK, CONTENT_TYPE, await asyncio.to_thread(exposition, families)
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception:
            logger.exception("the metrics could not be collected")
            return HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", b"failed: see the log\n"
        finally:
            self._turn.release()

    async def _readyz(self) -> tuple[HTTPStatus, str, bytes]:
        problems = await self._readiness.problems()
        status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
        content = json.dumps({"ready": not problems, "problems": problems}).encode() + b"\n"
        return status, "application/json", content


async def _healthz() -> tuple[HTTPStatus, str, bytes]:
    """Answer at all: the process lives, and its loop has time for others."""
    return HTTPStatus.OK, "text/plain", b"ok\n"
