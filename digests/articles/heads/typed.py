"""Front matter in JSON (`;;;`, or a plain object) and TOML (`+++`), read as text like that in YAML.

Hexo reads JSON with or without a first line of semicolons, and without braces; Hugo reads JSON objects and TOML, Zola
TOML.
"""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date, datetime, time
from typing import Any

from digests.articles.heads.front_matter import (
    MAX_DEPTH,
    Field,
    FieldValue,
    FrontMatter,
    InvalidYamlError,
    check_limits,
    load,
)
from digests.articles.heads.salvage import unquote
from digests.model.article import Unreadable

_SEMICOLONS = re.compile(r"\s*+;{3,}[ \t]*+\n")
_AFTER_SEMICOLONS = re.compile(r"^;{3,}[ \t]*+\n?", re.MULTILINE)
_SEMICOLONS_AFTER_OBJECT = re.compile(r"[ \t]*+\n\s*+;{3,}[ \t]*+\n?")
_JSON_KEY = re.compile(r'\s*+(?=\{?\s*+"[^"\n]{1,60}"\s*+:)')
_PLUSES = re.compile(r"\s*+\+{3}[ \t]*+\n")
_AFTER_PLUSES = re.compile(r"^\+{3}[ \t]*+(?:\n|$)", re.MULTILINE)
_ASSIGNMENT = re.compile(r"[ \t]*+([A-Za-z_][\w-]{0,40})[ \t]*+=[ \t]*+(.*)")
_QUOTED = re.compile(r""""(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'""")
_MAX_HEAD = 100_000
# Python refuses to write out a number of more than 4,300 digits.
_MAX_BITS = 4_096
# tomllib takes time in the square of a name's parts.
_MAX_DOTS = 32


class _InvalidHeadError(Exception):
    """The head is not what it seems to be."""


def read_json_head(text: str) -> FrontMatter | Unreadable | None:
    """Return the post if its head is JSON, with what is wrong where it can't be read; None if it is something else."""
    if (opening := _SEMICOLONS.match(text)) is not None:
        closing = _AFTER_SEMICOLONS.search(text, opening.end())
        if closing is None:
            return _unclosed(text, opening.end(), ";;;")
        return _json_post(text, opening.end(), closing.start(), closing.end())
    if (start := _JSON_KEY.match(text)) is None:
        return None
    if text.startswith("{", start.end()):
        try:
            _, length = _DECODER.raw_decode(text[start.end() : start.end() + _MAX_HEAD])
            end = start.end() + length
            closing = _SEMICOLONS_AFTER_OBJECT.match(text, end)
            return _json_post(text, start.end(), end, closing.end() if closing else end)
        except (ValueError, RecursionError):
            pass
    closing = _AFTER_SEMICOLONS.search(text, start.end(), start.end() + _MAX_HEAD)
    return _json_post(text, start.end(), closing.start(), closing.end()) if closing else None


def read_toml_head(text: str) -> FrontMatter | Unreadable | None:
    """Return the post if its head is TOML, with what is wrong where it can't be read; None if it is something else."""
    opening = _PLUSES.match(text)
    if opening is None:
        return None
    closing = _AFTER_PLUSES.search(text, opening.end())
    if closing is None:
        return _unclosed(text, opening.end(), "+++")
    block, line = text[opening.end() : closing.start()], text.count("\n", 0, opening.end())
    problems: list[str] = []
    try:
        fields = _fields(_toml(block), block, "{}")
    except _InvalidHeadError as error:
        fields = _assignments(block)
        problems.append(f"line {line + 1}: the front matter is not valid TOML ({error}); each line was read alone")
        if not fields:
            return Unreadable(f"the front matter is not valid TOML: {error}", "fix that line", line + 1)
    return _post(fields, block, text[closing.end() :], "toml", problems, line)


def load_json(block: str) -> list[Field]:
    """Return the fields of a JSON object, with or without its braces; none if it is no such object."""
    try:
        return _fields(_json(_with_braces(block)), block, '"{}"')
    except _InvalidHeadError:
        return []


def _with_braces(block: str) -> str:
    return block if block.lstrip().startswith("{") else "{" + block.rstrip().rstrip(",") + "}"


def _json_post(text: str, start: int, end: int, after: int) -> FrontMatter | Unreadable:
    block, line = text[start:end], text.count("\n", 0, start)
    whole = _with_braces(block)
    problems: list[str] = []
    try:
        fields = _fields(_json(whole), block, '"{}"')
    except _InvalidHeadError as error:
        try:
            # Commas too many, remarks, single quotes and names without any: YAML understands them.
            fields = [Field(entry.key, entry.value, entry.line, entry.spelled) for entry in load(whole)]
        except InvalidYamlError:
            return Unreadable(f"the front matter is not valid JSON: {error}", "fix it there", line + 1)
        problems.append(f"line {line + 1}: the front matter is not valid JSON ({error}); it was read as YAML")
    return _post(fields, block, text[after:], "json", problems, line)


def _post(
    fields: list[Field], block: str, body: str, syntax: str, problems: list[str], line: int
) -> FrontMatter | Unreadable:
    if not fields:
        return Unreadable("the front matter is empty", "write the fields into it", max(line, 1))
    return FrontMatter({entry.key: entry for entry in fields}, block, body, bool(problems), problems, syntax)


def _unclosed(text: str, start: int, mark: str) -> Unreadable:
    line = max(text.count("\n", 0, start), 1)
    return Unreadable(
        f"the front matter that begins in line {line} has no closing line",
        f"add a line {mark} after the last field",
        line,
    )


# Numbers stay as they are written.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)


def _json(block: str) -> dict[str, Any]:
    try:
        check_limits(block)
        value = _DECODER.decode(block.strip())
    except InvalidYamlError as error:
        raise _InvalidHeadError(error.reason) from None
    except (ValueError, RecursionError) as error:
        raise _InvalidHeadError(_reason(error)) from None
    if not isinstance(value, dict):
        raise _InvalidHeadError("it holds no fields")
    return value


def _toml(block: str) -> dict[str, Any]:
    try:
        check_limits(block)
        if any(line.count(".") > _MAX_DOTS for line in _QUOTED.sub("", block).split("\n")):
            raise _InvalidHeadError("a name has too many parts")
        value = tomllib.loads(block)
    except InvalidYamlError as error:
        raise _InvalidHeadError(error.reason) from None
    except (ValueError, RecursionError) as error:
        raise _InvalidHeadError(_reason(error)) from None
    # Zola has tags and categories in a table of their own.
    terms = value.get("taxonomies")
    return {**terms, **value} if isinstance(terms, dict) else value


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:150]


def _fields(values: dict[str, Any], block: str, form: str) -> list[Field]:
    """Return the fields as text; `form` is how a name is written, by which its line is found."""
    return [
        Field(name.strip().lower(), _text(value), block.count("\n", 0, max(block.find(form.format(name)), 0)) + 1, name)
        for name, value in values.items()
    ]


def _text(value: Any, depth: int = 0) -> FieldValue:
    """Return a value without its type, as the loader of YAML does."""
    if depth > MAX_DEPTH:
        return ""
    if isinstance(value, dict):
        return {str(name): _text(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_text(item, depth + 1) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if value is None or (isinstance(value, int) and value.bit_length() > _MAX_BITS):
        return ""
    return str(value)


def _assignments(block: str) -> list[Field]:
    """Return what can be read of broken TOML, a line at a time."""
    fields = []
    for number, line in enumerate(block[:_MAX_HEAD].split("\n"), 1):
        if (match := _ASSIGNMENT.match(line)) is None:
            continue
        try:
            value = _text(_toml(f"x = {match[2]}")["x"])
        except (_InvalidHeadError, KeyError):
            value = unquote(match[2])
        fields.append(Field(match[1].lower(), value, number, match[1]))
    return fields
