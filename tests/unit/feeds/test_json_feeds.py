"""JSON Feed 1.0 and 1.1, and JSON that is none."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model.feed import FeedKind, FeedTrouble
from digests.origins.feed.contents import EntryLink, FeedBounds, FeedContents, FeedEntry
from digests.origins.feed.parsing import parse_contents

VERSION = "https://jsonfeed.org/version/1.1"
ADDRESS = "https://example.org/feed.json"


def parse(document: str, bounds: FeedBounds | None = None) -> FeedContents:
    return parse_contents(document.encode("utf-8", "surrogatepass"), "application/feed+json", ADDRESS, bounds)


def item(written: dict[str, Any], **feed: Any) -> FeedEntry:
    contents = parse(json.dumps({"version": VERSION, "items": [written], **feed}))
    assert contents.fault is None
    (entry,) = contents.entries
    return entry


def words(document: str) -> str:
    contents = parse(document)
    assert contents.kind is FeedKind.NONE
    assert contents.fault is not None
    assert contents.fault.trouble is FeedTrouble.NOT_A_FEED
    return contents.fault.words


def test_an_item_is_read() -> None:
    entry = item(
        {
            "id": "1", "url": "/posts/1", "external_url": "https://elsewhere.example/", "title": " Title ",
            "content_html": "<p>x</p>", "content_text": "x", "summary": "s", "image": "/i.png", "banner_image": "b.png",
            "date_published": "2026-11-25T10:00:00+08:00", "date_modified": "2026-11-26T00:00:00Z", "language": "zh",
            "tags": ["a", "b", "a", 3], "authors": [{"name": "王五"}, {"url": "x"}, {"name": "Li"}],
            "attachments": [{"url": "a.jpg", "mime_type": "image/jpeg"},
                            {"url": "a.mp3", "mime_type": "audio/mpeg", "title": "A"}],
        }
    )  # fmt: skip
    assert (entry.guid, entry.link, entry.title, entry.title_is_markup) == (
        "1",
        "https://example.org/posts/1",
        "Title",
        False,
    )
    assert (entry.content, entry.content_is_markup, entry.summary) == ("<p>x</p>", True, "s")
    assert entry.published_at == datetime(2026, 11, 25, 2, tzinfo=UTC)
    assert entry.updated == "2026-11-26T00:00:00Z"
    assert entry.pictures == tuple(f"https://example.org/{name}" for name in ("i.png", "b.png", "a.jpg"))
    assert entry.categories == ("a", "b", "3")
    assert entry.authors == ("王五", "Li")
    assert entry.language == "zh"
    assert EntryLink("https://elsewhere.example/", "related", "text/html") in entry.links
    assert EntryLink("https://example.org/a.mp3", "enclosure", "audio/mpeg", "A") in entry.links


def test_the_feed_stands_in_for_what_an_item_lacks() -> None:
    feed = {"author": {"name": "Feed"}, "language": "en", "home_page_url": "https://site.example/blog/"}
    entry = item({"id": "https://site.example/1", "content_text": "a < b"}, **feed)
    assert (entry.authors, entry.language, entry.base) == (("Feed",), "en", "https://site.example/blog/")
    assert (entry.link, entry.guid_is_link) == ("https://site.example/1", True)
    assert (entry.content, entry.content_is_markup) == ("a < b", False)
    assert item({"id": 1, "external_url": "https://elsewhere.example/"}).link == "https://elsewhere.example/"
    assert item({"id": "1", "url": "javascript:alert(1)", "image": "data:x"}).link == ""


@pytest.mark.parametrize(
    ("written", "guid"), [(7, "7"), (1.5, "1.5"), ("9" * 5_000, "9" * 4_096), (None, ""), ({}, "")]
)
def test_ids_of_any_type_are_texts(written: Any, guid: str) -> None:
    assert item({"id": written, "content_text": "x"}).guid == guid


def test_numbers_may_be_of_any_size_or_none() -> None:
    contents = parse(
        f'{{"version": "{VERSION}", "items": [{{"id": {"9" * 5_000}, "title": NaN}}, {{"id": -Infinity}}]}}'
    )
    assert [entry.guid[:9] for entry in contents.entries] == ["9" * 9, "-Infinity"]


def test_half_characters_are_replaced() -> None:
    entry = item({"id": "1", "title": "a\ud800b"})
    assert entry.title == "a\ufffdb"
    assert item({"id": "1", "title": "\U0001f600"}).title == "\U0001f600"


@pytest.mark.parametrize(
    "version", ["https://jsonfeed.org/version/1", "http://jsonfeed.org/version/1.1", "1.0", None, 1.1]
)
def test_what_has_the_items_of_a_feed_is_one(version: Any) -> None:
    contents = parse(json.dumps({"version": version, "title": "t", "items": [{"id": "1", "content_html": "x"}]}))
    assert contents.kind is FeedKind.JSON
    assert contents.title == "t"


def test_odd_shapes_are_read_as_they_can_be() -> None:
    entry = item(
        {"id": "1", "tags": "a, b", "authors": "Tom", "author": "Tom", "attachments": {"url": "x"}, "image": ["x"]}
    )
    assert (entry.categories, entry.authors, entry.pictures) == (("a", "b"), ("Tom",), ())
    contents = parse(json.dumps({"version": VERSION, "items": ["x", None, {"id": "1"}]}))
    assert len(contents.entries) == 1
    assert contents.problems == ("Some of its items are no objects; they are left out.",)


def test_the_first_items_are_read_of_many() -> None:
    contents = parse(json.dumps({"version": VERSION, "items": [{"id": str(number)} for number in range(5_000)]}))
    assert len(contents.entries) == 2_000
    assert contents.problems == ("It has more than 2,000 items; the first 2,000 are read.",)


def test_what_is_cut_off_is_read_to_there() -> None:
    whole = json.dumps({"version": VERSION, "title": "t", "items": [{"id": "1"}, {"id": "2"}, {"id": "3"}]})
    contents = parse(whole[:-12])
    assert (contents.title, [entry.guid for entry in contents.entries]) == ("t", ["1", "2"])
    assert contents.problems == ("It is broken on line 1; the items before that are read.",)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ('{"error": "not found"}', 'It is no feed, but JSON that says: "not found".'),
        ('{"error": {"code": 404, "message": "No\\n such"}}', 'It is no feed, but JSON that says: "No such".'),
        ('{"data": [], "total": 0}', "It is JSON, but no JSON Feed: it has no list of items (only data, total)."),
        ('[{"id": 1}]', "It is JSON, but no JSON Feed."),
        ("{}", "It is JSON, but no JSON Feed: it has no list of items (only nothing)."),
        ('{"items": [{"sku": 1}]}', "It is JSON, but no JSON Feed: it has no list of items (only items)."),
        ("{'a': 1}", "It is JSON, but broken: Expecting property name enclosed in double quotes on line 1."),
        ('{"a":' * 100_000, "It is JSON whose objects lie too deep in each other."),
        ('{"items": ' + "[" * 1_000_000, "It is JSON whose objects lie too deep in each other."),
        ('{"a":' * 500 + "1" + "}" * 500, "It is JSON whose objects lie too deep in each other."),
    ],
)
def test_json_that_is_no_feed_is_told(document: str, said: str) -> None:
    assert words(document) == said


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["id", "url", "title", "content_html", "content_text", "image", "tags", "author", "authors", "attachments",
          "date_published", "summary", "language", "external_url"]  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(FIELDS), json_values),
    st.dictionaries(st.sampled_from([*FIELDS, "icon"]), json_values),
)
def test_nothing_raises_on_any_values(written: dict[str, Any], feed: dict[str, Any]) -> None:
    contents = parse(json.dumps({**feed, "version": VERSION, "items": [written]}))
    assert len(contents.entries) == 1


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ({"name": "Own"}, ("Own",)),
        ("Own", ("Own",)),
        ([{"name": "Own"}, "Other", None], ("Own", "Other")),
        ([], ("Feed",)),
        ([{"url": "https://a.example/"}], ("Feed",)),
    ],
)
def test_authors_that_are_no_list_are_read(authors: Any, names: tuple[str, ...]) -> None:
    assert item({"id": "1", "authors": authors}, author={"name": "Feed"}).authors == names


@pytest.mark.parametrize(
    ("tags", "names"),
    [([{"name": "a"}, "b", None, 3, ["c"]], ("a", "b", "3")), ("a, b", ("a", "b")), ({"a": "b"}, ()), (True, ())],
)
def test_tags_that_are_no_texts_are_read(tags: Any, names: tuple[str, ...]) -> None:
    assert item({"id": "1", "tags": tags}).categories == names


def test_stray_commas_lose_nothing() -> None:
    contents = parse(
        '{"version":"https://jsonfeed.org/version/1","title":"T, ] ,}","items":[\n'
        '{"id":"1","title":"a,]","tags":["x",],},\n{"id":"2","content_text":"\\",]",},],}'
    )
    assert contents.title == "T, ] ,}"
    assert [(entry.guid, entry.title, entry.content) for entry in contents.entries] == [
        ("1", "a,]", ""),
        ("2", "", '",]'),
    ]
    assert contents.problems == ("It is broken on line 2: a comma stands before a bracket.",)


@pytest.mark.parametrize("end", ["", "\\", '"', "]"])
def test_quotes_without_end_take_no_time(end: str) -> None:
    start = time.process_time()
    assert parse('{"items": [{"id":"' + '\\"' * 1_000_000 + ",]" * 500_000 + end).fault is not None
    assert time.process_time() - start < 15


def test_a_feed_that_is_cut_off_behind_its_items_is_one() -> None:
    contents = parse(
        '{"items":[{"id":"1","title":"t"},{"id":"2"}],"title":"T","version":"https://jsonfeed.org/version/1"'
    )
    assert contents.fault is None
    assert [entry.guid for entry in contents.entries] == ["1", "2"]
