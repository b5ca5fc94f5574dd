from __future__ import annotations

import json
import logging

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
