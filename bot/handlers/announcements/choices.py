"""The choices that the card's screens cycle through, and the answers to input that they don't accept (pure)."""

from __future__ import annotations

from dataclasses import replace

from bot.handlers.announcements.parse import InputError
from bot.i18n import LANGUAGES, Translator
from bot.text.markup import Html
from digests.model.announcement import Audience, AudienceKind

ACTIVE_DAYS = (0, 7, 30, 90, 365)


def next_language(audience: Audience) -> Audience:
    """Return the audience with the next choice of language; after the last comes every language."""
    choices = [(), *((language,) for language in LANGUAGES)]
    at = choices.index(audience.languages) if audience.languages in choices else 0
    return replace(audience, languages=choices[(at + 1) % len(choices)])


def next_days(audience: Audience) -> Audience:
    """Return the audience with the next choice of days within which a chat must have been active; 0 is any."""
    at = ACTIVE_DAYS.index(audience.active_days) if audience.active_days in ACTIVE_DAYS else 0
    return replace(audience, active_days=ACTIVE_DAYS[(at + 1) % len(ACTIVE_DAYS)])


def next_kind(audience: Audience) -> Audience:
    """Return the audience with the next kind of chats."""
    kinds = list(AudienceKind)
    return replace(audience, kind=kinds[(kinds.index(audience.kind) + 1) % len(kinds)])


def too_long_text(limit: int, t: Translator) -> Html:
    """Return what an admin is told whose text is over Telegram's limit."""
    return t.html("That is too long: Telegram allows {limit} characters here.", limit=t.number(limit))


def input_error_text(error: InputError, t: Translator) -> Html:
    """Return what an admin is told whose input breaks a rule, with an example where one helps."""
    match error.what:
        case "form":
            return t.html("I don't understand “{piece}”. Write it like <code>Read more = https://example.com</code>",
                              piece=error.piece[:60])  # fmt: skip
        case "label":
            return t.html("“{piece}” can't be a button's text: 1 to 64 characters.", piece=error.piece[:60])
        case "url":
            return t.html(
                "“{piece}” is not a web address: those begin with http:// or https://.", piece=error.piece[:60]
            )
        case "ids":
            return t.html("“{piece}” is not a Telegram id: those are numbers.", piece=error.piece[:60])
        case "many":
            return t.html("That is too many at once.")
        case "past":
            return t.html("“{piece}” has already passed.", piece=error.piece[:60])
        case _:
            return t.html("I don't understand “{piece}”. Write it like <code>18:00</code> or "
                              "<code>2026-06-07 18:00</code>", piece=error.piece[:60])  # fmt: skip


def refused_text(reason: str, t: Translator) -> Html:
    """Return what an admin is told when Telegram refuses what they wrote."""
    return t.html("Telegram won't accept that: {reason}", reason=reason)
