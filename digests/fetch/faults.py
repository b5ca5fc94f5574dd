"""What errors of a connection come to, in words for an operator (no I/O)."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from digests.fetch.body import TooLargeError
from digests.fetch.connector import ForbiddenHostError
from digests.fetch.outcome import FetchFault, NotFetched
from digests.fetch.packing import BadPackingError

_BUSY = frozenset({408, 421, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 525, 526, 527, 530})
_LONGEST_DATE = 60
# https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/, and what the
# page itself has where something between took the header off. Ordinary pages load scripts of /cdn-cgi/ too.
_CHALLENGE_PAGE = re.compile(rb"/challenge-platform/h/\w/orchestrate/|cf_chl_opt|cf-browser-verification")
_CERTIFICATE_FAULTS = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is signed by itself",
    19: "the authority that it names signed itself, and is not known here",
    20: "who issued it is not known here, or a certificate between is missing",
    21: "who issued it is not known here, or a certificate between is missing",
    23: "it was revoked",
    62: "it is for another host",
    64: "it is for another address",
}
"""By the codes of OpenSSL (X509_STORE_CTX_get_error): what goes wrong with the certificates of sites."""


def status_fault(
    status: int, headers: Mapping[str, str], page: bytes, now: datetime, longest_wait: float
) -> NotFetched:
    """Return what a status other than success comes to; the server may ask to be left alone for `longest_wait` s."""
    kind, reason, may_pass = FetchFault.STATUS, f"the server answers {status}", status in _BUSY
    if status == 304:
        kind, reason = FetchFault.BAD_ANSWER, "the server answers 304, though there was no condition"
    elif headers.get("cf-mitigated", "").lower() == "challenge" or (
        status in (403, 429, 503) and _CHALLENGE_PAGE.search(page)
    ):
        kind, reason = FetchFault.CHALLENGE, f"Cloudflare wants to see a browser there (status {status})"
    wait = _wait(headers, now, longest_wait) if may_pass else 0.0
    return NotFetched(reason, may_pass, wait, status, kind, headers, page)


def _wait(headers: Mapping[str, str], now: datetime, longest: float) -> float:
    """Return how many seconds the server asks to be left alone (RFC 9110, 10.2.3); 0 for what is no such request."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text.lstrip("0")[:12] or 0), longest)
    try:
        at = parsedate_to_datetime(text[:_LONGEST_DATE])
    except (ValueError, OverflowError):
        return 0.0
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), longest)


def error_fault(error: Exception, seconds: float, max_bytes: int) -> NotFetched:
    """Return what an error of a request comes to; `seconds` and `max_bytes` are the bounds that it was made with."""
    if (forbidden := _forbidden(error)) is not None:
        return NotFetched(str(forbidden), kind=FetchFault.FORBIDDEN_HOST)
    match error:
        case TooLargeError():
            return too_large(max_bytes)
        case BadPackingError():
            return NotFetched(str(error), kind=FetchFault.BAD_ANSWER)
        case TimeoutError():
            return NotFetched(f"it takes longer than {seconds:g} s", may_pass=True, kind=FetchFault.TIMEOUT)
        case aiohttp.ClientPayloadError():
            return NotFetched("the answer broke off", may_pass=True, kind=FetchFault.BROKEN_OFF)
        case aiohttp.ClientConnectionError() | OSError():
            return _connection_fault(error)
        case aiohttp.ClientError() if not isinstance(error, aiohttp.InvalidURL):
            return NotFetched("the server's answer is no proper HTTP", kind=FetchFault.BAD_ANSWER)
        case _:
            # From the encoding of a host's name too, whose rules are more than a look at it shows.
            return NotFetched("its address is not valid", kind=FetchFault.NOT_WEB)


def too_large(max_bytes: int) -> NotFetched:
    """Return what a body of more bytes than this comes to."""
    return NotFetched(f"it is larger than {max_bytes / 1e6:g} MB", kind=FetchFault.TOO_LARGE)


def _connection_fault(error: Exception) -> NotFetched:
    kind = FetchFault.NO_CONNECTION
    match error:
        case aiohttp.ClientConnectorCertificateError():
            kind, reason = FetchFault.TLS, f"its certificate is not valid: {_certificate(error.certificate_error)}"
        case aiohttp.ClientSSLError():
            kind, reason = FetchFault.TLS, f"TLS failed: {_tls(error)}"
        case aiohttp.ClientConnectorDNSError():
            kind, reason = FetchFault.NO_NAME, "its host has no address"
        case aiohttp.ClientConnectorError():
            reason = f"no connection: {_words(error.os_error)}"
        case _:
            reason = "the connection broke off"
    return NotFetched(reason, may_pass=True, kind=kind)


def _forbidden(error: BaseException | None) -> ForbiddenHostError | None:
    while error is not None:
        if isinstance(error, ForbiddenHostError):
            return error
        error = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error.__cause__
    return None


def _certificate(error: Exception) -> str:
    if not isinstance(error, ssl.SSLCertVerificationError):
        return "it could not be checked"
    # Python adds the host to some of OpenSSL's own words.
    words = error.verify_message.partition(", certificate is not valid for")[0].rstrip(".").lower()
    return _CERTIFICATE_FAULTS.get(error.verify_code) or words or "it could not be checked"


def _tls(error: aiohttp.ClientSSLError) -> str:
    cause = error.os_error
    reason = cause.reason if isinstance(cause, ssl.SSLError) else None
    return (reason or type(cause).__name__).replace("_", " ").lower()


def _words(error: OSError) -> str:
    match error:
        case ConnectionResetError() | BrokenPipeError():
            return "the server closed it"
        case ConnectionRefusedError():
            return "connection refused"
        case _:
            return (error.strerror or "it failed").lower()
