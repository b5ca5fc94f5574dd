"""The database and the search index: SQL lives only here."""
