"""Articles of which a feed gives only the beginning get the texts of their pages; a failure costs nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest

from digests.feeds import full_text
from digests.feeds.full_text import PAGE_TYPES, FullTextOptions, FullTextReader, PageProcess
from digests.fetch.outcome import Fetched, NotFetched
from digests.isolation.process import ProcessUnavailable, WorkLost
from digests.model.feed import FeedItem, FeedOptions
from digests.model.gaps import Gap, GapKind
from tests.factories.feeds import feed, feed_item

TEXT = (
    "Every day at noon the fern in the glasshouse folds its fronds, and every evening has one more crease than before. "
)
PAGE = (
    '<html><head><meta property="og:image" content="/fern.jpg"></head><body><article>'
    + "".join(f"<p>{TEXT}It was so on day {day}.</p>" for day in range(9))
    + "</article></body></html>"
)
FULL = replace(feed(), options=FeedOptions(full_text=True, user_agent="Mozilla/5.0"))


class FakeClient:
    """A web whose pages are given by address."""

    def __init__(self, page: str = PAGE) -> None:
        self.pages: dict[str, Fetched | NotFetched | float] = {}
        self.page = page
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def fetch(self, address: str, headers: Mapping[str, str] = {}, **more: Any) -> Fetched | NotFetched:
        self.asked.append((address, more))
        answer = self.pages.get(address, Fetched(address, 200, {"content-type": "text/html"}, self.page.encode()))
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return NotFetched("it takes too long")
        return answer


class InThisProcess:
    """Calls at once what is for the second process, unless it is to fail."""

    error: Exception | None = None

    async def call_within(self, _seconds: float, work: Callable[..., Any], *args: object) -> Any:
        if self.error is not None:
            raise self.error
        return work(*args)


class FakeTexts:
    """Texts that were stored, by the keys of items."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts
        self.asked: list[tuple[str, list[str]]] = []

    async def texts_of(self, origin: str, keys: Collection[str]) -> Mapping[str, str]:
        self.asked.append((origin, list(keys)))
        return {key: self.texts[key] for key in keys if key in self.texts}


def reader_of(
    client: FakeClient, texts: FakeTexts | None = None, process: PageProcess | None = None, **options: Any
) -> FullTextReader:
    return FullTextReader(client, process or InThisProcess(), texts or FakeTexts(), FullTextOptions(**options))


def stub(key: str = "1", **changes: Any) -> FeedItem:
    return feed_item(key, **{"text": "The beginning …", "summary": "", "thumbnail": None, "pictures": (), **changes})


async def test_a_stub_becomes_its_page() -> None:
    client = FakeClient()
    gaps = (Gap(GapKind.SUMMARY, "none"), Gap(GapKind.PICTURE, "none"), Gap(GapKind.DATE, "none"))
    item = stub(gaps=gaps, language="")
    (read,) = await reader_of(client).complete(FULL, [item], {})
    assert len(read.post.text) > 900
    assert read.post.summary.startswith("Every day at noon")
    assert read.post.thumbnail == "https://site.example/fern.jpg"
    assert read.post.pictures == ("https://site.example/fern.jpg",)
    assert read.post.language == "en"
    assert [gap.kind for gap in read.post.gaps] == [GapKind.DATE]
    assert (read.key, read.content_hash, read.post.identity) == (item.key, item.content_hash, item.post.identity)
    ((address, asked),) = client.asked
    assert address == item.post.url
    assert asked["accept"] == PAGE_TYPES
    assert asked["user_agent"] == "Mozilla/5.0"
    assert asked["max_bytes"] == 3_000_000


async def test_what_the_feed_gives_itself_is_kept() -> None:
    item = stub(
        summary="Its own summary", thumbnail="https://a.example/own.jpg", pictures=("https://a.example/own.jpg",)
    )
    (read,) = await reader_of(FakeClient()).complete(FULL, [item], {})
    assert read.post.summary == "Its own summary"
    assert read.post.pictures == item.post.pictures
    assert len(read.post.text) > 900


async def test_nothing_is_fetched_that_need_not_be() -> None:
    client = FakeClient()
    items = [
        stub("whole", text=TEXT * 20),
        stub("known"),
        stub("nowhere", url=None),
        stub("film", url="https://site.example/a/Film.MP4?quality=high"),
        stub("front page", url="https://site.example/"),
    ]
    known = {"known": items[1].content_hash}
    assert await reader_of(client).complete(FULL, items, known) == tuple(items)
    assert await reader_of(client).complete(feed(), [stub()], {}) == (stub(),)
    assert client.asked == []


async def test_without_the_library_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_text, "full_text_is_installed", lambda: False)
    client = FakeClient()
    assert await reader_of(client).complete(FULL, [stub()], {}) == (stub(),)
    assert client.asked == []


async def test_a_look_asks_for_some_pages_at_most_the_first_ones() -> None:
    client = FakeClient()
    items = [stub(str(number)) for number in range(50)]
    read = await reader_of(client, most=3).complete(FULL, items, {})
    assert [address.rpartition("/")[2] for address, _ in client.asked] == ["0", "1", "2"]
    assert [item.key for item in read] == [item.key for item in items]
    assert [len(item.post.text) > 900 for item in read] == [True] * 3 + [False] * 47


async def test_an_article_that_was_changed_keeps_the_text_that_it_has() -> None:
    client, texts = FakeClient(), FakeTexts(changed=TEXT * 9, less="The")
    items = [stub("changed"), stub("less"), stub("same")]
    known = {"changed": "another", "less": "another", "same": items[2].content_hash}
    read = await reader_of(client, texts).complete(FULL, items, known)
    assert read[0].post.text == TEXT * 9
    assert read[1:] == tuple(items[1:])
    assert client.asked == []
    assert texts.asked == [(FULL.origin, ["changed", "less"])]


@pytest.mark.parametrize(
    "answer",
    [
        NotFetched("it answers 404", status=404),
        Fetched("https://site.example/1", 200, {"content-type": "application/pdf"}, b"%PDF"),
        Fetched("https://site.example/", 200, {"content-type": "text/html"}, PAGE.encode()),
        Fetched("https://site.example/1", 200, {}, b"\xff\xfe\x00"),
        Fetched("https://site.example/1", 200, {}, b"<html><p>Less.</p></html>"),
    ],
)
async def test_a_failure_costs_nothing_but_the_text(answer: Fetched | NotFetched) -> None:
    client = FakeClient()
    client.pages["https://site.example/1"] = answer
    read = await reader_of(client).complete(FULL, [stub("1"), stub("2")], {})
    assert read[0] == stub("1")
    assert len(read[1].post.text) > 900


@pytest.mark.parametrize(
    "error",
    [
        WorkLost("it took too long"),
        ProcessUnavailable("the bot is stopping"),
        ImportError("lxml.html.clean is not there"),
    ],
)
async def test_a_page_that_ends_the_process_costs_nothing_but_its_text(error: Exception) -> None:
    process = InThisProcess()
    process.error = error
    assert await reader_of(FakeClient(), process=process).complete(FULL, [stub()], {}) == (stub(),)


async def test_a_look_does_not_wait_for_slow_pages() -> None:
    client = FakeClient()
    client.pages["https://site.example/slow"] = 60.0
    read = await reader_of(client, look_seconds=0.5).complete(FULL, [stub("slow"), stub("fast")], {})
    assert read[0] == stub("slow")
    assert len(read[1].post.text) > 900


async def test_the_sign_of_a_site_is_no_picture() -> None:
    (read,) = await reader_of(FakeClient(PAGE.replace("fern.jpg", "logo.SVG"))).complete(FULL, [stub()], {})
    assert read.post.pictures == ()
    assert read.post.thumbnail is None
