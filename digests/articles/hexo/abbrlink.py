"""The numbers that hexo-abbrlink gives to posts. Checked against hexo-abbrlink 2.2.1."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import reduce

from digests.articles.hexo.front import HexoFrontMatter
from digests.articles.hexo.js_yaml import as_text, is_truthy
from digests.articles.hexo.neighbours import Neighbours
from digests.articles.hexo.site import Abbrlink
from digests.articles.hexo.uncertain import UncertainError

_CRC16 = tuple(
    # CRC-16/ARC: the polynomial 0xA001, reflected.
    reduce(lambda crc, _: (crc >> 1) ^ (0xA001 if crc & 1 else 0), range(8), byte)
    for byte in range(256)
)


def abbrlink_of(
    options: Abbrlink, front: HexoFrontMatter, title: Callable[[], str], neighbours: Neighbours | None
) -> str:
    """Return the post's `abbrlink` if given, else the checksum of its title.

    Raises:
        UncertainError: The plugin is not there or leaves the post alone, or another post may have the number.
    """
    own = front.get("abbrlink")
    if own is not None and not options.installed:
        return as_text(own)
    if is_truthy(own) and not options.force:
        return as_text(own)
    number = own_number(options, front, title)
    if number is None:
        raise UncertainError("abbrlink", " and the post's layout is not post" if options.installed else "")
    if options.hexadecimal:
        return f"{number:x}"
    # Of equal decimal numbers, all but the first file that Hexo reads move on to the next free one.
    if neighbours is None or neighbours.is_contested(number):
        raise UncertainError("shared number", str(number))
    return str(number)


def own_number(options: Abbrlink, front: HexoFrontMatter, title: Callable[[], str]) -> int | None:
    """Return the number that hexo-abbrlink gives this post or finds in it; None if it leaves the post alone."""
    if not options.installed or (front.has("layout") and front.get("layout") != "post"):
        return None
    own = front.get("abbrlink")
    if is_truthy(own) and not options.force:
        return own if isinstance(own, int) and not isinstance(own, bool) else None
    text = title().encode("utf-8", "replace")
    return zlib.crc32(text) if options.crc32 else _crc16(text)


def _crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _CRC16[(crc ^ byte) & 0xFF]
    return crc
