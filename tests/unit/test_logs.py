from __future__ import annotations

import json
import logging
import re

import pytest

from config.load import load_settings
from config.logs import configure_logging

TOKEN = "123456:AAbbCCddEEffGGhhIIjjKKllMM"


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_secret_reaches_a_log_line(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {
        "DIGESTBOT_TELEGRAM__TOKEN": TOKEN,
        "DIGESTBOT_DATABASE__URL": "postgresql://me:hunter22@127.0.0.1/x",
        "DIGESTBOT_LOG__FORMAT": form,
    }
    configure_logging(load_settings(environ=environ))
    logger = logging.getLogger("test")
    logger.warning("calling https://api.telegram.org/bot%s/getMe", TOKEN)
    logger.warning("a field", extra={"address": f"https://x/bot{TOKEN}/", "database": "postgresql://a:pass99@h/x"})
    try:
        raise ValueError(f"it broke at {TOKEN}")
    except ValueError:
        logger.exception("a traceback")
    printed = capsys.readouterr().err
    assert printed.count("********") >= 4
    for secret in (TOKEN, "hunter22", "pass99"):
        assert secret not in printed


def test_json_lines_hold_the_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(load_settings(environ={"DIGESTBOT_LOG__FORMAT": "json"}))
    logging.getLogger("digests.x").info("posts read", extra={"new": 3, "path": "新闻/a.md"})
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["new"], line["path"], line["level"]) == ("posts read", 3, "新闻/a.md", "info")


def test_every_secret_of_the_settings_is_known_whatever_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    environ = {
        "DIGESTBOT_DATABASE__URL": "postgresql://me@127.0.0.1/x?password=query%40word",
        "DIGESTBOT_MEDIA__STORE": "s3://bucket",
        "DIGESTBOT_MEDIA__STORE_KEY": "key-of-the-store",
        "DIGESTBOT_MEDIA__STORE_SECRET": "secret-of-the-store",
        "DIGESTBOT_TELEGRAM__WEBHOOK_SECRET": "secret-of-webhooks",
        "DIGESTBOT_LOG__FORMAT": "json",
    }
    configure_logging(load_settings(environ=environ))
    secrets = ("query%40word", "query@word", "key-of-the-store", "secret-of-the-store", "secret-of-webhooks")
    logging.getLogger("bot").warning(" ".join(secrets))
    assert json.loads(capsys.readouterr().err)["event"] == " ".join(["********"] * len(secrets))


def test_libraries_log_nothing_of_what_they_send_at_any_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(load_settings(environ={"DIGESTBOT_LOG__LEVEL": "debug", "DIGESTBOT_LOG__FORMAT": "json"}))
    for library in ("telegram.Bot", "httpx", "sqlalchemy.engine", "procrastinate", "psycopg", "asyncio"):
        logging.getLogger(library).info("Calling sendMessage with %s", {"chat_id": 7, "text": "a private text"})
    assert capsys.readouterr().err == ""
    logging.getLogger("digests.x").debug("ours")
    assert json.loads(capsys.readouterr().err)["event"] == "ours"


def test_a_text_begins_no_line_of_its_own_and_controls_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(load_settings(environ={"DIGESTBOT_LOG__FORMAT": "text"}))
    forged = "x\n2026-11-26 [error] forged\r\x1b[2J\x1b]0;title\x07\u2028\u202e\x9b"
    logger = logging.getLogger("bot")
    logger.warning("the event %s", forged, extra={"path": forged, "plain": "a\x1b[1m"})
    try:
        raise ValueError(forged)
    except ValueError:
        logger.exception("a traceback")
    printed = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().err)
    assert not [char for char in printed if char != "\n" and not char.isprintable()]
    assert [line[:10] for line in printed.splitlines() if "forged" in line and not line.startswith("    ")] == [
        printed[:10]
    ]
