"""Why a message did not arrive, in words for admins (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.i18n import Translator


def reason_text(reason: str, t: Translator) -> str:
    """Return a frequent reason of Telegram's, or of the connection to it, in our words; others unchanged."""
    said = reason.casefold()
    for pieces, text in _known(t):
        if any(piece in said for piece in pieces):
            return text
    return reason or t("for an unknown reason")


def shown_reasons(found: Iterable[tuple[str, int]], most: int, t: Translator) -> list[tuple[str, int]]:
    """Return the `most` frequent reasons; several that Telegram distinguishes may be the same to an admin."""
    numbers: dict[str, int] = {}
    for reason, number in found:
        text = reason_text(reason, t)
        numbers[text] = numbers.get(text, 0) + number
    return sorted(numbers.items(), key=lambda reason: -reason[1])[:most]


def _known(t: Translator) -> tuple[tuple[tuple[str, ...], str], ...]:
    return (
        (("blocked by the user",), t("blocked the bot")),
        (("user is deactivated",), t("account deleted")),
        (("bot was kicked", "not a member"), t("the bot was removed from the chat")),
        (("chat not found", "peer_id_invalid"), t("chat not found")),
        (("not enough rights", "have no rights", "administrator rights"), t("the bot isn't allowed to post there")),
        (("no answer within", "the connection broke off"), t("no answer from Telegram")),
        (("no connection to",), t("no connection to Telegram")),
    )
