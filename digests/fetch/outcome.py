"""What comes of a request: values, since a host that fails is nothing out of the ordinary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered: 200, or 304 where the request was conditional and nothing has changed.

    `address` is where it was in the end, after all redirects; `moved_to` is where it is for good, "" if only temporary
    redirects led there. The names in `headers` are in lower case; of a header that came several times, the last is
    kept. `body` is unpacked.
    """

    address: str
    status: int
    headers: Mapping[str, str] = field(hash=False)
    body: bytes = field(repr=False)
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class NotFetched:
    """Why there is nothing: a few words for an operator.

    `may_pass`: asking again later can help. `wait` is how many seconds the server wants to be left alone, 0 if it
    doesn't say.
    """

    reason: str
    may_pass: bool = False
    wait: float = 0.0
