"""Short names that stand for ids in what operators read: the same id has the same name, and no name tells its id."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

ID_FIELDS = ("chat", "user", "from_chat", "to_chat")
"""What the ids of chats and people are called in log lines and traces; ids of places are our own, and stay."""
_BYTES = 5
_KEY_BYTES = 32

NameOf = Callable[[int | str], str]


def pseudonyms(secret: str) -> NameOf:
    """Return what names ids by a hash with a key made of the secret, so that nobody else can try out all ids."""
    # The token never leaves.
    key = hashlib.sha256(b"pseudonyms\0" + secret.encode()).digest()[:_KEY_BYTES]

    def name_of(number: int | str) -> str:
        return hashlib.blake2b(str(number).encode(), digest_size=_BYTES, key=key).hexdigest()

    return name_of
