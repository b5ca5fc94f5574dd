"""What a backup says of itself: who made it, and what is in it (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digests.errors import NewerDatabase, StorageError
from digests.storage.columns import UtcDateTime
from digests.storage.transfer.ends import TableSum
from digests.storage.transfer.tables import TableForm, moved_tables

FORMAT = 1
SEARCH = "search.db.zst"
PICTURES = "pictures.list.zst"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KINDS: tuple[tuple[str, type[sa.types.TypeEngine[Any]]], ...] = (
    ("moment", UtcDateTime),
    ("yes or no", sa.Boolean),
    ("number", sa.BigInteger),
    ("fraction", sa.Float),
    ("json", sa.JSON),
    ("text", sa.Text),
)
_BASES: Mapping[type[sa.types.TypeEngine[Any]], type[sa.types.TypeEngine[Any]]] = {sa.BigInteger: sa.Integer}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup: its tables with their sums, and of the files beside the database the sums that it has.

    `files` are the search index and the list of pictures; either may be missing.
    """

    version: str
    revision: str
    made_at: datetime
    forms: Sequence[TableForm]
    sums: Mapping[str, TableSum]
    files: Mapping[str, TableSum]

    @property
    def rows(self) -> int:
        """How many rows all tables have."""
        return sum(each.rows for each in self.sums.values())

    @property
    def bytes(self) -> int:
        """How many bytes all members have, unpacked."""
        return sum(each.bytes for each in (*self.sums.values(), *self.files.values()))


def member_of(table: str) -> str:
    """Return the name of the member with a table's lines."""
    return f"tables/{table}.zst"


def manifest_data(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest as it is written."""
    return {
        "program": "digestbot",
        "format": FORMAT,
        "version": manifest.version,
        "revision": manifest.revision,
        "made_at": manifest.made_at.isoformat(),
        "tables": {
            form.name: {
                "columns": [[column.name, _kind_of(column)] for column in form.columns],
                "key": list(form.key),
                **asdict(manifest.sums[form.name]),
            }
            for form in manifest.forms
        },
        "files": {name: asdict(each) for name, each in manifest.files.items()},
    }


def parse_manifest(data: Mapping[str, Any], members: frozenset[str], revisions: Sequence[str]) -> Manifest:
    """Read the manifest of a backup with these members; `revisions` are those that this program knows, in order.

    Raises:
        NewerDatabase: The backup was made by a newer version of the program.
        StorageError: It is no backup of ours, or not as we write them.
    """
    try:
        if data["program"] != "digestbot":
            raise StorageError("This is a backup of another program's.")
        revision = str(data["revision"])
        if data["format"] > FORMAT or revision > revisions[-1]:
            raise NewerDatabase(
                f"This backup was made by a newer version of the bot ({str(data['version'])[:20]}): update the bot, "
                "then restore it."
            )
        if revision not in revisions:
            raise ValueError("an unknown revision")
        manifest = _parse(data, revision)
        _check(manifest, members, is_latest=revision == revisions[-1])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StorageError("The manifest of this backup is not as digestbot writes it: take another one.") from error
    return manifest


def _parse(data: Mapping[str, Any], revision: str) -> Manifest:
    tables: dict[str, Mapping[str, Any]] = data["tables"]
    return Manifest(
        version=str(data["version"]),
        revision=revision,
        made_at=datetime.fromisoformat(data["made_at"]),
        forms=[_form(name, values["columns"], values["key"]) for name, values in tables.items()],
        sums={name: _sum(values) for name, values in tables.items()},
        files={name: _sum(values) for name, values in data["files"].items()},
    )


def _sum(values: Mapping[str, Any]) -> TableSum:
    rows, size, digest = values["rows"], values["bytes"], values["sha256"]
    if type(rows) is not int or type(size) is not int or rows < 0 or size < 0 or not isinstance(digest, str):
        raise ValueError("an odd sum")
    return TableSum(rows, size, digest)


def _check(manifest: Manifest, members: frozenset[str], *, is_latest: bool) -> None:
    """Check that the manifest names the members that there are, and tables that there can be; raise ValueError."""
    named = {member_of(form.name) for form in manifest.forms} | set(manifest.files)
    if named != members or not set(manifest.files) <= {SEARCH, PICTURES}:
        raise ValueError("members are missing, or there are others")
    if is_latest:
        ours = {form.name: _shape(form) for form in moved_tables()}
        if {form.name: _shape(form) for form in manifest.forms} != ours:
            raise ValueError("other tables than ours")


def _shape(form: TableForm) -> object:
    return [(column.name, _kind_of(column)) for column in form.columns], form.key


def _kind_of(column: sa.Column[Any]) -> str:
    for kind, sort in _KINDS:
        if isinstance(column.type, _BASES.get(sort, sort)):
            return kind
    raise TypeError(f"no kind is known for {column}")


def _form(name: str, columns: Sequence[Sequence[str]], key: Sequence[str]) -> TableForm:
    """Return the form of a table of any revision; raise ValueError for a name that can't be one of ours."""
    if not all(_NAME.fullmatch(each) for each in (name, *(column for column, _ in columns))):
        raise ValueError("an odd name")
    kinds = dict(_KINDS)
    made = [sa.Column(column, kinds[kind](), primary_key=column in key, nullable=True) for column, kind in columns]
    table = sa.Table(name, sa.MetaData(), *made)
    if not key or [column.name for column in table.primary_key] != sorted(key, key=[c for c, _ in columns].index):
        raise ValueError("an odd key")
    return TableForm(table, tuple(key))
