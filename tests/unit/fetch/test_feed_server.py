"""The strict server of feeds itself, asked by the client: what is served, and what is written down."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from digests.fetch.client import FetchOptions, WebClient
from digests.fetch.guard import AllowedHosts
from digests.fetch.outcome import Fetched, FetchFault, NotFetched
from digests.fetch.packing import MODERN
from tests.factories.times import NOW
from tests.feed_server.pages import CHALLENGE, rss_feed
from tests.feed_server.scripts import (
    Altered,
    DeafFeed,
    InTurn,
    RedirectTo,
    RefusesStrangers,
    RestlessFeed,
    ServedFeed,
    Status,
    StubbornFeed,
    bomb,
)
from tests.feed_server.server import FeedServer, serve_feeds

OPTIONS = FetchOptions(
    seconds=2, max_bytes=1_000_000, per_host=1, longest_wait=172_800, packings=MODERN, fault_bytes=10_000
)
BODY = rss_feed([])


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serve_feeds(now=lambda: NOW) as feeds:
        yield feeds


async def ask(
    server: FeedServer, url: str, headers: Mapping[str, str] | None = None, name: str = ""
) -> Fetched | NotFetched:
    async with WebClient(OPTIONS, server.connector(), now=lambda: NOW) as client:
        return await client.fetch(url, headers or {}, user_agent=name)


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"', "unquoted", '"with spaces"', '"caf\xe9"'])
async def test_304_is_for_exactly_its_validators(server: FeedServer, etag: str) -> None:
    server.sites["news.example/feed"] = ServedFeed(BODY, etag, last_modified="Thu, 26 Nov 2026 12:00:00 GMT")
    url = "http://news.example/feed"
    first = await ask(server, url)
    assert isinstance(first, Fetched)
    assert (first.status, first.body, first.headers["etag"]) == (200, BODY, etag)
    same = await ask(server, url, {"If-None-Match": etag})
    assert isinstance(same, Fetched)
    assert same.status == 304
    for other in (f"W/{etag}", etag.strip('"') + "x", f"{etag}, {etag}"):
        changed = await ask(server, url, {"If-None-Match": other, "If-Modified-Since": "Thu, 26 Nov 2026 12:00:00 GMT"})
        assert isinstance(changed, Fetched)
        assert changed.status == 200, other
    assert server.record.statuses(url) == [200, 304, 200, 200, 200]


async def test_last_modified_is_enough_where_there_is_no_etag(server: FeedServer) -> None:
    server.sites["/feed"] = ServedFeed(BODY, "", "yesterday")
    for given, status in (("yesterday", 304), ("today", 200)):
        result = await ask(server, f"{server.url}/feed", {"If-Modified-Since": given})
        assert isinstance(result, NotFetched), "127.0.0.1 is not public"
        async with WebClient(replace(OPTIONS, allowed=AllowedHosts([server.name]))) as client:
            found = await client.fetch(f"{server.url}/feed", {"If-Modified-Since": given})
        assert isinstance(found, Fetched)
        assert found.status == status


async def test_sites_are_found_by_url_host_and_path(server: FeedServer) -> None:
    server.sites |= {
        "https://news.example/feed": ServedFeed(b"secure"),
        "news.example/feed": ServedFeed(b"host"),
        "other.example/x": Status(200),
        "/feed": ServedFeed(b"path"),
    }
    found = {}
    for url in ("https://news.example/feed", "http://news.example/feed", "https://other.example/feed"):
        result = await ask(server, url)
        assert isinstance(result, Fetched)
        found[url] = result.body
    assert list(found.values()) == [b"secure", b"host", b"path"]
    assert [exchange.request.url for exchange in server.exchanges] == list(found)


async def test_scripts_are_what_they_say(server: FeedServer) -> None:
    server.sites |= {
        "/deaf": DeafFeed(BODY),
        "/stubborn": StubbornFeed(BODY),
        "/restless": RestlessFeed(BODY),
        "/strangers": RefusesStrangers(ServedFeed(BODY)),
        "/turn": InTurn([Status(500), Status(410)]),
        "/moved": RedirectTo("/deaf", 308),
        "/seconds": Status(429, wait=timedelta(hours=3)),
        "/date": Status(503, wait=timedelta(hours=3), as_date=True),
        "/challenge": Status(403, CHALLENGE, headers={"cf-mitigated": "challenge"}),
        "/slow": Altered(ServedFeed(BODY), pause=0.2),
        "/cut": Altered(ServedFeed(BODY), length=9999, is_cut=True),
        "/short": Altered(ServedFeed(BODY), length=10),
        "news.example/": Status(404),
        **{f"/{packing}": ServedFeed(BODY, packing=packing) for packing in MODERN},
        **{f"/bomb-{packing}": bomb(packing) for packing in MODERN},
    }
    known = dict[str, str]()

    async def status(path: str, name: str = "") -> int | FetchFault | None:
        result = await ask(server, f"http://news.example{path}", known, name)
        if isinstance(result, Fetched):
            assert result.body in (BODY, b"")
            return result.status
        return result.status if result.kind is FetchFault.STATUS else result.kind

    assert [await status(path) for path in ("/slow", "/cut")] == [FetchFault.TIMEOUT, FetchFault.BROKEN_OFF]
    assert [await status(f"/{packing}") for packing in MODERN] == [200] * 4
    assert [await status(f"/bomb-{packing}") for packing in MODERN] == [FetchFault.TOO_LARGE] * 4
    known["If-None-Match"] = '"1"'
    assert [await status(path) for path in ("/deaf", "/stubborn", "/restless", "/restless", "/moved")] == [
        *(200, 304, 304, 200, 200)
    ]
    assert [await status("/strangers"), await status("/strangers", "Mozilla/5.0 (x)")] == [403, 304]
    assert [await status("/turn") for _ in range(3)] == [500, 410, 410]
    assert await status("/challenge") is FetchFault.CHALLENGE
    assert [await status(f"/{packing}") for packing in MODERN] == [304] * 4
    for path in ("/seconds", "/date"):
        result = await ask(server, f"http://news.example{path}")
        assert isinstance(result, NotFetched)
        assert result.wait == 3 * 3600
