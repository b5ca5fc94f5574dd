"""Lines of tables: the text format of PostgreSQL's COPY, made alike from both databases (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime

NULL = b"\\N"
_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r"}
_PLAIN = {escaped.encode(): plain.encode() for plain, escaped in _ESCAPES.items()}
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
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
        return escaped
    raise TypeError(f"no form is known for {column}: {kind!r}")


def postgres_expression(column: sa.Column[object]) -> str:
    """Return the SQL of a value that PostgreSQL's COPY then writes in the same form."""
    if isinstance(column.type, UtcDateTime):
        return f"to_char(\"{column.name}\" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f'"{column.name}"'


def float_text(value: float | None) -> str | None:
    """Return the number with 15 digits, as PostgreSQL writes it when extra_float_digits is 0.

    With more, the two would choose others among the shortest texts that give a number back.
    """
    if value is None:
        return None
    if math.isfinite(value):
        return f"{value:.15g}"
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


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


def parse_lines(lines: bytes, columns: Sequence[sa.Column[object]]) -> list[tuple[object, ...]]:
    """Return the rows of whole lines as SQLite takes them.

    Raises:
        ValueError: A line has another number of fields.
    """
    readers = [_reader(column) for column in columns]
    rows = []
    for line in lines.split(b"\n")[:-1]:
        fields = line.split(b"\t")
        if len(fields) != len(readers):
            raise ValueError(f"a row has {len(fields)} fields instead of {len(readers)}")
        rows.append(tuple([read(field) for read, field in zip(readers, fields, strict=True)]))
    return rows


def last_key(lines: bytes, columns: Sequence[sa.Column[object]], key: Sequence[str]) -> list[object]:
    """Return the key of the last of some lines, as values that a statement takes."""
    start = lines.rfind(b"\n", 0, len(lines) - 1) + 1
    row = parse_lines(lines[start:], columns)[0]
    values = dict(zip([column.name for column in columns], row, strict=True))
    return [values[name] for name in key]


def _reader(column: sa.Column[object]) -> Callable[[bytes], object]:
    if isinstance(column.type, sa.Boolean):
        return {b"t": 1, b"f": 0, NULL: None}.__getitem__
    if isinstance(column.type, sa.Integer):
        return lambda field: None if field == NULL else int(field)
    if isinstance(column.type, sa.Float):
        return lambda field: None if field == NULL else float(field)
    return _text


def _text(field: bytes) -> str | None:
    if b"\\" not in field:
        return field.decode()
    return None if field == NULL else _ESCAPED.sub(_unescape, field).decode()


def _unescape(match: re.Match[bytes]) -> bytes:
    return _PLAIN[match[0]]
