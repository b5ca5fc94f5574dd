"""Sets of documents as bits of a number, and how they are stored (pure).

Bit n is document n. Python's numbers of any length are combined as fast as memory is read: 100,000 documents in a
microsecond or two. Stored is a row for each *block* of documents: as a bitmap, or, where that is shorter, as a list of
places in the block, of two bytes each. New documents are appended to the list, until the row is written anew.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from sys import byteorder

_CHUNK_BYTES = 256
_PLACE = "H"
_PLACE_BYTES = 2


def split_bits(bits: int, block: int) -> Iterator[tuple[int, int]]:
    """Yield (block, bits in it) for each block that has any."""
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    if block % 8:
        mask = (1 << block) - 1
        for number in range(bits.bit_length() // block + 1):
            if part := (bits >> (number * block)) & mask:
                yield number, part
        return
    size = block // 8
    for at in range(0, len(data), size):
        if part := int.from_bytes(data[at : at + size], "little"):
            yield at // size, part


def stored_bits(bits: int) -> tuple[bytes, bytes]:
    """Return the (bitmap, list) of a block's documents, one of which is empty."""
    if bits.bit_count() * _PLACE_BYTES * 8 < bits.bit_length():
        return b"", stored_places(places_of(bits))
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little"), b""


def stored_places(places: Iterable[int]) -> bytes:
    """Return a list of places as it is stored."""
    listed = array(_PLACE, places)
    if byteorder == "big":
        listed.byteswap()
    return listed.tobytes()


def bits_of_block(bitmap: bytes, listed: bytes | bytearray) -> int:
    """Return what is stored of a block."""
    bits = int.from_bytes(bitmap, "little")
    if not listed:
        return bits
    places = array(_PLACE, listed)
    if byteorder == "big":
        places.byteswap()
    return bits | bits_of(places)


def bits_of(documents: Iterable[int]) -> int:
    """Return some documents as bits."""
    listed = list(documents)
    if not listed:
        return 0
    data = bytearray(max(listed) // 8 + 1)
    for document in listed:
        data[document >> 3] |= 1 << (document & 7)
    return int.from_bytes(data, "little")


def joined_blocks(blocks: Iterable[tuple[int, bytes, bytes]], block: int) -> int:
    """Return what is stored of all blocks, each as (number, bitmap, list)."""
    if block % 8:
        bits = 0
        for number, bitmap, listed in blocks:
            bits |= bits_of_block(bitmap, listed) << (number * block)
        return bits
    size = block // 8
    data = bytearray()
    for number, bitmap, listed in blocks:
        content = bits_of_block(bitmap, listed).to_bytes(size, "little") if listed else bitmap
        at = number * size
        if len(data) < at + len(content):
            data.extend(bytes(at + len(content) - len(data)))
        data[at : at + len(content)] = content
    return int.from_bytes(data, "little")


def places_of(bits: int) -> list[int]:
    """Return all documents, in order."""
    return first_of(bits, bits.bit_count(), backwards=True)


def first_of(bits: int, number: int, *, backwards: bool = False) -> list[int]:
    """Return the newest documents, the newest first, or, `backwards`, the oldest, the oldest first."""
    found: list[int] = []
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    begins = range(0, len(data), _CHUNK_BYTES)
    for begin in begins if backwards else reversed(begins):
        chunk = int.from_bytes(data[begin : begin + _CHUNK_BYTES], "little")
        if not chunk:
            continue
        digits = f"{chunk:b}"
        if backwards:
            digits = digits[::-1]
        first, step = (begin * 8, 1) if backwards else (begin * 8 + len(digits) - 1, -1)
        at = digits.find("1")
        while at >= 0:
            found.append(first + at * step)
            at = digits.find("1", at + 1)
        if len(found) >= number:
            break
    return found[:number]


def beyond(bits: int, bound: int | None, *, backwards: bool) -> int:
    """Return the documents before one, or, `backwards`, behind it; all of them for None."""
    if bound is None:
        return bits
    if backwards:
        return bits >> (bound + 1) << (bound + 1)
    return bits & ((1 << bound) - 1)
