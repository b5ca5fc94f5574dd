"""Lines of tables: the text format of PostgreSQL's COPY, made alike from both databases (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime

_NULL = "\\N"
NAN = "NaN"
_TRUTHS = {"t": 1, "f": 0, None: None}
_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r"}
_PLAIN = {escaped: plain for plain, escaped in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\.", re.DOTALL)
# A short text is looked through first, as nearly none has anything to escape; each replacement would copy it.
_SHORT = 200
_ESCAPABLE = "'*[' || char(8) || '-' || char(13) || '\\]*'"
LONGEST_LINE = 256_000_000
"""Bytes; a line that is longer can't come from our tables: texts of posts are bounded."""


def sqlite_expression(column: sa.Column[object]) -> str:
    """Return the SQL by which SQLite writes a value of the column as it stands in a line; NULL stays NULL."""
    name, kind = f'"{column.name}"', column.type
    if isinstance(kind, sa.Boolean):
        return f"CASE WHEN {name} IS NULL THEN NULL WHEN {name} = 0 THEN 'f' ELSE 't' END"
    if isinstance(kind, UtcDateTime):
        # What migrations wrote may have no fraction of a second.
        return f"CASE length({name}) WHEN 19 THEN {name} || '.000000' ELSE substr({name} || '000000', 1, 26) END"
    if isinstance(kind, sa.Float):
        return f"float_text({name})"
    if isinstance(kind, sa.Integer):
        return f"CAST({name} AS TEXT)"
    if isinstance(kind, sa.Text | sa.String | sa.JSON):
        escaped = f"CAST({name} AS TEXT)"
        for plain, escape in _ESCAPES.items():
            escaped = f"replace({escaped}, char({ord(plain)}), '{escape}')"
        is_plain = f"length({name}) < {_SHORT} AND NOT {name} GLOB {_ESCAPABLE}"
        return f"CASE WHEN {is_plain} THEN CAST({name} AS TEXT) ELSE {escaped} END"
    raise TypeError(f"no form is known for {column}: {kind!r}")


def postgres_expression(column: sa.Column[object]) -> str:
    """Return the SQL of a value that PostgreSQL's COPY then writes in the same form."""
    if isinstance(column.type, UtcDateTime):
        return f"to_char(\"{column.name}\" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f'"{column.name}"'


def float_text(value: float | str | bytes | None) -> str | None:
    """Return the number with 15 digits, as PostgreSQL writes it when extra_float_digits is 0.

    With more, the two would choose others among the shortest texts that give a number back. SQLite has whatever was put
    into a column, and no NaN but as a text: a text that is no number stays one, for the target to refuse.
    """
    if value is None:
        return None
    if isinstance(value, str | bytes):
        text = value if isinstance(value, str) else value.decode(errors="replace")
        try:
            value = float(text)
        except ValueError:
            return "".join(_ESCAPES.get(character, character) for character in text)
    if math.isfinite(value):
        return f"{value:.15g}"
    return NAN if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def clean(chunk: bytes) -> bytes:
    """Return the lines without what PostgreSQL can't store in a text: NUL, and bytes that are no UTF-8."""
    if b"\0" in chunk:
        chunk = chunk.replace(b"\0", b"")
    try:
        chunk.decode()
    except UnicodeDecodeError:
        return chunk.decode(errors="replace").encode()
    return chunk


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes, cut after the ends of lines.

    Raises:
        ValueError: A line is longer than any of ours, or the last has no end.
    """
    rest: list[bytes] = []
    length = 0
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if end:
            yield b"".join([*rest, chunk[:end]])
            rest, length = [], 0
        rest.append(chunk[end:])
        length += len(chunk) - end
        if length > LONGEST_LINE:
            raise ValueError("a line is too long")
    if length:
        raise ValueError("the last line is cut")


def parse_lines(lines: bytes, columns: Sequence[sa.Column[object]]) -> list[list[object]]:
    """Return the rows of whole lines as SQLite takes them.

    Raises:
        ValueError: A line has another number of fields, or a field that its column can't have.
    """
    numbers = [number for number, column in enumerate(columns) if isinstance(column.type, sa.Integer)]
    truths = [number for number, column in enumerate(columns) if isinstance(column.type, sa.Boolean)]
    fractions = [number for number, column in enumerate(columns) if isinstance(column.type, sa.Float)]
    rows: list[list[object]] = []
    # The whole text at once: there are millions of fields.
    for line in lines.decode().split("\n")[:-1]:
        row: list[Any] = line.split("\t")
        if len(row) != len(columns):
            raise ValueError(f"a row has {len(row)} fields instead of {len(columns)}")
        if "\\" in line:
            row = [_plain(field) if "\\" in field else field for field in row]
        for number in numbers:
            if row[number] is not None:
                row[number] = int(row[number])
        for number in truths:
            row[number] = _truth(row[number])
        for number in fractions:
            if row[number] is not None:
                row[number] = _fraction(row[number])
        rows.append(row)
    return rows


def _truth(field: str | None) -> int | None:
    try:
        return _TRUTHS[field]
    except KeyError:
        raise ValueError(f"{field!r} is neither t nor f") from None


def _fraction(field: str) -> float | str:
    """Return the number; SQLite would take NaN for NULL, and has it as a text."""
    value = float(field)
    return NAN if math.isnan(value) else value


class OddRowError(ValueError):
    """A row that can't be stored, with its place among some lines: what is wrong, and which of them it is."""

    def __init__(self, why: str, number: int) -> None:
        super().__init__(why)
        self.number = number


def odd_row(lines: bytes, columns: Sequence[sa.Column[object]], key: Sequence[str], error: ValueError) -> str:
    """Return for an operator which of the lines can't be stored, by its key, and why; `error` is what storing said."""
    every = lines.splitlines(keepends=True)
    why, number = str(error), error.number if isinstance(error, OddRowError) else None
    if number is None:
        for at, line in enumerate(every):
            try:
                parse_lines(line, columns)
            except ValueError as wrong:
                why, number = str(wrong), at
                break
    if number is None or not 0 <= number < len(every):
        return why
    fields = every[number].decode(errors="replace").rstrip("\n").split("\t")
    named = dict(zip([column.name for column in columns], fields, strict=False))
    return f"the row with {', '.join(f'{name} = {named.get(name)!r:.80}' for name in key)}: {why}"


def last_key(lines: bytes, columns: Sequence[sa.Column[object]], key: Sequence[str]) -> list[object]:
    """Return the key of the last of some lines, as values that a statement takes."""
    start = lines.rfind(b"\n", 0, len(lines) - 1) + 1
    row = parse_lines(lines[start:], columns)[0]
    values = dict(zip([column.name for column in columns], row, strict=True))
    return [values[name] for name in key]


def _plain(field: str) -> str | None:
    return None if field == _NULL else _ESCAPED.sub(_unescape, field)


def _unescape(match: re.Match[str]) -> str:
    try:
        return _PLAIN[match[0]]
    except KeyError:
        raise ValueError("an unknown escape") from None
