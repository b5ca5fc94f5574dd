"""`digestbot feeds parse`: what files of feeds say, one JSON object per file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.program import Ran, RunCommand

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Harbour News</title><link>https://news.example/</link><language>en</language>
<item><title>The night &amp;amp; the ferry</title><link>/ferry?utm_source=rss</link><guid isPermaLink="false">5</guid>
<pubDate>Wed, 25 Nov 2026 10:00:00 +0800</pubDate><author>a@b.example (Jane Doe)</author><category>Sea</category>
<description><![CDATA[<p>It is back at the pier.</p><img src="/ferry.jpg">]]></description></item>
<item><description>A ship without a name.</description></item>
</channel></rss>
"""


def objects(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


def test_a_feed_is_printed_as_json(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(FEED, encoding="utf-8")
    ran = run("feeds", "parse", str(file), "--base", "https://news.example/feed.xml")
    assert (ran.status, ran.err) == (0, "")
    (feed,) = objects(ran)
    first, second = feed.pop("items")
    assert feed == {
        "path": str(file),
        "kind": "rss",
        "title": "Harbour News",
        "link": "https://news.example/",
        "language": "en",
        "problems": [],
    }
    assert first == {
        "id": "5",
        "title": "The night & the ferry",
        "url": "https://news.example/ferry",
        "original_url": "https://news.example/ferry?utm_source=rss",
        "published_at": "2026-11-25T02:00:00Z",
        "updated_at": None,
        "author": "Jane Doe",
        "categories": ["Sea"],
        "summary": "It is back at the pier.",
        "text": "It is back at the pier.",
        "thumbnail": "https://news.example/ferry.jpg",
        "problems": [],
    }
    missing = ("id", "url", "original_url", "published_at", "updated_at", "author", "summary", "thumbnail")
    assert [second[name] for name in missing] == [None] * len(missing)
    assert second["title"] == "A ship without a name."
    assert len(second["problems"]) == 2


def test_what_is_no_feed_is_named_and_the_others_are_printed(run: RunCommand, tmp_path: Path) -> None:
    page, feed, absent = tmp_path / "page.xml", tmp_path / "feed.xml", tmp_path / "absent.xml"
    page.write_text("<!DOCTYPE html><html><head><title>Hi</title></head><body><p>Hello</p></body></html>")
    feed.write_text(FEED)
    ran = run("feeds", "parse", str(page), str(feed))
    assert ran.status == 1
    first, second = objects(ran)
    assert (first["kind"], first["items"], second["kind"]) == ("none", [], "rss")
    assert first["problems"]
    ran = run("feeds", "parse", str(absent), str(tmp_path), str(page), str(feed))
    assert ran.status == 2
    assert [each["kind"] for each in objects(ran)] == ["none", "rss"]
    assert str(absent) in ran.err
    assert str(tmp_path) in ran.err


def test_the_servers_word_and_the_settings_count(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    entry = "<item><title>夜航船复航</title><pubDate>2026-11-25 10:00</pubDate></item>"
    feed = f"<rss version='2.0'><channel><title>港口</title>{entry}</channel></rss>"
    file.write_bytes(feed.encode("gb18030"))
    ran = run(
        "feeds", "parse", str(file), "--content-type", "text/xml; charset=gbk", DIGESTBOT_POSTS__TIMEZONE="Asia/Tokyo"
    )
    (item,) = objects(ran)[0]["items"]
    assert (item["title"], item["published_at"]) == ("夜航船复航", "2026-11-25T01:00:00Z")
    ran = run("feeds", "parse", str(file), DIGESTBOT_FEEDS__MAX_MB="0.0001")
    assert ran.status == 1
    assert "MB" in objects(ran)[0]["problems"][0]


def test_wrong_use_is_told(run: RunCommand, tmp_path: Path) -> None:
    assert run("feeds", "parse").status == 2
    file = tmp_path / "feed.xml"
    file.write_text(FEED)
    ran = run("feeds", "parse", str(file), "--base", "feed.xml")
    assert (ran.status, ran.out) == (2, "")
    assert "--base" in ran.err


def test_half_characters_can_be_printed(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "feed.json"
    file.write_text(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "\\ud83d",'
        ' "items": [{"id": "\\udc00", "content_text": "a\\ud800b"}]}'
    )
    ran = run("feeds", "parse", str(file))
    assert (ran.status, ran.err) == (0, "")
    assert objects(ran)[0]["kind"] == "json"
