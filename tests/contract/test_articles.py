"""Storing articles: an article is one row, however often and in however many files it comes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from digests.model.article import Unreadable
from digests.model.ids import ArticleId, IngestNumber
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.post_files import KnownFile
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore, WriteCounts
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import NOW


async def test_the_same_article_in_several_files_is_one_row(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    batch = [
        read_post("a.md", parsed_post("A")),
        read_post("b.md", parsed_post("A")),
        read_post("c.md", parsed_post("C")),
    ]
    assert await store.write("folder", batch, NOW) == WriteCounts(new=2, duplicates=1)
    assert await store.write("folder", [read_post("d.md", parsed_post("A"))], NOW) == WriteCounts(duplicates=1)
    assert await store.write("folder", [read_post("d.md", parsed_post("A"))], NOW) == WriteCounts()
    assert await articles.counts() == (2, 0)


async def test_a_changed_text_updates_its_row_and_keeps_its_number(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    first = parsed_post("A", thumbnail="https://p.example/1.jpg", original_url="https://news.example/1")
    await store.write("folder", [read_post("a.md", first)], NOW)
    ((before,), _) = await articles.latest(None, 5)
    changed = parsed_post("A", summary="Another line.", thumbnail=None, url=None, content_hash="other")
    assert await store.write("folder", [read_post("a.md", changed)], NOW) == WriteCounts(changed=1)
    ((after,), total) = await articles.latest(None, 5)
    assert total == 1
    assert (after.id, after.ingest, after.summary) == (before.id, before.ingest, "Another line.")
    assert (after.thumbnail, after.url) == (before.thumbnail, before.url)
    entries = await articles.changed_since(before.ingest, 10)
    assert [entry.summary for entry in entries] == ["Another line."]


async def test_a_quarantined_post_is_listed_until_it_is_fixed(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    broken = Unreadable("the closing --- is missing", "add it", 3)
    assert await store.write("folder", [read_post("a.md", broken)], NOW) == WriteCounts(quarantined=1)
    ((aside,), (stored, number)) = await articles.quarantined(), await articles.counts()
    assert (aside.path, aside.line, aside.cause, aside.fix) == ("a.md", 3, broken.cause, broken.fix)
    assert (stored, number) == (0, 1)
    assert await store.write("folder", [read_post("a.md", parsed_post("A"))], NOW) == WriteCounts(new=1)
    assert await articles.quarantined() == ()


async def test_files_are_remembered_and_forgotten_while_articles_stay(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [read_post("a.md", parsed_post("A")), read_post("b.md", parsed_post("B"))], NOW)
    await store.touch("folder", {"a.md": KnownFile(9, 9, "hash of a.md")}, NOW)
    assert (await store.known("folder"))["a.md"] == KnownFile(9, 9, "hash of a.md")
    assert await store.known("elsewhere") == {}
    await store.forget("folder", {"a.md"}, NOW)
    assert set(await store.known("folder")) == {"b.md"}
    assert (await articles.counts())[0] == 2


async def test_two_ways_of_naming_a_category_are_one(database: Database) -> None:
    store, categories = IngestStore(database), CategoryStore(database)
    two = parsed_post("A", categories=("编程", "ACM - 图灵奖"))
    three = parsed_post("B", categories=("编程", "ACM", "图灵奖"))
    await store.write("folder", [read_post("a.md", two), read_post("b.md", three)], NOW)
    tree = await categories.tree()
    assert {category.path: category.count for category in tree} == {
        ("编程",): 2,
        ("编程", "ACM"): 2,
        ("编程", "ACM", "图灵奖"): 2,
    }


async def test_an_article_is_in_every_category_under_which_it_came(database: Database) -> None:
    store, deliveries = IngestStore(database), DueStore(database)
    await store.write("folder", [read_post("a.md", parsed_post("A", categories=("x", "y")))], NOW)
    await store.write("folder", [read_post("b.md", parsed_post("A", categories=("z",)))], NOW)
    tree = await CategoryStore(database).tree()
    (candidate,) = (await deliveries.candidates(IngestNumber(0)))[1]
    assert {tree.ancestors(category)[-1].path for category in candidate.categories} == {("x", "y"), ("z",)}


async def test_ingest_numbers_grow_in_commit_order(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)

    async def write(number: int) -> None:
        await store.write("folder", [read_post(f"{number}.md", parsed_post(f"Title {number}"))], NOW)

    await asyncio.gather(*[write(number) for number in range(12)])
    listed, total = await articles.latest(None, 50)
    assert total == 12
    assert sorted(article.ingest for article in listed) == list(range(1, 13))


async def test_the_latest_articles_of_categories_in_pages(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    batch = [
        read_post(f"{number}.md", parsed_post(f"T{number}", categories=("a",)), age=number) for number in range(1, 6)
    ]
    batch.append(read_post("other.md", parsed_post("other", categories=("b",))))
    batch.append(read_post("none.md", parsed_post("none", categories=())))
    await store.write("folder", batch, NOW)
    tree = await CategoryStore(database).tree()
    wanted = tree.with_descendants([tree.find("a")[0].id])
    page, total = await articles.latest(wanted, 2, offset=2)
    assert ([article.title for article in page], total) == (["T3", "T4"], 5)
    assert (await articles.latest(None, 1))[1] == 7
    (none,) = [article for article in (await articles.latest(None, 50))[0] if article.title == "none"]
    assert none.categories == ()


async def test_articles_are_returned_in_the_order_asked_for(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [read_post(f"{n}.md", parsed_post(f"T{n}")) for n in range(3)], NOW)
    ids = [article.id for article in (await articles.latest(None, 9))[0]]
    wanted = [ids[2], ids[0], type(ids[0])(999)]
    assert [article.id for article in await articles.get(wanted)] == wanted[:2]


async def test_where_a_window_of_a_day_begins(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [read_post("a.md", parsed_post("A"))], NOW - timedelta(days=2))
    await store.write("folder", [read_post("b.md", parsed_post("B"))], NOW)
    assert await articles.ingest_before(NOW - timedelta(days=1)) == 1
    assert await articles.ingest_before(NOW - timedelta(days=9)) == 0


async def test_stale_articles_are_listed_but_in_no_window(database: Database) -> None:
    store = IngestStore(database)
    await store.write(
        "folder", [read_post("a.md", parsed_post("A"), fresh=False), read_post("b.md", parsed_post("B"))], NOW
    )
    until, candidates, _ = await DueStore(database).candidates(IngestNumber(0))
    assert (until, len(candidates)) == (2, 1)
    assert (await ArticleStore(database).latest(None, 9))[1] == 2


async def shown_categories(database: Database) -> dict[str, int]:
    tree = await CategoryStore(database).tree()
    return {"/".join(category.path): category.count for category in tree}


async def test_an_article_is_in_all_of_its_branches(database: Database) -> None:
    branches = (("Tech", "Robots"), ("Art", "Murals"))
    post = parsed_post("Cranes paint", categories=branches[0], branches=branches)
    await IngestStore(database).write("folder", [read_post("a.md", post)], NOW)
    assert await shown_categories(database) == {"Tech": 1, "Tech/Robots": 1, "Art": 1, "Art/Murals": 1}


async def test_a_category_is_shown_in_the_spelling_that_most_posts_use(database: Database) -> None:
    store = IngestStore(database)

    async def write(number: int, *names: str) -> None:
        post = parsed_post(f"T{number}", categories=names, branches=(names,))
        await store.write("folder", [read_post(f"{number}.md", post)], NOW)

    await write(1, "web 开发", "css")
    await write(2, "Web开发", "JS")
    assert await shown_categories(database) == {"web 开发": 2, "web 开发/css": 1, "web 开发/JS": 1}
    await write(3, "Web开发", "CSS")
    assert await shown_categories(database) == {"Web开发": 3, "Web开发/css": 2, "Web开发/JS": 1}
    await write(4, "Ｗｅｂ开发", "CSS")
    assert await shown_categories(database) == {"Web开发": 4, "Web开发/CSS": 3, "Web开发/JS": 1}
    (article,) = await ArticleStore(database).get([ArticleId(1)])
    assert article.categories == ("Web开发", "CSS")
