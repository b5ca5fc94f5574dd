"""From files and the environment to `Settings`; the only reader of the environment.

pydantic checks the values; the layers are merged here rather than by pydantic-settings, because every mistake
has to name the place that it came from, unknown names have to be mistakes too, and `--help` must start fast.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from config.settings import OriginSettings, Settings

PREFIX = "DIGESTBOT_"
SECRETS = ("telegram.token", "telegram.proxy", "telegram.webhook_secret", "database.url")
# What of an origin can be shown as it was written; its address and its token may hold a password.
_PLAIN_OF_ORIGINS = {
    (name,) for name in OriginSettings.model_fields if name not in ("git", "token", "token_file", "user")
}
_OUTSIDE = {"DIGESTBOT_CONFIG"}


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


def load_settings(file: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """The settings from default.toml, then `file`, then `environ`, then the `*_FILE` secrets.

    `overrides` (section -> option -> value) come last: what the command line says. Raises ConfigError with
    every mistake. `file` None means DIGESTBOT_CONFIG, else digestbot.toml in the working folder if it is there.
    """
    environ = os.environ if environ is None else environ
    mistakes: list[Mistake] = []
    layers = [("default.toml", _defaults())]
    path = file or _own_file(environ)
    if path:
        layers.append((path.name, _read_toml(path, mistakes)))
    layers.append(("environment", _read_environ(environ, mistakes)))
    layers.append(("secret file", _read_secret_files(environ, mistakes)))
    layers.append(("command line", overrides))
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for name, layer in layers:
        _merge(merged, layer, name, origin)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        mistakes.extend(_mistakes_of(error, origin))
        raise ConfigError(tuple(mistakes)) from None
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return settings


def describe(settings: Settings) -> dict[str, Any]:
    """The settings as plain data for `digestbot config`, with every secret masked."""

    def plain(value: object) -> Any:
        if isinstance(value, BaseModel):
            return {name: plain(getattr(value, name)) for name in type(value).model_fields}
        if isinstance(value, SecretStr):
            return "********" if value.get_secret_value() else ""
        return (
            [plain(one) for one in value]
            if isinstance(value, tuple)
            else str(value)
            if isinstance(value, Path)
            else value
        )

    shown: dict[str, Any] = plain(settings)
    return shown


def _defaults() -> dict[str, Any]:
    return tomllib.loads(resources.files("config").joinpath("default.toml").read_text(encoding="utf-8"))


def _own_file(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("DIGESTBOT_CONFIG"):
        return Path(named)
    here = Path("digestbot.toml")
    return here if here.is_file() else None


def _read_toml(path: Path, mistakes: list[Mistake]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        mistakes.append(Mistake("DIGESTBOT_CONFIG", str(path), f"can't be read: {error.strerror}", "environment"))
    except UnicodeDecodeError as error:
        mistakes.append(Mistake(path.name, "", f"must be UTF-8 text; byte {error.start} is not", "file"))
    except tomllib.TOMLDecodeError as error:
        mistakes.append(Mistake(path.name, "", f"is not valid TOML: {error}", "file"))
    return {}


def _read_environ(environ: Mapping[str, str], mistakes: list[Mistake]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    known = {_env_name(option): option for option in _options()}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in _OUTSIDE:
            continue
        if name.endswith("_FILE") and known.get(name.removesuffix("_FILE")) in SECRETS:
            continue
        if name not in known:
            mistakes.append(Mistake(name, "", _near(name, list(known)), "environment"))
        elif environ[name] != "" or known[name] in SECRETS:
            _put(found, known[name], environ[name])
    return found


def _read_secret_files(environ: Mapping[str, str], mistakes: list[Mistake]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for option in SECRETS:
        name = f"{_env_name(option)}_FILE"
        if not environ.get(name):
            continue
        try:
            _put(found, option, Path(environ[name]).read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            mistakes.append(Mistake(name, environ[name], f"can't be read: {error}", "environment"))
    return found


def _options(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _options(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _env_name(option: str) -> str:
    return PREFIX + option.upper().replace(".", "__")


def _put(target: dict[str, Any], option: str, value: str) -> None:
    *sections, name = option.split(".")
    for section in sections:
        target = target.setdefault(section, {})
    target[name] = value


def _merge(target: dict[str, Any], layer: Mapping[str, Any], where: str, origin: dict[str, str], at: str = "") -> None:
    for name, value in layer.items():
        option = f"{at}{name}"
        if isinstance(value, Mapping) and isinstance(target.get(name), dict):
            _merge(target[name], value, where, origin, f"{option}.")
        else:
            target[name] = value
            origin[option] = where


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"no such option; did you mean {near[0]}?" if near else "no such option; see config/default.toml"


def _mistakes_of(error: ValidationError, origin: Mapping[str, str]) -> Iterator[Mistake]:
    options = list(_options())
    for one in error.errors():
        location = [str(part) for part in one["loc"]]
        option = ".".join(location)
        while option not in origin and "." in option and option not in options:
            option = option.rpartition(".")[0]
        where = origin.get(option, "file")
        if one["type"] == "extra_forbidden":
            names = [f"origins.{name}" for name in OriginSettings.model_fields] if location[0] == "origins" else options
            plain = f"origins.{location[-1]}" if location[0] == "origins" else option
            yield Mistake(_spelt(location, option), "", _near(plain, names), where)
            continue
        yield Mistake(_spelt(location, option), _value_of(one, option), _allowed(one), where)


def _spelt(location: Sequence[str], option: str) -> str:
    """The name of an option as one finds it: "origins[2].branch" is the second [[origins]] table's."""
    if location[0] != "origins" or len(location) < 2:
        return option
    return f"origins[{int(location[1]) + 1}]" + "".join(f".{name}" for name in location[2:3])


def _value_of(one: Any, option: str) -> str:
    """What was written, unless it is a secret or may hold one."""
    hidden = option in SECRETS or (option == "origins" and one["loc"][2:3] not in _PLAIN_OF_ORIGINS)
    return "(hidden)" if hidden else repr(one["input"])[:80]


def _allowed(one: Any) -> str:
    reason = one.get("ctx", {}).get("error")
    text = str(reason) if reason else one["msg"].replace("Input should be", "").strip()
    return f"must be {text}"
