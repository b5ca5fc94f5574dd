"""Numbers about the whole database: of each day, of this moment, and of its server."""
