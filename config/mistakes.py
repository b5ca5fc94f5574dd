"""Explaining what is wrong with a configuration: where, and how to fix it, without what may be a secret."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from config.checks.refusal import NotAllowed
from config.origins import OriginSettings
from config.showing import option_names, shown_name, shown_value


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong option: its name, its value if that may be shown, what is allowed, and where it was set."""

    option: str
    value: str
    allowed: str
    where: str

    def __str__(self) -> str:
        shown = f" = {self.value}" if self.value else ""
        return f"{self.option}{shown} ({self.where}): {self.allowed}"


class ConfigError(Exception):
    """The configuration can't be used; `mistakes` has everything that is wrong with it, not only the first."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        lines = "\n".join(f"  {mistake}" for mistake in mistakes)
        super().__init__(f"The configuration has {len(mistakes)} mistake(s):\n{lines}")


def no_such_option(name: str, known: Iterable[str]) -> str:
    """Return what to do about a name that no option has."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"no such option; did you mean {near[0]}?" if near else "no such option; see config/default.toml"


def mistakes_of(error: ValidationError, set_by: Mapping[str, str]) -> Iterator[Mistake]:
    """Yield pydantic's errors as mistakes; `set_by` says where each option was set."""
    options = list(option_names())
    for problem in error.errors(include_url=False):
        location = problem["loc"]
        option = _option_at(location, options)
        where = set_by.get(option, "file")
        if problem["type"] != "extra_forbidden":
            yield Mistake(
                _display_name(location, option), shown_value(location, problem["input"]), _allowed(problem), where
            )
            continue
        *sections, name = (str(part) for part in location if isinstance(part, str))
        known = [f"origins.{field}" for field in OriginSettings.model_fields] if location[0] == "origins" else options
        plain = ".".join((*sections, name))
        shown = ".".join((*sections, shown_name(name, plain, known)))
        yield Mistake(
            _display_name((*location[:-1], shown.removeprefix("origins.")), shown),
            "",
            no_such_option(plain, known),
            where,
        )


def _option_at(location: Sequence[int | str], options: Sequence[str]) -> str:
    """Return the option that a location in the settings belongs to: `telegram.admins` for its second number, too."""
    option = ".".join(str(part) for part in location)
    for end in range(len(location), 0, -1):
        name = ".".join(str(part) for part in location[:end])
        if name in options:
            return name
    return option


def _display_name(location: Sequence[int | str], option: str) -> str:
    """Return an option's name for an operator: "origins[2].branch" is in the second [[origins]] table."""
    if location[0] != "origins" or len(location) < 2 or not isinstance(location[1], int):
        return option
    return f"origins[{location[1] + 1}]" + "".join(f".{name}" for name in location[2:3])


def _allowed(problem: Any) -> str:
    """Return what is allowed, in our words or pydantic's, which are about the form; others may quote the value."""
    reason = problem.get("ctx", {}).get("error")
    if isinstance(reason, Exception):
        return f"must be {reason if isinstance(reason, NotAllowed) else 'something else; see config/default.toml'}"
    if problem["type"] in ("model_type", "dict_type"):
        return "must be a table of options"
    return f"must be {problem['msg'].replace('Input should be', '').strip()}"
