"""The program's commands for feeds, called as an operator does, against a web server on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.program import Ran, RunCommand
from tests.small_site import SmallSite, rss, serving_site


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallSite]:
    with serving_site() as small:
        monkeypatch.setenv("DIGESTBOT_FETCH__ALLOW_HOSTS", small.name)
        monkeypatch.setenv("DIGESTBOT_FEEDS__HOST_SECONDS", "0")
        yield small


class FeedCommands:
    """`digestbot feeds …`."""

    def __init__(self, run: RunCommand) -> None:
        self._run = run

    def __call__(self, *arguments: str) -> Ran:
        return self._run("feeds", *arguments)

    def list(self) -> list[dict[str, Any]]:
        """Return all feeds."""
        ran = self("list", "--json")
        assert ran.status == 0, ran
        found: list[dict[str, Any]] = json.loads(ran.out)
        return found


@pytest.fixture
def feeds(run: RunCommand) -> FeedCommands:
    return FeedCommands(run)


def test_a_feed_is_added_listed_and_removed_before_a_bot_ever_ran(feeds: FeedCommands, site: SmallSite) -> None:
    assert feeds.list() == []
    assert "no feeds yet" in feeds("list").out
    url = site.put_feed()
    added = feeds("add", url, "--category", "World/Japan")
    assert (added.status, added.err) == (0, "")
    assert "“Tidings”" in added.out
    assert url in added.out
    assert "when it runs" in added.out
    (feed,) = feeds.list()
    assert list(feed) == [
        "id", "url", "title", "kind", "category", "language", "state", "last_news_at", "last_look_at", "next_look_at",
        "error", "configured", "paused",
    ]  # fmt: skip
    assert feed["next_look_at"].endswith("Z")
    assert feed | {"next_look_at": None} == {
        "id": 1,
        "url": url,
        "title": "Tidings",
        "kind": "rss",
        "category": ["World", "Japan"],
        "language": None,
        "state": "new",
        "last_news_at": None,
        "last_look_at": None,
        "next_look_at": None,
        "error": None,
        "configured": False,
        "paused": False,
    }
    assert "in World/Japan" in feeds("list").out
    asked = len(site.asked)
    again = feeds("add", url.replace("http://", "HTTP://") + "#top", "--category", "Else")
    assert again.status == 0
    assert "is there already" in again.out
    assert len(site.asked) == asked
    assert feeds.list() == [feed]
    removed = feeds("remove", "1")
    assert removed.status == 0
    assert "articles stay" in removed.out
    assert feeds.list() == []
    gone = feeds("remove", "1")
    assert (gone.status, gone.out) == (1, "")
    assert "There is no feed of number 1" in gone.err
    feeds("add", url)
    assert feeds("remove", url.removeprefix("http://").join(["http://", "#x"])).status == 0
    assert feeds("remove", url).status == 1
    assert feeds("remove", "9" * 100).status == 1


def test_what_an_added_feed_brings_is_found_and_stays_when_it_is_removed(
    feeds: FeedCommands, site: SmallSite, run: RunCommand
) -> None:
    url = site.put_feed()
    feeds("add", url, "--category", "World")
    assert run("ingest").status == 0
    found = json.loads(run("search", "Title", "--json").out)
    assert {each["title"] for each in found} == {f"Title {number}" for number in range(1, 5)}
    assert found[0]["categories"] == ["World"]
    (feed,) = feeds.list()
    assert (feed["state"], feed["error"]) == ("fine", None)
    assert feed["last_look_at"] < feed["next_look_at"]
    assert feed["last_news_at"]
    feeds("remove", url)
    assert len(json.loads(run("search", "Title", "--json").out)) == 4
    site.put("/feed.xml", "gone", 410)
    assert feeds("add", url).status == 1


def test_a_page_with_one_feed_adds_it_and_one_with_several_lists_them(feeds: FeedCommands, site: SmallSite) -> None:
    feed = site.put_feed("/a.xml", "A")
    home = site.put("/", "<link rel=alternate type=application/rss+xml href=/a.xml>")
    assert feeds("add", home).status == 0
    assert [each["url"] for each in feeds.list()] == [feed]
    several = site.put(
        "/several",
        """<link rel=alternate type=application/rss+xml title="One \x1b[31mred" href=/1.xml>
        <link rel=alternate type=application/atom+xml title=Two href=/2.xml>""",
    )
    ran = feeds("add", several)
    assert ran.status == 1
    assert "names 2 feeds" in ran.err
    assert f"{site.url}/1.xml" in ran.out
    assert "Two (atom)" in ran.out
    assert "\x1b" not in ran.out + ran.err
    assert len(feeds.list()) == 1


def test_what_is_no_feed_says_why(feeds: FeedCommands, site: SmallSite) -> None:
    nothing = feeds("add", site.put("/nothing", "<p>hello"))
    assert (nothing.status, nothing.out) == (1, "")
    assert "There is no feed at" in nothing.err
    assert ".." not in nothing.err
    assert "where sites usually have theirs" in nothing.err
    site.put("/page", "<link rel=alternate type=application/rss+xml href=/broken.xml>")
    broken = feeds("add", f"{site.url}/page")
    assert broken.status == 1
    assert "/broken.xml, which the page names, can't be read" in broken.err
    missing = feeds("add", f"{site.url}/missing/page")
    assert missing.status == 1
    assert feeds.list() == []


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "gopher://a.example/",
        "https://me:secret@a.example/feed",
        f"https://a.example/{'x' * 10_000}",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:81/feed",
        "",
        "\udcff",
    ],
)
def test_an_address_that_is_not_asked_is_wrong_use(feeds: FeedCommands, site: SmallSite, address: str) -> None:
    for command in ("add", "check"):
        ran = feeds(command, address)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.count("\n") == 1
        assert "secret" not in ran.err
    assert site.asked == []


def test_a_category_that_is_none_is_wrong_use(feeds: FeedCommands, site: SmallSite) -> None:
    ran = feeds("add", site.put_feed(), "--category", " / ")
    assert ran.status == 2
    assert "category" in ran.err
    assert feeds.list() == []


def test_a_check_says_what_the_bot_and_the_server_make_of_an_address(feeds: FeedCommands, site: SmallSite) -> None:
    url = site.put_feed(ETag='W/"a"', Set_Cookie="secret=1", Server="nginx \x1b[31m")
    old = site.put("/old", "", 301, Location="/feed.xml")
    ran = feeds("check", old, "--json")
    assert ran.status == 0, ran
    checked = json.loads(ran.out)
    assert (checked["url"], checked["final_url"], checked["moved_to"], checked["status"]) == (old, url, url, 200)
    assert checked["headers"]["etag"] == 'W/"a"'
    assert checked["headers"]["content-type"] == "application/rss+xml"
    assert "set-cookie" not in checked["headers"]
    assert checked["error"] is None
    assert (checked["kind"], checked["title"], checked["language"]) == ("rss", "Tidings", "en")
    assert checked["items"][0] | {"problems": []} == {
        "id": "1",
        "title": "Title 1",
        "url": "https://news.example/1",
        "original_url": "https://news.example/1",
        "published_at": "2026-08-01T10:00:00Z",
        "updated_at": None,
        "author": None,
        "categories": [],
        "summary": "A line about number 1.",
        "text": checked["items"][0]["text"],
        "thumbnail": None,
        "problems": [],
    }
    shown = feeds("check", old).out
    assert "moved for good to" in shown
    assert shown.index("Title 4") < shown.index("Title 3") < shown.index("Title 2")
    assert "Title 1" not in shown
    assert "\x1b" not in shown + ran.out
    assert feeds.list() == []


@pytest.mark.parametrize(
    ("status", "headers"), [(404, {}), (410, {}), (429, {"Retry-After": "60"}), (403, {}), (500, {})]
)
def test_a_check_of_what_fails_says_how(
    feeds: FeedCommands, site: SmallSite, status: int, headers: dict[str, str]
) -> None:
    url = site.put("/feed", "no", status, **headers)
    ran = feeds("check", url, "--json")
    assert ran.status == 1
    checked = json.loads(ran.out)
    assert checked["status"] == status
    assert checked["error"]
    assert (checked["kind"], checked["items"]) == ("none", [])
    site.put("/moved", "", 302, Location="/feed")
    assert json.loads(feeds("check", f"{site.url}/moved", "--json").out)["final_url"] == url
    words = feeds("check", url)
    assert words.status == 1
    assert checked["error"].rstrip(".") in words.err


def test_a_check_of_a_page_points_to_what_finds_its_feeds(feeds: FeedCommands, site: SmallSite) -> None:
    ran = feeds("check", site.put("/", "<!doctype html><title>x</title><link rel=feed href=/f>"))
    assert ran.status == 1
    assert "digestbot feeds add finds them" in ran.err


def opml(folder: Path, body: str) -> Path:
    file = folder / "feeds.opml"
    file.write_text(f"<opml><body>{body}</body></opml>")
    return file


def test_an_import_is_previewed_done_once_and_exported_again(
    feeds: FeedCommands, site: SmallSite, tmp_path: Path
) -> None:
    feeds("add", site.put_feed())
    body = f"""<outline text="World"><outline text="A &amp; B" xmlUrl="{site.url}/a.xml"/>
      <outline text="Again" xmlUrl="{site.url}/a.xml"/></outline><outline xmlUrl="{site.url}/feed.xml"/>
      <outline text="bad \x1b[31m" xmlUrl="file:///etc/passwd"/><outline text="pass" xmlUrl="https://me:secret@a.example/"/>
      <outline type="include" text="me" url="{site.url}/feeds.opml"/>"""
    file = opml(tmp_path, body)
    asked = len(site.asked)
    counts = {"in categories": 1, "there already": 1, "twice in the file": 1, "that can't be used": 3}
    for arguments, what in (("--dry-run",), "feeds that would be added"), ((), "feeds added"):
        ran = feeds("import", str(file), *arguments)
        assert ran.status == 0, ran
        table, _, categories = ran.out.partition("\n\n")
        assert categories == ("Categories:\n    1  World\n" if arguments else "")
        shown = dict(line.rsplit(None, 1) for line in table.splitlines())
        assert shown == {what: "1", **{name: str(number) for name, number in counts.items()}}
        assert "file:///etc/passwd" in ran.err
        assert "not followed" in ran.err
        assert "secret" not in ran.err
        assert "\x1b" not in ran.err
        assert len(feeds.list()) == (1 if arguments else 2)
    assert len(site.asked) == asked
    again = feeds("import", str(file))
    assert again.out.splitlines()[0].split() == ["feeds", "added", "0"]
    exported = feeds("export")
    assert exported.status == 0
    written = tmp_path / "out.opml"
    assert feeds("export", "--output", str(written)).out == f"2 feeds are in {written}.\n"
    assert written.stat().st_mode & 0o077 == 0
    before = feeds.list()
    for feed in before:
        feeds("remove", str(feed["id"]))
    assert feeds("import", str(written)).status == 0
    assert [(each["url"], each["title"], each["category"]) for each in feeds.list()] == [
        (each["url"], each["title"], each["category"]) for each in before
    ]


def test_a_file_that_is_no_list_is_wrong_use(feeds: FeedCommands, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html></html>")
    laughs = tmp_path / "laughs.opml"
    laughs.write_text('<!DOCTYPE opml [<!ENTITY a "ha">]><opml><outline text="&a;"/></opml>')
    for file, words in {
        page: "a web page",
        laughs: "entities",
        tmp_path / "none.opml": "can't be read",
        tmp_path: "not a file",
        Path("/dev/zero"): "not a file",
    }.items():
        ran = feeds("import", str(file))
        assert (ran.status, ran.out) == (2, "")
        assert words in ran.err
    assert feeds("export", "--output", str(tmp_path / "no" / "folder.opml")).status == 2


def test_feeds_of_the_settings_are_listed_and_stay(feeds: FeedCommands, site: SmallSite, tmp_path: Path) -> None:
    settings = tmp_path / "digestbot.toml"
    settings.write_text(f'[[origins]]\nkind = "feed"\nname = "own"\nurl = "{site.url}/own.xml"\ncategory = "World"\n')
    (feed,) = feeds.list()
    assert (feed["configured"], feed["category"], feed["title"]) == (True, ["World"], "own")
    refused = feeds("remove", str(feed["id"]))
    assert refused.status == 2
    assert "settings" in refused.err
    assert "is there already" in feeds("add", f"{site.url}/own.xml").out
    assert f'xmlUrl="{site.url}/own.xml"' in feeds("export").out


def test_files_of_feeds_are_parsed_without_the_network(feeds: FeedCommands, site: SmallSite, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(rss(items=2))
    ran = feeds("parse", str(file), "--base", "https://news.example/feed")
    assert ran.status == 0, ran
    parsed = json.loads(ran.out)
    assert (parsed["path"], parsed["kind"], len(parsed["items"])) == (str(file), "rss", 2)
    checked = json.loads(feeds("check", site.put("/f", rss(items=2)), "--json").out)
    assert set(checked) - set(parsed) == {"url", "final_url", "status", "headers", "moved_to", "error"}
    assert set(parsed) <= set(checked)
    assert checked["items"] == parsed["items"]


def test_commands_for_feeds_start_without_the_chat_and_the_parser() -> None:
    script = "import sys; from bot.commands import feeds, feed_lists, feed_checking; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert not {"telegram", "PIL", "feedparser", "trafilatura"} & set(done.stdout.split())
