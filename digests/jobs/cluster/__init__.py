"""Jobs of many processes that share a PostgreSQL database, run by Procrastinate."""
