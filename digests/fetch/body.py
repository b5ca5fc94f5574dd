"""Reading the body of a response within bounds, however much of it there is, and however it is packed."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable

_GZIP = zlib.MAX_WBITS | 16
_PACKED = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}
ACCEPTED = "gzip, deflate"
"""The packings that `unpacked_body` opens, for the header Accept-Encoding."""


class BodyError(Exception):
    """The body can't be used."""


class TooLargeError(BodyError):
    """The body has more bytes than it may have, as it came or unpacked."""


class BadPackingError(BodyError):
    """The body is packed in a way that is unknown, or broken."""


async def unpacked_body(chunks: AsyncIterable[bytes], packing: str, limit: int) -> bytes:
    """Return the whole body, unpacked: `packing` is the header Content-Encoding, "" for none.

    Raises:
        TooLargeError: It is larger than `limit` bytes, received or unpacked; no more than that is ever held.
        BadPackingError: It can't be unpacked.
    """
    names = [name for name in (part.strip().lower() for part in packing.split(",")) if name not in ("", "identity")]
    if len(names) > 1 or (names and names[0] not in _PACKED):
        # Packed twice is what nobody does but to make a small file huge.
        raise BadPackingError(f"it is packed as {', '.join(names)[:40]}, which we don't accept")
    unpacker = _Unpacker(_PACKED[names[0]], limit) if names else None
    received, parts = 0, list[bytes]()
    async for chunk in chunks:
        received += len(chunk)
        if received > limit:
            raise TooLargeError
        parts.append(unpacker.add(chunk) if unpacker else chunk)
    if unpacker is not None:
        unpacker.finish()
    return b"".join(parts)


class _Unpacker:
    """Unpacks a body piece by piece, and stops in time."""

    def __init__(self, window: int, limit: int) -> None:
        self._object = zlib.decompressobj(window)
        self._left = limit
        self._is_first = True

    def add(self, data: bytes) -> bytes:
        """Return what this much more of the body holds."""
        if self._object.eof:
            return b""
        try:
            found = self._decompress(data)
        except zlib.error as error:
            raise BadPackingError("it is not packed as it says") from error
        self._left -= len(found)
        if self._left < 0:
            raise TooLargeError
        return found

    def _decompress(self, data: bytes) -> bytes:
        # One byte beyond the limit tells that there is more.
        is_first, self._is_first = self._is_first, False
        try:
            return self._object.decompress(data, self._left + 1)
        except zlib.error:
            if not is_first:
                raise
            # Some servers call raw data "deflate" (RFC 9110, 8.4.1.2).
            self._object = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._object.decompress(data, self._left + 1)

    def finish(self) -> None:
        """Raise BadPackingError if something is missing at the end."""
        if not self._object.eof and not self._is_first:
            raise BadPackingError("it broke off")
