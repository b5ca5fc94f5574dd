"""What may stand in a log line: ids of chats and people as pseudonyms alone, and no texts."""

from __future__ import annotations

import ast
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from config.load import load_settings
from config.logs import configure_logging
from config.pseudonyms import ID_FIELDS, pseudonyms
from tests.unit.test_logs import TOKEN

ROOT = Path(bot.__file__).parents[1]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
AN_ID = re.compile(r"chat_id|user_id|\bchat\b|\buser\b|\badmin\b|\btarget\b|\bperson\b|\bfrom_user\b|message\.from")
A_TEXT = re.compile(r"\.(text|html|title|summary|caption|words|first_name|username|full_name)\b")
ALLOWED_TEXTS = {"self.bot.username"}
"""The bot's own name is no secret."""


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call that writes a log line, with where it is."""
    for package in ("bot", "digests", "config"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.is_relative_to(ROOT / "bot" / "simulator"):
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and writes_a_line(node.func):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def writes_a_line(called: ast.Attribute) -> bool:
    """Return whether this is a method of a logger that writes a line."""
    return called.attr in LEVELS and "logger" in ast.unparse(called.value).lower()


def extras(call: ast.Call) -> Iterator[tuple[str, str]]:
    """Yield the fields of a line that are written at its call, each with the code of its value."""
    for keyword in call.keywords:
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                yield ast.literal_eval(key) if key is not None else "**", ast.unparse(value)


def test_ids_of_chats_and_people_are_only_in_the_fields_that_are_hidden() -> None:
    calls = list(log_calls())
    assert len(calls) > 100
    wrong = [
        f"{where}: {name} = {code}"
        for where, call in calls
        for name, code in extras(call)
        if AN_ID.search(code) and name not in ID_FIELDS and not code.startswith(("len(", "str(error"))
    ]
    wrong += [
        f"{where}: {ast.unparse(part)}" for where, call in calls for part in call.args if AN_ID.search(plain(part))
    ]
    assert not wrong


def test_no_line_has_a_text_of_somebody() -> None:
    wrong = [
        f"{where}: {name} = {code}"
        for where, call in log_calls()
        for name, code in extras(call)
        if A_TEXT.search(code) and code not in ALLOWED_TEXTS
    ]
    assert not wrong


def plain(part: ast.expr) -> str:
    """Return the code of an argument without what is written in it as text."""
    return "" if isinstance(part, ast.Constant) else ast.unparse(part)


def test_ids_are_shown_as_the_same_pseudonyms_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(load_settings(environ={"DIGESTBOT_TELEGRAM__TOKEN": TOKEN, "DIGESTBOT_LOG__FORMAT": "json"}))
    logger = logging.getLogger("digests.x")
    for field in ID_FIELDS:
        logger.info("a line", extra={field: -1001234567890, "place": 7})
    logger.info("a channel", extra={"chat": "@a_channel"})
    printed = capsys.readouterr().err
    lines = [json.loads(line) for line in printed.splitlines()]
    assert "1234567890" not in printed
    assert "a_channel" not in printed
    (name,) = {lines[number][field] for number, field in enumerate(ID_FIELDS)}
    assert re.fullmatch(r"[0-9a-f]{10}", name)
    assert lines[0]["place"] == 7


@given(st.integers(), st.integers(), st.text(), st.text())
def test_a_pseudonym_needs_its_key(first: int, second: int, key: str, other: str) -> None:
    assert (pseudonyms(key)(first) == pseudonyms(key)(second)) == (first == second)
    assert (pseudonyms(key)(first) == pseudonyms(other)(first)) == (key == other)
