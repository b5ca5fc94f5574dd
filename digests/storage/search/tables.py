"""The tables of the search index, and how documents come into them.

FTS5 sees ready-made tokens and keeps no text. Documents are numbered as time goes, so that the newest hits are the
first that FTS5 meets and a page costs the same however many there are. Three tables answer one rule of order
(`digests.search.ranking`): `leads` (title and summary), `entries` (everything), and `singles`, each text's distinct
dense characters, for words of one character, which pairs can't answer.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

from digests.storage.search.rows import DocumentRows

VERSION = 5
_HASH_BYTES = 8_000_000
OF_TOKENS = ("leads", "entries", "singles")
TABLES = (*OF_TOKENS, "documents", "words", "mark")
_STEP_PAGES = 500
"""Some 50 ms of work (measured)."""
_SCATTERED = 0.3
_FEW = 1000
# The "ascii" tokenizer takes every character above 127 as part of a token: ours come through as they are, whatever
# Unicode SQLite knows. Contentless tables forget the text; what was changed or is gone, `documents` tells.
_FTS = "CREATE VIRTUAL TABLE {} USING fts5({}, content='', columnsize=0, detail={}, tokenize=\"ascii tokenchars '_'\");"
_SETTING = "INSERT INTO {0}({0}, rank) VALUES ('hashsize', {1});"
SCHEMA = "\n".join(
    [
        _FTS.format("leads", "title, summary, chars, marks", "full"),
        _FTS.format("entries", "body, marks", "full"),
        # Where a character stands is not kept: that alone would make the index half as large again.
        _FTS.format("singles", "chars, marks", "none"),
        # A batch becomes one segment; by default it would be several, to be merged later.
        *(_SETTING.format(one, _HASH_BYTES) for one in OF_TOKENS),
        "CREATE TABLE documents (document INTEGER PRIMARY KEY AUTOINCREMENT,"
        " article INTEGER NOT NULL UNIQUE, shown_at INTEGER NOT NULL);",
        "CREATE TABLE words (word TEXT PRIMARY KEY, articles INTEGER NOT NULL) WITHOUT ROWID;",
        "CREATE TABLE mark (revision INTEGER NOT NULL, dead INTEGER NOT NULL, tidied INTEGER NOT NULL);",
        "INSERT INTO mark VALUES (0, 0, 0);",
    ]
)


def put_all(connection: sqlite3.Connection, rows: Sequence[DocumentRows], revision: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        _put_rows(connection, rows)
        if revision:
            connection.execute("UPDATE mark SET revision = ?", (revision,))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _put_rows(connection: sqlite3.Connection, rows: Sequence[DocumentRows]) -> None:
    gone = connection.executemany("DELETE FROM documents WHERE article = ?", [(row.article,) for row in rows])
    if gone.rowcount > 0:
        connection.execute("UPDATE mark SET dead = dead + ?", (gone.rowcount,))
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
    """Whether a good part of the documents came since the segments were last joined."""
    tidied, last = connection.execute(
        "SELECT tidied, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'documents'), 0) FROM mark"
    ).fetchone()
    return bool(last - tidied > max(_FEW, _SCATTERED * last))


def join_segments(connection: sqlite3.Connection, table: str, *, begin: bool) -> bool:
    """One short step towards one segment; whether another one is needed.

    FTS5's own words for it: a first 'merge' by a negative number takes all segments, later ones by a positive one go
    on, and one that changes fewer than two rows had nothing left to do (https://sqlite.org/fts5.html, 6.9).
    """
    before = connection.total_changes
    pages = -_STEP_PAGES if begin else _STEP_PAGES
    connection.execute(f"INSERT INTO {table}({table}, rank) VALUES ('merge', ?)", (pages,))  # noqa: S608 - a constant
    return connection.total_changes - before >= 2


def note_tidied(connection: sqlite3.Connection) -> None:
    """Remembers up to where, and gives the room that became free back to the disk."""
    connection.execute(
        "UPDATE mark SET tidied = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'documents'), 0)"
    )
    # As a script: `execute` takes one step of it, which gives back one page.
    connection.executescript("PRAGMA incremental_vacuum;")
