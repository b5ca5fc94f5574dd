"""One file per migration, each after the one before it."""
