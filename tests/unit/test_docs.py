"""What the documentation names must exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.handlers.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
READMES = sorted(ROOT.glob("README*.md"))
PAGES = [*READMES, *sorted((ROOT / "docs").glob("*.md"))]


def test_the_tests_named_in_security_exist() -> None:
    named = set(
        re.findall(r"`((?:unit|contract|flow)/(?:\w+/)*test_\w+\.py)`", (ROOT / "SECURITY.md").read_text("utf-8"))
    )
    assert len(named) > 15
    assert {name for name in named if not (ROOT / "tests" / name).is_file()} == set()


def commands_in(text: str) -> set[str]:
    """Return the commands of the chat that a page names, such as `/search WORDS`."""
    return set(re.findall(r"`/([a-z]+)[ `]", text))


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_a_readme_has_a_table_of_readers_commands_and_one_of_those_that_need_a_role(page: Path) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", page.read_text("utf-8"), re.MULTILINE)
    assert [named for named in map(commands_in, tables) if named] == [
        {command.name for command in COMMANDS if command.role is None},
        {command.name for command in COMMANDS if command.role is not None},
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_command_that_is_not_there(page: Path) -> None:
    assert commands_in(page.read_text("utf-8")) <= {command.name for command in COMMANDS}


def test_both_readmes_name_the_same_commands() -> None:
    english, chinese = (
        re.findall(r"`(/\w+|[a-z]+(?: import\|export)?)[ `]", (ROOT / name).read_text("utf-8"))
        for name in ("README.md", "README.zh-CN.md")
    )
    assert len(english) > 40
    assert sorted(chinese) == sorted(english)
