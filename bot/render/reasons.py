"""Why something did not come, as an admin understands it (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.i18n import Speech


def reason_text(reason: str, words: Speech) -> str:
    """What Telegram, or the line to it, says often, in words of ours; the rest as it was said."""
    said = reason.casefold()
    for pieces, text in _known(words):
        if any(piece in said for piece in pieces):
            return text
    return reason or words.say("for an unknown reason")


def shown_reasons(found: Iterable[tuple[str, int]], most: int, words: Speech) -> list[tuple[str, int]]:
    """The commonest, where several that Telegram tells apart may mean the same to an admin."""
    numbers: dict[str, int] = {}
    for reason, number in found:
        text = reason_text(reason, words)
        numbers[text] = numbers.get(text, 0) + number
    return sorted(numbers.items(), key=lambda one: -one[1])[:most]


def _known(words: Speech) -> tuple[tuple[tuple[str, ...], str], ...]:
    return (
        (("blocked by the user",), words.say("blocked the bot")),
        (("user is deactivated",), words.say("account deleted")),
        (("bot was kicked", "not a member"), words.say("the bot was removed there")),
        (("chat not found", "peer_id_invalid"), words.say("chat not found")),
        (("not enough rights", "have no rights", "administrator rights"), words.say("the bot may not post there")),
        (("no answer within", "the connection broke off"), words.say("no answer from Telegram")),
        (("no connection to",), words.say("no connection to Telegram")),
    )
