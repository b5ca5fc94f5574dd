"""Finding a post's front matter, and reading its fields as they are written.

python-frontmatter splits the file and loads the block, with a loader that gives no scalar a type: `2019`, `12_00`,
`no` and `1e5` stay text, and it stays known how a value was quoted, which the rules for links need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from digests.model.article import Unreadable

FieldValue = str | list["FieldValue"] | dict[str, "FieldValue"]

# Unlike python-frontmatter's own pattern, this one can't backtrack over a long run of white space.
_BOUNDARY = re.compile(r"^-{3,}[ \t]*+$", re.MULTILINE)
# Blank lines and comments may come before the first line of dashes.
_OPENING = re.compile(r"(?:[ \t]*+(?:#.*+)?\n)*+(?=-{3,}[ \t]*+$)", re.MULTILINE)
# For Hexo, any line that begins with dashes closes the block, so `--- end` closes it too.
_LAX_BOUNDARY = re.compile(r"^-{3,}[ \t]*+$|(?<=\n)-{3}.*+$", re.MULTILINE)
_PREFIXLESS = re.compile(r"\s*+(?=[A-Za-z_][\w-]*[ \t]*:(?:\s|$))")
_MARKUP = re.compile(r"^<[A-Za-z!/]", re.MULTILINE)
# What YAML forbids, and what YAML 1.1 takes for a line end although no editor shows one.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_COMPACT = re.compile(r"(?:[-?:][ \t]+){64}")
_MAX_BRACKETS = 500
_MAX_CHARACTERS = 100_000
_MAX_NODES = 2_000


class InvalidYamlError(Exception):
    """The block is not a YAML mapping; `line` counts from the block's first line, which is 1."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `key` is in lower case, `spelled` as written, and `node` knows how the value was quoted."""

    key: str
    value: FieldValue
    line: int
    spelled: str = ""
    node: Any = None


@dataclass(frozen=True, slots=True)
class FrontMatterBlock:
    """A post split into front matter and body; `line` is the line of the file on which `text` begins."""

    text: str
    body: str
    line: int


@dataclass(slots=True)
class FrontMatter:
    """The fields by lower-case name; `salvaged` if the block as a whole is not valid YAML."""

    fields: dict[str, Field]
    block: str
    body: str
    salvaged: bool = False
    problems: list[str] = field(default_factory=list)

    def value(self, *keys: str) -> FieldValue | None:
        """Return the first of these fields that exists and is not empty, or None."""
        for key in keys:
            found = self.fields.get(key)
            if found is not None and found.value and found.value not in ("~", "null"):
                return found.value
        return None

    def text(self, *keys: str) -> str:
        """Return the first of these fields that exists and is a single text that is not empty, or ''."""
        for key in keys:
            found = self.value(key)
            if isinstance(found, str):
                return found
        return ""


class _TextLoader(yaml.CSafeLoader):
    """Resolves no types: every scalar is the text that is written there."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - this is how PyYAML has them set


class _Handler(YAMLHandler):
    """python-frontmatter's YAML handler with our boundary and loader; it loads nodes, not values."""

    def load(self, fm: str, **_: object) -> Any:
        loader = _TextLoader(fm)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()


_HANDLER = _Handler(fm_boundary=_BOUNDARY)
_LAX_HANDLER = _Handler(fm_boundary=_LAX_BOUNDARY)


def split_front_matter(text: str) -> FrontMatterBlock | Unreadable:
    """Split a post at the two lines of dashes; blank lines before them and a missing first line are forgiven."""
    opening = _OPENING.match(text)
    line = 1
    if opening is not None:
        line += text.count("\n", 0, opening.end())
        text = text[opening.end() :]
    elif (start := _PREFIXLESS.match(text)) is not None:
        line += text.count("\n", 0, start.end()) - 1
        text = "---\n" + text[start.end() :]
    else:
        return Unreadable(
            "there is no front matter", "begin the post with a line ---, the fields, and another line ---", 1
        )
    for handler in (_HANDLER, _LAX_HANDLER):
        try:
            block, body = handler.split(text)
        except ValueError:
            continue
        if not _MARKUP.search(block):
            break
    else:
        return Unreadable(
            f"the front matter that begins in line {max(line, 1)} has no closing line",
            "add a line --- after the last field",
            max(line, 1),
        )
    return FrontMatterBlock(block.removeprefix("\n"), body, line + 1)


def load(block: str) -> list[Field]:
    """Return the fields of a block in order, including repeated ones.

    Raises:
        InvalidYamlError: The block is not a YAML mapping, or is too large or too deep to be read safely.
    """
    _check_limits(block)
    try:
        node = _HANDLER.load(block)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InvalidYamlError(str(error.problem or error.context), mark.line + 1 if mark else None) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidYamlError(" ".join(str(error).split())[:200]) from None
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode):
        raise InvalidYamlError("it holds no fields", 1)
    lines = block.split("\n")
    budget = _NodeBudget()
    return [_field(key, value, lines, budget) for key, value in node.value]


def repair(block: str) -> str:
    """Return the block with each character that YAML forbids replaced by a space; the same object if it has none."""
    return _FORBIDDEN.sub(" ", block) if _FORBIDDEN.search(block) else block


def _check_limits(block: str) -> None:
    """Raise InvalidYamlError for a block that is too large or too deep.

    libyaml recurses in C without a limit: a hundred thousand brackets would end the process, not the parse.
    """
    if len(block) > _MAX_CHARACTERS:
        raise InvalidYamlError(f"it has {len(block):,} characters, more than {_MAX_CHARACTERS:,}", 1)
    if block.count("[") + block.count("{") > _MAX_BRACKETS or _COMPACT.search(block):
        raise InvalidYamlError("it is nested too deeply", 1)


class _NodeBudget:
    """Counts nodes, and refuses one that it meets twice: that is an alias, from which YAML bombs are made."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def spend(self, node: Any) -> None:
        if id(node) in self._seen:
            raise InvalidYamlError("it uses an alias (*name)", node.start_mark.line + 1)
        if len(self._seen) >= _MAX_NODES:
            raise InvalidYamlError(f"it has more than {_MAX_NODES:,} values", node.start_mark.line + 1)
        self._seen.add(id(node))


def _field(key: Any, node: Any, lines: list[str], budget: _NodeBudget) -> Field:
    spelled = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
    name = spelled.strip().lower()
    number = key.start_mark.line
    value = _value(node, budget)
    if number < len(lines) and node.start_mark.line == node.end_mark.line == number:
        value = _as_written(name, value, node, lines[number].partition(":")[2].strip())
    return Field(name, value, number + 1, spelled, node)


def _as_written(name: str, value: FieldValue, node: Any, written: str) -> FieldValue:
    """Return the text after the colon where YAML misreads it as a comment, an anchor, a tag or a collection.

    The crawler's first layout quotes nothing: in `title: # hot`, `title: C # basics` and `title: [x]`, all that follows
    the colon is the title.
    """
    if isinstance(node, yaml.ScalarNode):
        misread = not node.style and written != value and ("#" in written or written[:1] in ("&", "!"))
    else:
        misread = name == "title"
    return written if misread else value


def _value(node: Any, budget: _NodeBudget) -> FieldValue:
    budget.spend(node)
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, budget) for child in node.value]
    return dict(_pairs(node, budget))


def _pairs(node: Any, budget: _NodeBudget) -> Iterator[tuple[str, FieldValue]]:
    for key, value in node.value:
        budget.spend(key)
        if isinstance(key, yaml.ScalarNode):
            yield str(key.value), _value(value, budget)
