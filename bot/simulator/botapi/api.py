"""The Bot API over HTTP: reads a call, applies faults to it, runs its method, logs it and answers."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bot.simulator.botapi.call import Call, Upload
from bot.simulator.botapi.methods.table import METHODS, Method
from bot.simulator.botapi.request_body import read_parameters
from bot.simulator.refusal import Refusal, bad_request
from bot.simulator.state.faults import Fault
from bot.simulator.state.ledger import LoggedCall
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json

_ERRORS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
# Older names of parameters, which a bot's library may still send.
_OLD_PARAMETERS = ("disable_web_page_preview", "reply_to_message_id", "allow_sending_without_reply")
# The methods refuse calls without these parameters in words of their own.
_CHECKED_BY_METHOD = (
    "chat_id", "text", "photo", "document", "message_id", "url", "from_chat_id", "file_id", "message_ids", "commands",
    "user_id", "callback_query_id", "action", "media", "rich_message", "results",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Response:
    """An answer to a call; with `disconnects`, the connection ends without one."""

    status: int
    body: bytes = b""
    disconnects: bool = False


NO_RESPONSE = Response(0, disconnects=True)


class BotApi:
    """The bot's endpoints: one for its methods, one for its files."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a call of a method."""
        if self._world.faults.offline:
            return _disconnect(request)
        response = await self._respond(request)
        if response.disconnects:
            return _disconnect(request)
        return web.Response(status=response.status, body=response.body, content_type="application/json")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Serve the file whose path getFile returned."""
        if self._world.faults.offline:
            return _disconnect(request)
        if request.match_info["token"] != self._token:
            refused = refuse(Refusal(401, "Unauthorized"))
        else:
            file = self._world.files.by_path(request.match_info["path"])
            if file is not None and file.content:
                return web.Response(body=file.content, content_type="application/octet-stream")
            refused = refuse(Refusal(404, "Not Found"))
        return web.Response(status=refused.status, body=refused.body, content_type="application/json")

    async def _respond(self, request: web.Request) -> Response:
        if request.match_info["token"] != self._token:
            return refuse(Refusal(401, "Unauthorized"))
        name = request.match_info["method"]
        method = METHODS.get(name.lower())
        if method is None:
            logged = self._world.ledger.log_call(name, {})
            return self._log_refusal(logged, Refusal(404, "Not Found"))
        try:
            values, files = await read_parameters(request)
        except Refusal as refusal:
            return self._log_refusal(self._world.ledger.log_call(method.name, {}), refusal)
        return await self.call(method, values, files, lambda: _has_hung_up(request))

    async def call(
        self, method: Method, values: Json, files: dict[str, Upload], is_gone: Callable[[], bool] | None = None
    ) -> Response:
        """Run a call, from its parameters to its response."""
        world = self._world
        logged = world.ledger.log_call(method.name, values)
        call = Call(world, method.name, values, files, logged, is_gone)
        self._count_mistakes(method, call)
        fault = await self._trigger_faults(method, call)
        if fault is not None and fault.kind == "cut_before":
            logged.ok = False
            return NO_RESPONSE
        try:
            if fault is not None and fault.kind != "cut_after":
                raise _refusal_of(fault)
            if files and world.limits.strict_rates:
                size = sum(len(upload.content) for upload in files.values())
                await asyncio.sleep(world.rates.uploads.delay(size, time.monotonic()))
            self._check_required(method, call)
            result = method.handler(call)
            if inspect.isawaitable(result):
                result = await result
        except Refusal as refusal:
            if fault is not None and fault.kind == "cut_after":
                # The call took no effect, so there was nothing to cut after.
                world.ledger.faults[fault.kind] -= 1
            return self._log_refusal(logged, refusal)
        if fault is not None:
            return NO_RESPONSE
        return Response(200, json.dumps({"ok": True, "result": result}).encode())

    async def _trigger_faults(self, method: Method, call: Call) -> Fault | None:
        """Return the fault that hits the call, slowness aside, for which this waits."""
        chat = call.number("chat_id") if "chat_id" in call.values else None
        fatal = None
        for fault in self._world.faults.trigger(method.name, chat):
            self._world.ledger.faults[fault.kind] += 1
            if call.logged is not None:
                call.logged.fault = fault.kind
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            else:
                fatal = fault
        return fatal

    def _count_mistakes(self, method: Method, call: Call) -> None:
        ledger = self._world.ledger
        for name, value in call.values.items():
            kind = method.types.get(name)
            if kind is None:
                if not (_is_attached(name, call) or name in _OLD_PARAMETERS):
                    ledger.unknown_parameters[f"{method.name}.{name}"] += 1
            elif not _fits(kind, value):
                ledger.wrong_types[f"{method.name}.{name}"] += 1

    def _check_required(self, method: Method, call: Call) -> None:
        """Refuse a call without a required parameter, unless the method refuses it in words of its own."""
        for name in method.required:
            if not (name in _CHECKED_BY_METHOD or name in call.files or call.has(name)):
                raise bad_request(f'parameter "{name}" is required')

    def _log_refusal(self, logged: LoggedCall, refusal: Refusal) -> Response:
        self._world.ledger.log_refusal(logged, refusal.code, refusal.description)
        return refuse(refusal)


def refuse(refusal: Refusal) -> Response:
    """Return the response to a refused call."""
    shown: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        shown["parameters"] = refusal.parameters
    return Response(refusal.code, json.dumps(shown).encode())


def _refusal_of(fault: Fault) -> Refusal:
    match fault.kind:
        case "flood":
            seconds = max(1, round(fault.seconds))
            return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        case "error":
            code = fault.code or 502
            return Refusal(code, fault.description or _ERRORS.get(code, "Internal Server Error"))
        case _:
            words = fault.description or "Forbidden: bot was blocked by the user"
            return Refusal(fault.code or (403 if words.startswith("Forbidden") else 400), words)


def _disconnect(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    # It is never sent, but aiohttp wants every handler to return a response.
    return web.Response(status=500)


def _has_hung_up(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _is_attached(name: str, call: Call) -> bool:
    """Return whether another parameter refers to this part as attach://NAME."""
    return any(f"attach://{name}" in value for value in call.values.values() if isinstance(value, str))


def _fits(kind: str, value: object) -> bool:
    match kind:
        case "i":
            return isinstance(value, int) or (isinstance(value, str) and value.removeprefix("-").isdigit())
        case "b":
            return isinstance(value, bool) or value in ("true", "false", "True", "False", "1", "0", "yes", "no", 0, 1)
        case "j":
            return isinstance(value, dict | list) or (isinstance(value, str) and value[:1] in ("{", "[", ""))
        case "c":
            return isinstance(value, int | str)
        case _:
            return isinstance(value, str | int | float)
