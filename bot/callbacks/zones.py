"""Buttons for the clock and the language of a place (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type

AFTER_SETUP = 3
"""The step of the set-up in which a new reader is asked for their clock: the last one."""
_WEST = 24 * 60
"""Numbers in buttons have no sign: offsets are counted from a day west of UTC."""


@button_type("zs")
@dataclass(frozen=True, slots=True)
class ZonesButton(Button):
    """Ask what time it is there, by clocks around the one that the place has."""

    page: int = 0
    setup: int = 0


@button_type("zc")
@dataclass(frozen=True, slots=True)
class ClocksButton(Button):
    """Show clocks from number `first` on, counted from the west."""

    first: int
    setup: int = 0


@button_type("zk")
@dataclass(frozen=True, slots=True)
class ClockButton(Button):
    """Show the cities whose clocks are so many minutes ahead of the time a day west of UTC."""

    minutes: int
    setup: int = 0

    @classmethod
    def at(cls, offset: int, setup: int = 0) -> ClockButton:
        """Return the button for an offset from UTC in minutes."""
        return cls(offset + _WEST, setup)

    @property
    def offset(self) -> int:
        """The offset from UTC in minutes."""
        return self.minutes - _WEST


@button_type("sz")
@dataclass(frozen=True, slots=True)
class SetZoneButton(Button):
    """Use the local time of this zone."""

    zone: str
    setup: int = 0


@button_type("zr")
@dataclass(frozen=True, slots=True)
class KeepZoneButton(Button):
    """Say that the clock of the place is right."""

    setup: int = 0


@button_type("zt")
@dataclass(frozen=True, slots=True)
class TypeCityButton(Button):
    """Wait for the name of a city."""

    setup: int = 0


@button_type("zl")
@dataclass(frozen=True, slots=True)
class LanguagesButton(Button):
    """Show the languages to choose from."""


@button_type("zn")
@dataclass(frozen=True, slots=True)
class SetLanguageButton(Button):
    """Have everything in this language; empty means that of the reader's app."""

    language: str = ""
