"""Finding a post's front matter, and reading its fields as they are written.

python-frontmatter splits the file and loads the block, with a loader that gives no scalar a type: `2019`, `12_00`,
`no` and `1e5` stay text, and it stays known how a value was quoted, which the rules for links need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
# YAML's own mark for the end of a document, with which pandoc and Jekyll let a block end too.
_DOCUMENT_END = re.compile(r"^-{3,}[ \t]*+$|(?<=\n)\.{3}[ \t]*+$", re.MULTILINE)
_PREFIXLESS = re.compile(r"\s*+(?=(?:[A-Za-z_][\w-]*|\"[A-Za-z_][\w-]*\")[ \t]*:(?:\s|$))")
_INDENT = re.compile(r"^\t+", re.MULTILINE)
_HASHTAGS = re.compile(r"(?:#[^\s#]++\s*+)++")
_REMARK = re.compile(r"(?:^|(?<=[ \t]))#")
_MARKUP = re.compile(r"^<[A-Za-z!/]", re.MULTILINE)
# What YAML forbids, and what YAML 1.1 takes for a line end although no editor shows one.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_COMPACT = re.compile(r"(?:[-?:][ \t]+){64}")
_MAX_BRACKETS = 500
_MAX_CHARACTERS = 100_000
_MAX_NODES = 2_000
MAX_DEPTH = 20
"""What is nested more deeply is read as nothing."""


NO_FRONT_MATTER = Unreadable(
    "there is no front matter", "begin the post with a line ---, the fields, and another line ---", 1
)


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
    """The fields by lower-case name; `salvaged` if the block as a whole is not valid.

    `syntax` is "yaml", "json", "toml", or "none" for a post without front matter.
    """

    fields: dict[str, Field]
    block: str
    body: str
    salvaged: bool = False
    problems: list[str] = field(default_factory=list)
    syntax: str = "yaml"

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


_TAGS: Mapping[type[yaml.Node], str] = {
    yaml.ScalarNode: yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG,
    yaml.SequenceNode: yaml.resolver.BaseResolver.DEFAULT_SEQUENCE_TAG,
    yaml.MappingNode: yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG,
}


class _TextLoader(yaml.CSafeLoader):
    """Resolves no types: every scalar is the text that is written there."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - this is how PyYAML has them set

    def resolve(self, kind: type[yaml.Node], _value: str | None, _implicit: object) -> str:
        """Return the tag of a node. PyYAML would look for the types that there are not, at a tenth of a head's time."""
        return _TAGS[kind]


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
_ENDED_HANDLER = _Handler(fm_boundary=_DOCUMENT_END)


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
        return NO_FRONT_MATTER
    for handler in (_HANDLER, _LAX_HANDLER, _ENDED_HANDLER):
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
    check_limits(block)
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
    reader = _NodeReader(lines, has_marks="&" in block or "!" in block)
    return [_field(key, value, lines, reader) for key, value in node.value]


def repair(block: str) -> str:
    """Return the block with each character that YAML forbids replaced by a space; the same object if it has none."""
    return _FORBIDDEN.sub(" ", block) if _FORBIDDEN.search(block) else block


def indent_with_blanks(block: str) -> str:
    """Return the block with each tab at the beginning of a line as two blanks, as Hexo reads it."""
    return _INDENT.sub(lambda match: "  " * len(match[0]), block) if "\t" in block else block


def strip_remark(text: str) -> str:
    """Return an unquoted value without the remark after it; a `#` with no blank before it is none (`C#`, `/#top`)."""
    match = _REMARK.search(text)
    return text[: match.start()].rstrip() if match else text


def check_limits(block: str) -> None:
    """Raise InvalidYamlError for a block that is too large or too deep.

    libyaml recurses in C without a limit: a hundred thousand brackets would end the process, not the parse.
    """
    if len(block) > _MAX_CHARACTERS:
        raise InvalidYamlError(f"it has {len(block):,} characters, more than {_MAX_CHARACTERS:,}", 1)
    if block.count("[") + block.count("{") > _MAX_BRACKETS or _COMPACT.search(block):
        raise InvalidYamlError("it is nested too deeply", 1)


class _NodeReader:
    """Reads values from nodes. It counts them, and refuses one that it meets twice: an alias makes YAML bombs."""

    def __init__(self, lines: list[str], *, has_marks: bool) -> None:
        self._lines = lines
        self._has_marks = has_marks
        self._seen: set[int] = set()

    def read(self, node: Any, depth: int = 0) -> FieldValue:
        self._spend(node)
        if isinstance(node, yaml.ScalarNode):
            return str(node.value) if node.style or not self._has_marks else self._plain_text(node)
        if depth > MAX_DEPTH:
            return ""
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, depth + 1) for child in node.value]
        return dict(self._pairs(node, depth))

    def _pairs(self, node: Any, depth: int) -> Iterator[tuple[str, FieldValue]]:
        for key, value in node.value:
            self._spend(key)
            if isinstance(key, yaml.ScalarNode):
                yield str(key.value), self.read(value, depth + 1)

    def _spend(self, node: Any) -> None:
        if id(node) in self._seen:
            raise InvalidYamlError("it uses an alias (*name)", node.start_mark.line + 1)
        if len(self._seen) >= _MAX_NODES:
            raise InvalidYamlError(f"it has more than {_MAX_NODES:,} values", node.start_mark.line + 1)
        self._seen.add(id(node))

    def _plain_text(self, node: Any) -> str:
        """Return an unquoted value as it is written, with what YAML takes for an anchor or a tag: `&more`, `!new`."""
        start, end = node.start_mark, node.end_mark
        if start.line == end.line < len(self._lines):
            written: str = self._lines[start.line][start.column : end.column]
            if written.startswith(("&", "!")) and not written.startswith("!!"):
                return written.rstrip()
        return str(node.value)


def _field(key: Any, node: Any, lines: list[str], reader: _NodeReader) -> Field:
    spelled = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
    name = spelled.strip().lower()
    number = key.start_mark.line
    value = reader.read(node)
    if number < len(lines) and node.start_mark.line == node.end_mark.line == number:
        value = _as_written(name, value, node, lines[number].partition(":")[2].strip())
    return Field(name, value, number + 1, spelled, node)


def _as_written(name: str, value: FieldValue, node: Any, written: str) -> FieldValue:
    """Return the text after the colon where YAML misreads it as a remark, an anchor, a tag or a collection.

    The crawler's first layout quotes nothing: in `title: # hot`, `title: C # basics` and `title: [x]`, all that follows
    the colon is the title. In any other field, what follows a blank and `#` is a remark, but for `tags: #a #b`.
    """
    if name == "title":
        misread = not isinstance(node, yaml.ScalarNode) or (
            not node.style and written != value and ("#" in written or written[:1] in ("&", "!"))
        )
        return written if misread else value
    if name in ("tags", "tag") and not value and _HASHTAGS.fullmatch(written):
        return [word.lstrip("#") for word in written.split()]
    return value
