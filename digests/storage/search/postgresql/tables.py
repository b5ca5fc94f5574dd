"""The tables of PostgreSQL's search index.

Their names bear the index's version, so that an older program, during an upgrade, goes on with its own. Documents are
numbered in order of time, as on SQLite. So that a page of the newest need not read all hits, every key is indexed with
the number of its *block* before it: of some thousand consecutive documents. A block is looked through by GIN at once,
and the next one only if that was not enough.
"""

from __future__ import annotations

from dataclasses import dataclass

from digests.storage.search.sqlite.tables import VERSION as TOKENS_VERSION

_LAYOUT = 1
"""To be raised when these tables change; the version of tokens is shared with SQLite."""
VERSION = (TOKENS_VERSION, _LAYOUT)
BLOCK = 4096
"""Documents of a block: common words are read faster in small ones, and rare words in few."""
_KEYS_COST = 10_000
"""What PostgreSQL's planner takes the making of keys for, in its units: it must never do that for every row."""
_PENDING_KB = 65_536
"""New keys wait in GIN's list of pending ones up to this size; each batch puts them in place itself, sorted."""
KINDS = ("documents", "texts", "counts", "words", "mark")
_TEXT_TARGET = 8160
"""Bytes of a row of texts that are kept together: one page is read for a text, not one for each two kilobytes."""


@dataclass(frozen=True, slots=True)
class TableNames:
    """The names of the index's tables; those that are being built have a suffix. A block has `block` documents."""

    version: tuple[int, int] = VERSION
    suffix: str = ""
    block: int = BLOCK

    def table(self, kind: str) -> str:
        """Return the name of a table."""
        return f"search_{self.version[0]}_{self.version[1]}_{kind}{self.suffix}"

    @property
    def documents(self) -> str:
        """The table of documents, with their keys."""
        return self.table("documents")

    @property
    def texts(self) -> str:
        """The texts of documents, apart from these, in which phrases are looked for."""
        return self.table("texts")

    @property
    def counts(self) -> str:
        """How many articles have had each key of titles, summaries and marks."""
        return self.table("counts")

    @property
    def words(self) -> str:
        """The words of titles and summaries."""
        return self.table("words")

    @property
    def mark(self) -> str:
        """How far the index has come; its row is the lock of those who write."""
        return self.table("mark")

    @property
    def filled(self) -> tuple[str, ...]:
        """All tables but the mark."""
        return self.documents, self.texts, self.counts, self.words

    @property
    def keys_index(self) -> str:
        """The GIN index of the documents' keys."""
        return self.table("keys")

    @property
    def keys_function(self) -> str:
        """The function that puts the number of a block before each key."""
        return f"search_{self.version[0]}_{self.version[1]}_block_keys"


NAMES = TableNames()


def create_statements(names: TableNames) -> list[str]:
    """Return the statements that make the tables, empty."""
    return [
        # Only a function has a cost that the planner believes.
        f"CREATE OR REPLACE FUNCTION {names.keys_function}(document bigint, keys text) RETURNS text[] "
        f"LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST {_KEYS_COST} AS $$ BEGIN "
        f"RETURN string_to_array(ltrim(replace(keys, ' ', ' ' || (document / {names.block})::text)), ' '); END $$",
        f"CREATE TABLE {names.documents} (document bigint PRIMARY KEY, article bigint NOT NULL UNIQUE, "
        "shown_at bigint NOT NULL, marks text[] NOT NULL, title text NOT NULL, lead text NOT NULL, keys text NOT NULL) "
        "WITH (toast_tuple_target = 128)",
        # Rows stay small, so that many are read at once. What is searched is searched faster if it isn't compressed.
        f"ALTER TABLE {names.documents} ALTER marks SET STORAGE MAIN, ALTER title SET STORAGE MAIN, "
        "ALTER lead SET STORAGE EXTERNAL",
        f"CREATE TABLE {names.texts} (document bigint PRIMARY KEY, text text NOT NULL) "
        f"WITH (toast_tuple_target = {_TEXT_TARGET})",
        f"ALTER TABLE {names.texts} ALTER text SET STORAGE EXTERNAL",
        f"CREATE INDEX {names.keys_index} ON {names.documents} USING gin "
        f'({names.keys_function}(document, keys) COLLATE "C") '
        f"WITH (fastupdate = on, gin_pending_list_limit = {_PENDING_KB})",
        f'CREATE TABLE {names.counts} (key text COLLATE "C" PRIMARY KEY, articles bigint NOT NULL)',
        f'CREATE TABLE {names.words} (word text COLLATE "C" PRIMARY KEY, articles bigint NOT NULL)',
        f"CREATE TABLE {names.mark} (revision bigint NOT NULL, dead bigint NOT NULL, last bigint NOT NULL, "
        "alive bigint NOT NULL, tidied bigint NOT NULL, builder text NOT NULL, written_at timestamptz NOT NULL)",
        f"INSERT INTO {names.mark} VALUES (0, 0, 0, 0, 0, '', now())",
    ]


def drop_statements(names: TableNames, *, with_function: bool = False) -> list[str]:
    """Return the statements that drop the tables, where there are any, and the function that they share."""
    statements = [f"DROP TABLE IF EXISTS {names.table(kind)}" for kind in KINDS]
    if with_function:
        statements.append(f"DROP FUNCTION IF EXISTS {names.keys_function}(bigint, text)")
    return statements


def exchange_statements(new: TableNames, old: TableNames) -> list[str]:
    """Return the statements that let new tables take the place of the old ones; their indexes are renamed, too."""
    statements = drop_statements(old)
    statements += [f"ALTER TABLE {new.table(kind)} RENAME TO {kind_name}" for kind, kind_name in _names_of(old)]
    statements.append(f"ALTER INDEX {new.keys_index} RENAME TO {old.keys_index}")
    for kind, constraint in (
        ("documents", "pkey"), ("documents", "article_key"), ("texts", "pkey"), ("counts", "pkey"), ("words", "pkey"),
    ):  # fmt: skip
        statements.append(
            f"ALTER TABLE {old.table(kind)} RENAME CONSTRAINT {new.table(kind)}_{constraint} "
            f"TO {old.table(kind)}_{constraint}"
        )
    return statements


def _names_of(names: TableNames) -> list[tuple[str, str]]:
    return [(kind, names.table(kind)) for kind in KINDS]
