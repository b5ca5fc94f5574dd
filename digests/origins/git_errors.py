"""Explaining git's failures to an operator (pure)."""

from __future__ import annotations

import re

_MAX_REASON = 160
_DAMAGED = (
    r"not a git repository|bad object|corrupt|loose object|did not send all necessary objects|not a valid object"
    r"|packfile .* (cannot|does not|index)|file .*\.(pack|idx) |unable to read (tree|sha1|object)|bad (ref|signature)"
)
_FIXES = (
    (r"couldn't find remote ref", "it has no branch {branch}: set branch to one that it has."),
    (
        r"authentication failed|could not read (username|password)|terminal prompts disabled|error: 40[13]"
        r"|permission denied|host key verification failed|access denied",
        "the host refused to let the bot in: set user and token_file, or give the bot's SSH key the right to read.",
    ),
    (
        r"certificate",
        "its certificate is not trusted: set ca_file to the one that signed it, or correct its address.",
    ),
    (r"error: 3\d\d|unable to update url base from redirection", "it has moved: set git to its new address."),
    (
        r"repository .* not found|does not appear to be a git repository|error: 404|repository not found",
        "there is no repository at this address: correct git.",
    ),
    (r"no space left|disk full", "the disk is full: free some room."),
    (r"transport '.*' not allowed", "its host led to another kind of address, which is not followed."),
    (
        r"could not resolve host|failed to connect|couldn't connect|connection (refused|timed out|reset)"
        r"|network is unreachable|operation (timed out|too slow)|early eof|hung up unexpectedly|ssl|gnutls",
        "it can't be reached now; it is tried again later.",
    ),
    (r"could not read from remote repository", "it can't be reached, or refused to let the bot in; it is tried again."),
)


def is_damage(output: str) -> bool:
    """Return whether the copy itself is broken, so that a new one helps."""
    return re.search(_DAMAGED, output, re.IGNORECASE) is not None


def fix_of(output: str, branch: str) -> str:
    """Return one line that says what went wrong, and the fix."""
    for pattern, text in _FIXES:
        if re.search(pattern, output, re.IGNORECASE):
            return text.format(branch=branch)
    lines = [line.partition(": ")[2] for line in output.splitlines() if line.startswith(("fatal: ", "error: "))]
    why = " ".join((lines[0] if lines else "no reason given").split())[:_MAX_REASON]
    return f"git could not fetch it ({why}); it is tried again later."
