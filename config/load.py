"""Loading `Settings` from files and the environment, which nothing else reads.

pydantic checks the values. The layers are merged here, not by pydantic-settings: every mistake has to name the place it
came from, unknown names have to be mistakes too, and `--help` must start fast.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.masking import looks_secret
from config.mistakes import ConfigError, Mistake, mistakes_of, no_such_option
from config.settings import Settings
from config.showing import describe, option_names, shown_name, shown_path, takes_table

__all__ = ["SECRETS", "ConfigError", "Mistake", "describe", "load_settings"]

PREFIX = "DIGESTBOT_"
SECRETS = (
    "telegram.token",
    "telegram.proxy",
    "telegram.webhook_secret",
    "database.url",
    "media.store_key",
    "media.store_secret",
)
_OUTSIDE = {"DIGESTBOT_CONFIG"}


def load_settings(file: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Load the settings from default.toml, then `file`, then `environ`, then the `*_FILE` secrets.

    Args:
        file: The operator's file; None for DIGESTBOT_CONFIG, else for digestbot.toml in the working folder, if any.
        environ: The environment; None for the real one.
        **overrides: Options of the command line, as section -> option -> value; they take precedence.

    Raises:
        ConfigError: The settings can't be used; it has every mistake.
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
    set_by: dict[str, str] = {}
    for name, layer in layers:
        _merge(merged, _sections(layer, name, mistakes), name, set_by)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        mistakes.extend(mistakes_of(error, set_by))
        raise ConfigError(tuple(mistakes)) from None
    mistakes.extend(_shared_file(settings, set_by))
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return settings


def _shared_file(settings: Settings, set_by: Mapping[str, str]) -> Iterator[Mistake]:
    """Refuse a database in the search index's file, which is overwritten whenever it can't be read."""
    database = settings.database_file
    if database is not None and os.path.realpath(database) == os.path.realpath(settings.search_path):
        allowed = "must be another file than search.db, the search index"
        yield Mistake("database.url", "", allowed, set_by["database.url"])


def _defaults() -> dict[str, Any]:
    return tomllib.loads(resources.files("config").joinpath("default.toml").read_text(encoding="utf-8"))


def _own_file(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("DIGESTBOT_CONFIG"):
        return Path(named)
    here = Path("digestbot.toml")
    return here if here.is_file() else None


def _read_toml(path: Path, mistakes: list[Mistake]) -> dict[str, Any]:
    try:
        return tomllib.loads(_read_text(path))
    except OSError as error:
        shown = "(hidden)" if looks_secret(str(path)) else str(path)
        mistakes.append(Mistake("DIGESTBOT_CONFIG", shown, f"can't be read: {error.strerror}", "environment"))
    except UnicodeDecodeError as error:
        mistakes.append(Mistake(path.name, "", f"must be UTF-8 text; byte {error.start} is not", "file"))
    except RecursionError:
        mistakes.append(Mistake(path.name, "", "is not valid TOML: it is nested too deeply", "file"))
    except ValueError as error:
        mistakes.append(Mistake(path.name, "", f"is not valid TOML: {_reason(error)}", "file"))
    return {}


def _read_text(path: Path) -> str:
    try:
        path = path.expanduser()
    except RuntimeError as error:
        raise FileNotFoundError(2, "there is no such home folder") from error
    return path.read_text(encoding="utf-8")


def _reason(error: ValueError) -> str:
    """Return what is wrong and where, without what the parser quotes, which may be a secret in the wrong place."""
    message, _, place = str(error).partition(" (at ")
    if not isinstance(error, tomllib.TOMLDecodeError):
        return "it contains a number that is too long"
    plain = message if not re.search("['\"]", message) else "what is written there can't be used"
    return f"{plain} (at {place}" if place else plain


def _read_environ(environ: Mapping[str, str], mistakes: list[Mistake]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    known = {_env_name(option): option for option in option_names()}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in _OUTSIDE:
            continue
        if name.endswith("_FILE") and known.get(name.removesuffix("_FILE")) in SECRETS:
            continue
        if name not in known:
            mistakes.append(Mistake(shown_name(name, name, known), "", no_such_option(name, known), "environment"))
        elif environ[name] != "" or known[name] in SECRETS:
            _put(found, known[name], environ[name])
    return found


def _read_secret_files(environ: Mapping[str, str], mistakes: list[Mistake]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for option in SECRETS:
        name = f"{_env_name(option)}_FILE"
        if not environ.get(name):
            continue
        path = Path(environ[name])
        try:
            _put(found, option, _read_text(path).strip())
        except OSError as error:
            mistakes.append(Mistake(name, shown_path(path), f"can't be read: {error.strerror}", "environment"))
        except UnicodeDecodeError as error:
            allowed = f"must be UTF-8 text; byte {error.start} is not"
            mistakes.append(Mistake(name, shown_path(path), allowed, "environment"))
    return found


def _env_name(option: str) -> str:
    return PREFIX + option.upper().replace(".", "__")


def _put(target: dict[str, Any], option: str, value: str) -> None:
    *sections, name = option.split(".")
    for section in sections:
        target = target.setdefault(section, {})
    target[name] = value


def _sections(layer: Mapping[str, Any], where: str, mistakes: list[Mistake]) -> dict[str, Any]:
    """Return the layer without values in the place of sections; such a value is not shown."""
    sections = dict(layer)
    for name, value in layer.items():
        if takes_table(name) and not isinstance(value, Mapping):
            mistakes.append(Mistake(name, "", f"must be a section: write [{name}], and its options below", where))
            del sections[name]
    return sections


def _merge(target: dict[str, Any], layer: Mapping[str, Any], where: str, set_by: dict[str, str], at: str = "") -> None:
    for name, value in layer.items():
        option = f"{at}{name}"
        if isinstance(value, Mapping) and isinstance(target.get(name), dict):
            _merge(target[name], value, where, set_by, f"{option}.")
        else:
            target[name] = value
            set_by[option] = where
