"""Logging: structlog over the standard library, text or JSON, and no secret in any line."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from pydantic import BaseModel, SecretStr

from config.masking import MASK, mask
from config.pseudonyms import ID_FIELDS, NameOf, pseudonyms
from config.settings import Settings

# Control characters, ends of lines and paragraphs, and what changes the direction of what follows.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_OURS = ("bot", "digests", "config")


class SecretMask:
    """A log processor that masks known secrets, and whatever looks like a token or a password in an address."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= 4)

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return mask(text)

    def __call__(self, _logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        """Return the event without secrets in its values."""
        return {key: self._masked(value) for key, value in event.items()}

    def _masked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, BaseException | bytes) or not isinstance(value, int | float | bool | type(None)):
            return value if isinstance(value, tuple | logging.LogRecord) else self.mask(str(value))
        return value


def plain_line(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A log processor that leaves a text no means to begin another line, or to control the terminal that shows it.

    Only tracebacks have lines, which are indented.
    """
    exception = event.pop("exception", None)
    plain = {key: _visible(value) if isinstance(value, str) else value for key, value in event.items()}
    if isinstance(exception, str):
        plain["exception"] = "\n".join(f"    {_visible(line)}" for line in exception.split("\n"))
    return plain


def _visible(text: str) -> str:
    return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


class HiddenIds:
    """A log processor that puts pseudonyms in place of the ids of chats and people."""

    def __init__(self, name_of: NameOf) -> None:
        self._name_of = name_of

    def __call__(self, _logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        """Return the event with the fields of `ID_FIELDS` hidden."""
        for field in ID_FIELDS:
            if isinstance(value := event.get(field), int | str):
                event[field] = self._name_of(value)
        return event


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return every secret in the settings, including passwords inside addresses; the longest come first."""
    given = [*_secrets_in(settings), settings.telegram.api_url]
    secrets = {*given[:-1], *(password for address in given for password in _passwords(address))}
    return tuple(sorted((secret for secret in secrets if secret), key=len, reverse=True))


def _secrets_in(value: object) -> Iterator[str]:
    """Yield the secrets among settings, however deep they are: whoever adds one need not think of logs."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for _, part in value:
            yield from _secrets_in(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _secrets_in(part)


def _passwords(address: str) -> tuple[str, ...]:
    """Return an address's passwords as written, and as drivers show them; they may also stand among its options."""
    try:
        parts = urlsplit(address)
        options = [option.partition("=") for option in parts.query.split("&")]
        passwords = [parts.password or "", *(value for name, _, value in options if "password" in name.lower())]
    except ValueError:
        return ()
    return tuple(form for password in passwords for form in (password, unquote(password)))


def configure_logging(settings: Settings) -> None:
    """Set up the root logger, once, for an entry point; lines go to standard error."""
    mask = SecretMask(secrets_of(settings))
    hidden = HiddenIds(pseudonyms(settings.telegram.token.get_secret_value()))
    as_json = settings.log.format == "json" or (settings.log.format == "auto" and not sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Tracebacks become text before the mask, so that a secret in one is masked too.
            structlog.processors.format_exc_info,
            hidden,
            mask,
            *([] if as_json else [plain_line]),
            renderer,
        ],
    )
    level = logging.getLevelNamesMapping()[settings.log.level.upper()]
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # At lower levels libraries log what they send and ask for, with texts, addresses and tokens.
    root.setLevel(max(logging.WARNING, level))
    for package in _OURS:
        logging.getLogger(package).setLevel(level)
    # It warns of every run that it skips because the last one is still going on, which is intended.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
