"""What an operator can do about an article without a picture (pure)."""

from __future__ import annotations

import re

_NOTHING = "nothing is to be done"
# By how the reason begins, with whether it is the operator's to mend. What is not here was fetched, and represents no
# article.
_FIXES: tuple[tuple[str, str, bool], ...] = (
    (
        r"its host is not public|port \d+ is not one of the web",
        "if it is a server of yours, name it in fetch.allow_hosts as host:port",
        True,
    ),
    (r"its host is a number|its address|it names no host", "mend the address in the post", True),
    (r"its host has no address", "check the address in the post, and whether this machine can look names up", True),
    (r"it takes longer", "the site is slow: it is tried again; give it longer with fetch.seconds", True),
    (r"it is larger than", "allow larger ones with fetch.max_mb", True),
    (
        r"no connection|the connection broke off|the answer broke off",
        "the site is down, or refuses this machine: it is tried again",
        False,
    ),
    (
        r"its certificate|TLS failed",
        "the site has to mend it; check this machine's clock and its ca-certificates",
        True,
    ),
    (
        r"it redirects|the server's answer|it is packed|it is not packed|it broke off|Cloudflare wants",
        "the site has to mend it",
        False,
    ),
    (r"the server answers (?:404|410)", f"the picture is gone from the site; {_NOTHING}", False),
    (
        r"the server answers (?:401|403|451)",
        "the site does not give it to programs; ask it, and set fetch.contact",
        False,
    ),
    (r"the server answers 429", "the site wants fewer requests: lower fetch.per_host", True),
    (r"the server answers", "the site is in trouble: it is tried again where that can help", False),
    (r"it stands with many articles", f"it is a default picture of its site; {_NOTHING}", False),
    (r"it was not used for long", "raise media.folder_mb to keep more", False),
    (r"its file was deleted", "leave the folder of pictures to the bot", True),
    (r"judging it failed", "see the log, and report it", True),
)
_COMPILED = tuple((re.compile(pattern), fix, is_ours) for pattern, fix, is_ours in _FIXES)


def picture_fix(reason: str) -> tuple[str, bool]:
    """Return what can be done about this reason, and whether it is for the operator to do."""
    for pattern, fix, is_ours in _COMPILED:
        if pattern.match(reason):
            return fix, is_ours
    return f"it represents no article; {_NOTHING}", False
