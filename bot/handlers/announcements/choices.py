"""What the card's screens go through tap by tap, and what they say to input that they don't understand (pure)."""

from __future__ import annotations

from dataclasses import replace

from bot.handlers.announcements.parse import InputError
from bot.i18n import LANGUAGES, Translator
from bot.markup import Html
from digests.model.announcement import Audience, AudienceKind

ACTIVE_DAYS = (0, 7, 30, 90, 365)


def next_language(audience: Audience) -> Audience:
    choices = [(), *((language,) for language in LANGUAGES)]
    at = choices.index(audience.languages) if audience.languages in choices else 0
    return replace(audience, languages=choices[(at + 1) % len(choices)])


def next_days(audience: Audience) -> Audience:
    at = ACTIVE_DAYS.index(audience.active_days) if audience.active_days in ACTIVE_DAYS else 0
    return replace(audience, active_days=ACTIVE_DAYS[(at + 1) % len(ACTIVE_DAYS)])


def next_kind(audience: Audience) -> Audience:
    kinds = list(AudienceKind)
    return replace(audience, kind=kinds[(kinds.index(audience.kind) + 1) % len(kinds)])


def too_long_text(limit: int, t: Translator) -> Html:
    return t.html("That is too long: Telegram allows {limit} characters here.", limit=f"{limit:,}")


def input_error_text(error: InputError, t: Translator) -> Html:
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
    """What an admin is told when Telegram refuses what they wrote."""
    return t.html("Telegram won't accept that: {reason}", reason=reason)
