"""What errors of a connection come to, in words for an operator (no I/O)."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from digests.fetch.body import BodyError, TooLargeError
from digests.fetch.connector import ForbiddenHostError
from digests.fetch.outcome import NotFetched

_BUSY = frozenset({408, 421, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 525, 526, 527, 530})
_LONGEST_WAIT = 24 * 3600.0


def status_fault(status: int, headers: Mapping[str, str], now: datetime) -> NotFetched:
    """Return what a status other than success comes to."""
    may_pass = status in _BUSY
    return NotFetched(f"the server answers {status}", may_pass, _wait(headers, now) if may_pass else 0.0)


def _wait(headers: Mapping[str, str], now: datetime) -> float:
    """Return how many seconds the server asks to be left alone (RFC 9110, 10.2.3), at most a day."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), _LONGEST_WAIT)


def error_fault(error: Exception, seconds: float, max_bytes: int) -> NotFetched:
    """Return what an error of a request comes to; `seconds` and `max_bytes` are the bounds that it was made with."""
    if (forbidden := _forbidden(error)) is not None:
        return NotFetched(str(forbidden))
    match error:
        case TooLargeError():
            return too_large(max_bytes)
        case BodyError():
            return NotFetched(str(error))
        case TimeoutError():
            return NotFetched(f"it takes longer than {seconds:g} s", may_pass=True)
        case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError() | OSError():
            return NotFetched(_connection_fault(error), may_pass=True)
        case aiohttp.ClientError() if not isinstance(error, aiohttp.InvalidURL):
            return NotFetched("the server's answer is no proper HTTP")
        case _:
            # From the encoding of a host's name too, whose rules are more than a look at it shows.
            return NotFetched("its address is not valid")


def too_large(max_bytes: int) -> NotFetched:
    """Return what a body of more bytes than this comes to."""
    return NotFetched(f"it is larger than {max_bytes / 1e6:g} MB")


def _connection_fault(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return f"its certificate is not valid: {_certificate(error.certificate_error)}"
        case aiohttp.ClientSSLError():
            return f"TLS failed: {_tls(error)}"
        case aiohttp.ClientConnectorDNSError():
            return "its host has no address"
        case aiohttp.ClientConnectorError():
            return f"no connection: {_words(error.os_error)}"
        case _:
            return "the connection broke off"


def _forbidden(error: BaseException | None) -> ForbiddenHostError | None:
    while error is not None:
        if isinstance(error, ForbiddenHostError):
            return error
        error = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error.__cause__
    return None


def _certificate(error: Exception) -> str:
    words = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)
    # Python adds the host to some of them.
    return words.partition(", certificate is not valid for")[0].rstrip(".") or "it could not be checked"


def _tls(error: aiohttp.ClientSSLError) -> str:
    cause = error.os_error
    reason = cause.reason if isinstance(cause, ssl.SSLError) else None
    return (reason or type(cause).__name__).replace("_", " ").lower()


def _words(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
