"""Buttons in general: how they register their kinds, and how their fields become Telegram's 64 bytes (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, TypeVar

from bot.callbacks.card_actions import CardAction
from bot.limits import CALLBACK_DATA

_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Button:
    """The base of all kinds. Their fields are texts, whole numbers that are not negative, and enums of texts."""

    letters: ClassVar[str]


KindT = TypeVar("KindT", bound=type[Button])

BUTTONS: dict[str, type[Button]] = {}
"""Every kind of button_type, by the letters that its data begins with."""


def button_type(letters: str) -> Callable[[KindT], KindT]:
    """Register a kind of button under the letters that its data begins with.

    Raises:
        ValueError: when another kind has these letters.
    """

    def register(kind: KindT) -> KindT:
        if letters in BUTTONS:
            raise ValueError(f"{kind.__name__} and {BUTTONS[letters].__name__} would both begin with {letters!r}")
        kind.letters = letters
        BUTTONS[letters] = kind
        return kind

    return register


def pack(pressed: Button) -> str:
    """Return the button's data.

    Raises:
        ValueError: when it would be longer than 64 bytes, or a text contains the separator.
    """
    values = [str(getattr(pressed, field.name)) for field in fields(pressed)]
    if any(_SEPARATOR in value for value in values):
        raise ValueError(f"a button can't carry {values!r}")
    packed = _SEPARATOR.join([pressed.letters, *values])
    if len(packed.encode()) > CALLBACK_DATA:
        raise ValueError(f"{packed!r} is longer than {CALLBACK_DATA} bytes")
    return packed


def unpack(data: str) -> Button | None:
    """Return the button whose data this is; None if it is forged, or from an older version and no longer known."""
    letters, *values = data.split(_SEPARATOR)
    kind = BUTTONS.get(letters)
    if kind is None or len(values) > len(fields(kind)):
        return None
    make: Callable[..., Button] = kind
    try:
        return make(*(_READ[str(field.type)](value) for field, value in zip(fields(kind), values, strict=False)))
    except (TypeError, ValueError):
        return None


def _number(value: str) -> int:
    # Small enough that a page times its size is still a number that databases accept.
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise ValueError(value)
    return int(value)


_READ: Mapping[str, Callable[[str], object]] = {"int": _number, "str": str, "CardAction": CardAction}
"""How fields are read, by the names of their types; each reader raises ValueError for what no button of ours holds."""
