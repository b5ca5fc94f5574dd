"""A post's front matter as Hexo reads it: where it begins and ends, and its fields.

Checked against hexo-front-matter 0.2.3 to 4.2.1. Where libyaml and js-yaml may differ, or Hexo loses the post,
UncertainError is raised: no link is better than a wrong one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from digests.articles.heads.front_matter import Field, FrontMatter, InvalidYamlError, load
from digests.articles.hexo.js_yaml import Typed, check_structure, typed
from digests.articles.hexo.uncertain import UncertainError
from digests.model.link_causes import LinkCause

# A block with one of these may mean one thing to libyaml and another to js-yaml; they were found by having both read
# 800,000 blocks of random marks: characters that no editor shows, odd starts of a line, comments at a block scalar's
# mark, question marks and single dashes in a list between brackets.
_AMBIGUOUS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
    r"|^[%?|>]|^\.\.\.|^---|[|>][+-]?[0-9]?[+-]?#|-[ \t]*\?|[\[{,]\s*(?:\?|-(?=[\s,\]}]|$))",
    re.MULTILINE,
)
# Where anchors and tags may stand; most are just marks in a text.
_MARK = re.compile(r"(?:^|[:\[{,?-])[ \t]*[&!]", re.MULTILINE)
_CLOSING = re.compile(r"\n(?:-{3,}|;{3,})")
_STRICT_CLOSING = re.compile(r"\n(?:-{3,}|;{3,})(?=\n|$)")
_TABS = re.compile(r"(?<=\n)\t+")
_MAX_JSON = 100_000
_MAX_MARKED = 20_000


@dataclass(frozen=True, slots=True)
class HexoFrontMatter:
    """The front matter as Hexo sees it; names are as they are spelled. Values are typed when they are asked for."""

    fields: Mapping[str, Any]
    old_yaml: bool = False
    _values: dict[str, Typed] = field(default_factory=dict, init=False, compare=False, repr=False)

    def has(self, name: str) -> bool:
        """Return whether the field exists, if only with an empty value."""
        return name in self.fields

    def get(self, name: str) -> Typed:
        """Return the field's value; None if it is empty or missing.

        Raises:
            UncertainError: It is a number on which Python and JavaScript may differ.
        """
        found = self.fields.get(name)
        if not isinstance(found, yaml.Node):
            return found
        if name not in self._values:
            try:
                self._values[name] = typed(found, old_yaml=self.old_yaml)
            except UncertainError as error:
                raise UncertainError("field", name) from error
        return self._values[name]


def read_front(text: str, front: FrontMatter, *, strict_closing: bool) -> HexoFrontMatter:
    """Return the fields as Hexo sees them; `front` is the same front matter as read leniently.

    Before Hexo 5 (`strict_closing`), only a line of nothing but dashes closes the block.

    Raises:
        UncertainError: Hexo may read it otherwise than libyaml does, or loses the post.
    """
    if text.startswith(";;;"):
        return _read_json(text, strict=strict_closing)
    start, found = _find_block(text, strict=strict_closing)
    if found is None:
        return HexoFrontMatter({})
    # Hexo makes two blanks of each tab at the start of a line.
    block = _TABS.sub(lambda match: "  " * len(match[0]), found)
    first_line = text.count("\n", 0, start) + 1
    _check_certain(block, first_line)
    fields: Mapping[str, Any] = {}
    ends_in_text = "|" in block or ">" in block
    if not (front.salvaged or ends_in_text) and block.strip("\n") == front.block.strip("\n"):
        fields = _fields(front.fields.values())
    return HexoFrontMatter(fields or _load(block, first_line))


def _check_certain(block: str, first_line: int) -> None:
    """Raise UncertainError for a block in which libyaml and js-yaml may see different things."""
    if odd := _AMBIGUOUS.search(block):
        raise UncertainError("front matter", f"line {block.count(chr(10), 0, odd.start()) + first_line}")
    if _MARK.search(block) is None:
        return
    if len(block) > _MAX_MARKED:
        raise UncertainError("front matter", f"it has {len(block):,} characters")
    try:
        for event in yaml.parse(block, yaml.CSafeLoader):
            anchor = getattr(event, "anchor", None)
            # To js-yaml, an anchor's name goes on to the next blank.
            if getattr(event, "tag", None) or (anchor and re.search(rf"&{re.escape(anchor)}[^\s]", block)):
                line = first_line + (event.start_mark.line if event.start_mark else 0)
                raise UncertainError("front matter", f"line {line}: an anchor or a tag")
    except (yaml.YAMLError, ValueError):
        # It is refused with its line where it is loaded.
        return


def _load(block: str, first_line: int) -> Mapping[str, Any]:
    try:
        # js-yaml ends the last line, which a block scalar keeps.
        return _fields(load(block + "\n"))
    except InvalidYamlError as error:
        line = first_line + (error.line or 1) - 1
        # Our own limits ("it has more than ...") say nothing about Hexo.
        cause: LinkCause = "front matter" if error.reason.startswith("it ") else "lost"
        raise UncertainError(cause, f"line {line}: {error.reason[:100]}") from None


def _fields(fields: Iterable[Field]) -> Mapping[str, Any]:
    """Return the nodes by name; an empty mapping for fields that were not read from YAML."""
    nodes: dict[str, Any] = {}
    for entry in fields:
        if entry.node is None:
            return {}
        if entry.spelled in nodes or entry.spelled in ("", "<<"):
            raise UncertainError("lost", f"line {entry.line}: {entry.spelled[:60]} is given twice")
        check_structure(entry.node)
        nodes[entry.spelled] = entry.node
    return nodes


def _find_block(text: str, *, strict: bool) -> tuple[int, str | None]:
    """Return where the block that hexo-front-matter's two patterns find begins, and the block; None for no block.

    Written without regular expressions for the first pattern, which takes the longest run of dashes.
    """
    run = len(text) - len(text.lstrip("-"))
    if run >= 3:
        if text[run : run + 1] != "\n":
            raise UncertainError("front matter", "line 1")
        mark, end = "\n" + "-" * run, run + 1
        while (end := text.find(mark, end + 1)) >= 0:
            after = end + len(mark)
            if not strict or text[after : after + 1] in ("", "\n"):
                return run + 1, text[run + 1 : end]
        raise UncertainError("front matter", "no closing line")
    if (match := (_STRICT_CLOSING if strict else _CLOSING).search(text, 1)) is None:
        return 0, None
    if match[0][1] == ";":
        raise UncertainError("front matter", f"line {text.count(chr(10), 0, match.end()) + 1}")
    found = text[: match.start()]
    return (5, found[5:]) if found.startswith("\n---\n") else (0, found)


def _read_json(text: str, *, strict: bool) -> HexoFrontMatter:
    """Return the fields of a JSON block, an object without its braces; where it is none, Hexo sees no fields."""
    run = len(text) - len(text.lstrip(";"))
    mark = "\n" + ";" * run
    end = text.find(mark, run + 1)
    after = text[end + len(mark) : end + len(mark) + 1]
    if text[run : run + 1] != "\n" or end < 0 or (strict and after not in ("", "\n")):
        raise UncertainError("front matter", "line 1")
    block = text[run + 1 : end]
    if len(block) > _MAX_JSON:
        raise UncertainError("front matter", f"it has {len(block):,} characters")
    try:
        fields = json.loads("{" + block + "}", parse_constant=_refuse, parse_int=_number)
    except RecursionError:
        raise UncertainError("front matter", "it is nested too deeply") from None
    except ValueError:
        return HexoFrontMatter({})
    return HexoFrontMatter(fields)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _number(digits: str) -> int | float:
    number = float(digits)
    return int(number) if abs(number) < 2**53 else number
