"""What the documentation names must exist: links, commands, options, variables, tests."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.cli.program import app
from bot.handlers.commands import COMMANDS
from bot.monitoring.server import ROUTES
from config.load import SECRETS
from config.showing import option_names

ROOT = Path(__file__).resolve().parents[2]
READMES = sorted(ROOT.glob("README*.md"))
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [*READMES, *DOCS]
ALL_PAGES = [*sorted(ROOT.glob("*.md")), *DOCS]
# Whatever else may hold a command or a variable: what runs the bot.
FILES = [file for name in ("Dockerfile", "*.yaml", "docs/**/*.service", "docs/**/*.yaml") for file in ROOT.glob(name)]
BOTFATHERS = {"newbot", "setinline"}
# Of addresses that the bot serves.
PATHS = {route.removeprefix("/") for route in ROUTES}
each_page = pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)


# ---------------------------------------------------------------- what a page says


@cache
def tokens_of(page: Path) -> tuple[Token, ...]:
    """Return a page's Markdown, blocks and what is inside them, in order."""
    found: list[Token] = []
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8")):
        found.append(token)
        found.extend(token.children or ())
    return tuple(found)


def links_of(page: Path) -> Iterator[str]:
    """Yield where a page's links and pictures lead."""
    for token in tokens_of(page):
        for name in ("href", "src"):
            if isinstance(value := token.attrGet(name), str):
                yield value
        if token.type in ("html_block", "html_inline"):
            for listed in re.findall(r'(?:href|src|srcset)="([^"]+)"', token.content):
                yield from (part.split()[0] for part in listed.split(","))


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """Return the anchors of a page, which GitHub makes of its headings."""
    found: set[str] = set()
    tokens = tokens_of(page)
    for token, inside in pairwise(tokens):
        if token.type == "heading_open":
            plain = "".join(child.content for child in inside.children or () if child.type in ("text", "code_inline"))
            slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
            repeated = (f"{slug}-{number}" for number in range(1, 100))
            found.add(next(repeated) if slug in found else slug)
    return frozenset(found)


def code_of(page: Path) -> Iterator[str]:
    """Yield the lines of a page's code blocks, joined where they go on below, and its code among words."""
    for token in tokens_of(page):
        if token.type == "fence" and token.info.split(" ")[0] in ("", "sh", "bash", "console"):
            yield from token.content.replace("\\\n", " ").splitlines()
        elif token.type == "code_inline":
            yield token.content


def commands_in(text: str) -> set[str]:
    """Return the commands of the chat that a page names, such as `/search WORDS`."""
    return set(re.findall(r"`/([a-z]+)[ `]", text))


# ---------------------------------------------------------------- links


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    astray = []
    for link in links_of(page):
        if re.match(r"[a-z]+:", link):
            assert link.startswith(("https://", "http://")), link
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        is_there = target.exists() and target.is_relative_to(ROOT)
        if not is_there or (anchor and (target.suffix != ".md" or anchor not in anchors_of(target))):
            astray.append(link)
    assert astray == []


def test_anchors_are_as_github_makes_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# What's *new*, `a.b_c`?\n## 第一步：申请 token\n## Same\n## Same\n", "utf-8")
    assert anchors_of(page) == {"whats-new-ab_c", "第一步申请-token", "same", "same-1"}


def test_every_page_and_file_of_the_docs_is_linked_from_where_readers_begin() -> None:
    begin = [*READMES, ROOT / "docs" / "README.md"]
    linked = {(page.parent / link.partition("#")[0]).resolve() for page in begin for link in links_of(page)}
    assert {page.name for page in DOCS} - {page.name for page in linked} - {"README.md"} == set()
    shown = {(page.parent / link.partition("#")[0]).resolve() for page in ALL_PAGES for link in links_of(page)}
    files = [file for file in (ROOT / "docs").rglob("*") if file.is_file() and file.suffix != ".md"]
    assert {file for file in files if file not in shown and file.parent not in shown - {ROOT / "docs"}} == set()


@pytest.mark.parametrize("room", ["bot", "digests", "config"])
def test_every_page_that_the_program_sends_its_operator_to_is_there(room: str) -> None:
    files = [file for file in (ROOT / room).rglob("*") if file.suffix in (".py", ".toml", ".po")]
    named = {name for file in files for name in re.findall(r"(?<![\w/.])docs/[\w./-]*\w", file.read_text("utf-8"))}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


# ---------------------------------------------------------------- the chat's commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_command_that_is_not_there(page: Path) -> None:
    assert commands_in(page.read_text("utf-8")) <= {command.name for command in COMMANDS} | BOTFATHERS | PATHS


@pytest.mark.parametrize("english", ["README.md", "docs/getting-started.md"])
def test_a_page_and_its_chinese_one_name_the_same_commands_and_the_same_lines_to_type(english: str) -> None:
    pages = [ROOT / english, ROOT / english.replace(".md", ".zh-CN.md")]
    chat, program, typed = ([pick(page) for page in pages] for pick in (_chat_commands, _program_commands, _typed))
    assert len(chat[0]) + len(program[0]) > 5
    assert chat[1] == chat[0]
    assert program[1] == program[0]
    assert typed[1] == typed[0]


def _chat_commands(page: Path) -> list[str]:
    return re.findall(r"`(/[a-z]+)[ `]", page.read_text("utf-8"))


def _program_commands(page: Path) -> list[str]:
    return re.findall(r"`((?:\.venv/bin/)?digestbot [a-z -]+)", page.read_text("utf-8"))


def _typed(page: Path) -> list[str]:
    """Return a page's lines for a shell, without their comments, and as far as they are not words for readers."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [re.split("ADDRESS|本仓库|your|你的|/path|/文章", line)[0] for line in lines]


# ---------------------------------------------------------------- the program's commands


@cache
def program() -> Any:
    return typer.main.get_command(app)


def words_after_the_program(line: str) -> list[str] | None:
    """Return the words behind the name of the program, where a line of a shell starts it; None where it does not."""
    for part in re.split(r"&&|\|\||[;&|#](?= |$)", line.replace("“", '"').replace("”", '"').replace("'", "")):
        words = shlex.split(part) if part.count('"') % 2 == 0 else part.split()
        for place, word in enumerate(words):
            before = words[place - 1] if place else "$"
            if words[:2] == ["docker", "compose"]:
                starts = "digestbot" not in words[place + 1 :] and not {"run", "exec"}.isdisjoint(words[:place])
            else:
                starts = before in ("$", "exec", "env", "sudo") or re.fullmatch(r"\w+=.*", before) is not None
            if word.endswith("/bin/digestbot") or (word == "digestbot" and starts):
                return words[place + 1 :]
    return None


def mistake_in(line: str) -> str:
    """Return what a line of a shell names that the program does not have, "" for nothing."""
    words = words_after_the_program(line)
    if words is None:
        return ""
    command, path = program(), "digestbot"
    options = {option for param in command.params for option in (*param.opts, *param.secondary_opts)} | {"--help"}
    takes_value = False
    for word in words:
        if word.startswith("-") and len(word) > 1 and not word[1:].isdigit():
            name = word.strip("[]").partition("=")[0]
            if name not in options:
                return f"{path} has no {name}"
            takes_value = "=" not in word
        elif hasattr(command, "commands") and not (takes_value and path == "digestbot"):
            if word not in command.commands:
                # In prose, a word in capitals stands for any command.
                return "" if word.isupper() else f"{path} has no command {word}"
            command, path, takes_value = command.commands[word], f"{path} {word}", False
            options |= {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
        else:
            takes_value = False
    return ""


@each_page
def test_no_page_shows_a_command_of_the_program_that_it_has_not(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return  # What a version had, a later one may not have.
    assert [mistake for line in code_of(page) if (mistake := mistake_in(line))] == []


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("digestbot run", ""),
        ("sudo -u digestbot /opt/digestbot/bin/digestbot doctor --json", ""),
        ("digestbot --config x.toml doctor --running", ""),
        ("digestbot feeds add https://x.example --category A/B", ""),
        ("digestbot announce --text hi --ids -100123 && digestbot stats", ""),
        ("digestbot COMMAND", ""),
        ("useradd --system -d /var digestbot", ""),
        ("docker compose exec digestbot digestbot doctor", ""),
        ("docker compose logs digestbot", ""),
        ("docker compose run --rm digestbot fly", "digestbot has no command fly"),
        ("X=1 digestbot fly", "digestbot has no command fly"),
        ("digestbot fly", "digestbot has no command fly"),
        ("digestbot feeds fly", "digestbot feeds has no command fly"),
        (".venv/bin/digestbot doctor --loud", "digestbot doctor has no --loud"),
        ("digestbot demo --port=80 --loud=yes", "digestbot demo has no --loud"),
    ],
)
def test_commands_of_the_program_are_checked_with_their_options(line: str, mistake: str) -> None:
    assert mistake_in(line) == mistake


def make_targets() -> tuple[set[str], set[str]]:
    """Return the targets of the Makefile, and the variables that it takes."""
    text = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z]+):", text, re.MULTILINE)), set(re.findall(r"\$\(([A-Z]+)\)", text))


@each_page
def test_no_page_shows_a_target_of_make_that_is_not_there(page: Path) -> None:
    targets, variables = make_targets()
    for line in code_of(page):
        if not re.match(r"\s*make( |$)", line):
            continue
        for word in shlex.split(line.partition("#")[0])[1:]:
            name, is_variable, _ = word.partition("=")
            assert name in (variables if is_variable else targets) or word.startswith("-"), line


# ---------------------------------------------------------------- settings


def variables() -> set[str]:
    """Return every variable of the environment that the program takes."""
    own = {name: f"DIGESTBOT_{name.upper().replace('.', '__')}" for name in option_names()}
    return {"DIGESTBOT_CONFIG", *own.values(), *(f"{own[name]}_FILE" for name in SECRETS)}


@pytest.mark.parametrize("page", [*ALL_PAGES, *FILES], ids=lambda page: page.name)
def test_every_variable_that_is_named_is_one(page: Path) -> None:
    assert set(re.findall(r"DIGESTBOT_[A-Z_]+[A-Z]", page.read_text("utf-8"))) - variables() == set()


@each_page
def test_every_option_that_is_named_is_one(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return
    names = set(option_names())
    sections = {name.partition(".")[0] for name in names if "." in name}
    named = re.findall(rf"`((?:{'|'.join(sorted(sections))})\.[a-z_]+)(?= = |`)", page.read_text("utf-8"))
    # A file's name may begin as a section does: feeds.md, search.db.
    assert {name for name in named if not re.search(r"\.(md|db|py|toml|xml)$", name)} - names == set()
