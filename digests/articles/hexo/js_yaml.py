"""Values as Hexo reads them: js-yaml's types, JavaScript's texts. Checked against js-yaml 3.15.2 and 4.3.2."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from digests.articles.hexo.uncertain import UncertainError

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?(?:0b[01]+|0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+)")
_FLOAT = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_OLD_INTEGER = re.compile(r"[-+]?(?:0b[01]+|0x[0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")
_OLD_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?")
# Digits with underscores between them, and hours and minutes, which count sixties.
_OLD_ODD_NUMBER = re.compile(
    r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*+(?::[0-9]{1,2})*+)(?:\.[0-9_]*+)?(?:[eE][-+]?[0-9]+)?"
)
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]*)?"
    r"(?:[ \t]*(Z|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?"
)
_NUMBER_STARTS = frozenset("0123456789+-.")
_PLAIN_TAGS = frozenset({"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"})
_SAFE_INTEGERS = 2**53
_MAX_DEPTH = 100

Typed = None | bool | int | float | str | datetime | list["Typed"] | dict[str, "Typed"]
"""A value as js-yaml types it. A datetime is a timestamp read as UTC, before Hexo shifts it (`dates.py`)."""


def typed(node: Any, *, old_yaml: bool = False) -> Typed:
    """Return a node's value by js-yaml's rules: those of version 3 for `old_yaml`.

    Raises:
        UncertainError: The value contains a tag, a merge or a repeated key, or a number that is not certain.
    """
    check_structure(node)
    return _typed(node, _old_text if old_yaml else _text)


def check_structure(node: Any, depth: int = 0) -> None:
    """Raise UncertainError for a tag, a merge or a repeated key, at which js-yaml may give up the whole block."""
    if depth > _MAX_DEPTH:
        raise UncertainError("front matter", f"line {node.start_mark.line + 1}: it is nested too deeply")
    if node.tag not in _PLAIN_TAGS:
        raise UncertainError("front matter", f"line {node.start_mark.line + 1}: the tag {node.tag[:60]}")
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            if _is_read_otherwise(child, in_brackets=node.flow_style):
                raise UncertainError("front matter", f"line {child.start_mark.line + 1}: an item is empty, or goes on")
            check_structure(child, depth + 1)
    elif isinstance(node, yaml.MappingNode):
        names: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value == "<<" or key.value in names:
                raise UncertainError("front matter", f"line {key.start_mark.line + 1}")
            names.add(str(key.value))
            check_structure(key, depth + 1)
            check_structure(value, depth + 1)


def _is_read_otherwise(item: Any, *, in_brackets: bool) -> bool:
    """Return whether js-yaml may take this item of a list for another than libyaml does.

    Between brackets, such are plain texts of several lines; elsewhere inner lists that lack an item.
    """
    if in_brackets:
        is_plain = isinstance(item, yaml.ScalarNode) and not item.style
        return is_plain and item.start_mark.line != item.end_mark.line
    inner = item.value if isinstance(item, yaml.SequenceNode) and not item.flow_style else ()
    return any(isinstance(child, yaml.ScalarNode) and not child.value and not child.style for child in inner)


def _typed(node: Any, scalar_of: Callable[[Any], Typed]) -> Typed:
    if isinstance(node, yaml.ScalarNode):
        return scalar_of(node)
    if isinstance(node, yaml.SequenceNode):
        return [_typed(child, scalar_of) for child in node.value]
    return {str(key.value): _typed(value, scalar_of) for key, value in node.value}


def _text(node: Any) -> Typed:
    return str(node.value) if node.style else scalar(str(node.value))


def _old_text(node: Any) -> Typed:
    if node.style in ("'", '"') and node.start_mark.line != node.end_mark.line:
        # js-yaml 3 keeps blanks at the ends of its lines.
        raise UncertainError("field", str(node.value)[:40])
    return str(node.value) if node.style else old_scalar(str(node.value))


def scalar(text: str) -> Typed:
    """Return the value of an unquoted scalar by js-yaml 4's core schema and its timestamps.

    Raises:
        UncertainError: The number or timestamp is one on which Python and JavaScript may differ.
    """
    if text[:1] not in _NUMBER_STARTS:
        return _word(text)
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    return _timestamp_or_text(text)


def old_scalar(text: str) -> Typed:
    """Return the value of an unquoted scalar by js-yaml 3, which reads numbers as YAML 1.1 does.

    Raises:
        UncertainError: The number or timestamp is one on which Python and JavaScript may differ.
    """
    if text[:1] not in _NUMBER_STARTS:
        return _word(text)
    if _OLD_INTEGER.fullmatch(text):
        sign, digits = text[: text[0] in "+-"], text.lstrip("+-")
        # 0123 is octal: 83.
        return _integer(f"{sign}0o{digits}" if digits[0] == "0" and digits.isdigit() and digits != "0" else text)
    if _OLD_FLOAT.fullmatch(text) and (number := _float(text)) != text:
        return number
    if _OLD_ODD_NUMBER.fullmatch(text):
        raise UncertainError("field", text[:40])
    return _timestamp_or_text(text)


def _word(text: str) -> Typed:
    if text in _NULL:
        return None
    return text in _TRUE if text in _TRUE or text in _FALSE else text


def _float(text: str) -> Typed:
    number = float(text)
    # Beyond a double's range, js-yaml keeps the text.
    return text if number in (float("inf"), float("-inf")) else number


def _timestamp_or_text(text: str) -> Typed:
    if _SPECIAL.fullmatch(text):
        raise UncertainError("field", text)
    if match := _DAY.fullmatch(text) or _TIMESTAMP.fullmatch(text):
        return _timestamp(match)
    return text


def as_text(value: Typed) -> str:
    """Return a value as JavaScript turns it into text.

    Raises:
        UncertainError: The text depends on the time zone, or the value has no sensible one.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < _SAFE_INTEGERS:
        return str(value)
    if isinstance(value, float):
        if value.is_integer() and abs(value) < _SAFE_INTEGERS:
            return str(int(value))
        text = repr(value)
        # From 1e-6 to 1e21, both languages write the shortest digits that round-trip.
        if "e" not in text:
            return text
    raise UncertainError("field", "no plain text")


def is_truthy(value: Typed) -> bool:
    """Return whether JavaScript takes the value for true, as it does empty lists and mappings."""
    return isinstance(value, list | dict | datetime) or bool(value)


def _integer(text: str) -> Typed:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2].lower(), 10)
    if len(digits) > 300:
        raise UncertainError("field", f"{digits[:20]}…")
    return sign * int(digits[2:] if base != 10 else digits, base)


def _timestamp(match: re.Match[str]) -> datetime:
    """Return Date.UTC of the digits, which rolls over, with a written offset applied."""
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if year < 1900:
        raise UncertainError("date", f" ({year})")
    time = timedelta(days=day - 1)
    if len(match.groups()) > 3:
        time += timedelta(hours=int(match[4]), minutes=int(match[5]), seconds=int(match[6]))
        if match[8]:
            offset = timedelta(hours=int(match[9]), minutes=int(match[10] or 0))
            time += offset if match[8] == "-" else -offset
    months = month - 1
    try:
        return datetime(year + months // 12, months % 12 + 1, 1, tzinfo=UTC) + time
    except (ValueError, OverflowError):
        raise UncertainError("date", f" ({year})") from None
