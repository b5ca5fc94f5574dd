"""Failures of the way to Telegram, told apart by what they mean for a message."""

from telegram.error import NetworkError, TimedOut


class NotSentError(NetworkError):
    """No connection came about: Telegram never saw the request."""


class NoAnswerError(TimedOut):
    """The request left and no answer came: nobody knows whether Telegram acted on it."""
