"""Logging: structlog over the standard library, text or JSON, and no secret in any line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog

from config.masking import MASK, mask
from config.pseudonyms import ID_FIELDS, NameOf, pseudonyms
from config.settings import Settings


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
    """Return every secret in the settings, including passwords inside addresses."""
    telegram = settings.telegram
    addresses = (telegram.proxy.get_secret_value(), settings.database.url.get_secret_value(), telegram.api_url)
    secrets = (
        telegram.token.get_secret_value(),
        telegram.webhook_secret.get_secret_value(),
        *addresses[:2],
        *(origin.token.get_secret_value() for origin in settings.origins),
        *(password for address in addresses for password in _passwords(address)),
    )
    return tuple(secret for secret in secrets if secret)


def _passwords(address: str) -> tuple[str, ...]:
    """Return an address's password as written, and as drivers show it."""
    try:
        password = urlsplit(address).password or ""
    except ValueError:
        return ()
    return (password, unquote(password))


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
            renderer,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log.level.upper())
    # These log every request with its address, which contains the token.
    for chatty in ("httpx", "httpcore", "aiohttp.access", "aiosqlite", "alembic", "telegram.ext"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It warns of every run that it skips because the last one is still going on, which is intended.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
