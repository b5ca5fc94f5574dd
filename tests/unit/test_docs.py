"""What the documentation names must exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_tests_named_in_security_exist() -> None:
    named = set(re.findall(r"`((?:unit|contract|flow)/test_\w+\.py)`", (ROOT / "SECURITY.md").read_text("utf-8")))
    assert len(named) > 15
    assert {name for name in named if not (ROOT / "tests" / name).is_file()} == set()


def test_both_readmes_name_the_same_commands() -> None:
    english, chinese = (
        re.findall(r"`(/\w+|[a-z]+(?: import\|export)?)[ `]", (ROOT / name).read_text("utf-8"))
        for name in ("README.md", "README.zh-CN.md")
    )
    assert len(english) > 40
    assert sorted(chinese) == sorted(english)
