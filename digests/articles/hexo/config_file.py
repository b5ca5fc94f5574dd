"""The values of a Hexo `_config.yml`, each as what it must be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import yaml

from digests.articles.heads.front_matter import InvalidYamlError, load
from digests.articles.hexo.js_yaml import Typed, as_text, typed
from digests.articles.hexo.uncertain import UncertainError
from digests.articles.text import one_line, unescape

_SEPARATOR = re.compile(r"^---(?=[ \t]*(?:#.*)?$)", re.MULTILINE)
_MOST_DOCUMENTS = 10
_MAX_NAME = 100
_MAX_PATTERNS = 100
_MAX_RULE = 500
# What a mapping calls the name that it is for, where that is no language's.
_NAME_KEYS = ("nick", "nickname", "name", "title", "text", "default")


class SiteConfigError(Exception):
    """The `_config.yml` can't be used; the message is one sentence that names the line and the fix."""


class ConfigFile:
    """The top level of a `_config.yml`, with a sentence for whatever is wrong in it."""

    def __init__(self, text: str) -> None:
        if "\t" in text:
            # Hexo turns the tabs at the start of a line into pairs of spaces.
            text = re.sub(r"^\t+", lambda match: "  " * len(match[0]), text, flags=re.MULTILINE)
        self._nodes: dict[str, Any] = {}
        self._lines: dict[str, int] = {}
        for document in _documents(text):
            self._add(document)

    def _add(self, document: str) -> None:
        try:
            fields = load(document)
        except InvalidYamlError as error:
            where = f"line {error.line}: " if error.line else ""
            raise SiteConfigError(f"{where}it is not valid YAML ({error.reason}); fix that line") from None
        known = set(self._nodes)
        for entry in fields:
            if entry.spelled in self._nodes and entry.spelled not in known:
                raise SiteConfigError(f"line {entry.line}: {entry.spelled} is given twice; take one out")
            self._nodes.setdefault(entry.spelled, entry.node)
            self._lines.setdefault(entry.spelled, entry.line)

    def error(self, key: str, what: str, fix: str) -> SiteConfigError:
        """Return what to raise: a sentence with the line of the key."""
        return SiteConfigError(f"line {self._lines.get(key, 1)}: {key} {what}; {fix}")

    def has(self, key: str) -> bool:
        """Return whether the key is there, whatever its value."""
        return key in self._nodes

    def value(self, key: str, default: Typed = None) -> Typed:
        """Return a value by js-yaml's rules."""
        if key not in self._nodes:
            return default
        try:
            return typed(self._nodes[key])
        except UncertainError:
            raise self.error(key, "has a value that can't be read", "write it plainly") from None

    def text(self, key: str, default: str = "") -> str:
        """Return a value that must be one text; an empty one is ""."""
        value = self.value(key, default)
        if isinstance(value, list | dict):
            raise self.error(key, "must be one text", "write one value after the colon")
        try:
            return "" if value is None else as_text(value)
        except UncertainError:
            raise self.error(key, "must be a text", "put it in quotes") from None

    def name(self, key: str) -> str:
        """Return a name on one line: of several, as for each language, the site's own; "" where none is given.

        No link depends on it, so nothing is wrong with any.
        """
        try:
            found = self.text(key)
        except SiteConfigError:
            found = _name_in(self._nodes[key], self._languages())
        return one_line(unescape(found))[:_MAX_NAME].strip()

    def _languages(self) -> tuple[str, ...]:
        """Return the names of the site's languages, the main one first, in small letters."""
        return tuple(name.lower() for name in _texts_in(self._nodes.get("language")))

    def mapping(self, key: str) -> dict[str, Typed]:
        """Return a section; an empty one for anything else."""
        value = self.value(key)
        return value if isinstance(value, dict) else {}

    def texts(self, key: str) -> dict[str, str]:
        """Return a mapping of texts, without the names that are mapped to something else."""
        return {name: value for name, value in self.mapping(key).items() if isinstance(value, str)}

    def patterns(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list, or the one text, and nothing for anything else."""
        value = self.value(key)
        found = value if isinstance(value, list) else [value]
        patterns = tuple(dict.fromkeys(pattern for pattern in found if isinstance(pattern, str) and pattern))
        if len(patterns) > _MAX_PATTERNS:
            raise self.error(key, f"has more than {_MAX_PATTERNS} patterns", "write fewer, such as name/**")
        return patterns

    def rule(self, key: str, default: str) -> str:
        """Return a text with variables."""
        text = self.text(key, default)
        if len(text) > _MAX_RULE:
            raise self.error(key, f"has more than {_MAX_RULE} characters", "write a shorter one")
        return text


def _documents(text: str) -> Iterator[str]:
    """Yield the documents of a file, each below as many empty lines as come before it.

    Hexo reads files of one document alone; people who join their files mean the first of two values.
    """
    starts = [match.end() for match in _SEPARATOR.finditer(text)]
    if not starts or text.startswith("%"):
        yield text
        return
    edges = [0, *starts, len(text)][: _MOST_DOCUMENTS + 1]
    for start, end in pairwise(edges):
        document = text[start:end].removesuffix("---")
        yield "\n" * text.count("\n", 0, start) + document


def _name_in(node: Any, languages: Sequence[str]) -> str:
    """Return the first name in a value: of a mapping that of the first language, else by the usual keys."""
    if isinstance(node, yaml.MappingNode):
        given = {str(key.value).lower(): value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
        likely = [given[key] for key in (*languages, *_NAME_KEYS) if key in given]
        return next((text for value in likely or given.values() for text in _texts_in(value)), "")
    return next(iter(_texts_in(node)), "")


def _texts_in(node: Any) -> Iterator[str]:
    """Yield the texts that a value or the items of a list are, as they are written, without those that say nothing."""
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in items:
        if isinstance(item, yaml.ScalarNode) and (item.style or item.value not in ("~", "null")) and item.value:
            yield str(item.value)
