"""What a failure of the database tells an operator, with the fix."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from config.masking import mask
from digests.storage.engine.refusals import explain_server_error


def explain_database_error(error: DBAPIError) -> str:
    """Return a sentence for an operator, with the fix, for a failure of the database's environment."""
    if (said := explain_server_error(error)) is not None:
        return said
    return explain_failure(str(error.orig), type(error.orig).__name__)


def explain_failure(cause: str, kind: str = "no reason given") -> str:
    """Return the same for what the database itself said, and the kind of error that it was."""
    if "disk is full" in cause or "No space left" in cause:
        return f"The disk with the database is full ({cause}): free some room; the bot continues by itself."
    if "locked" in cause:
        return f"The database is held by another program ({cause}): end it, or wait."
    if "connection option" in cause or "bad value for" in cause or re.search(r"invalid \w+ value", cause):
        # The driver quotes the option, which may be secret.
        return "The database did not answer: database.url has an option that PostgreSQL does not know or can't use."
    if "unable to open" in cause or "readonly" in cause:
        return f"The database can't be opened for writing ({cause}): check the folder, its rights and the disk."
    return f"The database did not answer ({mask(cause.splitlines()[0]) if cause else kind})."


def explain_file_error(error: sqlite3.Error, file: Path) -> str:
    """Return a sentence for an operator, with the fix, for a failure of a file of SQLite."""
    return f"{file}: {explain_database_error(DBAPIError('', None, error))}"


def is_environments(error: DBAPIError) -> bool:
    """Return whether a failure is of the database's environment, rather than a mistake of ours."""
    return isinstance(error, OperationalError | InterfaceError) or explain_server_error(error) is not None
