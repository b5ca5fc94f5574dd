"""The tables of PostgreSQL's search index.

Their names bear the index's version, so that an older program, during an upgrade, goes on with its own. Documents are
numbered in order of time, as on SQLite. Keys that many documents have are *common*: which ones do is stored as bits, a
row for each block of documents. The other keys are stored with the document, and GIN finds them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from digests.storage.search.sqlite.tables import VERSION as TOKENS_VERSION

_LAYOUT = 3
"""To be raised when these tables change; the version of tokens is shared with SQLite."""
VERSION = (TOKENS_VERSION, _LAYOUT)
BLOCK = 8192
"""Documents of a block: a row has 1 KB at most once it is tidy. At most 65,536, since a place in it has two bytes."""
_PENDING_KB = 65_536
"""New keys wait in GIN's list of pending ones up to this size; each batch puts them in place itself, sorted."""
KINDS = ("mark", "documents", "bits", "common", "counts", "words")
"""In the order in which they are locked: a statement of several begins with the mark, or they could wait in a ring."""
UNFINISHED = "_new"
"""The suffix of tables that are being filled."""
_DROPPED_KINDS = (*KINDS, "texts")
"""Earlier layouts had one more."""


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
        """The table of documents, with the hashes of those of their keys that aren't common."""
        return self.table("documents")

    @property
    def bits(self) -> str:
        """Which documents have each common key: a bitmap and a list of places in it for each block that has any."""
        return self.table("bits")

    @property
    def common(self) -> str:
        """The common keys: whatever document has one, its bits say so, and its row does not."""
        return self.table("common")

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
        return self.documents, self.bits, self.common, self.counts, self.words

    @property
    def keys_index(self) -> str:
        """The GIN index of the documents' keys."""
        return self.table("keys")

    @property
    def keys_function(self) -> str:
        """The function that made the keys in earlier layouts."""
        return f"search_{self.version[0]}_{self.version[1]}_block_keys"


NAMES = TableNames()


def create_statements(names: TableNames) -> list[str]:
    """Return the statements that make the tables, empty, with their index."""
    return [*table_statements(names), index_statement(names)]


def table_statements(names: TableNames) -> list[str]:
    """Return the statements that make the tables, empty, without the index of keys."""
    return [
        f"CREATE TABLE {names.documents} (document bigint PRIMARY KEY, article bigint NOT NULL UNIQUE, "
        "shown_at bigint NOT NULL, marks text NOT NULL, title text NOT NULL, lead text NOT NULL, text text NOT NULL, "
        "keys bigint[] NOT NULL) WITH (toast_tuple_target = 128)",
        # Rows stay small, so that many are read at once. What is searched is searched faster if it isn't compressed,
        # and hashes can't be.
        f"ALTER TABLE {names.documents} ALTER title SET STORAGE MAIN, ALTER lead SET STORAGE EXTERNAL, "
        "ALTER text SET STORAGE EXTERNAL, ALTER keys SET STORAGE EXTERNAL",
        f'CREATE TABLE {names.bits} (key text COLLATE "C" NOT NULL, block integer NOT NULL, bitmap bytea NOT NULL, '
        "listed bytea NOT NULL, PRIMARY KEY (key, block)) WITH (toast_tuple_target = 8160)",
        f"ALTER TABLE {names.bits} ALTER bitmap SET STORAGE EXTERNAL, ALTER listed SET STORAGE EXTERNAL",
        f'CREATE TABLE {names.common} (key text COLLATE "C" PRIMARY KEY)',
        f'CREATE TABLE {names.counts} (key text COLLATE "C" PRIMARY KEY, articles bigint NOT NULL)',
        f'CREATE TABLE {names.words} (word text COLLATE "C" PRIMARY KEY, articles bigint NOT NULL)',
        f"CREATE TABLE {names.mark} (revision bigint NOT NULL, dead bigint NOT NULL, last bigint NOT NULL, "
        "alive bigint NOT NULL, tidied bigint NOT NULL, generation bigint NOT NULL, sampled bigint NOT NULL, "
        "builder text NOT NULL, used_at timestamptz NOT NULL)",
        f"INSERT INTO {names.mark} VALUES (0, 0, 0, 0, 0, 0, 0, '', now())",
    ]


def index_statement(names: TableNames) -> str:
    """Return the statement that makes the index of keys."""
    return (
        f"CREATE INDEX {names.keys_index} ON {names.documents} USING gin (keys) "
        f"WITH (fastupdate = on, gin_pending_list_limit = {_PENDING_KB})"
    )


def drop_statements(names: TableNames, *, with_function: bool = False) -> list[str]:
    """Return the statements that drop the tables, where there are any, and the function that they share."""
    # What an interrupted filling left of them uses the function, too.
    every = (names, replace(names, suffix=UNFINISHED)) if with_function else (names,)
    statements = [f"DROP TABLE IF EXISTS {some.table(kind)}" for some in every for kind in _DROPPED_KINDS]
    if with_function:
        statements.append(f"DROP FUNCTION IF EXISTS {names.keys_function}")
    return statements


def exchange_statements(new: TableNames, old: TableNames) -> list[str]:
    """Return the statements that let new tables take the place of the old ones; their indexes are renamed, too."""
    statements = drop_statements(old)
    statements += [f"ALTER TABLE {new.table(kind)} RENAME TO {kind_name}" for kind, kind_name in _names_of(old)]
    statements.append(f"ALTER INDEX {new.keys_index} RENAME TO {old.keys_index}")
    for kind, constraint in (
        ("documents", "pkey"), ("documents", "article_key"), ("bits", "pkey"), ("common", "pkey"), ("counts", "pkey"),
        ("words", "pkey"),
    ):  # fmt: skip
        statements.append(
            f"ALTER TABLE {old.table(kind)} RENAME CONSTRAINT {new.table(kind)}_{constraint} "
            f"TO {old.table(kind)}_{constraint}"
        )
    return statements


def _names_of(names: TableNames) -> list[tuple[str, str]]:
    return [(kind, names.table(kind)) for kind in KINDS]
