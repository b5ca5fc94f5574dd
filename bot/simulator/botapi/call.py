"""One call of a bot: its parameters, read as leniently as Telegram's own server reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.simulator.refusal import bad
from bot.simulator.state.ledger import LoggedCall
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json

_INTEGER = re.compile(r"-?[0-9]*")
_TRUE = ("true", "yes", "1")


@dataclass(slots=True)
class Upload:
    name: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Call:
    """`values` are texts, or of JSON's types when the request was JSON."""

    world: World
    method: str
    values: Json
    files: dict[str, Upload] = field(default_factory=dict)
    entry: LoggedCall | None = None
    is_gone: Callable[[], bool] | None = None
    """Whether the caller has hung up."""

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        return json.dumps(value) if isinstance(value, dict | list) else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """The digits that it begins with."""
        value = self.values.get(name)
        if isinstance(value, int):
            return int(value)
        match = _INTEGER.match(self.text(name))
        digits = match[0] if match else ""
        return int(digits) if digits not in ("", "-") else default

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        return value if isinstance(value, bool) else self.text(name).lower() in _TRUE

    def json(self, name: str, what: str) -> object:
        """The JSON object or array; None when there is none. Refuses what is no JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"Can't parse {what} JSON object") from None

    def strings(self, name: str) -> Sequence[str] | None:
        found = self.json(name, name)
        return [str(one) for one in found] if isinstance(found, list) else None

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")
