"""How far articles' pictures have come, from the post to the folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from digests.model.article import ParsedPost
from digests.model.ids import ArticleId
from digests.model.picture import (
    FILE_GONE,
    MADE_ROOM,
    REPEATED,
    PictureDelayed,
    PictureDropped,
    PictureFailed,
    PictureKept,
    PictureVerdict,
)
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.media.kept import FolderItem, FolderUse, KeptStore
from digests.storage.media.pictures import PictureSettled, PictureStore
from digests.storage.schema.article_tables import articles
from digests.storage.schema.media_tables import article_pictures, fetched_pictures, kept_pictures, mosaics
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import DAY, HOUR, NOW

MINUTE = timedelta(minutes=1)


def picture(name: str, *, likeness: str = "", size: int = 1000) -> PictureKept:
    return PictureKept(f"key of {name}", likeness or f"likeness of {name}", 640, 480, size)


def pictured(title: str, *names: str, **changes: object) -> ParsedPost:
    pictures = tuple(f"https://{name}.example/p.jpg" for name in names)
    return parsed_post(title, pictures=pictures, thumbnail=pictures[0] if pictures else None, **changes)


class Pictures:
    """The stores, and what a test wants to know of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.posts = IngestStore(database)
        self.store = PictureStore(database)
        self.kept = KeptStore(database)

    async def bring(self, *parsed: ParsedPost, fresh: bool = True, age: int = 1, now: datetime = NOW) -> None:
        batch = [read_post(f"{post.title}.md", post, fresh=fresh, age=age) for post in parsed]
        await self.posts.write("memory", batch, now)

    async def due(self, now: datetime = NOW) -> list[str]:
        return [wanted.address for wanted in await self.store.due(now, 1000)]

    async def settle(self, name: str, verdict: PictureVerdict, now: datetime = NOW) -> frozenset[str]:
        """Settle an address for all that wait for it."""
        address = f"https://{name}.example/p.jpg" if name else ""
        waiting = [each for each in await self.store.due(now, 1000) if each.address == address]
        assert waiting
        return await self.store.settle([PictureSettled(address, verdict, [each.article for each in waiting])], now)

    async def settle_known(self, now: datetime = NOW) -> None:
        for each in await self.store.due(now, 1000):
            if each.known is not None:
                await self.store.settle([PictureSettled(each.address, each.known, [each.article], is_new=False)], now)

    async def rows(self) -> dict[str, tuple[str, str, str]]:
        """Return state, reason and picture by the articles' titles."""
        rows = article_pictures.c
        query = sa.select(articles.c.title, rows.state, rows.reason, articles.c.picture).join_from(
            articles, article_pictures, isouter=True
        )
        async with self.database.read() as connection:
            return {row[0]: tuple(row[1:]) for row in await connection.execute(query)}

    async def count(self, table: sa.Table) -> int:
        async with self.database.read() as connection:
            return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


@pytest.fixture
def pictures(database: Database) -> Pictures:
    return Pictures(database)


async def test_news_with_pictures_wait_newest_first(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a"), pictured("B", "b", "c"), pictured("None"))
    await pictures.bring(pictured("Old", "old"), fresh=False)
    wanted = await pictures.store.due(NOW, 10)
    assert [(each.address, each.host, each.known) for each in wanted] == [
        ("https://b.example/p.jpg", "b.example", None),
        ("https://a.example/p.jpg", "a.example", None),
    ]
    rows = await pictures.rows()
    assert {title: row[0] for title, row in rows.items()} == {
        "A": "waiting",
        "B": "waiting",
        "None": "none",
        "Old": None,
    }
    assert await pictures.due(NOW - MINUTE) == []


async def test_nothing_waits_where_pictures_are_off(database: Database) -> None:
    pictures = Pictures(database)
    pictures.posts = IngestStore(database, wants_pictures=False)
    await pictures.bring(pictured("A", "a"))
    assert await pictures.count(article_pictures) == 0


async def test_a_host_with_many_pictures_leaves_room_for_others(pictures: Pictures) -> None:
    many = [parsed_post(f"{number}", pictures=(f"https://big.example/{number}.jpg",)) for number in range(150)]
    await pictures.bring(pictured("First", "small"), *many)
    found = await pictures.due()
    assert len(found) == 51
    assert found[-1] == "https://small.example/p.jpg"


async def test_a_kept_picture_is_the_articles(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a"), pictured("Same", "a"))
    assert await pictures.settle("a", picture("a")) == frozenset()
    assert set((await pictures.rows()).values()) == {("kept", "", "key of a")}
    (article,) = await ArticleStore(pictures.database).get([ArticleId(1)])
    assert article.picture == "key of a"
    assert await pictures.due(NOW + DAY) == []


async def test_an_address_that_is_known_is_not_asked_again(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a"), pictured("B", "gone"))
    await pictures.settle("a", picture("a"))
    await pictures.settle("gone", PictureFailed("the server answers 404"))
    await pictures.bring(pictured("C", "a"), pictured("D", "gone", "a"))
    known = {each.address: each.known for each in await pictures.store.due(NOW, 10)}
    assert known["https://a.example/p.jpg"] == picture("a")
    assert known["https://gone.example/p.jpg"] == PictureFailed("the server answers 404")
    await pictures.settle_known()
    await pictures.settle_known()
    rows = await pictures.rows()
    assert rows["C"] == rows["D"] == ("kept", "", "key of a")
    # A day later the site may have mended it.
    await pictures.bring(pictured("E", "gone"))
    later = await pictures.store.due(NOW + DAY + HOUR, 10)
    assert [each.known for each in later] == [None]


async def test_the_next_candidate_is_tried_and_the_first_says_why_there_is_none(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a", "b", "c"), pictured("B", "a", "c"))
    await pictures.settle("a", PictureDropped("it is blank"))
    assert sorted(await pictures.due()) == ["https://b.example/p.jpg", "https://c.example/p.jpg"]
    await pictures.settle("b", PictureFailed("the server answers 404"))
    await pictures.settle("c", PictureFailed("the server answers 403"))
    assert set((await pictures.rows()).values()) == {("dropped", "it is blank", "")}
    await pictures.bring(pictured("C", "gone"))
    await pictures.settle("gone", PictureFailed("the server answers 410"))
    assert (await pictures.rows())["C"] == ("failed", "the server answers 410", "")


async def test_what_may_pass_is_tried_again_with_growing_waits(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a", "b"))
    now, slow = NOW, PictureDelayed("it takes longer than 8 s")
    for wait in (MINUTE, 15 * MINUTE, 2 * HOUR):
        await pictures.settle("a", slow, now)
        assert (await pictures.rows())["A"] == ("waiting", "it takes longer than 8 s", "")
        assert await pictures.due(now + wait - timedelta(seconds=1)) == []
        now += wait
    await pictures.settle("a", slow, now)
    assert await pictures.due(now) == ["https://b.example/p.jpg"]
    await pictures.settle("b", PictureFailed("the server answers 404"), now)
    assert (await pictures.rows())["A"] == ("failed", "it takes longer than 8 s", "")


async def test_articles_of_an_address_that_failed_just_now_wait_with_it(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a"))
    await pictures.settle("a", PictureDelayed("the server answers 429", HOUR))
    await pictures.bring(pictured("B", "a"))
    (wanted,) = await pictures.store.due(NOW, 10)
    assert wanted.known == PictureDelayed("the server answers 429", HOUR)
    await pictures.settle_known()
    assert await pictures.due(NOW + HOUR - MINUTE) == []
    assert len(await pictures.due(NOW + HOUR)) == 2
    async with pictures.database.read() as connection:
        assert await connection.scalar(sa.select(fetched_pictures.c.tries)) == 1


async def test_a_post_that_changed_meanwhile_is_looked_at_again(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a"), pictured("B", "b"))
    (b, a) = await pictures.store.due(NOW, 10)
    await pictures.bring(pictured("A", "new", content_hash="changed"), pictured("B", "b", content_hash="changed"))
    await pictures.store.settle([PictureSettled(a.address, picture("a"), [a.article])], NOW)
    await pictures.store.settle([PictureSettled(b.address, picture("b"), [b.article])], NOW)
    rows = await pictures.rows()
    assert rows["A"] == ("waiting", "", "")
    assert rows["B"] == ("kept", "", "key of b")
    await pictures.settle("new", picture("new"))
    assert (await pictures.rows())["A"] == ("kept", "", "key of new")
    # Its picture stays until the next is known, and goes when there is none any more.
    await pictures.bring(pictured("A", "newer", content_hash="changed again"))
    assert (await pictures.rows())["A"] == ("waiting", "", "key of new")
    await pictures.settle("newer", PictureDropped("it is blank"))
    assert (await pictures.rows())["A"] == ("dropped", "it is blank", "")


async def test_a_post_that_loses_its_picture_keeps_the_thumbnail_that_it_had(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a"))
    await pictures.settle("a", picture("a"))
    await pictures.bring(pictured("A", content_hash="changed"))
    assert (await pictures.rows())["A"] == ("kept", "", "key of a")


async def test_an_article_with_no_picture_left_ends_without(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a"))
    async with pictures.database.write() as connection:
        await connection.execute(sa.update(article_pictures).values(candidates=[], host=""))
    await pictures.settle("", PictureDropped(""))
    assert (await pictures.rows())["A"] == ("none", "", "")


async def settle_alike(pictures: Pictures, names: Sequence[str], likeness: str = "") -> list[frozenset[str]]:
    return [await pictures.settle(name, picture(name, likeness=likeness)) for name in names]


async def test_a_picture_of_four_articles_represents_none(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "same", "a"), pictured("B", "same"), pictured("C", "same"))
    await pictures.settle("same", picture("same"))
    assert {row[0] for row in (await pictures.rows()).values()} == {"kept"}
    await pictures.bring(pictured("D", "same"), pictured("E", "other"))
    await pictures.settle_known()
    rows = await pictures.rows()
    assert rows["A"] == ("waiting", REPEATED, "")
    assert rows["B"] == rows["C"] == rows["D"] == ("dropped", REPEATED, "")
    # For good: however few have it later, and whatever it is called.
    assert await pictures.settle("other", picture("same")) == {"key of same"}
    assert (await pictures.rows())["E"] == ("dropped", REPEATED, "")
    assert (await pictures.kept.use()).pictures == 0


async def test_pictures_that_look_the_same_count_together_under_any_address(pictures: Pictures) -> None:
    names = ["a", "b", "c", "d"]
    await pictures.bring(*(pictured(name, name) for name in names))
    *_, last = await settle_alike(pictures, names, "grey")
    assert last == {f"key of {name}" for name in names}
    assert set((await pictures.rows()).values()) == {("dropped", REPEATED, "")}
    await pictures.bring(pictured("E", "e"))
    assert await settle_alike(pictures, ["e"], "grey") == [frozenset({"key of e"})]
    assert (await pictures.rows())["E"] == ("dropped", REPEATED, "")


async def test_articles_of_a_story_rightly_share_a_picture(pictures: Pictures) -> None:
    names = ["a", "b", "c", "d", "e"]
    await pictures.bring(*(pictured(name, name) for name in names))
    async with pictures.database.write() as connection:
        await connection.execute(sa.update(articles).where(articles.c.title != "e").values(story_id=1))
    await settle_alike(pictures, names, "fire")
    assert {row[0] for row in (await pictures.rows()).values()} == {"kept"}


async def test_old_articles_are_adopted_if_they_may_come_in_a_digest(pictures: Pictures) -> None:
    without = IngestStore(pictures.database, wants_pictures=False)
    recent = [read_post("Recent.md", pictured("Recent", "recent"), age=24)]
    await without.write("memory", [*recent, read_post("Bare.md", pictured("Bare"), age=24)], NOW - DAY)
    old = [
        read_post(f"{number}.md", pictured(f"{number}", f"h{number}"), fresh=False, age=1000 + number)
        for number in range(20)
    ]
    await without.write("memory", old, NOW - DAY)
    assert await pictures.store.adopt(NOW - 7 * DAY, 5, NOW) == 5
    # The two that are recent, and three more of the category.
    assert sorted(await pictures.due()) == [
        *(f"https://h{number}.example/p.jpg" for number in (0, 1, 2)),
        "https://recent.example/p.jpg",
    ]
    assert (await pictures.rows())["Bare"][0] == "none"
    assert await pictures.store.adopt(NOW - 7 * DAY, 5, NOW) == 0
    assert await pictures.store.newest() == 22


async def test_the_oldest_make_room(pictures: Pictures) -> None:
    for number, name in enumerate(("a", "b", "c")):
        await pictures.bring(pictured(name, name))
        await pictures.settle(name, picture(name, size=1000), NOW + number * MINUTE)
    async with pictures.database.write() as connection:
        row = {"key": "m", "recipe": {}, "state": "made", "bytes": 500, "created_at": NOW}
        await connection.execute(sa.insert(mosaics).values(**row, used_at=NOW + 90 * timedelta(seconds=1)))
    assert await pictures.kept.use() == FolderUse(3, 3000, 1, 500)
    assert await pictures.kept.evict(3500) == []
    assert await pictures.kept.evict(2000) == [FolderItem("key of a", False), FolderItem("key of b", False)]
    rows = await pictures.rows()
    assert rows["a"] == rows["b"] == ("evicted", MADE_ROOM, "")
    assert await pictures.kept.evict(1000) == [FolderItem("m", True)]
    assert await pictures.kept.use() == FolderUse(1, 1000, 0, 0)
    # An article that comes with its address later has it fetched again.
    await pictures.bring(pictured("again", "a"))
    (wanted,) = await pictures.store.due(NOW, 10)
    assert wanted.known is None


async def test_what_is_lost_is_fetched_again_where_it_is_needed(pictures: Pictures) -> None:
    await pictures.bring(pictured("New", "new"))
    await pictures.bring(pictured("Old", "old"), age=24 * 30)
    await pictures.settle("new", picture("new"))
    await pictures.settle("old", picture("old"))
    lost = await pictures.kept.items()
    assert len(lost) == 2
    await pictures.kept.lose(lost, NOW - 7 * DAY, NOW)
    rows = await pictures.rows()
    assert rows["New"] == ("waiting", "", "")
    assert rows["Old"] == ("evicted", FILE_GONE, "")
    assert await pictures.count(kept_pictures) == 0
    assert (await pictures.store.due(NOW, 10))[0].known is None


async def test_files_that_nothing_refers_to_are_found(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a"))
    await pictures.settle("a", picture("a"))
    items = [FolderItem("key of a", False), FolderItem("key of a", True), FolderItem("stray", False)]
    assert await pictures.kept.unknown(items) == items[1:]


async def test_what_nobody_asked_for_is_forgotten(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "a"), pictured("B", "b"))
    await pictures.settle("a", picture("a"))
    await pictures.settle("b", PictureFailed("the server answers 404"))
    await pictures.kept.tidy(NOW + DAY)
    assert await pictures.count(fetched_pictures) == 1


async def test_a_host_that_does_not_answer_is_put_off_at_once(pictures: Pictures) -> None:
    await pictures.bring(*(pictured(f"{number}", "silent", "a") for number in range(3)), pictured("B", "b"))
    now, trouble = NOW, PictureDelayed("it can't be reached")
    for wait in (MINUTE, 15 * MINUTE, 2 * HOUR):
        await pictures.store.leave_alone("silent.example", trouble, now)
        assert (await pictures.rows())["1"] == ("waiting", "it can't be reached", "")
        assert await pictures.due(now + wait - timedelta(seconds=1)) == ["https://b.example/p.jpg"]
        now += wait
        assert len(await pictures.due(now)) == 4
    # It was put off too often: what the articles have elsewhere is next.
    await pictures.store.leave_alone("silent.example", trouble, now)
    assert sorted(await pictures.due(now)) == 3 * ["https://a.example/p.jpg"] + ["https://b.example/p.jpg"]
    await pictures.settle("a", PictureFailed("the server answers 404"), now)
    assert (await pictures.rows())["1"] == ("failed", "the server answers 404", "")
    # Nobody asked for the address, so another article may.
    await pictures.bring(pictured("C", "silent"))
    assert (await pictures.store.due(now, 1))[0].known is None


async def test_a_host_that_wants_to_be_left_alone_longer_is(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "busy"), pictured("B", "b"))
    await pictures.store.leave_alone("busy.example", PictureDelayed("the server answers 429", HOUR), NOW)
    assert await pictures.due(NOW + HOUR - MINUTE) == ["https://b.example/p.jpg"]
    assert len(await pictures.due(NOW + HOUR)) == 2


async def test_what_was_put_off_too_often_has_failed(pictures: Pictures) -> None:
    await pictures.bring(pictured("A", "silent"))
    now = NOW
    for _ in range(4):
        await pictures.store.leave_alone("silent.example", PictureDelayed("it can't be reached"), now)
        now += DAY
    assert (await pictures.rows())["A"] == ("failed", "it can't be reached", "")
