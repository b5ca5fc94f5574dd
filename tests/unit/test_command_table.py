"""What the rows of the table of commands must hold, whatever they are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from telegram.constants import BotCommandLimit

from bot.handlers.command import Command, Where, bind
from bot.handlers.commands import COMMANDS, by_name
from bot.handlers.help import help_html
from bot.handlers.menus import group_menu, private_menu
from bot.i18n import LANGUAGES, translator
from bot.limits import TEXT
from digests.model.role import Role
from tests.telegram_markup import read_html

ROLES = [None, *Role]
each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)


async def run(_talk: object) -> None:
    """Does nothing."""


ROW = Command("look", run, menu="Look", help="/look – around")


@each_command
def test_names_and_texts_are_within_telegrams_limits(command: Command[object]) -> None:
    assert re.fullmatch(r"[a-z0-9_]{1,32}", command.name)
    for language in LANGUAGES:
        assert len(translator(language)(command.menu)) >= BotCommandLimit.MIN_DESCRIPTION
        assert len(translator(language)(command.menu)) <= BotCommandLimit.MAX_DESCRIPTION
    assert len(COMMANDS) <= BotCommandLimit.MAX_COMMAND_NUMBER


@each_command
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_line_in_help_names_the_command(command: Command[object], language: str) -> None:
    for line in filter(None, (command.help, command.editor_help)):
        assert re.search(rf"(?<!\w)/{command.name}\b", translator(language).html(line)), line


@each_command
def test_a_readers_command_stands_below_a_heading_and_is_answered_where_it_is_said(command: Command[object]) -> None:
    if command.role is None:
        assert command.heading
        assert not command.editor_help
    else:
        assert not command.heading


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_menus_and_help_show_what_a_role_may_say_and_nothing_else(role: Role | None, language: str) -> None:
    t = translator(language)
    allowed = {command.name for command in COMMANDS if command.is_for(role)}
    menu = [entry.command for entry in private_menu(COMMANDS, role, t)]
    assert sorted(menu) == sorted(allowed)
    html = help_html(COMMANDS, role, t)
    assert set(re.findall(r"(?<!\w)/([a-z]+)", re.sub("<[^>]+>", "", html))) == allowed
    assert len(html) < TEXT
    assert read_html(html)["@type"] == "formattedText"


def test_a_group_is_shown_what_everybody_may_say_there() -> None:
    private = replace(ROW, name="hush", where=Where.PRIVATE)
    of_admins = replace(ROW, name="stats", role=Role.ADMIN)
    assert [entry.command for entry in group_menu([ROW, private, of_admins], translator("en"))] == ["look"]


def test_what_a_role_adds_comes_first_in_its_menu() -> None:
    names = [entry.command for entry in private_menu(COMMANDS, Role.EDITOR, translator("en"))]
    assert names[:3] == ["announce", "announcements", "start"]


def test_an_editor_reads_in_help_what_editors_do() -> None:
    text = help_html(COMMANDS, Role.EDITOR, translator("en"))
    assert "<b>For editors</b>\n/announce – write an announcement; an admin sends it" in text
    assert "For admins" not in text
    assert "/announce – send a message to everyone" in help_html(COMMANDS, Role.ADMIN, translator("en"))


def test_commands_that_share_a_line_have_it_once() -> None:
    assert help_html(COMMANDS, None, translator("en")).count("/pause") == 1


@pytest.mark.parametrize(
    ("needed", "may", "knows"),
    [
        (None, [None, Role.EDITOR, Role.ADMIN, Role.OWNER], [None, Role.EDITOR, Role.ADMIN, Role.OWNER]),
        (Role.EDITOR, [Role.EDITOR, Role.ADMIN, Role.OWNER], [Role.EDITOR, Role.ADMIN, Role.OWNER]),
        (Role.ADMIN, [Role.ADMIN, Role.OWNER], [Role.ADMIN, Role.OWNER]),
        (Role.OWNER, [Role.OWNER], [Role.ADMIN, Role.OWNER]),
    ],
)
def test_who_may_say_a_command_and_who_knows_it(
    needed: Role | None, may: list[Role | None], knows: list[Role | None]
) -> None:
    row = replace(ROW, role=needed)
    assert {role for role in ROLES if row.is_for(role)} == set(may)
    assert {role for role in ROLES if row.is_known_to(role)} == set(knows)


def test_two_commands_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two commands are called /look"):
        by_name([ROW, ROW])


async def test_handlers_that_work_with_services_get_them() -> None:
    calls = []

    async def look(context: str, services: list[int]) -> None:
        calls.append((context, services))

    row = Command("look", look, menu="Look", help="/look", role=Role.ADMIN)
    (bound,) = bind([row], [1, 2])
    await bound.run("the moon")
    assert calls == [("the moon", [1, 2])]
    assert (bound.name, bound.menu, bound.role) == ("look", "Look", Role.ADMIN)
