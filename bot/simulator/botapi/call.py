"""A bot's call, with its parameters read as leniently as Telegram's own server reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.simulator.refusal import bad_request
from bot.simulator.state.ledger import LoggedCall
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json

_INTEGER = re.compile(r"-?[0-9]*")
_TRUE = ("true", "yes", "1")


@dataclass(slots=True)
class Upload:
    """A file in a request's body."""

    name: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Call:
    """A call of a method; `values` are texts, or have JSON's types when the request was JSON."""

    world: World
    method: str
    values: Json
    files: dict[str, Upload] = field(default_factory=dict)
    logged: LoggedCall | None = None
    is_gone: Callable[[], bool] | None = None
    """Tells whether the client has hung up."""

    def text(self, name: str) -> str:
        """Return a parameter as a text, "" when it is missing."""
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        return json.dumps(value) if isinstance(value, dict | list) else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return the integer that a parameter begins with, or the default when it begins with none."""
        value = self.values.get(name)
        if isinstance(value, int):
            return int(value)
        match = _INTEGER.match(self.text(name))
        digits = match[0] if match else ""
        return int(digits) if digits not in ("", "-") else default

    def flag(self, name: str) -> bool:
        """Return whether a parameter is true, "true", "yes" or "1"."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else self.text(name).lower() in _TRUE

    def json(self, name: str, what: str) -> object:
        """Return a parameter's JSON object or array, None when it is missing; refuse what is not JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"Can't parse {what} JSON object") from None

    def strings(self, name: str) -> Sequence[str] | None:
        """Return a JSON array with its items as strings, None for anything else."""
        found = self.json(name, name)
        return [str(item) for item in found] if isinstance(found, list) else None

    def has(self, name: str) -> bool:
        """Return whether a parameter is there and not empty."""
        return self.values.get(name) not in (None, "")
