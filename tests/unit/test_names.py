"""Names are the field's words, and each means one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import bot

ROOT = Path(bot.__file__).parents[1]
PACKAGES = ("bot", "digests", "config")
COMMAND_LINE = ("bot", "cli")
"""Functions there bear the names of the program's commands, which are the names of what they run."""
RETIRED = {
    "House", "Rooms", "build_rooms", "open_rooms", "Line", "build_line", "Talk", "open_talk", "Speech", "speech",
    "Courier", "Errand", "Book", "Shower", "Copier", "Aside", "a_process", "Telling", "Tellers", "Round", "Chooser",
    "Repeats", "Kept", "Rhythm", "Going", "Changes", "Deed", "Sending", "Act", "ActStore", "Changer", "FollowUp",
    "Announcer", "Hold", "Finding", "Memory", "Listing", "Stage", "Room",
}  # fmt: skip
"""Private words of earlier versions, for which there are common ones."""


def modules(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    """Yield the modules of the packages, by their paths from the root."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def bindings(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield every name that a module binds anywhere, with its line."""
    for node in ast.walk(module):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node.lineno
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, node.lineno
            case _:
                pass


def definitions(module: ast.Module) -> Iterator[str]:
    """Yield the classes of a module, and its public functions."""
    for node in module.body:
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if not name.startswith("_"):
                yield name
            case _:
                pass


def test_nothing_is_called_one() -> None:
    found = [
        f"{path}:{line}"
        for path, module in modules(*PACKAGES, "tests")
        for name, line in bindings(module)
        if name == "one"
    ]
    assert not found, "use the noun"


def test_a_name_means_one_thing() -> None:
    places = defaultdict[str, list[str]](list)
    for path, module in modules(*PACKAGES):
        if path.parts[:2] != COMMAND_LINE and "migrations" not in path.parts:
            for name in definitions(module):
                places[name].append(str(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_retired_words_do_not_return() -> None:
    found = [
        f"{path}: {name}"
        for path, module in modules(*PACKAGES, "tests")
        for name in definitions(module)
        if name in RETIRED
    ]
    assert not found


def test_the_rules_find_what_breaks_them() -> None:
    module = ast.parse("def f(one): pass\nfor one in (): pass\n[one for one in ()]\nclass House: pass\n")
    assert [name for name, _ in bindings(module)].count("one") == 3
    assert list(definitions(module)) == ["f", "House"]
