"""Buttons that act on a place other than the chat they are in: the place goes before the button's own data (pure).

A topic's buttons name it, since a message that is gone tells its chat but no topic (Bot API, `InaccessibleMessage`);
so do the buttons in a private chat from which a group or a channel is managed.
"""

from __future__ import annotations

from bot.limits import CALLBACK_DATA

_MARK = "@"
_SEPARATOR = "|"
_DIGITS = 18


def at_place(data: str, place: int) -> str:
    """Return the data of a button that acts on this place; unchanged where it names one already.

    Raises ValueError when it would be longer than 64 bytes.
    """
    if data.startswith(_MARK):
        return data
    placed = f"{_MARK}{place}{_SEPARATOR}{data}"
    if len(placed.encode()) > CALLBACK_DATA:
        raise ValueError(f"{placed!r} is longer than {CALLBACK_DATA} bytes")
    return placed


def split_place(data: str) -> tuple[int, str]:
    """Return the place that a button's data names, and the rest; 0 and the whole data where it names none.

    What only looks like a place is left in the data, which no button has then.
    """
    place, separator, rest = data.removeprefix(_MARK).partition(_SEPARATOR)
    is_placed = data.startswith(_MARK) and separator and place.isascii() and place.isdigit() and len(place) <= _DIGITS
    return (int(place), rest) if is_placed and int(place) else (0, data)
