"""What Telegram says when it does not do as it was asked."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818  # it is an answer, not a failure
    """An answer with `ok: false`, in Telegram's words."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(words: str, **parameters: int) -> Refusal:
    """400. Telegram's server makes the first letter small, unless the word is all capitals."""
    if len(words) > 1 and (words[1].isupper() or words[1] == "_"):
        return Refusal(400, f"Bad Request: {words}", **parameters)
    return Refusal(400, f"Bad Request: {words[:1].lower()}{words[1:]}", **parameters)


def forbidden(words: str) -> Refusal:
    return Refusal(403, f"Forbidden: {words}")
