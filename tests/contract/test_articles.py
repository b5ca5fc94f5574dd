"""Ingest and articles: one article is one row, whatever comes and however often."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from digests.model.article import ParsedPost, Unreadable
from digests.model.ids import IngestNumber
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.post_files import KnownFile, ReadPost
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore, WriteCounts
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from tests.builders import NOW, parsed


def read(path: str, result: ParsedPost | Unreadable, *, fresh: bool = True, age: int = 1) -> ReadPost:
    return ReadPost(path, KnownFile(1, 2, f"hash of {path}"), result, fresh, NOW - timedelta(hours=age))


async def test_the_same_article_in_several_files_is_one_row(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    batch = [read("a.md", parsed("A")), read("b.md", parsed("A")), read("c.md", parsed("C"))]
    assert await store.write("folder", batch, NOW) == WriteCounts(new=2, duplicates=1)
    assert await store.write("folder", [read("d.md", parsed("A"))], NOW) == WriteCounts(duplicates=1)
    assert await store.write("folder", [read("d.md", parsed("A"))], NOW) == WriteCounts()
    assert await articles.counts() == (2, 0)


async def test_a_changed_text_updates_its_row_and_keeps_its_place(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    first = parsed("A", thumbnail="https://p.example/1.jpg", original_url="https://news.example/1")
    await store.write("folder", [read("a.md", first)], NOW)
    ((before,), _) = await articles.latest(None, 5)
    changed = parsed("A", summary="Another line.", thumbnail=None, url=None, content_hash="other")
    assert await store.write("folder", [read("a.md", changed)], NOW) == WriteCounts(changed=1)
    ((after,), total) = await articles.latest(None, 5)
    assert total == 1
    assert (after.id, after.ingest, after.summary) == (before.id, before.ingest, "Another line.")
    assert (after.thumbnail, after.url) == (before.thumbnail, before.url)
    entries = await articles.changed_since(before.ingest, 10)
    assert [one.summary for one in entries] == ["Another line."]


async def test_a_post_put_aside_is_listed_until_it_is_mended(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    broken = Unreadable("the closing --- is missing", "add it", 3)
    assert await store.write("folder", [read("a.md", broken)], NOW) == WriteCounts(quarantined=1)
    ((aside,), (stored, number)) = await articles.quarantined(), await articles.counts()
    assert (aside.path, aside.line, aside.cause, aside.fix) == ("a.md", 3, broken.cause, broken.fix)
    assert (stored, number) == (0, 1)
    assert await store.write("folder", [read("a.md", parsed("A"))], NOW) == WriteCounts(new=1)
    assert await articles.quarantined() == ()


async def test_files_are_remembered_and_forgotten_and_articles_stay(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [read("a.md", parsed("A")), read("b.md", parsed("B"))], NOW)
    await store.touch("folder", {"a.md": KnownFile(9, 9, "hash of a.md")}, NOW)
    assert (await store.known("folder"))["a.md"] == KnownFile(9, 9, "hash of a.md")
    assert await store.known("elsewhere") == {}
    await store.forget("folder", {"a.md"}, NOW)
    assert set(await store.known("folder")) == {"b.md"}
    assert (await articles.counts())[0] == 2


async def test_two_ways_of_naming_a_category_are_one(database: Database) -> None:
    store, categories = IngestStore(database), CategoryStore(database)
    two = parsed("A", categories=("编程", "ACM - 图灵奖"))
    three = parsed("B", categories=("编程", "ACM", "图灵奖"))
    await store.write("folder", [read("a.md", two), read("b.md", three)], NOW)
    tree = await categories.tree()
    assert {one.path: one.count for one in tree} == {
        ("编程",): 2,
        ("编程", "ACM"): 2,
        ("编程", "ACM", "图灵奖"): 2,
    }


async def test_an_article_is_in_every_category_under_which_it_came(database: Database) -> None:
    store, deliveries = IngestStore(database), DueStore(database)
    await store.write("folder", [read("a.md", parsed("A", categories=("x", "y")))], NOW)
    await store.write("folder", [read("b.md", parsed("A", categories=("z",)))], NOW)
    tree = await CategoryStore(database).tree()
    (candidate,) = (await deliveries.candidates(IngestNumber(0)))[1]
    assert {tree.ancestors(one)[-1].path for one in candidate.categories} == {("x", "y"), ("z",)}


async def test_ingest_numbers_grow_in_commit_order(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)

    async def write(number: int) -> None:
        await store.write("folder", [read(f"{number}.md", parsed(f"Title {number}"))], NOW)

    await asyncio.gather(*[write(number) for number in range(12)])
    listed, total = await articles.latest(None, 50)
    assert total == 12
    assert sorted(one.ingest for one in listed) == list(range(1, 13))


async def test_latest_pages_within_categories(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    batch = [read(f"{number}.md", parsed(f"T{number}", categories=("a",)), age=number) for number in range(1, 6)]
    batch.append(read("other.md", parsed("other", categories=("b",))))
    batch.append(read("none.md", parsed("none", categories=())))
    await store.write("folder", batch, NOW)
    tree = await CategoryStore(database).tree()
    wanted = tree.with_descendants([tree.find("a")[0].id])
    page, total = await articles.latest(wanted, 2, offset=2)
    assert ([one.title for one in page], total) == (["T3", "T4"], 5)
    assert (await articles.latest(None, 1))[1] == 7
    (none,) = [one for one in (await articles.latest(None, 50))[0] if one.title == "none"]
    assert none.categories == ()


async def test_articles_come_in_the_order_asked_for(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [read(f"{n}.md", parsed(f"T{n}")) for n in range(3)], NOW)
    ids = [one.id for one in (await articles.latest(None, 9))[0]]
    wanted = [ids[2], ids[0], type(ids[0])(999)]
    assert [one.id for one in await articles.get(wanted)] == wanted[:2]


async def test_where_a_window_of_a_day_begins(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [read("a.md", parsed("A"))], NOW - timedelta(days=2))
    await store.write("folder", [read("b.md", parsed("B"))], NOW)
    assert await articles.ingest_before(NOW - timedelta(days=1)) == 1
    assert await articles.ingest_before(NOW - timedelta(days=9)) == 0


async def test_stale_articles_are_found_but_in_no_window(database: Database) -> None:
    store = IngestStore(database)
    await store.write("folder", [read("a.md", parsed("A"), fresh=False), read("b.md", parsed("B"))], NOW)
    until, candidates = await DueStore(database).candidates(IngestNumber(0))
    assert (until, len(candidates)) == (2, 1)
    assert (await ArticleStore(database).latest(None, 9))[1] == 2
