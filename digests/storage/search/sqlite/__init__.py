"""The search index of SQLite: FTS5 in a file of its own."""
