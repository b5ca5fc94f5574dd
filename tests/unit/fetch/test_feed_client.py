"""The client as feeds use it: validators byte for byte, one request at a time, redirects as data, the same guard."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic

import brotli  # type: ignore[import-untyped]
import pytest
import trustme

from digests.fetch.client import FetchOptions, WebClient
from digests.fetch.guard import AllowedHosts
from digests.fetch.outcome import Fetched, FetchFault, NotFetched
from digests.fetch.packing import MODERN, zstd
from tests.hostile_server import (
    Behave,
    HostileServer,
    LoopbackConnector,
    answer,
    endless,
    head,
    late,
    raw,
    redirect,
    serve_hostile,
    status,
)

PUBLIC = [["93.184.216.34"]]
FEED = b"<rss><channel><title>News</title></channel></rss>"
OPTIONS = FetchOptions(
    seconds=5,
    max_bytes=100_000,
    per_host=1,
    longest_wait=2 * 86_400.0,
    packings=MODERN,
    allows_downgrade=True,
    fault_bytes=1000,
)


@pytest.fixture
async def server() -> AsyncIterator[HostileServer]:
    async with serve_hostile({"/feed": answer(FEED, kind="application/rss+xml")}) as hostile:
        yield hostile


def client_of(server: HostileServer, options: FetchOptions = OPTIONS) -> WebClient:
    return WebClient(replace(options, allowed=AllowedHosts([server.name])))


async def fetched(server: HostileServer, path: str, headers: Mapping[str, str] | None = None) -> Fetched | NotFetched:
    async with client_of(server) as client:
        return await client.fetch(server.url + path, headers or {})


async def from_world(
    server: HostileServer,
    address: str,
    names: Mapping[str, Sequence[Sequence[str]]],
    allowed: Sequence[str] = (),
) -> tuple[Fetched | NotFetched, LoopbackConnector]:
    connector = LoopbackConnector(server.port, names, allowed)
    async with WebClient(replace(OPTIONS, allowed=AllowedHosts(allowed)), connector) as client:
        return await client.fetch(address), connector


async def test_modern_packings_are_asked_for_and_opened(server: HostileServer) -> None:
    server.pages["/br"] = answer(brotli.compress(FEED), headers={"Content-Encoding": "br"})
    server.pages["/zstd"] = answer(zstd.compress(FEED), headers={"Content-Encoding": "zstd"})
    for path in ("/br", "/zstd"):
        result = await fetched(server, path)
        assert isinstance(result, Fetched)
        assert result.body == FEED
    assert server.requests[-1].headers["accept-encoding"] == "gzip, deflate, br, zstd"


async def test_a_user_agent_is_for_one_request_and_its_redirects(server: HostileServer) -> None:
    server.pages["/moved"] = redirect("/feed")
    async with client_of(server) as client:
        await client.fetch(f"{server.url}/moved", user_agent="Mozilla/5.0 (compatible; reader)")
        await client.fetch(f"{server.url}/feed")
        await client.fetch(f"{server.url}/feed", user_agent="evil\r\nX-Evil: 1")
    names = [request.headers["user-agent"] for request in server.requests]
    assert names[:2] == ["Mozilla/5.0 (compatible; reader)"] * 2
    assert all(name.startswith("digestbot/") for name in names[2:])
    assert all("x-evil" not in request.headers for request in server.requests)


ETAGS = [
    *(b'"abc"', b'W/"abc"', b"unquoted", b'"with spaces, and, commas"', b"W/unquoted weak", b'"'),
    *(b'"caf\xe9"', b'"\xe4\xb8\xad\xe6\x96\x87"', b'"tab\tin it"', bytes(range(0x80, 0x100)), b'"a\\"b"', b"*"),
]


@pytest.mark.parametrize("etag", ETAGS)
async def test_validators_go_back_byte_for_byte(server: HostileServer, etag: bytes) -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag:  " + etag + b" \r\nLast-Modified: yesterday \xff\r\n\r\n"
    server.pages["/feed"] = raw(start)
    first = await fetched(server, "/feed")
    assert isinstance(first, Fetched)
    headers = {"If-None-Match": first.headers["etag"], "If-Modified-Since": first.headers["last-modified"]}
    server.pages["/feed"] = status(304)
    second = await fetched(server, "/feed", headers)
    assert isinstance(second, Fetched)
    assert second.status == 304
    sent = server.requests[-1].headers
    assert sent["if-none-match"].encode("latin-1") == etag
    assert sent["if-modified-since"].encode("latin-1") == b"yesterday \xff"


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b", "\x1b", "\x7f", "\u4e2d", "\ud800", ""])
async def test_no_header_makes_another_or_is_changed(server: HostileServer, value: str) -> None:
    result = await fetched(server, "/feed", {"If-None-Match": value, "Bad Name": "x", "X-Good": "fine"})
    assert isinstance(result, Fetched)
    sent = server.requests[-1].headers
    assert sent["x-good"] == "fine"
    assert not {"if-none-match", "x-evil", "bad name"} & set(sent)


async def test_304_to_no_condition_is_a_fault(server: HostileServer) -> None:
    server.pages["/feed"] = status(304)
    for headers in ({}, {"X-Other": "1"}, {"If-None-Match": ""}, {"If-None-Match": "a\nb"}):
        result = await fetched(server, "/feed", headers)
        assert isinstance(result, NotFetched), headers
        assert (result.kind, result.status) == (FetchFault.BAD_ANSWER, 304)


async def test_conditions_go_along_with_redirects_and_secrets_do_not(server: HostileServer) -> None:
    connector = LoopbackConnector(server.port, {"a.example": PUBLIC, "b.example": PUBLIC})
    server.pages["/feed"] = status(304)
    server.pages["/start"] = redirect("http://b.example/feed")
    async with WebClient(OPTIONS, connector) as client:
        result = await client.fetch("http://a.example/start", {"If-None-Match": '"1"', "Authorization": "secret"})
    assert isinstance(result, Fetched)
    assert result.status == 304
    assert [request.headers["if-none-match"] for request in server.requests[-2:]] == ['"1"', '"1"']
    assert "authorization" in server.requests[-2].headers
    assert "authorization" not in server.requests[-1].headers


async def test_a_host_is_asked_for_one_thing_at_a_time_and_left_alone_between(server: HostileServer) -> None:
    times = list[tuple[float, float]]()

    async def behave(writer: asyncio.StreamWriter) -> None:
        began = monotonic()
        await asyncio.sleep(0.02)
        times.append((began, monotonic()))
        await answer(FEED)(writer)

    for path in ("/1", "/2", "/3"):
        server.pages[path] = behave
    server.pages["/3"] = redirect("/1", 301)
    options = replace(OPTIONS, per_host=1, host_seconds=0.1)
    connector = LoopbackConnector(server.port, {"news.example": PUBLIC, "news.example.": PUBLIC})
    async with WebClient(options, connector) as client:
        # A port and a letter in another case make no other server.
        addresses = ("http://news.example/1", "http://NEWS.example:8080/2", "http://news.example./3")
        await asyncio.gather(*(client.fetch(address) for address in addresses))
    assert len(server.requests) == 4
    assert server.most_at_once == 1
    assert all(began - ended >= 0.09 for (_, ended), (began, _) in pairwise(times))


async def test_another_host_does_not_wait(server: HostileServer) -> None:
    server.pages["/slow"] = late(answer(FEED), 30)
    names = {"slow.example": PUBLIC} | {f"{number}.example": PUBLIC for number in range(9)}
    connector = LoopbackConnector(server.port, names)
    async with WebClient(replace(OPTIONS, at_once=2, host_seconds=20, seconds=40), connector) as client:
        slow = [asyncio.ensure_future(client.fetch("http://slow.example/slow")) for _ in range(5)]
        others = await asyncio.gather(*(client.fetch(f"http://{number}.example/feed") for number in range(9)))
        assert all(isinstance(result, Fetched) for result in others)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)


@pytest.mark.parametrize(
    ("codes", "moved"),
    [
        *(((301,), True), ((308,), True), ((301, 308, 301), True), ((302,), False), ((307,), False), ((303,), False)),
        *(((301, 302), False), ((302, 301), False), ((301, 301, 307), False)),
    ],
)
async def test_only_permanent_redirects_all_along_move(
    server: HostileServer, codes: tuple[int, ...], *, moved: bool
) -> None:
    for number, code in enumerate(codes):
        server.pages[f"/{number}"] = redirect(f"/{number + 1}" if number + 1 < len(codes) else "/feed", code)
    result = await fetched(server, "/0")
    assert isinstance(result, Fetched)
    assert result.address == f"{server.url}/feed"
    assert result.moved_to == (result.address if moved else "")


def tls_of(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


def trust(connector: LoopbackConnector, authority: trustme.CA) -> None:
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    connector._ssl = trusting


async def test_https_may_be_left_for_a_feed_but_nobody_moves_by_it() -> None:
    authority = trustme.CA()
    pages = {"/old": redirect("http://news.example:8080/feed", 301), "/up": redirect("https://news.example/old", 301)}
    async with (
        serve_hostile(pages, tls=tls_of(authority, "news.example")) as secure,
        serve_hostile({"/feed": answer(FEED), **pages}) as plain,
    ):
        connector = _TwoPorts(secure.port, plain.port, {"news.example": PUBLIC})
        trust(connector, authority)
        async with WebClient(OPTIONS, connector) as client:
            result = await client.fetch("https://news.example/old", {"If-None-Match": '"secret"'})
            assert isinstance(result, Fetched)
            assert (result.body, result.address, result.moved_to) == (FEED, "http://news.example:8080/feed", "")
            assert "if-none-match" in secure.requests[-1].headers
            assert "if-none-match" not in plain.requests[-1].headers
            there_and_back = await client.fetch("http://news.example/up")
            assert isinstance(there_and_back, Fetched)
            assert there_and_back.moved_to == ""


async def test_a_feed_that_moved_to_https_is_asked_with_its_condition() -> None:
    authority = trustme.CA()
    pages = {"/feed": redirect("https://news.example/feed", 301)}
    async with (
        serve_hostile({"/feed": status(304)}, tls=tls_of(authority, "news.example")) as secure,
        serve_hostile(pages) as plain,
    ):
        connector = _TwoPorts(secure.port, plain.port, {"news.example": PUBLIC})
        trust(connector, authority)
        async with WebClient(OPTIONS, connector) as client:
            result = await client.fetch("http://news.example/feed", {"If-None-Match": '"1"'})
    assert isinstance(result, Fetched)
    assert (result.status, result.moved_to) == (304, "https://news.example/feed")
    assert secure.requests[-1].headers["if-none-match"] == '"1"'


class _TwoPorts(LoopbackConnector):
    """A world in which https leads to one server and http to another."""

    def __init__(self, secure: int, plain: int, names: Mapping[str, Sequence[Sequence[str]]]) -> None:
        super().__init__(plain, names)
        self._secure, self._plain = secure, plain

    async def _wrap_create_connection(self, *args: object, **options: object) -> object:  # type: ignore[override]
        self._port = self._secure if options.get("ssl") else self._plain
        return await super()._wrap_create_connection(*args, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ("http://169.254.169.254/latest/meta-data/", FetchFault.FORBIDDEN_HOST),
        ("http://[::ffff:169.254.169.254]/", FetchFault.FORBIDDEN_HOST),
        ("http://127.0.0.1/", FetchFault.FORBIDDEN_HOST),
        ("http://localhost:8080/", FetchFault.FORBIDDEN_HOST),
        ("http://inside.example/feed", FetchFault.FORBIDDEN_HOST),
        ("http://0x7f000001/", FetchFault.FORBIDDEN_HOST),
        ("http://news.example:22/", FetchFault.FORBIDDEN_HOST),
        ("http://user:secret@news.example/feed", FetchFault.REDIRECT),
        ("gopher://news.example/", FetchFault.REDIRECT),
        ("file:///etc/passwd", FetchFault.REDIRECT),
        ("http://rsshub.internal:1200/admin", FetchFault.REDIRECT),
        ("http://news.example/" + "x" * 8300, FetchFault.BAD_ANSWER),
    ],
)
@pytest.mark.parametrize("code", [301, 302])
async def test_no_redirect_leads_inside_nor_moves_a_feed_there(
    server: HostileServer, to: str, kind: FetchFault, code: int
) -> None:
    server.pages["/start"] = redirect(to, code)
    server.pages["/admin"] = answer(b"secret")
    names = {
        "news.example": PUBLIC,
        "localhost": [["127.0.0.1"]],
        "inside.example": [["10.0.0.1"]],
        "rsshub.internal": [["10.0.0.5"]],
    }
    result, connector = await from_world(server, "http://news.example/start", names, ["rsshub.internal:1200"])
    assert isinstance(result, NotFetched)
    assert result.kind is kind
    assert "secret" not in result.reason
    assert connector.reached == ["93.184.216.34"]


async def test_hosts_that_are_allowed_by_name_redirect_to_each_other(server: HostileServer) -> None:
    server.pages["/start"] = redirect("http://other.internal:1300/feed", 301)
    names = {"rsshub.internal": [["10.0.0.5"]], "other.internal": [["10.0.0.6"]]}
    allowed = ["rsshub.internal:1200", "other.internal:1300"]
    result, connector = await from_world(server, "http://rsshub.internal:1200/start", names, allowed)
    assert isinstance(result, Fetched)
    assert connector.reached == ["10.0.0.5", "10.0.0.6"]


async def test_a_name_that_leads_inside_the_second_time_is_refused_then(server: HostileServer) -> None:
    server.pages["/once"] = raw(head(200, {"Content-Length": "1"}) + b"x", close=True)
    connector = LoopbackConnector(server.port, {"rebind.example": [["93.184.216.34"], ["169.254.169.254"]]})
    async with WebClient(OPTIONS, connector) as client:
        assert isinstance(await client.fetch("http://rebind.example/once"), Fetched)
        second = await client.fetch("http://rebind.example/once")
    assert second == NotFetched("its host is not public (link-local)", kind=FetchFault.FORBIDDEN_HOST)
    assert connector.reached == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("address", "reason", "kind"),
    [
        ("file:///etc/passwd", "its address is not one of the web", FetchFault.NOT_WEB),
        ("gopher://news.example/", "its address is not one of the web", FetchFault.NOT_WEB),
        ("rsshub://github/issue", "its address is not one of the web", FetchFault.NOT_WEB),
        ("feed:https://news.example/", "its address is not one of the web", FetchFault.NOT_WEB),
        ("news.example/feed", "its address is not valid", FetchFault.NOT_WEB),
        ("news.example:8080/feed", "its address is not valid", FetchFault.NOT_WEB),
        ("http://user:secret@news.example/", "its address holds a password", FetchFault.HAS_PASSWORD),
        ("http://user@news.example/", "its address holds a password", FetchFault.HAS_PASSWORD),
        ("http://news.example/" + "x" * 10_000, "its address is longer than 8,192 characters", FetchFault.NOT_WEB),
        ("http://127.0.0.1/", "its host is not public (loopback)", FetchFault.FORBIDDEN_HOST),
        ("http://news.example:22/", "port 22 is not one of the web", FetchFault.FORBIDDEN_HOST),
    ],
)
async def test_what_is_not_asked_says_why(server: HostileServer, address: str, reason: str, kind: FetchFault) -> None:
    result, connector = await from_world(server, address, {"news.example": PUBLIC})
    assert result == NotFetched(reason, kind=kind)
    assert connector.reached == []


LOCATIONS = [
    *(
        ("/新闻".encode(), "/%E6%96%B0%E9%97%BB"),
        ("/新闻".encode("gbk"), "/%D0%C2%CE%C5"),
        (b"feed?a=%7E", "/feed?a=%7E"),
    ),
    (b" /feed#part ", "/feed"),
]


@pytest.mark.parametrize(("location", "path"), LOCATIONS)
async def test_redirects_are_followed_as_they_are_written(server: HostileServer, location: bytes, path: str) -> None:
    server.pages["/start"] = raw(b"HTTP/1.1 301 x\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")
    server.pages[path] = answer(FEED)
    result = await fetched(server, "/start")
    assert isinstance(result, Fetched)
    assert result.moved_to == server.url + path


async def test_what_an_answer_says_that_is_a_fault_is_kept_within_bounds(server: HostileServer) -> None:
    page = b"<script src='/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1'></script>"
    server.pages["/short"] = answer(b"Nothing here", code=404)
    server.pages["/packed"] = answer(brotli.compress(page), code=403, headers={"Content-Encoding": "br"})
    server.pages["/endless"] = endless(head(500, {}), b"x" * 100)
    server.pages["/broken"] = raw(head(410, {"Content-Length": "99"}) + b"gone", close=True)
    server.pages["/bad"] = answer(b"no gzip", code=404, headers={"Content-Encoding": "gzip"})
    found = {path: await fetched(server, path) for path in server.pages if path != "/feed"}
    pages = {path: (result.status, result.page) for path, result in found.items() if isinstance(result, NotFetched)}
    assert pages == {
        "/short": (404, b"Nothing here"),
        "/packed": (403, page),
        "/endless": (500, b"x" * 1000),
        "/broken": (410, b""),
        "/bad": (404, b""),
    }
    challenge = found["/packed"]
    assert isinstance(challenge, NotFetched)
    assert challenge.kind is FetchFault.CHALLENGE
    async with WebClient(replace(OPTIONS, fault_bytes=0, allowed=AllowedHosts([server.name]))) as client:
        result = await client.fetch(f"{server.url}/short")
    assert isinstance(result, NotFetched)
    assert result.page == b""


async def test_a_server_may_ask_for_two_days(server: HostileServer) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    server.pages["/long"] = status(429, retry_after="9999999")
    server.pages["/date"] = status(503, retry_after=format_datetime(now + timedelta(hours=30), usegmt=True))
    async with WebClient(replace(OPTIONS, allowed=AllowedHosts([server.name])), now=lambda: now) as client:
        waits = [await client.fetch(server.url + path) for path in ("/long", "/date")]
    assert [result.wait for result in waits if isinstance(result, NotFetched)] == [172_800, 108_000]


HOSTILE: dict[str, tuple[Behave, FetchFault]] = {
    "a gigabyte": (endless(head(200, {"Content-Length": "1000000000"}), b"x" * 65_536), FetchFault.TOO_LARGE),
    "a stream": (endless(head(200, {}), b"x" * 65_536), FetchFault.TOO_LARGE),
    "a byte a second": (endless(head(200, {"Content-Length": "9999"}), b"x", 0.1), FetchFault.TIMEOUT),
    "a slow head": (endless(b"HTTP/1.1 200 OK\r\nX-A: ", b"x", 0.1), FetchFault.TIMEOUT),
    "too short": (raw(head(200, {"Content-Length": "99"}) + b"x", close=True), FetchFault.BROKEN_OFF),
    "no number": (raw(head(200, {"Content-Length": "many"}) + b"x"), FetchFault.BAD_ANSWER),
    "negative": (raw(head(200, {"Content-Length": "-1"}) + b"x"), FetchFault.BAD_ANSWER),
    "two lengths": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
        FetchFault.BAD_ANSWER,
    ),
    "no chunks": (raw(head(200, {"Transfer-Encoding": "chunked"}) + b"zz\r\nnonsense\r\n"), FetchFault.BAD_ANSWER),
    "cut chunks": (raw(head(200, {"Transfer-Encoding": "chunked"}) + b"9\r\nx", close=True), FetchFault.BROKEN_OFF),
    "huge chunk": (
        endless(head(200, {"Transfer-Encoding": "chunked"}) + b"ffffffff\r\n", b"x" * 9999),
        FetchFault.TOO_LARGE,
    ),
    "endless trailers": (
        endless(head(200, {"Transfer-Encoding": "chunked"}) + b"1\r\nx\r\n0\r\n", b"X-T: 1\r\n"),
        FetchFault.BROKEN_OFF,
    ),
    "a flood of headers": (endless(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n"), FetchFault.BAD_ANSWER),
    "a header of 100 kB": (raw(head(200, {"ETag": "x" * 100_000})), FetchFault.BAD_ANSWER),
    "an endless line": (endless(b"HTTP/1.1 200 ", b"x" * 9999), FetchFault.BAD_ANSWER),
    "an older HTTP": (raw(b"<rss></rss>", close=True), FetchFault.BAD_ANSWER),
    "nothing": (raw(b"", close=True), FetchFault.NO_CONNECTION),
    "101": (status(101), FetchFault.STATUS),
    "999": (status(999), FetchFault.STATUS),
    "300 without a place": (status(300), FetchFault.STATUS),
    "301 without a place": (status(301), FetchFault.STATUS),
    "301 to nowhere": (status(301, location=""), FetchFault.REDIRECT),
    "206": (answer(b"x", code=206), FetchFault.STATUS),
    "204": (status(204), FetchFault.STATUS),
    "in itself": (redirect("/in%20itself"), FetchFault.REDIRECT),
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_whatever_a_server_does_ends_with_a_reason(server: HostileServer, what: str) -> None:
    behave, kind = HOSTILE[what]
    path = "/" + what.replace(" ", "%20")
    server.pages[path] = behave
    began = monotonic()
    async with client_of(server, replace(OPTIONS, seconds=1.0)) as client:
        result = await client.fetch(server.url + path)
        assert monotonic() - began < 8
        assert isinstance(result, NotFetched)
        assert (result.kind, bool(result.reason)) == (kind, True), result
        # And the next is fetched as if nothing had been.
        assert isinstance(await client.fetch(f"{server.url}/feed"), Fetched)


async def test_endless_redirects_to_new_addresses_end(server: HostileServer) -> None:
    for number in range(50):
        server.pages[f"/{number}"] = redirect(f"/{number + 1}?{'x' * number}", 301)
        server.pages[f"/{number + 1}?{'x' * number}"] = redirect(f"/{number + 2}", 301)
    result = await fetched(server, "/0")
    assert result == NotFetched("it redirects more than 5 times", kind=FetchFault.REDIRECT)
    assert len(server.requests) == 6


async def test_what_a_server_says_unasked_is_no_answer_to_the_next(server: HostileServer) -> None:
    server.pages["/short"] = raw(head(200, {"Content-Length": "5"}) + FEED)

    async def later(writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, {"Content-Length": "5"}) + FEED[:5])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")

    server.pages["/later"] = later
    async with client_of(server) as client:
        first = await client.fetch(f"{server.url}/short")
        assert isinstance(first, NotFetched)
        assert first.reason == "the server's answer is no proper HTTP"
        assert isinstance(await client.fetch(f"{server.url}/feed"), Fetched)
        second = await client.fetch(f"{server.url}/later")
        assert isinstance(second, Fetched)
        assert second.body == FEED[:5]
        await asyncio.sleep(0.2)
        third = await client.fetch(f"{server.url}/feed")
        assert isinstance(third, Fetched)
        assert third.body == FEED


async def test_connections_are_kept_between_requests() -> None:
    connections = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(head(200, {"Content-Length": str(len(FEED))}) + FEED)

    kept = await asyncio.start_server(count, "127.0.0.1", 0)
    name = f"127.0.0.1:{kept.sockets[0].getsockname()[1]}"
    async with kept, WebClient(replace(OPTIONS, allowed=AllowedHosts([name]))) as client:
        for _ in range(3):
            assert isinstance(await client.fetch(f"http://{name}/"), Fetched)
    assert connections == 1


async def test_certificates_are_named(tmp_path: Path) -> None:
    authority, other = trustme.CA(), trustme.CA()
    expired = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    past = datetime.now(UTC) - timedelta(days=1)
    authority.issue_cert("news.example", not_after=past).configure_cert(expired)
    signed_by_itself = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    other.cert_pem.write_to_path(tmp_path / "cert.pem")
    other.private_key_pem.write_to_path(tmp_path / "key.pem")
    signed_by_itself.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    contexts = {
        "it has expired": expired,
        "it is for another host": tls_of(authority, "other.example"),
        "who issued it is not known here, or a certificate between is missing": tls_of(other, "news.example"),
        "it is signed by itself": signed_by_itself,
    }
    for words, context in contexts.items():
        async with serve_hostile({"/": answer(FEED)}, tls=context) as server:
            connector = LoopbackConnector(server.port, {"news.example": PUBLIC})
            trust(connector, authority)
            async with WebClient(OPTIONS, connector) as client:
                result = await client.fetch("https://news.example/")
        expected = NotFetched(f"its certificate is not valid: {words}", may_pass=True, kind=FetchFault.TLS)
        assert result == expected
