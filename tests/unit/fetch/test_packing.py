"""Unpacking: every packing, however it is cut into pieces, and never more of it than may be held."""

from __future__ import annotations

import gzip
import resource
import zlib
from collections.abc import AsyncIterator, Iterable

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.fetch.body import TooLargeError, body_beginning, unpacked_body
from digests.fetch.packing import MODERN, BadPackingError, unpacker_of, zstd

TEXT = b"<rss>news</rss>\n" * 400
LIMIT = 10_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw": raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def name_of(packer: str) -> str:
    return "deflate" if packer == "raw" else packer


async def pieces(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def unpacked(data: bytes, packing: str, limit: int = LIMIT, *, step: int = 0) -> bytes:
    step = step or len(data) or 1
    parts = (data[start : start + step] for start in range(0, len(data), step))
    return await unpacked_body(pieces(parts), packing, limit, MODERN)


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("step", [1, 2, 3, 1000, 0])
@pytest.mark.parametrize("text", [TEXT, b"a", b""])
async def test_every_packing_is_opened_however_it_is_cut(packer: str, step: int, text: bytes) -> None:
    data = PACKERS[packer](text)
    assert await unpacked(data, name_of(packer), step=step) == text


@pytest.mark.parametrize("packer", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("step", [1, 0])
async def test_what_broke_off_is_named(packer: str, step: int) -> None:
    data = PACKERS[packer](TEXT)
    for length in (1, 3, len(data) // 2, len(data) - 1):
        with pytest.raises(BadPackingError, match=r"it broke off|not packed as it says"):
            await unpacked(data[:length], packer, step=step)


@pytest.mark.parametrize("packer", ["gzip", "deflate", "br", "zstd"])
async def test_what_is_packed_otherwise_is_named(packer: str) -> None:
    with pytest.raises(BadPackingError, match="not packed as it says"):
        await unpacked(b"<?xml version='1.0'?><rss>" * 100, packer)
    assert await unpacked(b"", packer) == b""


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("step", [7, 0])
async def test_the_limit_is_exact(packer: str, step: int) -> None:
    data = PACKERS[packer](TEXT)
    assert await unpacked(data, name_of(packer), len(TEXT), step=step) == TEXT
    with pytest.raises(TooLargeError):
        await unpacked(data, name_of(packer), len(TEXT) - 1, step=step)


@pytest.mark.parametrize("packer", PACKERS)
async def test_no_bomb_is_ever_held(packer: str) -> None:
    bomb = PACKERS[packer](bytes(300_000_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLargeError):
        await unpacked(bomb, name_of(packer), 2_000_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000
    unpacker = unpacker_of(name_of(packer), 2_000_000)
    held = sum(len(unpacker.add(bomb[start : start + 65_536])) for start in range(0, len(bomb), 65_536))
    assert 2_000_000 < held < 2_700_000
    unpacker.finish()


async def test_members_and_frames_follow_each_other() -> None:
    for step in (1, 5, 0):
        assert await unpacked(gzip.compress(b"ab") + gzip.compress(b"cd"), "gzip", step=step) == b"abcd"
        skipped = b"\x50\x2a\x4d\x18\x04\0\0\0none"
        assert await unpacked(skipped + zstd.compress(b"ab") + zstd.compress(b"cd"), "zstd", step=step) == b"abcd"
        with pytest.raises(BadPackingError, match="it broke off"):
            await unpacked(gzip.compress(b"ab") + gzip.compress(b"cd")[:-3], "gzip", step=step)


@pytest.mark.parametrize("padding", [b"\0", b"\0" * 100, b"<!-- cached -->"])
async def test_padding_after_the_end_is_passed_over(padding: bytes) -> None:
    for step in (1, 0):
        for packing in ("gzip", "zstd", "deflate"):
            assert await unpacked(PACKERS[packing](TEXT) + padding, packing, step=step) == TEXT
    assert await unpacked_body(pieces([brotli.compress(TEXT), padding]), "br", LIMIT, MODERN) == TEXT


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
async def test_a_body_of_countless_empty_pieces_is_refused(packer: str) -> None:
    with pytest.raises(BadPackingError, match="in more than 1000 pieces"):
        await unpacked(PACKERS[packer](b"") * 20_000, packer, 5_000_000)


async def test_a_frame_that_wants_a_window_of_128_mb_is_refused() -> None:
    greedy = zstd.compress(bytes(20_000_000), options={zstd.CompressionParameter.window_log: 27})
    with pytest.raises(BadPackingError):
        await unpacked(greedy, "zstd", 50_000_000)


async def test_what_was_not_asked_for_is_refused() -> None:
    for packing in ("br", "zstd", "gzip, br", "compress", "aes\x00128"):
        with pytest.raises(BadPackingError, match="which we don't accept"):
            await unpacked_body(pieces([b"x"]), packing, LIMIT)
    for packing in ("", "identity", "UTF-8", " none ", "identity, identity"):
        assert await unpacked_body(pieces([b"x"]), packing, LIMIT) == b"x"
    assert await unpacked(gzip.compress(b"x"), " X-GZIP ,identity") == b"x"


async def test_the_beginning_of_a_body_is_what_can_be_had() -> None:
    for packer in PACKERS:
        assert await body_beginning(pieces([PACKERS[packer](TEXT)]), name_of(packer), 100, MODERN) == TEXT[:100]
    assert await body_beginning(pieces([TEXT, TEXT]), "", 5, MODERN) == TEXT[:5]
    assert await body_beginning(pieces([b"ab", b"c"]), "", 5, MODERN) == b"abc"
    assert await body_beginning(pieces([b"no gzip"]), "gzip", 5, MODERN) == b""
    assert await body_beginning(pieces([b"x"]), "compress", 5, MODERN) == b""


@given(st.binary(max_size=300), st.sampled_from(MODERN), st.integers(1, 40))
async def test_any_bytes_are_opened_or_refused(data: bytes, packing: str, step: int) -> None:
    try:
        found = await unpacked(data, packing, 1000, step=step)
    except (BadPackingError, TooLargeError):
        return
    assert len(found) <= 1000


@given(st.binary(max_size=2000), st.sampled_from(sorted(PACKERS)), st.integers(1, 50))
async def test_what_was_packed_comes_out(data: bytes, packer: str, step: int) -> None:
    assert await unpacked(PACKERS[packer](data), name_of(packer), 2000, step=step) == data
