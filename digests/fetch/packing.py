"""Unpacking a body piece by piece, within bounds: gzip, deflate, br and zstd (RFC 9110, 8.4.1; RFC 7932; RFC 8878)."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd

COMMON = ("gzip", "deflate")
"""The packings that everybody opens."""
MODERN = (*COMMON, "br", "zstd")
"""Those that browsers open."""
_GZIP = zlib.MAX_WBITS | 16
_STEP = 262_144
"""So much is unpacked at once where the library's own bound is a rough one."""
_MOST_PIECES = 1000
"""A body of more gzip members or zstd frames is made to keep us busy: of the shortest, 5 MB hold 250,000."""
_ZSTD_WINDOW = 23
"""The largest window of zstd in HTTP is 8 MB (RFC 9659, 3); the format itself allows two gigabytes."""


class BadPackingError(Exception):
    """The body is packed in a way that is unknown, or broken."""


class Unpacker(Protocol):
    """Unpacks a body piece by piece, and stops in time."""

    def add(self, data: bytes) -> bytes:
        """Return what this much more of the body holds. Raises BadPackingError.

        Once more than the limit was returned in all, the rest is left as it is: whoever counts knows that it is over.
        """

    def finish(self) -> None:
        """Raise BadPackingError if something is missing at the end."""


def unpacker_of(packing: str, limit: int) -> Unpacker:
    """Return what unpacks a body until there are more than `limit` bytes of it; `packing` is from `MODERN`."""
    match packing:
        case "br":
            return _Brotli(limit)
        case "zstd":
            return _Pieces(_Format(_begin_zstd, zstd.ZstdError, head=4), limit)
        case "deflate":
            return _Pieces(_Format(zlib.decompressobj, zlib.error, head=2, begin_otherwise=_begin_raw), limit)
        case "gzip":
            return _Pieces(_Format(_begin_gzip, zlib.error, head=2), limit)
        case _:
            raise ValueError(packing)


def _begin_gzip() -> Any:
    return zlib.decompressobj(_GZIP)


def _begin_raw() -> Any:
    return zlib.decompressobj(-zlib.MAX_WBITS)


def _begin_zstd() -> Any:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW})


@dataclass(frozen=True, slots=True)
class _Format:
    """A format of pieces, each with an end of its own: gzip's members, zstd's frames; of deflate there is one.

    `begin` returns what unpacks one, which raises `error` for what is none, and `head` is how many bytes tell that it
    is. `begin_otherwise` is for what only some mean by the name.
    """

    begin: Callable[[], Any]
    error: type[Exception]
    head: int
    begin_otherwise: Callable[[], Any] | None = None


class _Pieces:
    """Unpacks what consists of pieces.

    What follows the last of them and is none itself is passed over, as browsers do: some servers pad their answers.
    """

    def __init__(self, form: _Format, limit: int) -> None:
        self._form = form
        self._object = form.begin()
        self._left = limit + 1
        self._pieces = 0
        self._held = b""
        self._is_begun = False
        self._is_padding = False

    def add(self, data: bytes) -> bytes:
        found = list[bytes]()
        while data and self._left and not self._is_padding:
            if not self._is_begun:
                data = self._held + data
                if len(data) < self._form.head:
                    self._held = data
                    break
                self._held = b""
            found.append(self._unpack(data))
            self._left -= len(found[-1])
            data = self._end_piece() if self._object.eof else b""
        return b"".join(found)

    def _unpack(self, data: bytes) -> bytes:
        is_first, self._is_begun = not self._is_begun, True
        try:
            return bytes(self._object.decompress(data, self._left))
        except self._form.error as error:
            if is_first and self._pieces:
                self._is_padding = True
                return b""
            if not is_first or self._form.begin_otherwise is None:
                raise BadPackingError("it is not packed as it says") from error
        # Some servers call raw data "deflate" (RFC 9110, 8.4.1.2).
        self._object = self._form.begin_otherwise()
        try:
            return bytes(self._object.decompress(data, self._left))
        except self._form.error as error:
            raise BadPackingError("it is not packed as it says") from error

    def _end_piece(self) -> bytes:
        """Make ready for another piece; return what is there of it."""
        rest = bytes(self._object.unused_data)
        self._pieces += 1
        if self._pieces > _MOST_PIECES:
            raise BadPackingError(f"it is packed in more than {_MOST_PIECES} pieces")
        self._object, self._is_begun = self._form.begin(), False
        self._is_padding = self._form.begin_otherwise is not None
        return rest

    def finish(self) -> None:
        is_cut = self._is_begun or (self._held and not self._pieces)
        if is_cut and not self._is_padding and self._left:
            raise BadPackingError("it broke off")


class _Brotli:
    """Unpacks br, step by step, since the library's own bound may be passed by as much as is there already."""

    def __init__(self, limit: int) -> None:
        self._object = brotli.Decompressor()
        self._left = limit + 1
        self._is_begun = False

    def add(self, data: bytes) -> bytes:
        found = list[bytes]()
        while self._left and not self._object.is_finished():
            try:
                found.append(self._object.process(data, output_buffer_limit=_STEP))
            except brotli.error as error:
                raise BadPackingError("it is not packed as it says") from error
            self._is_begun, data = True, b""
            self._left = max(0, self._left - len(found[-1]))
            if self._object.can_accept_more_data():
                break
        return b"".join(found)

    def finish(self) -> None:
        if self._is_begun and self._left and not self._object.is_finished():
            raise BadPackingError("it broke off")
