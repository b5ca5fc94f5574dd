"""Which posts are one article: by address, title, text and file."""

from __future__ import annotations

import pytest

from digests.model.article import ParsedPost
from digests.storage.articles.post_files import KnownFile, ReadPost
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore, WriteCounts
from digests.storage.database import Database
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import HOUR, NOW

LONG = "The ferry to the islands sails again from Saturday on, twice a day, and takes bicycles along. " * 3
OTHER = "Nobody knew who had painted the harbour wall at night, until the painter came and asked for his brush. " * 3


def weather(day: str, address: str, text: str, **changes: object) -> ParsedPost:
    values = {"identity": "weather", "address": address, "text": text, "content_hash": f"{day} {address} {text}"}
    return parsed_post("Weather for Saturday", **{**values, **changes})


async def number_of_articles(database: Database) -> int:
    return (await ArticleStore(database).counts())[0]


async def write(database: Database, path: str, post: ParsedPost, present: set[str] | None = None) -> WriteCounts:
    return await IngestStore(database).write("folder", [read_post(path, post)], NOW, present)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("=1", LONG), ("=2", OTHER), 2),
        (("=1", LONG), ("=2", LONG), 1),
        (("=1", LONG), ("=1", OTHER), 1),
        (("=1", LONG), ("", OTHER), 1),
        (("", LONG), ("=2", OTHER), 1),
        (("=1", LONG), ("~2", OTHER), 1),
        (("~1", LONG), ("~2", OTHER), 2),
    ],
    ids=["two addresses", "same text", "same address", "no address", "none before", "written and page", "two pages"],
)
async def test_addresses_and_texts_tell_posts_of_one_title_apart(
    database: Database, first: tuple[str, str], second: tuple[str, str], expected: int
) -> None:
    await write(database, "a.md", weather("1", *first))
    await write(database, "b.md", weather("2", *second))
    assert await number_of_articles(database) == expected


async def test_so_they_do_within_one_batch(database: Database) -> None:
    batch = [
        read_post("a.md", weather("1", "=1", LONG)),
        read_post("b.md", weather("2", "=2", OTHER)),
        read_post("c.md", weather("3", "=1", LONG)),
    ]
    assert await IngestStore(database).write("folder", batch, NOW) == WriteCounts(new=2, duplicates=1)


async def test_a_file_that_moved_is_the_same_article_under_another_page(database: Database) -> None:
    await write(database, "old.md", weather("1", "~1", LONG))
    moved = weather("1", "~2", LONG + " One thing was mended.")
    assert await write(database, "new.md", moved, {"new.md"}) == WriteCounts(changed=1, duplicates=1)
    assert await number_of_articles(database) == 1


async def test_comics_without_a_text_differ_in_their_pictures(database: Database) -> None:
    await write(database, "a.md", weather("1", "=1", "", thumbnail="https://img.example/1.png"))
    await write(database, "b.md", weather("2", "=2", "", thumbnail="https://img.example/2.png"))
    await write(database, "c.md", weather("2", "=3", "", thumbnail="https://img.example/2.png"))
    assert await number_of_articles(database) == 2


async def test_another_headline_at_the_same_address_changes_the_article(database: Database) -> None:
    await write(database, "a.md", parsed_post("Ferry stops", address="=1", text=LONG))
    changed = parsed_post("Ferry sails again", address="=1", text=LONG + "It is blue.")
    assert await write(database, "b.md", changed) == WriteCounts(changed=1, duplicates=1)
    again = parsed_post("Ferry stops", address="=1", text=LONG)
    assert (await write(database, "a.md", again)).new == 0
    assert await number_of_articles(database) == 1


async def test_an_address_that_every_post_bears_makes_no_single_article_of_them(database: Database) -> None:
    await write(database, "a.md", parsed_post("Ferry sails again", address="=1", text=LONG))
    await write(database, "b.md", parsed_post("A painter came back", address="=1", text=OTHER))
    assert await number_of_articles(database) == 2


@pytest.mark.parametrize("text", ["", "Get our app", "Short."], ids=["no text", "the same text", "little text"])
async def test_an_address_of_many_posts_loses_none_that_says_little(database: Database, text: str) -> None:
    names = ["lamp", "harbour", "ferry", "painter", "kite", "pond", "mill"]
    batch = [
        read_post(
            f"{name}.md",
            parsed_post(f"News of the {name}", address="=app", text=text, thumbnail=f"https://img.example/{name}.png"),
        )
        for name in names
    ]
    assert (await IngestStore(database).write("folder", batch, NOW)).new == len(names)
    later = parsed_post("News of the bridge", address="=app", text=text, thumbnail=None)
    assert (await write(database, "bridge.md", later)).new == 1
    assert (await IngestStore(database).write("folder", batch, NOW)).new == 0
    assert await number_of_articles(database) == len(names) + 1


async def test_comics_at_one_address_differ_in_their_pictures(database: Database) -> None:
    for number in range(3):
        comic = parsed_post(f"Comic {number}", address="=feed", text="", thumbnail=f"https://img.example/{number}.png")
        assert (await write(database, f"{number}.md", comic)).new == 1


async def test_a_mended_title_in_the_same_file_makes_nothing_new(database: Database) -> None:
    await write(database, "a.md", parsed_post("Fery sails", text=LONG))
    assert await write(database, "a.md", parsed_post("Ferry sails", text=LONG)) == WriteCounts(changed=1)
    assert await write(database, "a.md", parsed_post("A painter", text=OTHER)) == WriteCounts(new=1)


async def test_the_same_bytes_read_by_other_rules_stay_the_same_article(database: Database) -> None:
    store = IngestStore(database)
    await write(database, "a.md", parsed_post("Ferry", identity="as category", text=LONG))
    reread = ReadPost(
        "a.md",
        KnownFile(1, 2, "x"),
        parsed_post("Ferry", identity="as site", address="~1", content_hash="y", text="Other rules, other text."),
        fresh=True,
        shown_at=NOW - HOUR,
        reread=True,
    )
    assert await store.write("folder", [reread], NOW) == WriteCounts(changed=1)
    found = parsed_post("Ferry", identity="as site", content_hash="z", text=LONG)
    assert (await write(database, "b.md", found)).new == 0


async def test_what_was_read_before_but_gave_no_article_is_no_news(database: Database) -> None:
    post = ReadPost("a.md", KnownFile(1, 2, "x"), parsed_post("Ferry"), fresh=True, shown_at=NOW - HOUR, reread=True)
    await IngestStore(database).write("folder", [post], NOW)
    async with database.read() as connection:
        from sqlalchemy import text

        assert not await connection.scalar(text("SELECT fresh FROM articles"))


async def test_posts_that_no_reader_may_see_make_no_article_and_take_theirs_along(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    hidden = parsed_post("Ferry", unlisted_because="hidden: true")
    assert await write(database, "b.md", hidden) == WriteCounts(unlisted=1)
    assert await number_of_articles(database) == 0
    await write(database, "b.md", parsed_post("Ferry"))
    assert (await articles.latest(None, 5))[1] == 1
    assert await write(database, "b.md", hidden) == WriteCounts(unlisted=1)
    assert (await articles.latest(None, 5))[1] == 0
    await write(database, "b.md", parsed_post("Ferry"))
    assert (await articles.latest(None, 5))[1] == 1
    # It moves to the drafts: the file that was seen is gone, and the other one is for nobody.
    await write(database, "drafts/b.md", hidden)
    assert (await articles.latest(None, 5))[1] == 1
    await store.forget("folder", ["b.md"], NOW)
    assert (await articles.latest(None, 5))[1] == 0
