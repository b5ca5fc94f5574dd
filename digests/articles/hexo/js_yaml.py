"""A post's front matter as Hexo 8 reads it: its own cut, js-yaml 4's types, JavaScript's texts.

Rules: ../shared/hexo/README.md, sections 2, 3 and 4; checked against hexo-front-matter 4.2.1 and js-yaml 4.3.2.
Where libyaml and js-yaml may differ, or Hexo loses the post, UncertainError is raised: no link is better than a wrong
one.
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
# A block that holds one of these may mean one thing to libyaml and another to js-yaml; 300,000 blocks of random marks
# were read by both to find them. The second: odd starts of a line, comments at a block scalar's mark, anchors, tags.
_DOUBTFUL = re.compile(
    "[\t\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
    r"|^[%?|>]|^\.\.\.|^---|[|>][+-]?[0-9]?[+-]?#|(?:^|[:\[{,?-]) *[&!]|- *\?",
    re.MULTILINE,
)
_PLAIN_TAGS = frozenset({"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"})
_EXACT = 2**53

Typed = None | bool | int | float | str | datetime | list["Typed"] | dict[str, "Typed"]
"""What js-yaml makes of a value. A datetime is a timestamp's reading in UTC, before Hexo moves it (hexo_dates.py)."""


class UncertainError(Exception):
    """What Hexo makes of this can't be told from here."""


@dataclass(frozen=True, slots=True)
class HexoFrontMatter:
    """Hexo's view of the front matter; names are as they are spelled."""

    values: dict[str, Typed]

    def has(self, name: str) -> bool:
        return name in self.values

    def get(self, name: str) -> Typed:
        return self.values.get(name)


def read_front(text: str, block: str, fields: Iterable[Field]) -> HexoFrontMatter:
    """The fields as Hexo types them. `fields` were read from `block`, and serve if Hexo cuts the same block."""
    cut = _cut(text)
    if cut is None or _DOUBTFUL.search(cut):
        raise UncertainError
    if cut.strip("\n") != block.strip("\n"):
        try:
            fields = load(cut)
        except InvalidYamlError:
            raise UncertainError from None
    values: dict[str, Typed] = {}
    for one in fields:
        if one.node is None or one.spelled in values or one.spelled in ("", "<<"):
            raise UncertainError
        values[one.spelled] = typed(one.node)
    return HexoFrontMatter(values)


def typed(node: Any) -> Typed:
    """A node's value by js-yaml's rules. Raises UncertainError for tags, merges and doubles."""
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
    """The type of an unquoted scalar: js-yaml 4's core schema and its timestamps."""
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
        # Beyond a double's range js-yaml leaves the text.
        return text if number in (float("inf"), float("-inf")) else number
    if _SPECIAL.fullmatch(text):
        raise UncertainError
    if match := _DAY.fullmatch(text) or _TIMESTAMP.fullmatch(text):
        return _timestamp(match)
    return text


def as_text(value: Typed) -> str:
    """A value as JavaScript turns it into text. Raises UncertainError where that depends on the time zone or is odd."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < _EXACT:
        return str(value)
    if isinstance(value, float):
        if value.is_integer() and abs(value) < _EXACT:
            return str(int(value))
        text = repr(value)
        # From 1e-6 to 1e21 both languages write the shortest digits that give the number back.
        if "e" not in text:
            return text
    raise UncertainError


def is_true(value: Typed) -> bool:
    """JavaScript's truth: empty lists and mappings are true."""
    return isinstance(value, list | dict | datetime) or bool(value)


def _cut(text: str) -> str | None:
    """hexo-front-matter's two patterns, written without regular expressions: the first takes the longest run."""
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
    """Date.UTC of the digits, which rolls over, with a written offset applied."""
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
