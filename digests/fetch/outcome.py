"""What comes of a request: values, since a host that fails is nothing out of the ordinary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class FetchFault(StrEnum):
    """The kinds of reasons for which nothing was fetched, by which callers decide; the words are for people."""

    NOT_WEB = "not_web"
    """An address that leads nowhere on the web: another scheme, or none, or more characters than addresses have."""
    HAS_PASSWORD = "has_password"  # noqa: S105 - the name of a kind
    FORBIDDEN_HOST = "forbidden_host"
    """A host that is not public and not allowed by name, or a port of something else than the web."""
    REDIRECT = "redirect"
    """Redirects that end nowhere: in a circle, too many, out of the web, to a host that is not public."""
    NO_NAME = "no_name"
    """The host's name has no address."""
    NO_CONNECTION = "no_connection"
    """Refused, unreachable, or closed before there was an answer."""
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    BROKEN_OFF = "broken_off"
    """The answer ended before its end."""
    BAD_ANSWER = "bad_answer"
    """No proper HTTP, an unknown or broken packing, 304 to a request that had no condition."""
    STATUS = "status"
    """A status other than success: `NotFetched.status`."""
    CHALLENGE = "challenge"
    """The site wants to see a browser (Cloudflare's "Just a moment…"), with the status that it was given."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered: 200, or 304 where the request was conditional and nothing has changed.

    `address` is where it was in the end, after all redirects; `moved_to` is where it is for good, "" if only temporary
    redirects led there, or any of them by a way that others can change (from https to http). The names in `headers` are
    in lower case; of a header that came several times, the last is kept. Each character of a value stands for a byte of
    it (latin-1): sent in a request, it is the same bytes again. `body` is unpacked.
    """

    address: str
    status: int
    headers: Mapping[str, str] = field(hash=False)
    body: bytes = field(repr=False)
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class NotFetched:
    """Why there is nothing: a few words for an operator.

    Attributes:
        reason: The words; they hold nothing of the address, which may be secret.
        may_pass: Whether asking again later can help.
        wait: How many seconds the server wants to be left alone; 0 if it doesn't say.
        status: What the server answered, if it answered in HTTP; else None.
        kind: The kind of the reason.
        headers: Those of the answer, as in `Fetched`; empty if there was none.
        address: Which address was asked last, after all redirects; "" if none was.
        may_lead_elsewhere: Whether redirects led there that may lead elsewhere tomorrow: a temporary one, or one by a
            way that others can change.
        page: The beginning of the answer's body, unpacked, which may say more: as much as `FetchOptions.fault_bytes`.
    """

    reason: str
    may_pass: bool = False
    wait: float = 0.0
    status: int | None = None
    kind: FetchFault = FetchFault.BAD_ANSWER
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS, hash=False, compare=False, repr=False)
    page: bytes = field(default=b"", compare=False, repr=False)
    address: str = field(default="", compare=False, repr=False)
    may_lead_elsewhere: bool = field(default=False, compare=False, repr=False)
