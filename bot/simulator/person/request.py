"""Requests of the person's side: the check of where they come from, and their parameters with their types."""

from __future__ import annotations

import inspect
import ipaddress
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from bot.simulator.clock import SimulatedClock
from bot.simulator.refusal import Refusal
from bot.simulator.state.chats import Chat
from bot.simulator.state.users import User
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json


class NotFoundError(LookupError):
    """The user, chat or file that was asked for does not exist; answered with 404."""


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """A request with its parameters.

    The methods raise ValueError when a parameter is missing or of the wrong type, and NotFoundError when the user or
    chat that it names does not exist.
    """

    world: World
    clock: SimulatedClock | None
    values: Json
    http_request: web.Request

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number; without a default it is required."""
        value = self.values.get(name)
        if value is None or value == "":
            if default is None:
                raise ValueError(f"{name} is missing")
            return default
        if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).lstrip("-").isdigit():
            raise ValueError(f"{name} must be a whole number, not {value!r}")
        return int(value)

    def seconds(self, name: str, default: float) -> float:
        """Return a number that may have a fraction."""
        value = self.values.get(name, default)
        try:
            return float(value)  # type: ignore[arg-type]  # what is not a number is refused here
        except (TypeError, ValueError):
            raise ValueError(f"{name} must be a number, not {value!r}") from None

    def text(self, name: str, default: str | None = "") -> str:
        """Return a text; with a default of None it is required."""
        value = self.values.get(name)
        if value is None:
            if default is None:
                raise ValueError(f"{name} is missing")
            return default
        if not isinstance(value, str):
            raise ValueError(f"{name} must be a text, not {value!r}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a JSON boolean."""
        value = self.values.get(name, default)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be true or false, not {value!r}")
        return value

    def names(self, name: str) -> list[str]:
        """Return a list of texts, empty when it is not given."""
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"{name} must be a list of texts, not {value!r}")
        return list(value)

    def user(self, name: str = "user") -> User:
        """Return the user with the given id."""
        found = self.world.users.get(self.number(name))
        if found is None:
            raise NotFoundError(f"there is no user {self.number(name)}")
        return found

    def member(self, name: str = "user") -> User:
        """Return the user with the given id, or the bot when no id is given."""
        return self.world.bot if self.values.get(name) is None else self.user(name)

    def chat(self, name: str = "chat", user: User | None = None) -> Chat:
        """Return the chat with the given id, or the user's private chat when no id is given."""
        number = self.number(name, user.id if user is not None else None)
        found = self.world.chats.get(number)
        if found is None:
            raise NotFoundError(f"there is no chat {number}")
        return found


RequestHandler = Callable[[PersonRequest], "Json | web.StreamResponse | Awaitable[Json | web.StreamResponse]"]


def endpoint(
    world: World, clock: SimulatedClock | None, handler: RequestHandler
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Wrap a handler for aiohttp: check where requests come from, and turn exceptions into answers."""

    async def handle(http_request: web.Request) -> web.StreamResponse:
        try:
            check_origin(http_request)
            request = PersonRequest(world, clock, await _read_values(http_request), http_request)
            result = handler(request)
            if inspect.isawaitable(result):
                result = await result
        except PermissionError as error:
            return _error_response(403, str(error))
        except NotFoundError as error:
            return _error_response(404, str(error))
        except Refusal as error:
            return _error_response(400, error.description)
        except TimeoutError as error:
            return _error_response(504, str(error))
        except ValueError as error:
            return _error_response(400, str(error))
        if isinstance(result, web.StreamResponse):
            return result
        return web.json_response(result, headers={"Cache-Control": "no-store"})

    return handle


def check_origin(request: web.Request) -> None:
    """Raise PermissionError for requests from pages of other sites.

    The Host header is checked too: by DNS rebinding, another site can have its own name lead to 127.0.0.1.
    """
    host = request.headers.get("Host", "")
    if not _is_loopback(urlsplit(f"//{host}").hostname):
        raise PermissionError(f"the simulator answers to 127.0.0.1 and localhost, not to {host!r}")
    if not request.path.startswith("/sim"):
        # The page itself may be linked to from anywhere; it gives nothing away.
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        raise PermissionError(f"a page of {origin} may not drive the simulator")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise PermissionError("a page of another site may not drive the simulator")
    if request.method == "POST" and request.content_type != "application/json" and request.body_exists:
        raise PermissionError("send JSON, as Content-Type: application/json")


def _is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _read_values(request: web.Request) -> Json:
    if request.method != "POST":
        return dict(request.query)
    body = await request.read()
    if not body:
        return {}
    try:
        found = json.loads(body)
    except ValueError:
        raise ValueError("the body is not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("the body must be a JSON object")
    return found


def _error_response(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
