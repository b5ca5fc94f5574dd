"""The errors that leave this package.

DigestsError
├── InvalidInput      what a person or a file gave can't be used; the message says what can
├── NotFound          the thing named is not there
├── StorageError      the database did not answer as it should (locked, full, gone)
│   └── NewerDatabase the database belongs to a newer version of the program
└── OriginError       the place where posts lie can't be read
"""


class DigestsError(Exception):
    """The root; its text is one sentence for an operator, with the mend."""


class InvalidInput(DigestsError, ValueError):  # noqa: N818 - it is also what the field calls it
    """What was given can't be used; the message says what is allowed."""


class NotFound(DigestsError, LookupError):  # noqa: N818
    """The thing named is not there."""


class StorageError(DigestsError):
    """The database did not answer as it should; the cause is chained."""


class NewerDatabase(StorageError):  # noqa: N818
    """The database was written by a newer version of the program."""


class OriginError(DigestsError):
    """The place where posts lie can't be read."""
