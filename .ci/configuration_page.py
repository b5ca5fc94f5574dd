"""Write docs/configuration.md from the program; `make docs` runs it.

What an option is for comes from its comment in config/default.toml, and what it may be from its type in
config/settings.py, so the page says nothing that the program does not. A test fails while it is out of date.
"""

from __future__ import annotations

import inspect
import re
import textwrap
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from config.checks.refusal import NotAllowed
from config.checks.values import CategoryPath, FilePath, People, PeopleAndGroups, SecretPath, SiteConfig
from config.load import PREFIX, SECRETS
from config.origins import OriginSettings
from config.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DEFAULTS = ROOT / "config" / "default.toml"
PAGE = ROOT / "docs" / "configuration.md"
# Checks whose own words would be about the value that they refuse, or that refuse next to nothing.
_WORDS: dict[object, str] = {
    People: "ids of people, such as `[1, 2]`",
    PeopleAndGroups: "ids of people and groups, such as `[1, -100123]`",
    FilePath: "a path; `~` is the home folder",
    SecretPath: "a path of a file",
    SiteConfig: "a path, or empty",
    CategoryPath: "a path such as `World/Japan`, or the list of its parts",
}
# What no check of a text lets pass; what it says then is what may be written instead.
_REFUSED = ("?", "\x00", " ", "-", "a b:c", ["?"], ["../"], ["/"])


class PageError(Exception):
    """The settings can't become a page; the text says which one, and what to do."""


class Option(NamedTuple):
    """An option as default.toml gives it: its full name, its default as it stands there, and its comment's lines.

    `comment` is empty for an option that shares the one of the option above it.
    """

    name: str
    default: str
    comment: tuple[str, ...]


def configuration_page() -> str:
    """Return docs/configuration.md."""
    sections = _by_section(_OPTIONS)
    links = ", ".join(f"[{section}](#{section})" for section in sections if section)
    parts = [_HEAD, _wrapped(f"Sections: {links}.")]
    for section, group in sections.items():
        parts.append(f"## {section or 'Outside of sections'}" + _section_words(section))
        parts.extend(_option_words(shared) for shared in _sharing(group))
        if any(option.name == "origins" for option in group):
            parts.append(_origin_words())
    return "\n\n".join(parts) + "\n"


_HEAD = """# Configuration

<!-- Made by `make docs`, from config/default.toml and config/settings.py: change those. -->

Every option, with its default. None has to be set but the token. Write yours into `digestbot.toml` in the folder where
the bot is started, or into the file that `DIGESTBOT_CONFIG` or `digestbot --config FILE` names:

```toml
[posts]
folder = "/srv/posts"

[digest]
time = "07:30"
timezone = "Europe/Berlin"
```

or into the environment, under the name that stands below each option; that goes before the file. A list is written as
`a,b` there. The options marked *secret* can also be read from a file, which goes before both: its path is in the
variable with `_FILE` behind its name. `digestbot config` shows what is in force, secrets masked, and says of every
mistake where it is and what may be written instead. More about running the bot is in [operating.md](operating.md)."""


def read_options(text: str) -> Iterator[Option]:
    """Yield the options of a settings file in its order, each with the lines of the comment above it.

    Raises:
        PageError: A default is written over several lines, which no reader of a page could take in.
    """
    section = ""
    comment: list[str] = []
    for line in text.splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            section, comment = f"{found[1]}.", []
        elif line.startswith("#"):
            comment.append(line.removeprefix("#").removeprefix(" "))
        elif not line:
            comment = []
        elif found := re.fullmatch(r"(\w+) = (.+)", line):
            tomllib.loads(line)
            yield Option(f"{section}{found[1]}", found[2], tuple(comment))
            comment = []
        else:
            raise PageError(f"config/default.toml: can't read the line {line!r}; write each option on one line")


_OPTIONS = tuple(read_options(DEFAULTS.read_text(encoding="utf-8")))


def _by_section(options: Iterable[Option]) -> dict[str, list[Option]]:
    sections: dict[str, list[Option]] = {}
    for option in options:
        section, dot, _ = option.name.rpartition(".")
        sections.setdefault(section if dot else "", []).append(option)
    return sections


def _sharing(options: Iterable[Option]) -> Iterator[list[Option]]:
    """Yield the options in groups: each with those below it that share its comment."""
    group: list[Option] = []
    for option in options:
        if option.comment and group:
            yield group
            group = []
        group.append(option)
    yield group


def _section_words(section: str) -> str:
    if not section:
        return ""
    model = Settings.model_fields[section].annotation
    assert isinstance(model, type)
    about = (inspect.getdoc(model) or "").split("\n\n")[0].removeprefix(f"[{section}]: ").replace("\n", " ")
    return f"\n\n{_wrapped(about[:1].upper() + about[1:])}"


def _option_words(group: list[Option]) -> str:
    heading = ", ".join(f"`{option.name}`" for option in group)
    facts = [_facts(option) for option in group]
    lines = facts if len(facts) == 1 else [f"- {fact}" for fact in facts]
    return "\n\n".join([f"### {heading}", *_prose(group[0].comment), "\n".join(lines)])


def _prose(comment: Iterable[str]) -> Iterator[str]:
    """Yield the paragraphs of a comment as Markdown; its indented lines are an example in TOML."""
    text: list[str] = []
    example: list[str] = []
    for line in (*comment, ""):
        if example and not line.startswith("  "):
            yield "```toml\n" + textwrap.dedent("\n".join(example)) + "\n```"
            example = []
        if line.startswith("  "):
            if text:
                yield _wrapped(_linked(" ".join(text)))
                text = []
            example.append(line)
        elif line:
            text.append(line)
    if text:
        yield _wrapped(_linked(" ".join(text)))


def _linked(text: str) -> str:
    """Return a comment's text with pages as links, and with options, variables and patterns as code."""
    text = re.sub(r"docs/(\w+\.md)", r"[\1](\1)", text)
    names = "|".join(re.escape(option.name) for option in _OPTIONS if "." in option.name)
    coded = rf"(?<![\w`.])(?:(?:{names})(?![\w.]*\w)|DIGESTBOT_\w+|…__\w+|[\w.]*\*[\w.*]*)"
    return re.sub(coded, r"`\g<0>`", text)


def _facts(option: Option) -> str:
    annotation = annotation_of(option.name)
    place = f"`{environment_name(option.name)}`" if fits_environment(annotation) else "in a file only"
    secret = ", *secret*" if option.name in SECRETS else ""
    default = {'""': "empty", "[]": "none", "{}": "none"}.get(option.default, f"`{option.default}`")
    return f"{place} · {kind_of(annotation)} · default {default}{secret}"


def environment_name(option: str) -> str:
    """Return the environment variable of an option, such as DIGESTBOT_POSTS__FOLDER."""
    return PREFIX + option.upper().replace(".", "__")


def annotation_of(option: str) -> object:
    """Return the type of an option, with what it is marked with. Raises PageError where there is none."""
    model: object = Settings
    for name in option.split("."):
        hints = get_type_hints(model, include_extras=True)
        if name not in hints:
            raise PageError(f"config/default.toml has {option}, which config/settings.py does not know")
        model = hints[name]
    return model


def fits_environment(annotation: object) -> bool:
    """Return whether one line of text can hold such an option: not a table, nor a list of tables."""
    parts = (annotation, *get_args(annotation))
    if any(get_origin(part) is dict or (isinstance(part, type) and issubclass(part, BaseModel)) for part in parts):
        return False
    return all(fits_environment(part) for part in get_args(annotation) if get_args(part) or isinstance(part, type))


def kind_of(annotation: object) -> str:
    """Return what an option may be, in words."""
    if annotation in _WORDS:
        return _WORDS[annotation]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return "one of " + ", ".join(f'`"{part}"`' for part in parts)
    if origin in (Union, UnionType):
        return " or ".join(kind_of(part) for part in parts if part is not NoneType)
    if origin is dict:
        return f"a table; keys: {kind_of(parts[0])}; values: {kind_of(parts[1])}"
    if origin is Annotated:
        return _bounded(annotation, parts[0], parts[1:])
    if isinstance(annotation, type) and annotation in _PLAIN:
        return _PLAIN[annotation]
    if origin is tuple:
        is_tables = isinstance(parts[0], type) and issubclass(parts[0], BaseModel)
        return "tables" if is_tables else f"a list of {kind_of(parts[0]).removeprefix('a ')}s"
    raise PageError(f"say in .ci/configuration_page.py what {annotation} may be")


_PLAIN: dict[type, str] = {
    bool: "`true` or `false`",
    int: "a whole number",
    float: "a number",
    str: "a text",
    Path: "a path",
    SecretStr: "a text",
}


def _bounded(annotation: object, base: object, marks: tuple[object, ...]) -> str:
    bounds = {name: value for mark in _flat(marks) if (found := _bound(mark)) for name, value in [found]}
    if {"ge", "le"} <= bounds.keys():
        return f"{kind_of(base)} from {bounds['ge']:,} to {bounds['le']:,}"
    if bounds:
        words = {"gt": "above", "ge": "from", "lt": "below", "le": "at most"}
        return f"{kind_of(base)} " + ", ".join(f"{words[name]} {bounds[name]:,}" for name in words if name in bounds)
    return _words_of_check(annotation) or kind_of(base)


def _flat(marks: Iterable[object]) -> Iterator[object]:
    for mark in marks:
        yield from getattr(mark, "metadata", (mark,))


def _bound(mark: object) -> tuple[str, float] | None:
    for name in ("gt", "ge", "lt", "le"):
        value = getattr(mark, name, None)
        if isinstance(value, int | float):
            return name, value
    return None


def _words_of_check(annotation: object) -> str:
    """Return what a check says when it refuses a value, which is what may be written instead; "" if it has no words."""
    checked: Any = annotation
    adapter: TypeAdapter[Any] = TypeAdapter(checked)
    for refused in _REFUSED:
        try:
            adapter.validate_python(refused)
        except ValidationError as error:
            for problem in error.errors():
                raised = problem.get("ctx", {}).get("error")
                if isinstance(raised, NotAllowed):
                    return _code_quoted(str(raised))
    return ""


def _code_quoted(text: str) -> str:
    """Return the text with what it quotes as code, and addresses in it, so that Markdown makes no links of them."""
    text = re.sub(r"(['\"])([^'\" ]+)\1", r'`"\2"`', text)
    return re.sub(r"(?<![`\"\w])([a-z0-9+]+://[^\s,;)]*[^\s,;).:])", r"`\1`", text)


def _origin_words() -> str:
    rows = []
    for name, annotation in get_type_hints(OriginSettings, include_extras=True).items():
        if not name.startswith("_"):
            rows.append(f"| `{name}` | {kind_of(annotation)} |")
    head = "What each key is for is in [origins.md](origins.md), and for feeds in [feeds.md](feeds.md)."
    return "\n".join([_wrapped(head), "", "| key of `[[origins]]` | what it may be |", "| --- | --- |", *rows])


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    PAGE.write_text(configuration_page(), encoding="utf-8")
