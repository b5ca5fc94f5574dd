"""Telegram's refusals of a bot's calls."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818  # an answer, not a failure
    """An answer with `ok: false`; `description` is in Telegram's own words."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(reason: str, **parameters: int) -> Refusal:
    """Return a 400. As Telegram's server does, begin with a small letter, but for a code such as TOPIC_CLOSED."""
    if len(reason) > 1 and (reason[1].isupper() or reason[1] == "_"):
        return Refusal(400, f"Bad Request: {reason}", **parameters)
    return Refusal(400, f"Bad Request: {reason[:1].lower()}{reason[1:]}", **parameters)


def forbidden(reason: str) -> Refusal:
    """Return a 403."""
    return Refusal(403, f"Forbidden: {reason}")
