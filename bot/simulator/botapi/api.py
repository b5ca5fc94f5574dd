"""The bot's side: takes a call, lets it meet its faults, judges it, enters it into the ledger, answers."""

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
from bot.simulator.botapi.reading import read_parameters
from bot.simulator.refusal import Refusal, bad
from bot.simulator.state.faults import Fault
from bot.simulator.state.ledger import LoggedCall
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json

_ERRORS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
# What the library of a bot may send although today's API does not name it, or names it in other ways.
_PASSED_OVER = ("disable_web_page_preview", "reply_to_message_id", "allow_sending_without_reply")


@dataclass(frozen=True, slots=True)
class Response:
    """`cut`: the connection ends without one."""

    status: int
    body: bytes = b""
    cut: bool = False


CUT = Response(0, cut=True)


class BotApi:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self._world.faults.offline:
            return _cut(request)
        answer = await self._answer(request)
        if answer.cut:
            return _cut(request)
        return web.Response(status=answer.status, body=answer.body, content_type="application/json")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """What getFile's path leads to."""
        if self._world.faults.offline:
            return _cut(request)
        if request.match_info["token"] != self._token:
            refused = refuse(Refusal(401, "Unauthorized"))
        else:
            file = self._world.files.at(request.match_info["path"])
            if file is not None and file.content:
                return web.Response(body=file.content, content_type="application/octet-stream")
            refused = refuse(Refusal(404, "Not Found"))
        return web.Response(status=refused.status, body=refused.body, content_type="application/json")

    async def _answer(self, request: web.Request) -> Response:
        if request.match_info["token"] != self._token:
            return refuse(Refusal(401, "Unauthorized"))
        name = request.match_info["method"]
        method = METHODS.get(name.lower())
        if method is None:
            entry = self._world.ledger.enter(name, {})
            return self._refused(entry, Refusal(404, "Not Found"))
        try:
            values, files = await read_parameters(request)
        except Refusal as refusal:
            return self._refused(self._world.ledger.enter(method.name, {}), refusal)
        return await self.call(method, values, files, lambda: _has_hung_up(request))

    async def call(
        self, method: Method, values: Json, files: dict[str, Upload], is_gone: Callable[[], bool] | None = None
    ) -> Response:
        """One call from its parameters to its answer."""
        world = self._world
        entry = world.ledger.enter(method.name, values)
        call = Call(world, method.name, values, files, entry, is_gone)
        self._note_oddities(method, call)
        fault = await self._meet(method, call)
        if fault is not None and fault.kind == "cut_before":
            entry.ok = False
            return CUT
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
                # Nothing was acted on, so there was nothing to cut after.
                world.ledger.faults[fault.kind] -= 1
            return self._refused(entry, refusal)
        if fault is not None:
            return CUT
        return Response(200, json.dumps({"ok": True, "result": result}).encode())

    async def _meet(self, method: Method, call: Call) -> Fault | None:
        """The fault of this call, after what slowness it meets."""
        chat = call.number("chat_id") if "chat_id" in call.values else None
        fatal = None
        for fault in self._world.faults.pick(method.name, chat):
            self._world.ledger.faults[fault.kind] += 1
            if call.entry is not None:
                call.entry.fault = fault.kind
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            else:
                fatal = fault
        return fatal

    def _note_oddities(self, method: Method, call: Call) -> None:
        ledger = self._world.ledger
        for name, value in call.values.items():
            kind = method.types.get(name)
            if kind is None:
                if not (_is_attached(name, call) or name in _PASSED_OVER):
                    ledger.unknown_parameters[f"{method.name}.{name}"] += 1
            elif not _fits(kind, value):
                ledger.wrong_types[f"{method.name}.{name}"] += 1

    def _check_required(self, method: Method, call: Call) -> None:
        """Most methods have words of their own for what is missing."""
        for name in method.required:
            own_words = name in ("chat_id", "text", "photo", "document", "message_id", "url", "from_chat_id", "file_id")
            if own_words or name in call.files or call.has(name):
                continue
            if name not in ("message_ids", "commands", "user_id", "callback_query_id", "action", "media"):
                raise bad(f'parameter "{name}" is required')

    def _refused(self, entry: LoggedCall, refusal: Refusal) -> Response:
        self._world.ledger.refuse(entry, refusal.code, refusal.description)
        return refuse(refusal)


def refuse(refusal: Refusal) -> Response:
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


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    # Goes nowhere; aiohttp wants an answer of every handler.
    return web.Response(status=500)


def _has_hung_up(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _is_attached(name: str, call: Call) -> bool:
    """A part that another parameter names as attach://NAME."""
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
