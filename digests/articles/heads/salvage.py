"""Reading front matter that is not valid YAML, field by field, as a careful person would."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digests.articles.heads.front_matter import Field, FieldValue, InvalidYamlError, load, strip_remark

_KEY = re.compile(r" ?([A-Za-z_][\w-]{0,40})[ \t]*:(?:[ \t]+(.*)|)$")
# Without the blank after the colon, or with a Chinese colon, only what is certainly a field counts as one.
_TIGHT_KEY = re.compile(
    r" ?(title|subtitle|date|updated|author|categor(?:y|ies)|tags?|description|excerpt|cover|thumbnail|link|url)"
    r"[ \t]*+[:：][ \t]*+(.*)$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"[ \t]*-(?:[ \t]+|$)(.*)$")
# An item of a list in brackets: in quotes, or up to the next comma.
_FLOW_ITEM = re.compile(r"""\s*+(?:"([^"\n]*+)"|'([^'\n]*+)'|([^,]*+))[^,]*+(?:,|$)""")
_MAX_ITEMS = 200
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
            match = _key(lines[0])
            if match is None:
                continue
            name = match[1].lower()
            fields.append(Field(name, _as_written(name, match[2] or "", lines[1:]), number))
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
        if lines and _key(line):
            yield start, lines
            lines = []
        if not lines:
            start = number
            # The first key may be indented by mistake; later, indented lines belong to the key above.
            line = line if _key(line) else line.lstrip()
            if not _key(line):
                continue
        lines.append(line)
    if lines:
        yield start, lines


def _key(line: str) -> re.Match[str] | None:
    """Return the match of a line that begins a field: its name, and its value or None."""
    return _KEY.match(line) or _TIGHT_KEY.match(line)


def _as_written(name: str, value: str, more: list[str]) -> FieldValue:
    if name == "title":
        return _one_text(value, more)
    value = value.strip()
    items = [match[1] for line in more if (match := _ITEM.match(line))]
    if items and not strip_remark(value):
        return [unquote(_without_remark(_strip_item_marks(item))) for item in items]
    inside, bracket, after = value[1:].partition("]")
    if value.startswith("[") and bracket and not strip_remark(after):
        return _flow_items(inside)
    return _one_text(_without_remark(value), more)


def _one_text(value: str, more: list[str]) -> str:
    if _BLOCK_SCALAR.fullmatch(value.strip()):
        return "\n".join(line.strip() for line in more)
    return unquote(" ".join([value, *(line.strip() for line in more)]))


def _without_remark(value: str) -> str:
    """Return a value without the remark after it; in quotes, `#` is text."""
    closing = value.rfind(value[0]) if value[:1] in ("'", '"') else 0
    return value[: closing + 1] + strip_remark(value[closing + 1 :]) if closing > 0 else strip_remark(value)


def _flow_items(inside: str) -> FieldValue:
    """Return the items of a list in brackets: `[*starred, @home, #1]` is three names, whatever YAML makes of them."""
    items: list[FieldValue] = []
    for match in _FLOW_ITEM.finditer(inside):
        if text := (match[1] or match[2] or match[3] or "").strip():
            items.append(text)
        if len(items) >= _MAX_ITEMS:
            break
    return items


def _strip_item_marks(item: str) -> str:
    """Return the item without its list marks: in `-  - channel`, a list in a list, the inner one is not text."""
    while match := _ITEM.match(item):
        item = match[1]
    return item
