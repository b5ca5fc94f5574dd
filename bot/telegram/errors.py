"""Failures on the way to Telegram, distinguished by what they mean for a message."""

from telegram.error import NetworkError, TimedOut


class NotSentError(NetworkError):
    """There was no connection, so Telegram never saw the request."""


class NoAnswerError(TimedOut):
    """The request was sent, but no answer came: whether Telegram acted on it is unknown."""
