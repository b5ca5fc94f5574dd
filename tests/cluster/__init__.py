"""Several processes of the bot over one PostgreSQL, which is killed, frozen, cut off and restarted."""
