"""SECURITY.md: every threat names the tests that hold its defence, and every one of them is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECURITY = (ROOT / "SECURITY.md").read_text("utf-8")
NAMED_TESTS = sorted(set(re.findall(r"`((?:unit|contract|flow|browser|cluster)/[^`]+)`", SECURITY)))


@cache
def functions_in(path: str) -> frozenset[str]:
    """Return the names of the tests in a file, at its top or in its classes; none where there is no such file."""
    file = ROOT / "tests" / path
    if not file.is_file():
        return frozenset()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds) and node.name.startswith("test_"))


@pytest.mark.parametrize("name", NAMED_TESTS)
def test_a_test_that_the_threat_model_names_is_there(name: str) -> None:
    path, colons, function = name.partition("::")
    assert colons, f"name the test, not its file alone: {name}"
    assert function in functions_in(path)


def test_every_threat_names_a_test() -> None:
    model, _, confessed = SECURITY.partition("## What nothing here stands against")
    threats = re.split(r"\n- (?=\*\*)", model.partition("## Hostile posts")[2])[1:]
    assert len(threats) > 50
    assert [threat.splitlines()[0] for threat in threats if "::test_" not in threat.partition("\n\n")[0]] == []
    assert confessed.count("- **") > 5
    assert len(NAMED_TESTS) > 100
