"""The public route: mosaics and nothing else, to whoever asks in whatever way."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from bot.errors import StartError
from bot.web import mosaics as web_module
from bot.web.mosaics import MosaicServer
from digests.errors import StorageError
from tests.fakes import FakeOwnPictures
from tests.waiting import until

KEY = "0123456789abcdef0123" * 2
OTHER = "f" * 40
JPEG = b"\xff\xd8 a picture \xff\xd9" * 100


@dataclass
class Site:
    """A running server, and the requests that are made of it."""

    server: MosaicServer
    pictures: FakeOwnPictures
    withdrawn: set[str] = field(default_factory=set)

    async def request(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Make a request, and return the answer's status, headers and body."""
        url = f"http://127.0.0.1:{self.server.port}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, URL(url + path, encoded=True), headers=headers) as response,
        ):
            return (
                response.status,
                {name.lower(): value for name, value in response.headers.items()},
                await response.read(),
            )

    async def raw(self, request: bytes, seconds: float = 5) -> bytes:
        """Send bytes, and return everything until the server closes the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        try:
            writer.write(request)
            return await asyncio.wait_for(reader.read(), seconds)
        finally:
            writer.close()


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    pictures = FakeOwnPictures(tmp_path)
    pictures.add(KEY, JPEG, is_mosaic=True)
    pictures.add(OTHER, b"a kept picture")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    withdrawn = set[str]()

    async def may_show(key: str) -> bool:
        return key not in withdrawn

    server = MosaicServer("https://bot.example/some/pictures", "127.0.0.1:0", pictures, may_show)
    await server.start()
    yield Site(server, pictures, withdrawn)
    await server.stop()


@pytest.mark.parametrize("prefix", ["", "/some/pictures"])
async def test_a_mosaic_is_served_with_and_without_the_path_of_the_public_address(site: Site, prefix: str) -> None:
    status, headers, body = await site.request(f"{prefix}/m/{KEY}.jpg")
    assert (status, body) == (200, JPEG)
    assert headers["content-type"] == "image/jpeg"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "public, max-age=600"
    assert headers["content-length"] == str(len(JPEG))
    assert headers["last-modified"]
    assert headers["etag"]
    assert "server" not in headers


async def test_head_has_the_headers_without_the_body(site: Site) -> None:
    status, headers, body = await site.request(f"/m/{KEY}.jpg", "HEAD")
    assert (status, body, headers["content-length"]) == (200, b"", str(len(JPEG)))


@pytest.mark.parametrize(
    "since",
    ["Mon, 99999999999999999 Jan 1 0:0:0 GMT", "Thu, 01 Jan 0000 00:00:00 +9999", "31 Feb 2020", "\xff", "0", ""],
)
async def test_dates_that_are_none_are_no_condition(site: Site, since: str, caplog: pytest.LogCaptureFixture) -> None:
    assert (await site.request(f"/m/{KEY}.jpg", **{"If-Modified-Since": since}))[0] == 200
    assert not caplog.records


async def test_what_a_cache_has_is_not_sent_again(site: Site) -> None:
    _, headers, _ = await site.request(f"/m/{KEY}.jpg")
    for conditions in (
        {"If-None-Match": headers["etag"]},
        {"If-Modified-Since": headers["last-modified"]},
    ):
        status, _, body = await site.request(f"/m/{KEY}.jpg", **conditions)
        assert (status, body) == (304, b"")
    assert (await site.request(f"/m/{KEY}.jpg", **{"If-None-Match": '"other"'}))[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/m",
        "/m/",
        f"/m/{KEY}",
        f"/m/{KEY}.JPG",
        f"/m/{KEY}.jpg/",
        f"/m/{KEY.upper()}.jpg",
        f"/m/{KEY[:-1]}.jpg",
        f"/m/{KEY}0.jpg",
        f"/m/{OTHER}.jpg",
        f"/m/{'0' * 40}.jpg",
        f"/other/m/{KEY}.jpg",
        f"/some/pictures/some/pictures/m/{KEY}.jpg",
        f"//m/{KEY}.jpg",
        f"/m/../m/{KEY}.jpg",
        f"/m/%2e%2e/m/{KEY}.jpg",
        f"/m/%30{KEY[1:]}.jpg",
        f"/%6d/{KEY}.jpg",
        f"/m/{KEY}.jpg%00",
        "/m/../secret.jpg",
        "/m/..%2fsecret.jpg",
        "/mosaics/01/" + KEY + ".jpg",
        "/metrics",
        "/.env",
        "/favicon.ico",
        "/robots.txt",
    ],
)
async def test_anything_else_is_not_found_and_looks_alike(site: Site, path: str) -> None:
    status, headers, body = await site.request(path)
    assert (status, body) == (404, b"")
    assert sorted(headers) == ["content-length", "date"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "TRACE"])
async def test_nothing_can_be_changed(site: Site, method: str) -> None:
    status, headers, body = await site.request(f"/m/{KEY}.jpg", method)
    assert (status, body) == (404, b"")
    assert "allow" not in headers


async def test_a_withdrawn_mosaic_looks_like_one_that_never_was(site: Site) -> None:
    site.withdrawn.add(KEY)
    withdrawn = await site.request(f"/m/{KEY}.jpg")
    never = await site.request(f"/m/{'0' * 40}.jpg")
    assert withdrawn[0] == 404
    assert withdrawn[1].keys() == never[1].keys()
    assert withdrawn[2] == never[2]


async def test_a_file_that_is_gone_looks_like_one_that_never_was(site: Site) -> None:
    site.pictures.file(KEY).unlink()
    status, headers, body = await site.request(f"/m/{KEY}.jpg")
    assert (status, body) == (404, b"")
    assert sorted(headers) == ["content-length", "date"]


async def test_a_database_that_fails_is_a_matter_of_time(tmp_path: Path) -> None:
    async def locked(_key: str) -> bool:
        raise StorageError("locked")

    server = MosaicServer("https://bot.example", "127.0.0.1:0", FakeOwnPictures(tmp_path), locked)
    await server.start()
    try:
        status, headers, _ = await Site(server, FakeOwnPictures(tmp_path)).request(f"/m/{KEY}.jpg")
        assert (status, headers["retry-after"]) == (503, "30")
    finally:
        await server.stop()


async def test_requests_that_cannot_be_read_are_refused_and_leave_no_trace(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    for request in (
        b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"a%d: b\r\n" % number for number in range(1000)),
        b"\x16\x03\x01 hello" * 50,
    ):
        assert (await site.raw(request)).startswith(b"HTTP/1.0 400")
    assert not caplog.records, "anybody could fill the disk with these"


async def test_a_connection_that_says_nothing_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_module, "_HEADER_SECONDS", 0.2)
    pictures = FakeOwnPictures(tmp_path)

    async def may_show(_key: str) -> bool:
        return True

    server = MosaicServer("https://bot.example", "127.0.0.1:0", pictures, may_show)
    await server.start()
    try:
        site = Site(server, pictures)
        assert await site.raw(b"") == b""
        assert await site.raw(b"GET /m/") == b""
    finally:
        await server.stop()


async def test_more_connections_than_allowed_are_refused_and_the_others_served(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_module, "_MOST_CONNECTIONS", 3)
    idle = [await asyncio.open_connection("127.0.0.1", site.server.port) for _ in range(3)]
    await asyncio.sleep(0.05)
    with pytest.raises(aiohttp.ClientError):
        await site.request(f"/m/{KEY}.jpg")
    for _, writer in idle:
        writer.close()
        await writer.wait_closed()
    await asyncio.sleep(0.05)
    assert (await site.request(f"/m/{KEY}.jpg"))[0] == 200


async def test_a_reader_of_one_byte_a_second_is_let_go(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_module, "_ANSWER_SECONDS", 0.3)
    large = "a" * 40
    # More than the buffers of the sockets hold.
    site.pictures.add(large, b"x" * 20_000_000, is_mosaic=True)
    connection = socket.create_connection(("127.0.0.1", site.server.port))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sendall(f"GET /m/{large}.jpg HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await until(lambda: site.server.connections == 1)
    await until(lambda: not site.server.connections)
    connection.close()
    assert (await site.request(f"/m/{KEY}.jpg"))[0] == 200


async def test_a_taken_port_says_what_to_do(site: Site, tmp_path: Path) -> None:
    async def may_show(_key: str) -> bool:
        return True

    listen = f"127.0.0.1:{site.server.port}"
    second = MosaicServer("https://bot.example", listen, FakeOwnPictures(tmp_path), may_show)
    with pytest.raises(StartError, match=r"can't be listened on.*set web\.listen"):
        await second.start()
    await second.stop()
