"""docs/configuration.md and docs/commands.md, which `make docs` makes from the program."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import typer
from pydantic import AfterValidator, Field

from bot.cli.program import app
from bot.handlers.commands import COMMANDS
from config.checks.refusal import NotAllowed
from config.load import load_settings
from config.mistakes import ConfigError
from config.showing import option_names

ROOT = Path(__file__).resolve().parents[2]
STALE = "docs/{} does not say what the program does now: run `make docs`, and commit what it writes"


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


configuration, commands = _load("configuration_page"), _load("commands_page")


def test_the_page_of_options_is_up_to_date() -> None:
    written = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert written == configuration.configuration_page(), STALE.format("configuration.md")


def test_the_page_of_commands_is_up_to_date() -> None:
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert written == commands.commands_page(), STALE.format("commands.md")
    written = (ROOT / "docs" / "commands.zh-CN.md").read_text(encoding="utf-8")
    assert written == commands.chinese_page(), STALE.format("commands.zh-CN.md")


def test_every_option_is_on_the_page_with_its_variable() -> None:
    page = configuration.configuration_page()
    for name in option_names():
        assert f"`{name}`" in page
        variable = f"`{configuration.environment_name(name)}`"
        assert (variable in page) is configuration.fits_environment(configuration.annotation_of(name))


def test_an_option_that_is_said_to_be_in_a_file_only_is_refused_in_the_environment() -> None:
    in_files = [
        name for name in option_names() if not configuration.fits_environment(configuration.annotation_of(name))
    ]
    assert "origins" in in_files
    for name in in_files:
        with pytest.raises(ConfigError):
            load_settings(environ={configuration.environment_name(name): "x"})


def test_every_command_of_the_program_is_on_the_page_with_all_its_options() -> None:
    page = commands.commands_page()
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        for path, each in (
            (f"{name} {below}", its) for below, its in getattr(command, "commands", {"": command}).items()
        ):
            _, heading, words = page.partition(f"# digestbot {path.strip()}\n")
            assert heading, path
            own = words.partition("\n###")[0]
            for param in each.params:
                for option in param.opts if param.param_type_name == "option" else ():
                    assert option == "--help" or option in own, (path, option)


def test_every_command_of_the_chat_is_on_the_page() -> None:
    for page in (commands.commands_page(), commands.chinese_page()):
        for command in COMMANDS:
            assert f"| `/{command.name}" in page


def test_options_below_one_comment_share_it() -> None:
    text = '# About all.\nname = "a"\n\n[box]\n# How wide,\n# and how high.\nwide = 1\nhigh = 2\n\nlong = 3\n'
    assert [(option.name, option.default, option.comment) for option in configuration.read_options(text)] == [
        ("name", '"a"', ("About all.",)),
        ("box.wide", "1", ("How wide,", "and how high.")),
        ("box.high", "2", ()),
        ("box.long", "3", ()),
    ]


def test_a_default_on_several_lines_is_refused_with_the_line() -> None:
    with pytest.raises(configuration.PageError, match="'b = '"):
        list(configuration.read_options("a = 1\nb = \n"))


def _even(value: str) -> str:
    if len(value) % 2:
        raise NotAllowed("an even number of letters")
    return value


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (bool, "`true` or `false`"),
        (Annotated[int, Field(ge=1, le=20_000)], "a whole number from 1 to 20,000"),
        (Annotated[float, Field(gt=0, le=7)], "a number above 0, at most 7"),
        (Annotated[int, Field(ge=3)], "a whole number from 3"),
        (Annotated[int, Field(ge=1)] | None, "a whole number from 1"),
        (Literal["a", "b"], 'one of `"a"`, `"b"`'),
        (tuple[str, ...], "a list of texts"),
        (Annotated[str, AfterValidator(_even)], "an even number of letters"),
        (dict[str, int], "a table; keys: a text; values: a whole number"),
    ],
)
def test_what_an_option_may_be_comes_from_its_type(kind: object, words: str) -> None:
    assert configuration.kind_of(kind) == words


def test_a_type_that_nobody_described_is_named() -> None:
    with pytest.raises(configuration.PageError, match="complex"):
        configuration.kind_of(complex)
