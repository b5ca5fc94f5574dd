"""The tables of PostgreSQL's search index.

Their names bear the index's version, so that an older program, during an upgrade, goes on with its own. Documents are
numbered in order of time, as on SQLite. So that a page of the newest need not read all hits, every key is indexed with
the number of its *block* before it: of some thousand consecutive documents. A block is looked through by GIN at once,
and the next one only if that was not enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from digests.search.tokens import BOUNDARY
from digests.storage.search.postgresql.keys import FIRST_DENSE, PAIR
from digests.storage.search.sqlite.tables import VERSION as TOKENS_VERSION

_LAYOUT = 2
"""To be raised when these tables change; the version of tokens is shared with SQLite."""
VERSION = (TOKENS_VERSION, _LAYOUT)
BLOCK = 4096
"""Documents of a block: common words are read faster in small ones, and rare words in few."""
_KEYS_COST = 10_000
"""What PostgreSQL's planner takes the making of keys for, in its units: it must never do that for every row."""
_PENDING_KB = 65_536
"""New keys wait in GIN's list of pending ones up to this size; each batch puts them in place itself, sorted."""
_PAIRS = 1 << 14
"""So many different keys are there for pairs in a block: enough to leave out nearly all that has not the phrase."""
KINDS = ("documents", "counts", "words", "mark")
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
        """The table of documents, with their keys."""
        return self.table("documents")

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
        return self.documents, self.counts, self.words

    @property
    def keys_index(self) -> str:
        """The GIN index of the documents' keys."""
        return self.table("keys")

    @property
    def keys_function(self) -> str:
        """The function that makes the keys of a document."""
        return f"search_{self.version[0]}_{self.version[1]}_block_keys"

    @property
    def keys(self) -> str:
        """The expression of a document's keys, which is indexed."""
        return f"{self.keys_function}(document, title, lead, text, is_listed, keys)"

    def key(self, key: str, block: str) -> str:
        """Return an expression of a key in a block; both are expressions, and what `key` says is not of a pair."""
        return f'hashtextextended(({key}) COLLATE "C", {block})'

    def pair_key(self, pair: str, block: str) -> str:
        """Return an expression of the key of a pair in a block; both are expressions."""
        return f'((hashtextextended(({pair}) COLLATE "C", 0) & {_PAIRS - 1}) + ({block}) * {_PAIRS})'


NAMES = TableNames()


def create_statements(names: TableNames) -> list[str]:
    """Return the statements that make the tables, empty, with their index."""
    return [*table_statements(names), index_statement(names)]


def table_statements(names: TableNames) -> list[str]:
    """Return the statements that make the tables, empty, without the index of keys."""
    return [
        _function_statement(names),
        f"CREATE TABLE {names.documents} (document bigint PRIMARY KEY, article bigint NOT NULL UNIQUE, "
        "shown_at bigint NOT NULL, marks text[] NOT NULL, title text NOT NULL, lead text NOT NULL, text text NOT NULL, "
        "is_listed boolean NOT NULL, keys text NOT NULL) WITH (toast_tuple_target = 128)",
        # Rows stay small, so that many are read at once. What is searched is searched faster if it isn't compressed.
        f"ALTER TABLE {names.documents} ALTER marks SET STORAGE MAIN, ALTER title SET STORAGE MAIN, "
        "ALTER lead SET STORAGE EXTERNAL, ALTER text SET STORAGE EXTERNAL",
        f'CREATE TABLE {names.counts} (key text COLLATE "C" PRIMARY KEY, articles bigint NOT NULL)',
        f'CREATE TABLE {names.words} (word text COLLATE "C" PRIMARY KEY, articles bigint NOT NULL)',
        f"CREATE TABLE {names.mark} (revision bigint NOT NULL, dead bigint NOT NULL, last bigint NOT NULL, "
        "alive bigint NOT NULL, tidied bigint NOT NULL, builder text NOT NULL, used_at timestamptz NOT NULL)",
        f"INSERT INTO {names.mark} VALUES (0, 0, 0, 0, 0, '', now())",
    ]


def index_statement(names: TableNames) -> str:
    """Return the statement that makes the index of keys."""
    return (
        f"CREATE INDEX {names.keys_index} ON {names.documents} USING gin ({names.keys}) "
        f"WITH (fastupdate = on, gin_pending_list_limit = {_PENDING_KB})"
    )


def _function_statement(names: TableNames) -> str:
    """Return the statement that makes the function; in the stored texts, spaces stand around tokens and dense runs."""
    block = f"(document / {names.block})"
    fields = "(VALUES ('w', text), ('t', title), ('l', lead)) AS field(kind, content)"
    runs = f"{fields}, unnest(string_to_array(content, ' ')) AS run"
    dense = f"'{FIRST_DENSE}' COLLATE \"C\""
    words = names.pair_key(f"'{PAIR}' || first || ' ' || second", block)
    characters = names.pair_key(f"'{PAIR}' || first || second || third", block)
    return (
        # Only a function has a cost that the planner believes.
        f"CREATE OR REPLACE FUNCTION {names.keys_function}"
        "(document bigint, title text, lead text, text text, is_listed boolean, keys text) RETURNS bigint[] "
        f"LANGUAGE sql IMMUTABLE PARALLEL SAFE COST {_KEYS_COST} AS $$ SELECT array_agg(key) FROM ("
        f"SELECT {names.key('key', block)} AS key FROM ("
        f"SELECT kind || run AS key FROM {runs} WHERE run < {dense} AND run <> '' "
        f"UNION ALL SELECT kind || first || coalesce(second, '') FROM {runs}, "
        "unnest(string_to_array(run, NULL), string_to_array(substr(run, 2), NULL)) AS pair(first, second) "
        f"WHERE run >= {dense} AND (second IS NOT NULL OR length(run) = 1) AND NOT is_listed "
        "UNION ALL SELECT kind || dense FROM (VALUES ('c', text), ('x', title)) AS field(kind, content), "
        f"unnest(string_to_array(content, NULL)) AS dense WHERE dense >= {dense} AND NOT is_listed "
        "UNION ALL SELECT unnest(string_to_array(ltrim(keys), ' '))) AS made "
        f"UNION ALL SELECT {words} "
        "FROM unnest(string_to_array(text, ' '), (string_to_array(text, ' '))[2:]) AS pair(first, second) "
        f"WHERE first < {dense} AND second < {dense} AND first NOT IN ('', '{BOUNDARY}') "
        f"AND second NOT IN ('', '{BOUNDARY}') "
        f"UNION ALL SELECT {characters} FROM unnest(string_to_array(text, ' ')) AS run, "
        "unnest(string_to_array(run, NULL), string_to_array(substr(run, 2), NULL), "
        "string_to_array(substr(run, 3), NULL)) AS three(first, second, third) "
        f"WHERE run >= {dense} AND third IS NOT NULL) AS all_keys $$"
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
        ("documents", "pkey"), ("documents", "article_key"), ("counts", "pkey"), ("words", "pkey"),
    ):  # fmt: skip
        statements.append(
            f"ALTER TABLE {old.table(kind)} RENAME CONSTRAINT {new.table(kind)}_{constraint} "
            f"TO {old.table(kind)}_{constraint}"
        )
    return statements


def _names_of(names: TableNames) -> list[tuple[str, str]]:
    return [(kind, names.table(kind)) for kind in KINDS]
