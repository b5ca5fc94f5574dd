"""Checks of the address of the database."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import unquote

from pydantic import AfterValidator, SecretStr

from config.checks.addresses import split_address
from config.checks.refusal import NotAllowed
from config.checks.values import expand_home

_SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql://"
# As SQLAlchemy writes it with the name of a driver, and as libpq allows it (PostgreSQL, 34.1.1.2, Connection URIs).
_OTHER_POSTGRESQL = re.compile(r"\A(postgres|postgresql\+psycopg)://")


def _database_url(value: SecretStr) -> SecretStr:
    raw = value.get_secret_value()
    if not raw:
        return value
    try:
        text = unquote(raw, errors="strict")
    except UnicodeDecodeError:
        text = ""
    if re.search(r"%(?![0-9A-Fa-f]{2})", raw) or not text.isprintable() or not text:
        raise NotAllowed('an address that writes "%" as %25, and other special characters as %XX')
    if raw.startswith("sqlite:"):
        return SecretStr(_sqlite_url(raw))
    raw = _OTHER_POSTGRESQL.sub(_POSTGRESQL, raw)
    _check_postgresql(raw)
    return SecretStr(raw)


def _sqlite_url(raw: str) -> str:
    """Return the address with the home folder expanded."""
    file = raw.removeprefix(_SQLITE)
    if not raw.startswith(_SQLITE) or not file.strip("/") or file.startswith((":memory:", "file:")) or "?" in file:
        raise NotAllowed("sqlite:///relative/file or sqlite:////absolute/file, with a file and no options")
    return f"{_SQLITE}{expand_home(file)}" if file.startswith("~") else raw


def _check_postgresql(raw: str) -> None:
    if not raw.startswith(_POSTGRESQL):
        raise NotAllowed("sqlite:///file or postgresql://host/name; USER:PASSWORD@ goes before the host")
    authority = re.split(r"[/?#]", raw.removeprefix(_POSTGRESQL), maxsplit=1)[0]
    if raw.count("@") > 1 or "#" in raw or ("@" in raw and "@" not in authority):
        raise NotAllowed("an address whose user and password write @ as %40, / as %2F, # as %23 and ? as %3F")
    host = authority.rpartition("@")[2]
    # Without a host, it is this machine's socket.
    if host and split_address(f"{_POSTGRESQL}{host}") is None:
        raise NotAllowed("postgresql://host:port/name, with the port a number up to 65535")


DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
