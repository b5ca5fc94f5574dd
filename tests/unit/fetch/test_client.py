"""The client against servers that keep no rule; no packet leaves this machine."""

from __future__ import annotations

import asyncio
import gzip
import re
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import pytest
import trustme

from digests.fetch.client import FetchOptions, WebClient, user_agent
from digests.fetch.guard import AllowedHosts
from digests.fetch.outcome import Fetched, FetchFault, NotFetched
from tests.factories.pictures import grey_png
from tests.hostile_server import (
    Behave,
    HostileServer,
    LoopbackConnector,
    answer,
    endless,
    gzip_bomb,
    head,
    late,
    picture,
    raw,
    redirect,
    serve_hostile,
    status,
)

PUBLIC = [["93.184.216.34"]]


@pytest.fixture
async def server() -> AsyncIterator[HostileServer]:
    async with serve_hostile({"/a.png": picture()}) as hostile:
        yield hostile


def client_of(server: HostileServer, *, seconds: float = 5.0, max_bytes: int = 100_000, per_host: int = 2) -> WebClient:
    """Return a client to which the server is allowed by name."""
    return WebClient(FetchOptions(seconds, max_bytes, per_host, allowed=AllowedHosts([server.name])))


async def fetched(server: HostileServer, path: str, **options: float) -> Fetched | NotFetched:
    async with client_of(server, **options) as client:  # type: ignore[arg-type]
        return await client.fetch(server.url + path)


async def from_world(
    server: HostileServer, address: str, names: Mapping[str, Sequence[Sequence[str]]]
) -> tuple[Fetched | NotFetched, LoopbackConnector]:
    connector = LoopbackConnector(server.port, names)
    async with WebClient(FetchOptions(), connector) as client:
        return await client.fetch(address), connector


async def test_a_picture_comes_with_its_headers(server: HostileServer) -> None:
    result = await fetched(server, "/a.png")
    assert isinstance(result, Fetched)
    assert result.body == grey_png(320, 200)
    assert (result.status, result.headers["content-type"], result.moved_to) == (200, "image/png", "")


async def test_the_request_says_who_we_are_and_nothing_else(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.pages["/set"] = redirect("/a.png")
    options = FetchOptions(contact="https://bot.example\r\nX-Evil: 1 ü", allowed=AllowedHosts([server.name]))
    server.pages["/cookie"] = answer(b"x", headers={"Set-Cookie": "id=1; Path=/"})
    async with WebClient(options) as client:
        await client.fetch(f"{server.url}/cookie")
        await client.fetch(f"{server.url}/set", accept="image/png")
    sent = server.requests[-1].headers
    assert set(sent) == {"host", "user-agent", "accept", "accept-encoding", ""}
    assert sent["user-agent"].startswith("digestbot/")
    assert sent["user-agent"].endswith(" (+https://bot.exampleX-Evil: 1)")
    assert sent["accept"] == "image/png"
    assert user_agent("").count("(") == 0


@pytest.mark.parametrize(
    ("page", "reason", "may_pass", "kind"),
    [
        (status(404), "the server answers 404", False, FetchFault.STATUS),
        (status(403), "the server answers 403", False, FetchFault.STATUS),
        (status(304), "the server answers 304, though there was no condition", False, FetchFault.BAD_ANSWER),
        (status(429), "the server answers 429", True, FetchFault.STATUS),
        (status(503), "the server answers 503", True, FetchFault.STATUS),
        (raw(b"", close=True), "the connection broke off", True, FetchFault.NO_CONNECTION),
        (raw(b"\xff\xd8\xff" * 30, close=True), "the server's answer is no proper HTTP", False, FetchFault.BAD_ANSWER),
        (
            raw(head(200, {"Content-Length": "900000000"}) + b"x"),
            "it is larger than 0.1 MB",
            False,
            FetchFault.TOO_LARGE,
        ),
        (
            raw(head(200, {"Content-Length": "900"}) + b"x", close=True),
            "the answer broke off",
            True,
            FetchFault.BROKEN_OFF,
        ),
        (endless(head(200, {}), b"x" * 10_000), "it is larger than 0.1 MB", False, FetchFault.TOO_LARGE),
        (
            endless(head(200, {"Transfer-Encoding": "chunked"}), b"1\r\nx\r\n"),
            "it is larger than 0.1 MB",
            False,
            FetchFault.TOO_LARGE,
        ),
        (
            endless(b"HTTP/1.1 200 OK\r\n", b"X-Header: 1\r\n"),
            "the server's answer is no proper HTTP",
            False,
            FetchFault.BAD_ANSWER,
        ),
        (
            endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 9000),
            "the server's answer is no proper HTTP",
            False,
            FetchFault.BAD_ANSWER,
        ),
        (
            answer(gzip_bomb(50_000_000), headers={"Content-Encoding": "gzip"}),
            "it is larger than 0.1 MB",
            False,
            FetchFault.TOO_LARGE,
        ),
        (
            answer(gzip_bomb(10)[:-9], headers={"Content-Encoding": "gzip"}),
            "it broke off",
            False,
            FetchFault.BAD_ANSWER,
        ),
        (
            answer(b"no gzip", headers={"Content-Encoding": "gzip"}),
            "it is not packed as it says",
            False,
            FetchFault.BAD_ANSWER,
        ),
        (
            answer(gzip.compress(gzip_bomb(9)), headers={"Content-Encoding": "gzip, gzip"}),
            "it is packed as gzip, gzip, which we don't accept",
            False,
            FetchFault.BAD_ANSWER,
        ),
        (
            answer(b"x", headers={"Content-Encoding": "br"}),
            "it is packed as br, which we don't accept",
            False,
            FetchFault.BAD_ANSWER,
        ),
    ],
)
async def test_each_fault_is_named(
    server: HostileServer, page: Behave, reason: str, *, may_pass: bool, kind: FetchFault
) -> None:
    server.pages["/bad"] = page
    result = await fetched(server, "/bad")
    assert isinstance(result, NotFetched)
    assert (result.reason, result.may_pass, result.kind) == (reason, may_pass, kind)
    status_line = re.search(r"the server answers (\d+)", reason)
    assert result.status == (int(status_line[1]) if status_line else None)


@pytest.mark.parametrize(
    "page",
    [
        endless(head(200, {"Content-Length": "1000"}), b"x", pause=0.05),
        endless(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x", pause=0.05),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.01),
        late(picture(), 30),
    ],
)
async def test_time_is_bounded_in_all(server: HostileServer, page: object) -> None:
    server.pages["/slow"] = page  # type: ignore[assignment]
    began = monotonic()
    assert await fetched(server, "/slow", seconds=0.3) == NotFetched(
        "it takes longer than 0.3 s", may_pass=True, kind=FetchFault.TIMEOUT
    )
    assert monotonic() - began < 2


async def test_redirects_share_the_time(server: HostileServer) -> None:
    for number in range(5):
        server.pages[f"/{number}"] = late(redirect(f"/{number + 1}"), 0.2)
    assert await fetched(server, "/0", seconds=0.5) == NotFetched(
        "it takes longer than 0.5 s", may_pass=True, kind=FetchFault.TIMEOUT
    )


async def test_packed_bodies_are_opened(server: HostileServer) -> None:
    text = b"news " * 1000
    server.pages["/gzip"] = answer(gzip.compress(text), headers={"Content-Encoding": "GZIP"})
    server.pages["/zlib"] = answer(zlib.compress(text), headers={"Content-Encoding": "deflate"})
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    server.pages["/raw"] = answer(packer.compress(text) + packer.flush(), headers={"Content-Encoding": "deflate"})
    server.pages["/plain"] = answer(text, headers={"Content-Encoding": "identity"})
    server.pages["/empty"] = answer(b"", headers={"Content-Encoding": "gzip"})
    for path, body in {"/gzip": text, "/zlib": text, "/raw": text, "/plain": text, "/empty": b""}.items():
        result = await fetched(server, path)
        assert isinstance(result, Fetched), path
        assert result.body == body


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "it redirects elsewhere: its host is not public (link-local)"),
        ("http://localhost/", "it redirects elsewhere: its host is not public (loopback)"),
        ("http://127.0.0.1/", "it redirects elsewhere: its host is not public (loopback)"),
        ("http://[::1]/", "it redirects elsewhere: its host is not public (loopback)"),
        ("http://[::ffff:127.0.0.1]/", "it redirects elsewhere: its host is not public (IPv4 within IPv6)"),
        ("//10.0.0.1/x", "it redirects elsewhere: its host is not public (private)"),
        ("http://2130706433/", "it redirects elsewhere: its host is a number instead of a name"),
        ("http://0x7f.1/", "it redirects elsewhere: its host is a number instead of a name"),
        ("http://news.example:6379/", "it redirects elsewhere: port 6379 is not one of the web"),
        ("http://inside.example/", "it redirects elsewhere: its host is not public (private)"),
        ("http://user:secret@news.example/", "it redirects to an address with a password"),
        ("ftp://news.example/x", "it redirects out of the web"),
        ("file:///etc/passwd", "it redirects out of the web"),
        ("http://", "it redirects in a circle"),
        ("http://news.example:99999/", "it redirects to an address that is not valid"),
        ("/start", "it redirects in a circle"),
    ],
)
async def test_redirects_lead_nowhere_else(server: HostileServer, to: str, reason: str) -> None:
    server.pages["/start"] = redirect(to)
    names = {"news.example": PUBLIC, "localhost": [["127.0.0.1", "::1"]], "inside.example": [["1.1.1.1", "10.0.0.1"]]}
    result, connector = await from_world(server, "http://news.example/start", names)
    kind = FetchFault.FORBIDDEN_HOST if "elsewhere" in reason else FetchFault.REDIRECT
    assert result == NotFetched(reason, kind=kind)
    assert connector.reached == ["93.184.216.34"]


async def test_redirects_end(server: HostileServer) -> None:
    for number in range(9):
        server.pages[f"/{number}"] = redirect(f"/{number + 1}", 301)
        server.pages[f"/end{number}"] = picture()
    assert await fetched(server, "/0") == NotFetched("it redirects more than 5 times", kind=FetchFault.REDIRECT)
    assert len(server.requests) == 6
    server.pages |= {"/a": redirect("/b"), "/b": redirect("/a")}
    assert await fetched(server, "/a") == NotFetched("it redirects in a circle", kind=FetchFault.REDIRECT)


async def test_what_moved_for_good_is_told(server: HostileServer) -> None:
    server.pages |= {"/old": redirect("/older", 308), "/older": redirect("/a.png", 301), "/now": redirect("/old")}
    result = await fetched(server, "/old")
    assert isinstance(result, Fetched)
    assert result.moved_to == result.address == f"{server.url}/a.png"
    result = await fetched(server, "/now")
    assert isinstance(result, Fetched)
    assert (result.moved_to, result.address) == ("", f"{server.url}/a.png")


async def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(server: HostileServer) -> None:
    names = {"rebind.example": [["93.184.216.34"], ["127.0.0.1"]]}
    result, connector = await from_world(server, "http://rebind.example/a.png", names)
    assert isinstance(result, Fetched)
    assert (connector.looked_up, connector.reached) == (["rebind.example"], ["93.184.216.34"])


async def test_a_name_that_leads_inside_the_second_time_is_refused_then(server: HostileServer) -> None:
    server.pages["/once"] = raw(head(200, {"Content-Length": "1"}) + b"x", close=True)
    connector = LoopbackConnector(server.port, {"rebind.example": [["93.184.216.34"], ["127.0.0.1"]]})
    async with WebClient(FetchOptions(), connector) as client:
        assert isinstance(await client.fetch("http://rebind.example/once"), Fetched)
        second = await client.fetch("http://rebind.example/once")
    assert second == NotFetched("its host is not public (loopback)", kind=FetchFault.FORBIDDEN_HOST)
    assert connector.reached == ["93.184.216.34"]


async def test_the_socket_itself_is_guarded(server: HostileServer) -> None:
    """A resolver that checks nothing, as if somebody had got by it."""
    connector = LoopbackConnector(server.port, {"news.example": PUBLIC})

    async def evil(_host: str, port: int = 0, family: object = None) -> list[dict[str, object]]:
        return [{"hostname": "news.example", "host": "10.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}]

    connector._resolver.resolve = evil  # type: ignore[assignment, method-assign]
    async with WebClient(FetchOptions(), connector) as client:
        result = await client.fetch("http://news.example/a.png")
    assert result == NotFetched("its host is not public (private)", kind=FetchFault.FORBIDDEN_HOST)
    assert connector.reached == []


async def test_an_allowed_host_is_allowed_under_its_name_alone(server: HostileServer) -> None:
    names = {"rsshub.internal": [["10.0.0.5"]], "evil.example": [["10.0.0.5"]]}
    allowed = ["rsshub.internal:1200"]
    connector = LoopbackConnector(server.port, names, allowed)
    async with WebClient(FetchOptions(allowed=AllowedHosts(allowed)), connector) as client:
        assert isinstance(await client.fetch("http://RSSHub.internal:1200/a.png"), Fetched)
        for address in ("http://evil.example:8000", "http://rsshub.internal", "http://10.0.0.5:8080"):
            refused = await client.fetch(f"{address}/a.png")
            assert refused == NotFetched("its host is not public (private)", kind=FetchFault.FORBIDDEN_HOST)
        assert isinstance(await client.fetch("http://evil.example:1200/a.png"), NotFetched)
    assert connector.reached == ["10.0.0.5"]


@pytest.mark.parametrize(
    "address",
    [
        *("", "news.example", "/a.png", "http://", "http:///x", "https://:80/", "http://a\nb/", "http://x:0x50/"),
        *(
            "http://[::1",
            "javascript:alert(1)",
            "data:image/png;base64,AA==",
            "http://a..b/",
            "http://" + "a" * 70 + ".b/",
        ),
        *("http://news.example/" + "x" * 9000, "http://\udcff.example/", "http://%31%30.0.0.1/", "mailto:a@b"),
        *(
            "http://a b.example/",
            "http://news.example:-1/",
            "http://-.example/",
            "http://.example/",
            "http://\u2488.example/",
        ),
    ],
)
async def test_what_is_no_address_is_refused(server: HostileServer, address: str) -> None:
    result, connector = await from_world(server, address, {})
    assert isinstance(result, NotFetched)
    assert result.reason
    assert connector.reached == []


async def test_addresses_are_sent_as_they_are_written(server: HostileServer) -> None:
    for path in ("/a%7Eb.png?x=%2F%3d;y", "/%E5%9B%BE.png", "/a.png!w640?x-oss-process=image/resize,w_640"):
        server.pages[path] = picture()
        assert isinstance(await fetched(server, path), Fetched), path
    assert isinstance(await fetched(server, "/图.png"), Fetched)
    assert isinstance(await fetched(server, "/a.png#part"), Fetched)


async def test_no_redirect_leaves_https() -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("news.example").configure_cert(context)
    async with serve_hostile({"/": redirect("http://news.example/a.png"), "/a.png": picture()}, tls=context) as server:
        names = {"news.example": PUBLIC, "other.example": PUBLIC}
        connector = LoopbackConnector(server.port, names)
        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)
        connector._ssl = trusting
        async with WebClient(FetchOptions(), connector) as client:
            assert await client.fetch("https://news.example/") == NotFetched(
                "it redirects from https to http", kind=FetchFault.REDIRECT
            )
            assert isinstance(await client.fetch("https://news.example/a.png"), Fetched)
            wrong = await client.fetch("https://other.example/a.png")
            assert isinstance(wrong, NotFetched)
            assert wrong.reason == "its certificate is not valid: it is for another host"
        result, _ = await from_world(server, "https://news.example/", names)
        assert isinstance(result, NotFetched)
        assert result.reason.startswith("its certificate is not valid: who issued it is not known here")
        assert (result.may_pass, result.kind) == (True, FetchFault.TLS)


@asynccontextmanager
async def plain_words() -> AsyncIterator[int]:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_server_without_tls_is_named() -> None:
    async with (
        plain_words() as port,
        WebClient(FetchOptions(), LoopbackConnector(port, {"news.example": PUBLIC})) as client,
    ):
        result = await client.fetch("https://news.example/")
    assert isinstance(result, NotFetched)
    assert result.reason == "TLS failed: wrong version number"


async def test_a_name_without_address_and_a_closed_port_may_pass(server: HostileServer) -> None:
    result, _ = await from_world(server, "https://gone.example/", {})
    assert result == NotFetched("its host has no address", may_pass=True, kind=FetchFault.NO_NAME)
    connector = LoopbackConnector(1, {"news.example": PUBLIC})
    async with WebClient(FetchOptions(), connector) as client:
        refused = await client.fetch("http://news.example/")
    assert isinstance(refused, NotFetched)
    assert refused.reason.startswith("no connection: ")
    assert (refused.may_pass, refused.kind) == (True, FetchFault.NO_CONNECTION)


async def test_a_server_may_ask_to_be_left_alone(server: HostileServer) -> None:
    server.pages["/seconds"] = status(429, retry_after="120")
    server.pages["/date"] = status(
        503, retry_after=format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    )
    server.pages["/forever"] = status(429, retry_after="9" * 40)
    server.pages["/nonsense"] = status(429, retry_after="soon")
    waits = {path: await fetched(server, path) for path in ("/seconds", "/date", "/forever", "/nonsense")}
    found = {path: round(result.wait) for path, result in waits.items() if isinstance(result, NotFetched)}
    assert found["/seconds"] == 120
    assert 3500 < found["/date"] <= 3600
    assert (found["/forever"], found["/nonsense"]) == (86_400, 0)


async def test_conditional_requests_may_find_nothing_new(server: HostileServer) -> None:
    server.pages["/feed"] = status(304, etag='"2"')
    server.pages["/moved"] = redirect("http://other.example/feed")
    async with client_of(server) as client:
        result = await client.fetch(f"{server.url}/feed", {"If-None-Match": '"2"'})
    assert isinstance(result, Fetched)
    assert (result.status, result.body, result.headers["etag"]) == (304, b"", '"2"')
    assert server.requests[-1].headers["if-none-match"] == '"2"'
    connector = LoopbackConnector(server.port, {"news.example": PUBLIC, "other.example": PUBLIC})
    async with WebClient(FetchOptions(), connector) as client:
        await client.fetch("http://news.example/moved", {"Authorization": "secret"})
    assert server.requests[-2].headers["authorization"] == "secret"
    assert "authorization" not in server.requests[-1].headers


async def test_hosts_are_asked_politely_and_a_slow_one_delays_no_other(server: HostileServer) -> None:
    server.pages["/slow"] = late(picture(), 0.3)
    connector = LoopbackConnector(server.port, {"slow.example": PUBLIC, "fast.example": PUBLIC})
    async with WebClient(FetchOptions(per_host=2, at_once=3), connector) as client:
        began = monotonic()
        slow = [asyncio.ensure_future(client.fetch("http://slow.example/slow")) for _ in range(6)]
        await asyncio.sleep(0.05)
        fast = [await client.fetch("http://fast.example/a.png") for _ in range(20)]
        assert monotonic() - began < 0.3
        assert all(isinstance(result, Fetched) for result in fast)
        assert server.most_at_once == 3
        await asyncio.gather(*slow)
        assert monotonic() - began >= 0.9


async def test_a_cancelled_fetch_gives_its_turn_back(server: HostileServer) -> None:
    server.pages["/slow"] = late(picture(), 30)
    async with client_of(server, per_host=1) as client:
        waiting = [asyncio.ensure_future(client.fetch(f"{server.url}/slow")) for _ in range(3)]
        await asyncio.sleep(0.05)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(await client.fetch(f"{server.url}/a.png"), Fetched)
