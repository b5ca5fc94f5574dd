"""Addresses of databases: read with care, and shown without what is secret."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from digests.errors import InvalidInput


def read_url(url: str) -> sa.URL:
    """Parse the address of a database.

    Raises:
        InvalidInput: It is invalid; SQLAlchemy's error is dropped, since it may quote the password.
    """
    try:
        parsed = sa.make_url(url)
        # PostgreSQL's own programs know it by either name (34.1.1.2, Connection URIs).
        parsed = parsed.set(drivername="postgresql") if parsed.drivername == "postgres" else parsed
        if parsed.get_backend_name() == "postgresql":
            # Hosts and ports may be options too, which are otherwise looked at when it connects.
            server = parsed.set(drivername="postgresql+psycopg")
            server.get_dialect()().create_connect_args(server)
        return parsed
    except (ArgumentError, ValueError):
        raise InvalidInput(
            "The address of a database can't be read: write sqlite:///file or postgresql://host:port/name; "
            "USER:PASSWORD@ goes before the host."
        ) from None


def shown_url(url: str) -> str:
    """Return a database's address without user, password and options, as an operator may see it."""
    parsed = read_url(url)
    if (file := sqlite_file(parsed)) is not None:
        return f"sqlite:///{file.absolute()}"
    port = f":{parsed.port}" if parsed.port else ""
    shown = f"postgresql://{parsed.host or ''}{port}/{parsed.database or ''}"
    host = parsed.query.get("host", "")
    # The folder of a socket, or several hosts; without it the address would lead to another server.
    return f"{shown}?host={host if isinstance(host, str) else ','.join(host)}" if host else shown


def sqlite_file(url: sa.URL) -> Path | None:
    """Return the file of a SQLite database; None for any other database."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
