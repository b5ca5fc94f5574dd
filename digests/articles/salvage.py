"""Reads front matter that is not valid YAML field by field, as a careful person would."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digests.articles.front_matter import Field, FieldValue, InvalidYamlError, load

_KEY = re.compile(r" ?([A-Za-z_][\w-]{0,40})[ \t]*:(?:[ \t]+(.*)|)$")
_ITEM = re.compile(r"[ \t]*-(?:[ \t]+|$)(.*)$")
_BLOCK_SCALAR = re.compile(r"[|>][+-]?[0-9]?")
_LONGEST = 20_000


def salvage(block: str, problem: InvalidYamlError, first_line: int) -> tuple[list[Field], list[str]]:
    """The fields that can be read, and a sentence for each that was read past the rules of YAML."""
    fields: list[Field] = []
    problems: list[str] = []
    for number, lines in _chunks(block):
        chunk = "\n".join(lines)
        try:
            fields += [Field(one.key, one.value, number + one.line - 1) for one in load(chunk)]
        except InvalidYamlError as error:
            match = _KEY.match(lines[0])
            if match is None:
                continue
            name = match[1].lower()
            fields.append(Field(name, _written(match[2] or "", lines[1:]), number))
            where = f"line {first_line + number - 1}"
            problems.append(f"{where}: {name} is not valid YAML ({error.reason}); read as written")
    if fields and not problems:
        where = f"line {first_line + problem.line - 1}: " if problem.line else ""
        problems.append(f"{where}the front matter is not valid YAML ({problem.reason}); each field was read alone")
    return fields, problems


def unquote(text: str) -> str:
    """Takes off the quote marks that the crawler put around a title, and leaves those that the author wrote.

    It wrapped a title in many double quotes and then single ones (layout B), or in one pair (since C): double ones
    if the title holds an apostrophe, else single ones, escaping nothing.
    """
    text = text.strip()
    before = len(text) - len(text.lstrip('"'))
    after = len(text) - len(text.rstrip('"'))
    around = min(before, after)
    if around and 2 * around < len(text):
        inner = text[around:-around]
        if around >= 3 or "'" not in inner:
            single = len(inner) > 2 and inner[0] == inner[-1] == "'"
            # One pair around quotes of its own is the author's: for such a title the crawler took single ones.
            return text if around == 1 and '"' in inner else (inner[1:-1] if single else inner).strip()
        return text[1:-1].strip()
    if len(text) > 2 and text[0] == text[-1] == "'":
        return text[1:-1].strip()
    if len(text) > 1 and text[0] in "'\"" and text.count(text[0]) == 1:
        return text[1:].strip()
    return text


def _chunks(block: str) -> Iterator[tuple[int, list[str]]]:
    """Each key's line with the lines that belong to it, and the number of the first."""
    start, lines = 1, list[str]()
    for number, line in enumerate(block[:_LONGEST].expandtabs(4).split("\n"), 1):
        if lines and _KEY.match(line):
            yield start, lines
            lines = []
        if not lines:
            start = number
            if not _KEY.match(line):
                continue
        lines.append(line)
    if lines:
        yield start, lines


def _written(value: str, more: list[str]) -> FieldValue:
    items = [match[1] for line in more if (match := _ITEM.match(line))]
    if items and not value.strip():
        return [unquote(_unmarked(item)) for item in items]
    if _BLOCK_SCALAR.fullmatch(value.strip()):
        return "\n".join(line.strip() for line in more)
    return unquote(" ".join([value, *(line.strip() for line in more)]))


def _unmarked(item: str) -> str:
    """`-  - channel` is a list in a list; the inner mark is not part of the name."""
    while match := _ITEM.match(item):
        item = match[1]
    return item
