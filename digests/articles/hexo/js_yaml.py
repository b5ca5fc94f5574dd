"""A post's front matter as Hexo 8 reads it: where it ends, js-yaml 4's types, JavaScript's texts.

Checked against hexo-front-matter 4.2.1 and js-yaml 4.3.2. Where libyaml and js-yaml may differ, or Hexo loses the post,
UncertainError is raised: no link is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from digests.articles.front_matter import Field, InvalidYamlError, load

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?(?:0b[01]+|0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+)")
_FLOAT = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]*)?"
    r"(?:[ \t]*(Z|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?"
)
# A block with one of these may mean one thing to libyaml and another to js-yaml; they were found by having both read
# 300,000 blocks of random marks. The second pattern: odd starts of a line, comments at a block scalar's mark, anchors,
# tags.
_AMBIGUOUS = re.compile(
    "[\t\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
    r"|^[%?|>]|^\.\.\.|^---|[|>][+-]?[0-9]?[+-]?#|(?:^|[:\[{,?-]) *[&!]|- *\?",
    re.MULTILINE,
)
_PLAIN_TAGS = frozenset({"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"})
_SAFE_INTEGERS = 2**53

Typed = None | bool | int | float | str | datetime | list["Typed"] | dict[str, "Typed"]
"""A value as js-yaml types it. A datetime is a timestamp read as UTC, before Hexo shifts it (`dates.py`)."""


class UncertainError(Exception):
    """We cannot be certain of what Hexo would do here."""


@dataclass(frozen=True, slots=True)
class HexoFrontMatter:
    """The front matter as Hexo sees it; names are as they are spelled."""

    values: dict[str, Typed]

    def has(self, name: str) -> bool:
        """Return whether the field exists, if only with an empty value."""
        return name in self.values

    def get(self, name: str) -> Typed:
        """Return the field's value; None if it is empty or missing."""
        return self.values.get(name)


def read_front(text: str, block: str, fields: Iterable[Field]) -> HexoFrontMatter:
    """Return the fields as Hexo types them.

    `fields` were read from `block` and are used if Hexo finds the same block in `text`.

    Raises:
        UncertainError: Hexo finds no block, or may read it otherwise than libyaml does.
    """
    found = _find_block(text)
    if found is None or _AMBIGUOUS.search(found):
        raise UncertainError
    if found.strip("\n") != block.strip("\n"):
        try:
            fields = load(found)
        except InvalidYamlError:
            raise UncertainError from None
    values: dict[str, Typed] = {}
    for field in fields:
        if field.node is None or field.spelled in values or field.spelled in ("", "<<"):
            raise UncertainError
        values[field.spelled] = typed(field.node)
    return HexoFrontMatter(values)


def typed(node: Any) -> Typed:
    """Return a node's value by js-yaml's rules.

    Raises:
        UncertainError: The value contains a tag, a merge or a repeated key.
    """
    if node.tag not in _PLAIN_TAGS:
        raise UncertainError
    if isinstance(node, yaml.ScalarNode):
        return str(node.value) if node.style else scalar(str(node.value))
    if node.flow_style and node.start_mark.line != node.end_mark.line:
        raise UncertainError
    if isinstance(node, yaml.SequenceNode):
        return [typed(child) for child in node.value]
    values: dict[str, Typed] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value == "<<" or key.value in values:
            raise UncertainError
        values[str(key.value)] = typed(value)
    return values


def scalar(text: str) -> Typed:
    """Return the value of an unquoted scalar by js-yaml 4's core schema and its timestamps.

    Raises:
        UncertainError: The number or timestamp is one on which Python and JavaScript may differ.
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text[0] not in "0123456789+-.":
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        # Beyond a double's range, js-yaml keeps the text.
        return text if number in (float("inf"), float("-inf")) else number
    if _SPECIAL.fullmatch(text):
        raise UncertainError
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
    raise UncertainError


def is_truthy(value: Typed) -> bool:
    """Return whether JavaScript takes the value for true, as it does empty lists and mappings."""
    return isinstance(value, list | dict | datetime) or bool(value)


def _find_block(text: str) -> str | None:
    """Return the block that hexo-front-matter's two patterns find, or None for one that is not YAML.

    Written without regular expressions; the first pattern takes the longest run of dashes.
    """
    if text.startswith(";;;"):
        return None
    run = len(text) - len(text.lstrip("-"))
    if run >= 3:
        if text[run : run + 1] != "\n":
            return None
        end = text.find("\n" + "-" * run, run + 2)
        return None if end < 0 else text[run + 1 : end]
    if (match := re.compile(r"\n(?:-{3,}|;{3,})").search(text, 1)) is None or match[0][1] == ";":
        return None
    return text[: match.start()].removeprefix("\n---\n")


def _integer(text: str) -> Typed:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2].lower(), 10)
    if len(digits) > 300:
        raise UncertainError
    return sign * int(digits[2:] if base != 10 else digits, base)


def _timestamp(match: re.Match[str]) -> datetime:
    """Return Date.UTC of the digits, which rolls over, with a written offset applied."""
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if year < 1900:
        raise UncertainError
    time = timedelta(days=day - 1)
    if len(match.groups()) > 3:
        time += timedelta(hours=int(match[4]), minutes=int(match[5]), seconds=int(match[6]))
        if match[8]:
            offset = timedelta(hours=int(match[9]), minutes=int(match[10] or 0))
            time += offset if match[8] == "-" else -offset
    months = month - 1
    return datetime(year + months // 12, months % 12 + 1, 1, tzinfo=UTC) + time
