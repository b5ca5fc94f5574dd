"""Why something did not come, as an admin understands it (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.i18n import Translator


def reason_text(reason: str, t: Translator) -> str:
    """What Telegram, or the line to it, says often, in words of ours; the rest as it was said."""
    said = reason.casefold()
    for pieces, text in _known(t):
        if any(piece in said for piece in pieces):
            return text
    return reason or t("for an unknown reason")


def shown_reasons(found: Iterable[tuple[str, int]], most: int, t: Translator) -> list[tuple[str, int]]:
    """The commonest, where several that Telegram tells apart may mean the same to an admin."""
    numbers: dict[str, int] = {}
    for reason, number in found:
        text = reason_text(reason, t)
        numbers[text] = numbers.get(text, 0) + number
    return sorted(numbers.items(), key=lambda one: -one[1])[:most]


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
