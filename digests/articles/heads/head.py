"""Finding and reading the head of a post, in whatever syntax it is written."""

from __future__ import annotations

import re

from digests.articles.heads import front_matter
from digests.articles.heads.front_matter import Field, FrontMatter, FrontMatterBlock, InvalidYamlError
from digests.articles.heads.headless import read_headless
from digests.articles.heads.salvage import salvage
from digests.articles.heads.typed import load_json, read_json_head, read_toml_head
from digests.articles.text import one_line
from digests.model.article import Unreadable

# What a head without its first line begins with; prose may begin with any other word and a colon.
_FIELD = re.compile(
    r"\s*+(?:title|date|tags?|categor(?:y|ies)|author|layout|permalink|cover|thumbnail)[ \t]*+:", re.IGNORECASE
)
_MAX_PROBLEM = 200


def read_head(text: str, path: str) -> FrontMatter | Unreadable:
    """Return the post's fields and its body, or why nobody could read it."""
    front = read_json_head(text) or read_toml_head(text) or _read_yaml_head(text, path)
    if isinstance(front, FrontMatter):
        return front
    if front is front_matter.NO_FRONT_MATTER or _begins_with_prose(text):
        headless = read_headless(text, path)
        return headless if isinstance(headless, FrontMatter) or front is front_matter.NO_FRONT_MATTER else front
    return front


def shorten_problem(problem: str) -> str:
    """Return the problem on one line of bounded length; it may quote the post."""
    line = one_line(problem)
    return line if len(line) <= _MAX_PROBLEM else line[: _MAX_PROBLEM - 1] + "…"


def _begins_with_prose(text: str) -> bool:
    """Return whether what was taken for a head is prose: a heading above a line of dashes, or `Note: it rains`."""
    beginning = text[:1_000].lstrip()
    return beginning.startswith("#") or not (beginning.startswith(("---", "+++", ";;;")) or _FIELD.match(beginning))


def _read_yaml_head(text: str, path: str) -> FrontMatter | Unreadable:
    block = front_matter.split_front_matter(text)
    if isinstance(block, Unreadable):
        return block
    if not block.text.strip():
        # Two lines of dashes with nothing between them are no head.
        headless = read_headless(block.body, path)
        if isinstance(headless, FrontMatter):
            return headless
    return _parse_block(block)


def _parse_block(block: FrontMatterBlock) -> FrontMatter | Unreadable:
    problems: list[str] = []
    repaired = front_matter.repair(block.text)
    if repaired is not block.text:
        problems.append("the front matter holds control characters; they were left out")
    repaired = front_matter.indent_with_blanks(repaired)
    salvaged = False
    try:
        fields = front_matter.load(repaired)
    except InvalidYamlError as error:
        salvaged = True
        fields, notes = salvage(repaired, error, block.line)
        problems += notes
        # JSON between lines of dashes, with commas at the ends of its lines.
        fields = fields or load_json(repaired)
        if not fields:
            line = block.line + (error.line or 1) - 1
            cause = shorten_problem(f"the front matter is not valid YAML: {error.reason}")
            return Unreadable(cause, "quote the value, or fix it", line)
    if not fields:
        return Unreadable("the front matter is empty", "write the fields between the two lines ---", block.line)
    front = FrontMatter({}, block.text, block.body, salvaged, problems)
    for entry in fields:
        _add_field(front, entry, block.line)
    return front


def _add_field(front: FrontMatter, entry: Field, first_line: int) -> None:
    """Add a field; if it is given twice, the last one counts unless it is empty, as in most YAML parsers."""
    earlier = front.fields.get(entry.key)
    if earlier is not None:
        front.salvaged = True
        front.problems.append(f"line {first_line + entry.line - 1}: {entry.key} is given twice; the last one counts")
        if not entry.value:
            return
    front.fields[entry.key] = entry
