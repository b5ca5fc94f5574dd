"""The search index of PostgreSQL: GIN over ready-made tokens, in the database."""
