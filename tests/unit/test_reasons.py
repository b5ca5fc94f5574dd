"""Why something was not delivered, in words for admins."""

from __future__ import annotations

from bot.i18n import translator
from bot.render.reasons import reason_text, shown_reasons

EN, ZH = translator("en"), translator("zh_CN")


def test_common_refusals_are_put_in_plain_words() -> None:
    assert reason_text("Forbidden: bot was blocked by the user", EN) == "blocked the bot"
    assert reason_text("Forbidden: bot was blocked by the user", ZH) == "对方屏蔽了机器人"
    assert reason_text("the connection broke off: ServerDisconnectedError", EN) == "no answer from Telegram"
    assert reason_text("Not enough rights to send photos to the chat", EN) == "the bot isn't allowed to post there"


def test_other_reasons_are_shown_unchanged() -> None:
    assert reason_text("Something new", ZH) == "Something new"
    assert reason_text("", EN) == "for an unknown reason"


def test_the_most_common_reasons_come_first_and_equal_ones_are_counted_together() -> None:
    found = [("Peer_id_invalid", 2), ("Something new", 4), ("Chat not found", 3), ("Rare", 1)]
    assert shown_reasons(found, 2, EN) == [("chat not found", 5), ("Something new", 4)]
