"""The tables of the search index, and writing documents into them.

FTS5 gets ready-made tokens and stores no text. Documents are numbered in order of time, so that FTS5 meets the newest
hits first and a page costs the same however many hits there are. Three tables implement one rule of order
(`digests.search.ranking`): `leads` (title and summary), `entries` (everything), and `singles` (each text's distinct
dense characters, for words of one character, which pairs can't find).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

from digests.storage.search.rows import DocumentRows

VERSION = 8
_HASH_BYTES = 8_000_000
TOKEN_TABLES = ("leads", "entries", "singles")
TABLES = (*TOKEN_TABLES, "documents", "words", "mark")
_STEP_PAGES = 500
"""Takes some 50 ms (measured)."""
_SCATTERED_SHARE = 0.3
_MIN_NEW = 1000
# The "ascii" tokenizer takes every character above 127 for part of a token, so our tokens stay as they are, whatever
# version of Unicode SQLite has. Contentless tables store no text; `documents` shows what was changed or is gone.
_FTS = (
    "CREATE VIRTUAL TABLE {} USING fts5({}, content='', columnsize=0, detail={}, tokenize=\"ascii tokenchars '_+#.'\");"
)
_SETTING = "INSERT INTO {0}({0}, rank) VALUES ('hashsize', {1});"
SCHEMA = "\n".join(
    [
        _FTS.format("leads", "title, summary, chars, marks", "full"),
        _FTS.format("entries", "body, marks", "full"),
        # Positions of characters are not stored: they would make the index half as large again.
        _FTS.format("singles", "chars, marks", "none"),
        # A batch becomes one segment; by default, it would become several, to be merged later.
        *(_SETTING.format(table, _HASH_BYTES) for table in TOKEN_TABLES),
        "CREATE TABLE documents (document INTEGER PRIMARY KEY AUTOINCREMENT,"
        " article INTEGER NOT NULL UNIQUE, shown_at INTEGER NOT NULL);",
        "CREATE TABLE words (word TEXT PRIMARY KEY, articles INTEGER NOT NULL) WITHOUT ROWID;",
        "CREATE TABLE mark (revision INTEGER NOT NULL, dead INTEGER NOT NULL, tidied INTEGER NOT NULL);",
        "INSERT INTO mark VALUES (0, 0, 0);",
    ]
)


def write_rows(connection: sqlite3.Connection, rows: Sequence[DocumentRows], revision: int) -> None:
    """Write documents in one transaction; `revision` is what the index is up to date with then (0: as before)."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _write_rows(connection, rows)
        if revision:
            connection.execute("UPDATE mark SET revision = ?", (revision,))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _write_rows(connection: sqlite3.Connection, rows: Sequence[DocumentRows]) -> None:
    deleted = connection.executemany("DELETE FROM documents WHERE article = ?", [(row.article,) for row in rows])
    if deleted.rowcount > 0:
        connection.execute("UPDATE mark SET dead = dead + ?", (deleted.rowcount,))
    last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'documents'").fetchone()
    kept = list(enumerate((row for row in rows if not row.withdrawn), last[0] + 1 if last else 1))
    connection.executemany(
        "INSERT INTO documents VALUES (?, ?, ?)", [(document, row.article, row.shown_at) for document, row in kept]
    )
    connection.executemany(
        "INSERT INTO leads(rowid, title, summary, chars, marks) VALUES (?, ?, ?, ?, ?)",
        [(document, row.title, row.summary, row.characters_of_title, row.marks) for document, row in kept],
    )
    connection.executemany(
        "INSERT INTO entries(rowid, body, marks) VALUES (?, ?, ?)",
        [(document, row.words_of_text, row.marks) for document, row in kept],
    )
    connection.executemany(
        "INSERT INTO singles(rowid, chars, marks) VALUES (?, ?, ?)",
        [(document, row.characters, row.marks) for document, row in kept],
    )
    words = Counter(word for _, row in kept for word in row.words)
    connection.executemany(
        "INSERT INTO words VALUES (?, ?) ON CONFLICT DO UPDATE SET articles = articles + excluded.articles",
        sorted(words.items()),
    )


def is_scattered(connection: sqlite3.Connection) -> bool:
    """Return whether a good part of the documents was added since the segments were last merged."""
    tidied, last = connection.execute(
        "SELECT tidied, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'documents'), 0) FROM mark"
    ).fetchone()
    return bool(last - tidied > max(_MIN_NEW, _SCATTERED_SHARE * last))


def join_segments(connection: sqlite3.Connection, table: str, *, begin: bool) -> bool:
    """Do one short step towards a single segment, and return whether another one is needed.

    In FTS5, a first 'merge' with a negative number takes all segments, further ones with a positive number continue,
    and one that changes fewer than two rows had nothing left to do (https://sqlite.org/fts5.html, 6.9).
    """
    before = connection.total_changes
    pages = -_STEP_PAGES if begin else _STEP_PAGES
    connection.execute(f"INSERT INTO {table}({table}, rank) VALUES ('merge', ?)", (pages,))  # noqa: S608 - a constant
    return connection.total_changes - before >= 2


def note_tidied(connection: sqlite3.Connection) -> None:
    """Store up to which document segments are merged, and return free space to the disk."""
    connection.execute(
        "UPDATE mark SET tidied = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'documents'), 0)"
    )
    # As a script: `execute` would do only one step, which returns a single page.
    connection.executescript("PRAGMA incremental_vacuum;")
