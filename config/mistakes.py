"""What is wrong with a configuration, told with the place and the mend, and without what may be a secret."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from config.checks import NotAllowed
from config.settings import OriginSettings
from config.showing import option_names, shown_name, shown_value


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong option: where it was set, what was there (masked for secrets), what is allowed."""

    option: str
    value: str
    allowed: str
    where: str

    def __str__(self) -> str:
        shown = f" = {self.value}" if self.value else ""
        return f"{self.option}{shown} ({self.where}): {self.allowed}"


class ConfigError(Exception):
    """The configuration can't be used; `mistakes` holds all that is wrong with it, not just the first."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        lines = "\n".join(f"  {mistake}" for mistake in mistakes)
        super().__init__(f"The configuration has {len(mistakes)} mistake(s):\n{lines}")


def no_such_option(name: str, known: Iterable[str]) -> str:
    """What to do about a name that no option has."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"no such option; did you mean {near[0]}?" if near else "no such option; see config/default.toml"


def mistakes_of(error: ValidationError, origin: Mapping[str, str]) -> Iterator[Mistake]:
    """Pydantic's findings as mistakes; `origin` tells where each option was set."""
    options = list(option_names())
    for finding in error.errors(include_url=False):
        location = finding["loc"]
        option = _option_at(location, options)
        where = origin.get(option, "file")
        if finding["type"] != "extra_forbidden":
            yield Mistake(_spelt(location, option), shown_value(location, finding["input"]), _allowed(finding), where)
            continue
        *sections, name = (str(part) for part in location if isinstance(part, str))
        known = [f"origins.{field}" for field in OriginSettings.model_fields] if location[0] == "origins" else options
        plain = ".".join((*sections, name))
        shown = ".".join((*sections, shown_name(name, plain, known)))
        yield Mistake(
            _spelt((*location[:-1], shown.removeprefix("origins.")), shown), "", no_such_option(plain, known), where
        )


def _option_at(location: Sequence[int | str], options: Sequence[str]) -> str:
    """The option that a place in the settings belongs to: `telegram.admins` for its second number, too."""
    option = ".".join(str(part) for part in location)
    for end in range(len(location), 0, -1):
        name = ".".join(str(part) for part in location[:end])
        if name in options:
            return name
    return option


def _spelt(location: Sequence[int | str], option: str) -> str:
    """The name of an option as one finds it: "origins[2].branch" is the second [[origins]] table's."""
    if location[0] != "origins" or len(location) < 2 or not isinstance(location[1], int):
        return option
    return f"origins[{location[1] + 1}]" + "".join(f".{name}" for name in location[2:3])


def _allowed(finding: Any) -> str:
    """Our own words, or pydantic's, which speak of the form alone; another error's may hold the value."""
    reason = finding.get("ctx", {}).get("error")
    if isinstance(reason, Exception):
        return f"must be {reason if isinstance(reason, NotAllowed) else 'something else; see config/default.toml'}"
    if finding["type"] in ("model_type", "dict_type"):
        return "must be a table of options"
    return f"must be {finding['msg'].replace('Input should be', '').strip()}"
