"""What may be shown of the settings, in `digestbot config` and in mistakes: an allow-list by the options' types."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from config.checks.refusal import Shown
from config.masking import MASK, is_words, looks_secret, mask, plain_address
from config.settings import Settings

_HIDDEN = "(hidden)"
_MAX_LENGTH = 80
_MIN_SIMILARITY = 0.8


def option_names(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Yield every option, as `section.option`."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from option_names(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def takes_table(name: str) -> bool:
    """Return whether a section has this name."""
    field = Settings.model_fields.get(name)
    return field is not None and _model_in(field.annotation) is field.annotation


def describe(settings: Settings) -> dict[str, Any]:
    """Return the settings as plain data for `digestbot config`, with every secret masked."""
    return _describe_section(settings)


def _describe_section(model: BaseModel) -> dict[str, Any]:
    return {
        name: _plain(getattr(model, name), _mark(field.annotation, field.metadata))
        for name, field in type(model).model_fields.items()
    }


def _plain(value: object, shown: Shown | None) -> Any:
    if isinstance(value, BaseModel):
        return _describe_section(value)
    if isinstance(value, tuple):
        return [_plain(part, shown) for part in value]
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, Path):
        return shown_path(value) if shown is Shown.PATH else mask(str(value))
    if isinstance(value, str) and value:
        return _shown_text(value, shown)
    return value


def _shown_text(value: str, shown: Shown | None) -> str:
    if shown is Shown.ADDRESS:
        return plain_address(value)
    return mask(value) if shown is Shown.TEXT else MASK


def shown_value(location: Sequence[int | str], value: object) -> str:
    """Return the value of an option that can't be used, as far as it may be shown."""
    shown = _mark_at(location)
    if shown is None or not isinstance(value, str | int | float):
        return _HIDDEN
    if shown is Shown.PATH:
        return shown_path(Path(str(value)))
    if shown is Shown.ADDRESS and not _is_plain_address(value):
        return _HIDDEN
    return _HIDDEN if isinstance(value, str) and looks_secret(value) else _shorten(value)


def _is_plain_address(value: object) -> bool:
    return isinstance(value, str) and "://" in value and plain_address(value) == value


def _shorten(value: object) -> str:
    try:
        return repr(value)[:_MAX_LENGTH]
    except ValueError:
        return "a number that is too long"


def shown_path(path: Path) -> str:
    """Return the path for an operator, hidden unless it is clearly one: it may be a secret in the wrong place."""
    text = str(path)
    is_path = text.startswith(("/", "~", "./", "../")) and not looks_secret(text.rpartition("/")[2])
    return mask(text) if is_path else _HIDDEN


def shown_name(name: str, option: str, known: Iterable[str]) -> str:
    """Return a name that no option has, hidden unless it consists of words or resembles an option's.

    It may be a secret in the wrong place. `option` is the name with its section, as in `known`.
    """
    is_near = bool(difflib.get_close_matches(option, known, n=1, cutoff=_MIN_SIMILARITY)) and option.isascii()
    return name if not looks_secret(name) and (is_words(name) or is_near) else "(a name that is not shown)"


def _mark_at(location: Sequence[int | str]) -> Shown | None:
    """Return how the option at this location of the settings may be shown; None for not at all."""
    model: type[BaseModel] | None = Settings
    shown: Shown | None = None
    for part in location:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part) if model is not None else None
        if field is None:
            return None
        model = _model_in(field.annotation)
        shown = None if model is not None else _mark(field.annotation, field.metadata)
    return shown


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the section that an option is, or of which it is a list; None if it is neither."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)


def _mark(annotation: Any, metadata: Iterable[object] = ()) -> Shown | None:
    for mark in metadata:
        if isinstance(mark, Shown):
            return mark
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _mark(parts[0], parts[1:])
    if origin is Literal:
        return Shown.TEXT
    if origin in (Union, UnionType):
        marks = {_mark(part) for part in parts if part is not NoneType}
        return marks.pop() if len(marks) == 1 else None
    return Shown.TEXT if annotation in (bool, int, float) else None
