"""What PostgreSQL's refusals mean, by their states (its documentation, Appendix A) or their words, and the fixes."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from config.masking import mask

READ_ONLY = "25006"
"""The state of a server that takes no writes."""
_ENDED = ("25P03", "25P04", "57P05")
"""The server has ended a connection, for a transaction or a pause that took longer than it allows."""
_UNDONE = ("40001", "40P01")
"""The server has undone a transaction, for another's: PostgreSQL's documentation says to do it again (13.5)."""
_AWAY = ("57P01", "57P02", "57P03", *_ENDED, READ_ONLY)
_BY_STATE = {
    "53100": "The disk of the database's server is full: free some room there; the bot continues by itself.",
    "53200": "The database's server has no memory left: end other programs there, or lower its work_mem.",
    "53300": "The database's server takes no more connections: raise its max_connections (a process of the bot needs "
    "up to 20), or end others' connections.",
    "3F000": "The database has no schema for the bot's tables: create one (CREATE SCHEMA public), or name one that is "
    "there in the user's search_path.",
    "25006": "The database takes no writes: it is a standby, or read-only. Set database.url to the primary server.",
    "25P03": "The database's server ended a transaction that stood still: raise its "
    "idle_in_transaction_session_timeout, or look at what this machine is busy with.",
    "25P04": "The database's server ended a transaction for its length: raise its transaction_timeout.",
    "40001": "The database undid this for another change at the same time: do it again.",
    "40P01": "The database undid this for another change that waited for it: do it again.",
    "55P03": "The database did not let the bot have a table or a row in time: look for a transaction that is open for "
    "long (pg_stat_activity), or raise lock_timeout.",
    "57014": "The database's server ended a statement for its length: raise its statement_timeout.",
    "57P05": "The database's server ended a connection that was idle: set its idle_session_timeout to 0 for the bot.",
    "57P01": "The database's server was stopped or restarted; the bot continues once it is back.",
    "57P02": "The database's server ended after a crash; the bot continues once it is back.",
    "57P03": "The database's server is starting or stopping: wait.",
    "54000": "A row is too large for an index of the database: look for a value of thousands of characters in what "
    "came in last.",
    "26000": "A pooler lost a prepared statement: see docs/poolers.md.",
    "42P05": "A pooler mixed up prepared statements: see docs/poolers.md.",
}
_DAMAGE = "The database's server is in trouble ({}): look at its log."
_SCHEMA_RIGHTS = (
    "The database's user may not create tables: make it the owner of the database (ALTER DATABASE … OWNER TO …), "
    "or let it (GRANT CREATE, USAGE ON SCHEMA public TO …)."
)
_TABLE_RIGHTS = (
    "The database's user may not use the bot's tables: they belong to another. Use the user that made them, or "
    "hand them over (REASSIGN OWNED BY … TO …)."
)
# What the driver says where there is no connection; the first that is found counts.
_BY_WORDS = {
    "password authentication failed": "The server refused the user or the password: check database.url.",
    "no password supplied": "The server asks for a password: write it into database.url.",
    "no pg_hba.conf entry": "The server lets this user in from nowhere, or not from here, or only with SSL: check the "
    "user in database.url, its sslmode, and the server's pg_hba.conf.",
    "does not exist": "There is no such database or user on the server: check database.url, or create it "
    "(CREATE DATABASE … OWNER …).",
    "resolve host": "The host in database.url is not known: check its name. In a user or a password, write @ as %40, "
    ": as %3A and / as %2F.",
    "translate host name": "The host in database.url is not known: check its name. In a user or a password, write @ as "
    "%40, : as %3A and / as %2F.",
    "Connection refused": "The database did not answer: nothing listens at the host and port of database.url. Check "
    "them, and whether the server runs.",
    "timeout expired": "The database's server does not answer: check the host and the port in database.url, and the "
    "network.",
    "too many clients": _BY_STATE["53300"],
    "remaining connection slots": _BY_STATE["53300"],
    "starting up": _BY_STATE["57P03"],
    "shutting down": _BY_STATE["57P03"],
    "does not support SSL": "The server has no SSL, which database.url asks for: set it up there, or change sslmode.",
    "certificate": "The server's certificate can't be trusted: set sslrootcert in database.url, or mend the "
    "certificate.",
    "SSL": "There is no secure connection to the server: check sslmode and the certificates in database.url.",
}


def is_away(error: DBAPIError) -> bool:
    """Return whether the server can't be reached at the moment: there is no connection, or it has ended all of them."""
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state[:2] == "08" or state in _AWAY


def is_undone(error: DBAPIError) -> bool:
    """Return whether the server has undone a transaction for another's, so that it may be done again."""
    return getattr(error.orig, "sqlstate", None) in _UNDONE


def is_read_only(error: DBAPIError) -> bool:
    """Return whether the server takes no writes: it has become a standby, or was made read-only."""
    return getattr(error.orig, "sqlstate", None) == READ_ONLY


def explain_server_error(error: DBAPIError) -> str | None:
    """Return a sentence for an operator, with the fix, for a failure of the server; None for any other failure."""
    state, cause = getattr(error.orig, "sqlstate", None), str(error.orig)
    if state == "42501":
        return _TABLE_RIGHTS if "table" in cause else _SCHEMA_RIGHTS
    if state in _BY_STATE:
        return _BY_STATE[state]
    if state is not None:
        # XX is what should not happen in the server, and 58 what happens to it (Appendix A).
        return _DAMAGE.format(mask(cause.partition("\n")[0])) if state[:2] in ("XX", "58") else None
    return next((said for words, said in _BY_WORDS.items() if words in cause), None)
