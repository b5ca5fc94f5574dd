"""Failures on the way to Telegram, distinguished by what they mean for a message."""

from telegram.error import NetworkError, TimedOut


class NotSentError(NetworkError):
    """There was no connection: Telegram never saw the request."""


class NoAnswerError(TimedOut):
    """The request left and no answer came: nobody knows whether Telegram acted on it."""
