"""Scanning an origin: posts that are new, changed, moved, contested, gone or broken."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.commands.posts import parse_posts
from digests.articles.hexo.site import SiteRules, read_site_config
from digests.articles.options import PostOptions
from digests.errors import OriginError
from digests.ingest.batch import UNDATED
from digests.ingest.ingest import IngestReport, ingest
from digests.ingest.listing import ScanState
from digests.ingest.parsing import ReadingOptions
from digests.model.article import Article
from digests.model.digest import Window
from digests.model.ids import IngestNumber
from digests.origins.folder import FolderOrigin
from digests.ports import File
from digests.storage.articles.candidates import read_candidates
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.migrate import migrate
from digests.storage.schema.article_tables import articles
from tests.factories.articles import post
from tests.factories.times import DAY, HOUR, NOW
from tests.fakes import BrokenOrigin, MemoryOrigin

READING = ReadingOptions(max_age=None)


class WatchedOrigin(MemoryOrigin):
    """An origin in memory that records which files were read."""

    def __init__(self, posts: dict[str, str | bytes]) -> None:
        super().__init__(posts)
        self.paths_read: list[str] = []

    def read(self, file: File) -> bytes:
        self.paths_read.append(file.path)
        return super().read(file)


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.duplicates, report.quarantined


async def articles_of(database: Database) -> dict[str, Article]:
    found, _ = await ArticleStore(database).latest(None, 500)
    return {article.title: article for article in found}


async def test_only_changed_files_are_read(database: Database) -> None:
    store = IngestStore(database)
    origin = WatchedOrigin({"a.md": post("A"), "b.md": post("B")})
    assert counts(await ingest(origin, store, READING, NOW)) == (2, 0, 0, 0)
    read = origin.paths_read
    read.clear()
    assert counts(await ingest(origin, store, READING, NOW)) == (0, 0, 0, 0)
    assert read == []
    origin.put("a.md", post("A"))
    origin.put("b.md", post("B", thumbnail="https://p.example/b.jpg"))
    assert counts(await ingest(origin, store, READING, NOW)) == (0, 1, 0, 0)
    assert read == ["a.md", "b.md"]


async def test_renaming_all_files_changes_no_article(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    origin = MemoryOrigin({f"old/{n}.md": post(f"Title {n}") for n in range(120)})
    await ingest(origin, store, READING, NOW)
    revision, before = await articles.last_revision(), await articles_of(database)
    moved = MemoryOrigin({f"new/{n}/x.md": post(f"Title {n}") for n in range(120)})
    for change in range(120):
        moved.put(f"new/{change}/x.md", post(f"Title {change}"))
    assert counts(await ingest(moved, store, READING, NOW)) == (0, 0, 120, 0)
    assert await articles.last_revision() == revision
    assert await articles_of(database) == before
    assert len(await store.known("memory")) == 120


def paths(origin: MemoryOrigin) -> set[str]:
    return {file.path for file in origin.files()}


async def test_scans_with_and_without_a_memory_agree(database: Database) -> None:
    """Files come, change, move and go: a scan with a memory finds what a scan without one finds."""
    chance = Random(5)
    store, state = IngestStore(database), ScanState()
    origin = MemoryOrigin({f"f{n % 12}/{n}.md": post(f"Title {n}") for n in range(40)})
    for _ in range(12):
        for number in range(chance.choice((0, 1, 3, 30))):
            folder = chance.choice(("", "f1/", "f1/in/", "f_%/", f"f{chance.randrange(14)}/"))
            path = f"{folder}{chance.randrange(20)}.md"
            if chance.random() < 0.3 and path in paths(origin):
                origin.remove(path)
            else:
                origin.put(path, post(f"Title {chance.randrange(60)}", thumbnail=f"https://p.example/{number}.jpg"))
        report = await ingest(origin, store, READING, NOW, state=state)
        assert report.seen == len(paths(origin))
        assert {path: (seen.mtime_ns, seen.size) for path, seen in (await store.known("memory")).items()} == {
            file.path: (file.mtime_ns, file.size) for file in origin.files()
        }
        assert counts(await ingest(origin, store, READING, NOW, state=ScanState())) == (0, 0, 0, 0)


async def test_a_file_that_changes_while_it_is_read_is_read_again(database: Database) -> None:
    store = IngestStore(database)
    origin = MemoryOrigin({"a.md": post("A")})
    (file,) = origin.files()
    half = file._replace(size=file.size - 9)
    origin.files = lambda: [half]  # type: ignore[method-assign]
    await ingest(origin, store, READING, NOW)
    assert (await store.known("memory"))["a.md"].size == -1
    del origin.files
    await ingest(origin, store, READING, NOW)
    assert (await store.known("memory"))["a.md"].size == file.size


async def test_deleted_files_remove_articles_only_where_the_setting_says_so(database: Database) -> None:
    store = IngestStore(database)
    origin = MemoryOrigin({"a.md": post("A"), "copy of a.md": post("A"), "b.md": post("B"), "c.md": post("C")})
    await ingest(origin, store, READING, NOW)
    origin.remove("c.md")
    await ingest(origin, store, READING, NOW)
    assert set(await articles_of(database)) == {"A", "B", "C"}
    removing = replace(READING, delete_missing=True)
    origin.remove("a.md")
    origin.remove("b.md")
    await ingest(origin, store, removing, NOW)
    assert set(await articles_of(database)) == {"A", "C"}
    origin.put("moved/b.md", post("B"))
    assert counts(await ingest(origin, store, removing, NOW)) == (0, 0, 1, 0)
    assert set(await articles_of(database)) == {"A", "B", "C"}
    for path in ("copy of a.md", "moved/b.md"):
        origin.remove(path)
    await ingest(origin, store, removing, NOW)
    assert set(await articles_of(database)) == {"A", "B", "C"}, "if all files are gone, the disk is"


async def test_changed_reading_options_read_everything_again(database: Database) -> None:
    store = IngestStore(database)
    origin = MemoryOrigin({"a.md": post("A"), "b.md": post("B")})
    await ingest(origin, store, READING, NOW)
    assert (await articles_of(database))["A"].url is None
    site = SiteRules(url="https://s.example", permalink=":title/", process_timezone=UTC, timezone=UTC)
    with_site = replace(READING, post=PostOptions(site=site))
    assert counts(await ingest(origin, store, with_site, NOW)) == (0, 2, 0, 0)
    assert (await articles_of(database))["A"].url == "https://s.example/a/"
    broken = replace(READING, broken=True)
    assert counts(await ingest(origin, store, broken, NOW)) == (0, 0, 0, 0)
    assert (await articles_of(database))["A"].url == "https://s.example/a/", "a broken config removes no link"
    origin.put("c.md", post("C"))
    await ingest(origin, store, broken, NOW)
    await ingest(origin, store, with_site, NOW)
    assert (await articles_of(database))["C"].url == "https://s.example/c/"


async def test_an_origin_has_its_prefix_language_and_time_zone(database: Database) -> None:
    store = IngestStore(database)
    options = PostOptions(category_prefix=("World",), language="fr", timezone=ZoneInfo("Asia/Tokyo"))
    reading = replace(READING, post=options)
    origin = MemoryOrigin({"a.md": post("1", body="<p>2</p>", date="2026-06-06 09:00:00")})
    await ingest(origin, store, reading, NOW)
    article = (await articles_of(database))["1"]
    assert article.categories[0] == "World"
    assert article.language == "fr"
    assert article.published_at == datetime(2026, 6, 6, tzinfo=UTC)


ABBRLINK_TEXT = "url: https://s.example\npermalink: p/:abbrlink/\nabbrlink:\n  alg: crc32\n  rep: dec\ntimezone: UTC\n"
ABBRLINK = read_site_config(ABBRLINK_TEXT)


async def test_links_that_depend_on_other_posts_follow_them(database: Database) -> None:
    """Two posts of one title want the same number: neither gets it until the other is gone."""
    store = IngestStore(database)
    reading = replace(READING, post=PostOptions(site=ABBRLINK))
    origin = WatchedOrigin({"a.md": post("Same title", author="One"), "b.md": post("Other")})
    await ingest(origin, store, reading, NOW)
    before = await articles_of(database)
    own = before["Same title"].url
    assert own is not None
    assert before["Other"].url is not None
    read = origin.paths_read
    read.clear()
    rival = post("Same title", body="<p>Quite another story of that name.</p>", categories=("Books",), author="Two")
    origin.put("rival.md", rival)
    await ingest(origin, store, reading, NOW)
    assert "b.md" not in read
    found, _ = await ArticleStore(database).latest(None, 9)
    assert [article.url for article in found if article.title == "Same title"] == [None, None]
    assert (await articles_of(database))["Other"].url == before["Other"].url
    origin.remove("rival.md")
    await ingest(origin, store, reading, NOW)
    found, _ = await ArticleStore(database).latest(None, 9)
    assert own in [article.url for article in found]
    read.clear()
    await ingest(origin, store, reading, NOW)
    assert read == []


def test_parse_surveys_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    for name, text in {"a.md": post("A"), "b.md": post("B"), "c.md": post("B", author="Other")}.items():
        (folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "_config.yml").write_text(ABBRLINK_TEXT, encoding="utf-8")
    (tmp_path / "digestbot.toml").write_text(f'[posts]\nsite_config = "{tmp_path / "_config.yml"}"\n')
    parse_posts(tmp_path / "digestbot.toml", [folder])
    links = {Path(post["path"]).name: post["url"] for post in map(json.loads, capsys.readouterr().out.splitlines())}
    assert links["a.md"].startswith("https://s.example/p/")
    assert (links["b.md"], links["c.md"]) == (None, None)
    parse_posts(tmp_path / "digestbot.toml", [folder / "a.md"])
    assert json.loads(capsys.readouterr().out)["url"] is None


async def test_default_pictures_are_ignored(database: Database) -> None:
    reading = replace(READING, post=PostOptions(default_pictures=("/stock/",)))
    picture = "https://p.example/stock/cover.jpg"
    await ingest(MemoryOrigin({"a.md": post("A", thumbnail=picture)}), IngestStore(database), reading, NOW)
    assert (await articles_of(database))["A"].thumbnail is None


async def test_a_post_of_tomorrow_is_shown_with_its_link_tomorrow(database: Database) -> None:
    store = IngestStore(database)
    site = SiteRules(url="https://s.example", permalink=":title/", future=False, process_timezone=UTC, timezone=UTC)
    reading = replace(READING, post=PostOptions(site=site))
    origin = MemoryOrigin({"a.md": post("A", date="2026-06-07 09:00:00")})
    assert (await ingest(origin, store, reading, NOW)).unlisted == 1
    assert not await articles_of(database)
    assert (await ingest(origin, store, reading, NOW + timedelta(days=2))).new == 1
    assert (await articles_of(database))["A"].url == "https://s.example/a/"


async def test_an_unreadable_origin_forgets_nothing(database: Database) -> None:
    store = IngestStore(database)
    await ingest(MemoryOrigin({"a.md": post("A")}), store, READING, NOW)
    with pytest.raises(OriginError):
        await ingest(BrokenOrigin({}), store, READING, NOW)
    assert set(await store.known("memory")) == {"a.md"}


async def test_a_file_that_cannot_be_read_does_not_affect_the_others(database: Database, tmp_path: Path) -> None:
    """A file may be too large, unreadable, not UTF-8, or vanish."""
    store, articles = IngestStore(database), ArticleStore(database)
    with (tmp_path / "large.md").open("wb") as large:
        large.truncate(50_000_000)
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe\x00---\n\x80\x81")
    (tmp_path / "good.md").write_text(post("Good"), encoding="utf-8")
    (tmp_path / "link.md").symlink_to("/etc/hostname")
    (tmp_path / "gone.md").write_text(post("Gone"), encoding="utf-8")
    origin = FolderOrigin(tmp_path)
    listed = origin.files()
    (tmp_path / "gone.md").unlink()
    origin.files = lambda: listed  # type: ignore[method-assign]
    report = await ingest(origin, store, READING, NOW)
    assert counts(report) == (1, 0, 0, 3)
    aside = {post.path: post for post in await articles.quarantined()}
    assert "more than 10 MB" in aside["large.md"].cause
    assert "raise posts.max_file_mb" in aside["large.md"].fix
    assert "can't be read" in aside["gone.md"].cause
    del origin.files
    await ingest(origin, store, READING, NOW)
    assert {post.path for post in await articles.quarantined()} == {"bytes.md", "large.md"}


async def test_an_unreadable_folder_keeps_its_articles(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = IngestStore(database)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.md").write_text(post("A"), encoding="utf-8")
    (tmp_path / "b.md").write_text(post("B"), encoding="utf-8")
    reading = replace(READING, delete_missing=True)
    await ingest(FolderOrigin(tmp_path), store, reading, NOW)
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        # Root may read everything, so changing the mode would not make it unreadable.
        if os.fsencode(path).endswith(b"/in"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    await ingest(FolderOrigin(tmp_path), store, reading, NOW)
    assert set(await articles_of(database)) == {"A", "B"}


@pytest.fixture(scope="module")
def bytes_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('bytes') / 'test.db'}"
    migrate(url)
    return url


FRONT = st.sampled_from(
    [b"", b"---\n", b"---\ntitle: x\n---\n", b"\xef\xbb\xbf---\ntitle: '\n", b"---\ntitle: [a\n---\n"]
)


@given(front=FRONT, data=st.binary(max_size=3000), more=st.text(max_size=300))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(front=b"---\ntitle: a\ncategories:\n - a\x1fb\n---\n", data=b"", more="")
@example(
    front=b"---\ntitle: \xf0\x9f\x98\x80\n---\n",
    data=b"\x00\x00<p>\xed\xa0\x80",
    more="\udcff".encode("utf-8", "replace").decode(),
)
def test_any_bytes_are_an_article_or_quarantined(bytes_url: str, front: bytes, data: bytes, more: str) -> None:
    async def look() -> IngestReport:
        database = Database(bytes_url)
        try:
            origin = MemoryOrigin({"good.md": post("Good"), "odd.md": front + data + more.encode("utf-8", "replace")})
            store = IngestStore(database)
            await store.forget("memory", await store.known("memory"), NOW)
            report = await ingest(origin, store, replace(READING, post=PostOptions(site=ABBRLINK)), NOW)
            assert set(await store.known("memory")) == {"good.md", "odd.md"}
            return report
        finally:
            await database.close()

    report = asyncio.run(look())
    assert report.seen == 2
    assert report.new + report.changed + report.duplicates + report.quarantined >= 1


def undated(title: str) -> str:
    return post(title, date="Invalid Date")


async def test_a_first_look_knows_no_day_of_posts_without_a_date(database: Database) -> None:
    store = IngestStore(database)
    origin = MemoryOrigin({"a.md": undated("No day"), "b.md": undated("Long ago"), "c.md": undated("Lately")})
    origin.times = {"b.md": NOW - 40 * DAY, "c.md": NOW - HOUR}
    await ingest(origin, store, ReadingOptions(), NOW)
    assert origin.asked_history == 1
    async with database.read() as connection:
        rows = (await connection.execute(sa.select(articles.c.title, articles.c.fresh, articles.c.shown_at))).all()
        candidates = await read_candidates(database, connection, Window(IngestNumber(0), IngestNumber(99)))
    assert {row.title: (row.fresh, row.shown_at) for row in rows} == {
        "No day": (False, UNDATED),
        "Long ago": (False, NOW - 40 * DAY),
        "Lately": (True, NOW - HOUR),
    }
    assert [candidate.is_dated for candidate in candidates] == [False]


async def test_a_first_look_that_was_cut_short_makes_no_news_of_the_rest(database: Database) -> None:
    store = IngestStore(database)
    origin = MemoryOrigin({f"{number}.md": undated(f"Ferry number {number} sails") for number in range(60)})

    def stop(done: int, _all: int) -> None:
        raise OriginError(f"stopped after {done}")

    with pytest.raises(OriginError, match="stopped"):
        await ingest(origin, store, ReadingOptions(), NOW, stop)
    assert 0 < len(await store.known("memory")) < 60
    await ingest(origin, store, ReadingOptions(), NOW + HOUR)
    async with database.read() as connection:
        fresh = (await connection.execute(sa.select(articles.c.fresh))).scalars().all()
    assert (len(fresh), any(fresh)) == (60, False)
    origin.put("later.md", undated("A painter came back"))
    await ingest(origin, store, ReadingOptions(), NOW + 2 * HOUR)
    assert (await articles_of(database))["A painter came back"].shown_at == NOW + 2 * HOUR


async def test_a_later_look_takes_what_it_finds_for_new(database: Database) -> None:
    store = IngestStore(database)
    origin = MemoryOrigin({"a.md": post("Dated")})
    await ingest(origin, store, ReadingOptions(), NOW)
    assert origin.asked_history == 0
    origin.put("b.md", undated("No day"))
    await ingest(origin, store, ReadingOptions(), NOW + HOUR)
    assert origin.asked_history == 0
    found = (await articles_of(database))["No day"]
    assert (found.shown_at, found.is_dated) == (NOW + HOUR, False)


async def test_unlisted_posts_are_counted_and_reach_nobody(database: Database) -> None:
    hidden = post("Hidden").replace("\ndate:", "\nhidden: true\ndate:")
    origin = MemoryOrigin({"a.md": post("Shown"), "b.md": hidden})
    report = await ingest(origin, IngestStore(database), READING, NOW)
    assert (report.new, report.unlisted) == (1, 1)
    assert set(await articles_of(database)) == {"Shown"}


async def test_reading_by_other_rules_makes_nothing_new(database: Database) -> None:
    store = IngestStore(database)
    titles = [f"Ferry number {number} sails" for number in range(3)]
    origin = MemoryOrigin({f"{title}.md": post(title, author="Ada") for title in titles})
    await ingest(origin, store, READING, NOW)
    site = SiteRules(url="https://s.example", title="The Harbour", permalink=":title/")
    reading = replace(READING, post=PostOptions(site=site, source="site"))
    report = await ingest(origin, store, reading, NOW + HOUR)
    assert (report.new, report.changed) == (0, 3)
    assert {article.source for article in (await articles_of(database)).values()} == {"The Harbour"}
    origin.put("copy.md", post(titles[0], author="Ada"))
    assert counts(await ingest(origin, store, reading, NOW + HOUR)) == (0, 1, 1, 0)


async def test_a_picture_that_stands_with_many_posts_is_no_articles_picture(database: Database) -> None:
    store, cover = IngestStore(database), "https://img.example/cover.jpg"
    body = '<p>What it is about.</p><img src="https://img.example/own-{n}.jpg">'
    titles = [f"Ferry number {number} sails" for number in range(6)]
    origin = MemoryOrigin(
        {
            f"{n}.md": post(title, body=body.format(n=n) if n else "<p>Nothing else.</p>", thumbnail=cover)
            for n, title in enumerate(titles[:3])
        }
    )
    await ingest(origin, store, READING, NOW)
    assert {article.thumbnail for article in (await articles_of(database)).values()} == {cover}
    for n, title in enumerate(titles[3:], 3):
        origin.put(f"{n}.md", post(title, body=body.format(n=n), thumbnail=cover))
    assert counts(await ingest(origin, store, READING, NOW)) == (3, 0, 0, 0)
    found = await articles_of(database)
    assert [found[title].thumbnail for title in titles] == [
        None,
        *(f"https://img.example/own-{n}.jpg" for n in range(1, 6)),
    ]
    origin.put("7.md", post("A seventh ferry sails too", thumbnail=cover))
    await ingest(origin, store, READING, NOW)
    assert (await articles_of(database))["A seventh ferry sails too"].thumbnail is None
