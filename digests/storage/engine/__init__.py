"""What the database stands on: addresses, the engines of SQLite, PostgreSQL's server, and failures explained."""
