"""Reading the body of a response within bounds, however much of it there is, and however it is packed."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Collection

from digests.fetch.packing import COMMON, BadPackingError, Unpacker, unpacker_of

_UNPACKED = frozenset({"", "identity", "none", "utf-8", "utf8", "binary", "8bit", "7bit"})
"""What servers write in Content-Encoding of what is not packed: some take it for the encoding of the text."""
_OTHER_NAMES = {"x-gzip": "gzip"}


class TooLargeError(Exception):
    """The body has more bytes than it may have, as it came or unpacked."""


async def unpacked_body(
    chunks: AsyncIterable[bytes], packing: str, limit: int, accepted: Collection[str] = COMMON
) -> bytes:
    """Return the whole body, unpacked: `packing` is the header Content-Encoding, "" for none.

    Raises:
        TooLargeError: It is larger than `limit` bytes, received or unpacked; little more than that is ever held.
        BadPackingError: It can't be unpacked, or it is packed otherwise than was `accepted`.
    """
    parts = [part async for part in _parts(chunks, _unpacker(packing, limit, accepted), limit)]
    return b"".join(parts)


async def body_beginning(
    chunks: AsyncIterable[bytes], packing: str, limit: int, accepted: Collection[str] = COMMON
) -> bytes:
    """Return as much of a body as fits in `limit` bytes, and as can be unpacked."""
    parts = list[bytes]()
    try:
        async for part in _parts(chunks, _unpacker(packing, limit, accepted), limit):
            parts.append(part)
    except (TooLargeError, BadPackingError):
        # What there is of it says as much as it can.
        pass
    return b"".join(parts)[:limit]


async def _parts(chunks: AsyncIterable[bytes], unpacker: Unpacker | None, limit: int) -> AsyncIterator[bytes]:
    """Yield the unpacked parts of a body, the last of them with what is beyond the limit."""
    received = unpacked = 0
    async for chunk in chunks:
        part = unpacker.add(chunk) if unpacker else chunk
        received, unpacked = received + len(chunk), unpacked + len(part)
        yield part
        if max(received, unpacked) > limit:
            raise TooLargeError
    if unpacker is not None:
        unpacker.finish()


def _unpacker(packing: str, limit: int, accepted: Collection[str]) -> Unpacker | None:
    written = [name for name in (part.strip().lower() for part in packing.split(",")) if name not in _UNPACKED]
    names = [_OTHER_NAMES.get(name, name) for name in written]
    if len(names) > 1 or (names and names[0] not in accepted):
        # Packed twice is what nobody does but to make a small file huge.
        shown = "".join(character for character in ", ".join(written)[:40] if " " <= character <= "~")
        raise BadPackingError(f"it is packed as {shown}, which we don't accept")
    return unpacker_of(names[0], limit) if names else None
