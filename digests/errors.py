"""The errors that leave this package.

DigestsError
├── InvalidInput      the input of a person or a file can't be used; the message says what can
├── NotFound          the thing named does not exist
├── StorageError      the database failed (locked, full, gone)
│   ├── NewerDatabase the database belongs to a newer version of the program
│   ├── DatabaseAway  its server can't be reached; the storage has said so in the log, and says when it can again
│   └── WriteUndone   its server has undone a change for another's; done again, it succeeds
└── OriginError       an origin of posts can't be read
"""

import logging


class DigestsError(Exception):
    """The root of these errors; its text is one sentence for an operator, with the fix."""


class InvalidInput(DigestsError, ValueError):  # noqa: N818
    """The input can't be used; the message says what is allowed."""


class NotFound(DigestsError, LookupError):  # noqa: N818
    """The thing named does not exist."""


class StorageError(DigestsError):
    """The database failed; the cause is chained."""


class NewerDatabase(StorageError):  # noqa: N818
    """The database was written by a newer version of the program."""


class DatabaseAway(StorageError):  # noqa: N818
    """The database's server can't be reached just now; this has been told, and everything goes on once it can."""


class WriteUndone(StorageError):  # noqa: N818
    """The database's server has undone all of a transaction for another's: it may be done again."""


class OriginError(DigestsError):
    """An origin of posts can't be read."""


def level_of(error: BaseException) -> int:
    """Return the level at which a failure is logged: what has been told already is for debugging alone."""
    return logging.DEBUG if isinstance(error, DatabaseAway) else logging.WARNING
