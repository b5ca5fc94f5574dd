"""Reading front matter that is not valid YAML, field by field, as a careful person would."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digests.articles.front_matter import Field, FieldValue, InvalidYamlError, load

_KEY = re.compile(r" ?([A-Za-z_][\w-]{0,40})[ \t]*:(?:[ \t]+(.*)|)$")
_ITEM = re.compile(r"[ \t]*-(?:[ \t]+|$)(.*)$")
_BLOCK_SCALAR = re.compile(r"[|>][+-]?[0-9]?")
_MAX_LENGTH = 20_000


def salvage(block: str, problem: InvalidYamlError, first_line: int) -> tuple[list[Field], list[str]]:
    """Return the fields that can be read, and a sentence for each that was read against the rules of YAML."""
    fields: list[Field] = []
    problems: list[str] = []
    for number, lines in _chunks(block):
        chunk = "\n".join(lines)
        try:
            fields += [Field(field.key, field.value, number + field.line - 1) for field in load(chunk)]
        except InvalidYamlError as error:
            match = _KEY.match(lines[0])
            if match is None:
                continue
            name = match[1].lower()
            fields.append(Field(name, _as_written(match[2] or "", lines[1:]), number))
            where = f"line {first_line + number - 1}"
            problems.append(f"{where}: {name} is not valid YAML ({error.reason}); read as written")
    if fields and not problems:
        where = f"line {first_line + problem.line - 1}: " if problem.line else ""
        problems.append(f"{where}the front matter is not valid YAML ({problem.reason}); each field was read alone")
    return fields, problems


def unquote(text: str) -> str:
    """Remove the quote marks that the crawler put around a title, and keep those that its author wrote.

    The crawler wrapped a title in many double quotes and then single ones (layout B), or in one pair (since C): double
    ones if the title contains an apostrophe, else single ones, without escaping anything.
    """
    text = text.strip()
    before = len(text) - len(text.lstrip('"'))
    after = len(text) - len(text.rstrip('"'))
    around = min(before, after)
    if around and 2 * around < len(text):
        inner = text[around:-around]
        if around >= 3 or "'" not in inner:
            single = len(inner) > 2 and inner[0] == inner[-1] == "'"
            # One pair around a title with quotes inside is the author's: for those the crawler used single ones.
            return text if around == 1 and '"' in inner else (inner[1:-1] if single else inner).strip()
        return text[1:-1].strip()
    if len(text) > 2 and text[0] == text[-1] == "'":
        return text[1:-1].strip()
    if len(text) > 1 and text[0] in "'\"" and text.count(text[0]) == 1:
        return text[1:].strip()
    return text


def _chunks(block: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each key's line with the lines that belong to it, and the number of the first."""
    start, lines = 1, list[str]()
    for number, line in enumerate(block[:_MAX_LENGTH].expandtabs(4).split("\n"), 1):
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


def _as_written(value: str, more: list[str]) -> FieldValue:
    items = [match[1] for line in more if (match := _ITEM.match(line))]
    if items and not value.strip():
        return [unquote(_strip_item_marks(item)) for item in items]
    if _BLOCK_SCALAR.fullmatch(value.strip()):
        return "\n".join(line.strip() for line in more)
    return unquote(" ".join([value, *(line.strip() for line in more)]))


def _strip_item_marks(item: str) -> str:
    """Return the item without its list marks: in `-  - channel`, a list in a list, the inner one is not text."""
    while match := _ITEM.match(item):
        item = match[1]
    return item
