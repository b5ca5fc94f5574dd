"""What the doctor asks Telegram."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.simulator.server import Simulator
from bot.telegram.checks import check_clock, telegram_checks
from config.settings import Settings
from tests.flow.harness import TOKEN, harness_settings


def settings_of(folder: Path, simulator: Simulator, token: str) -> Settings:
    return harness_settings(folder, simulator.url, telegram={"token": token})


async def test_the_token_and_the_clock_are_checked(tmp_path: Path) -> None:
    simulator = Simulator(TOKEN)
    await simulator.start()
    try:
        token, clock = await telegram_checks(settings_of(tmp_path, simulator, TOKEN))
        assert (token.level, token.what) == ("ok", "token")
        assert token.text.startswith("of @")
        assert (clock.level, clock.what) == ("ok", "clock of this machine")
        (unknown,) = await telegram_checks(settings_of(tmp_path, simulator, "999:another-token"))
        assert (unknown.level, unknown.what) == ("error", "token")
        assert "another-token" not in unknown.text
    finally:
        await simulator.stop()
    (away,) = await telegram_checks(settings_of(tmp_path, simulator, TOKEN))
    assert (away.level, away.what) == ("warning", "token")
    assert "telegram.proxy" in away.text
    (none,) = await telegram_checks(settings_of(tmp_path, simulator, ""))
    assert none.level == "warning"


@pytest.mark.parametrize(("skew", "said"), [(90.0, "90 s ahead of"), (-7.4, "7 s behind")])
def test_a_wrong_clock_is_told(skew: float, said: str) -> None:
    (check,) = check_clock(skew)
    assert check.level == "warning"
    assert said in check.text


async def test_the_webhook_is_asked_about(tmp_path: Path) -> None:
    simulator = Simulator(TOKEN)
    await simulator.start()
    try:
        telegram = {"webhook_url": "https://bot.example/hook"}
        checks = await telegram_checks(harness_settings(tmp_path, simulator.url, telegram=telegram))
    finally:
        await simulator.stop()
    assert [(check.what, check.level) for check in checks][-1] == ("webhook", "warning")
    assert "set when the bot starts" in checks[-1].text
