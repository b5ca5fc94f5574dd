"""Which items of feeds are one article, among themselves and with posts, and what readers get of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from digests.ingest.batch import UNDATED
from digests.ingest.items import take_in_items
from digests.model.digest import Window
from digests.model.feed import FeedItem
from digests.model.ids import IngestNumber
from digests.storage.articles.candidates import read_candidates
from digests.storage.articles.feed_items import forget_items
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles, posts, withdrawn
from digests.storage.schema.base import facts
from tests.contract.newsroom import FEED, OTHER, Newsroom, crawled
from tests.factories.articles import post
from tests.factories.feed_items import FERRY, KITES, LINK, PAINTER, feed_item
from tests.factories.times import DAY, HOUR, NOW
from tests.queries import counting


@pytest.fixture
def room(database: Database) -> Newsroom:
    return Newsroom(database)


# The same key in the same feed


@pytest.mark.parametrize(
    "edited",
    [
        feed_item("Ferry sails again on Saturday", key="1"),
        feed_item(text=FERRY + "It is blue.", key="1"),
        feed_item("Ferry sails again on Saturday", text=KITES, key="1"),
        feed_item(link="https://news.example/moved", key="1"),
        feed_item("Ferry sails again on Saturday", "https://news.example/moved", FERRY + "It is blue.", key="1"),
        feed_item(link="https://news.example/moved", text=KITES, key="1"),
        feed_item("Ferry sails again, at last", None, "", key="1"),
    ],
    ids=["title", "text", "both", "link", "all but the sense", "text and link", "little is left"],
)
async def test_an_edited_item_is_the_same_article(room: Newsroom, edited: FeedItem) -> None:
    assert await room.look(feed_item(key="1")) == (1, 0, 0)
    first = await room.row()
    assert await room.look(edited) == (0, 1, 0)
    changed = await room.row()
    assert changed.title == edited.post.title
    assert changed.ingest == first.ingest
    assert changed.shown_at == first.shown_at
    assert changed.revision > first.revision


@pytest.mark.parametrize("key", ["1", "https://news.example"])
async def test_a_key_that_the_feed_uses_again_is_another_article(room: Newsroom, key: str) -> None:
    await room.look(feed_item(key=key))
    other = feed_item("A painter came back", "https://news.example/painter", PAINTER, key=key)
    assert await room.look(other) == (1, 0, 0)
    assert await room.look(other) == (0, 0, 0)
    assert await room.look(feed_item("A painter came back home", "https://news.example/painter", key=key)) == (0, 1, 0)
    assert [row.title for row in await room.rows()] == ["Ferry sails again", "A painter came back home"]


async def test_without_titles_links_and_texts_tell(room: Newsroom) -> None:
    await room.look(feed_item("", "https://social.example/1", FERRY, key="1"))
    assert await room.look(feed_item("", "https://social.example/2", PAINTER, key="1")) == (1, 0, 0)
    assert await room.look(feed_item("", "https://social.example/2", PAINTER + "!", key="1")) == (0, 1, 0)


async def test_a_bumped_date_writes_nothing(room: Newsroom) -> None:
    await room.look(feed_item(), feed_item("A painter came back", "https://news.example/painter", PAINTER))
    before = await room.rows()
    room.now += DAY
    bumped = feed_item(published_at=room.now)
    assert await room.look(bumped, feed_item("A painter came back", "https://news.example/painter", PAINTER)) == (
        0,
        0,
        0,
    )
    assert await room.rows() == before


async def test_an_edit_with_a_bumped_date_keeps_when_it_was_shown(room: Newsroom) -> None:
    await room.look(feed_item(key="1"))
    first = await room.row()
    room.now += DAY
    assert await room.look(feed_item(text=FERRY + "More.", key="1", published_at=room.now)) == (0, 1, 0)
    assert (await room.row()).shown_at == first.shown_at
    assert (await room.row()).published_at == first.published_at


async def test_an_unchanged_list_costs_one_query(room: Newsroom) -> None:
    items = [feed_item(f"News of number {n}", f"https://news.example/{n}", f"{n} {FERRY}") for n in range(30)]
    assert await room.look(*items) == (30, 0, 0)
    with counting() as queries:
        assert await room.look(*items) == (0, 0, 0)
    assert len(queries) == 1


# The same link


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        "http://www.news.example/ferry/",
        "https://news.example/ferry?utm_source=rss&utm_medium=feed",
        "https://m.news.example/ferry#comments",
        "https://news.example/amp/ferry",
        "https://news.example/%66erry",
    ],
)
async def test_the_same_link_is_the_same_article_under_any_source(room: Newsroom, link: str) -> None:
    await room.look(feed_item())
    told = feed_item(
        "Boats: the islands can be reached", link, "Discuss", key="7", source="Links", categories=[("Links",)]
    )
    assert await room.look(told, feed=OTHER) == (0, 1, 1)
    row = await room.row()
    assert (row.title, row.source, row.origin) == ("Ferry sails again", "Harbour News", FEED)
    assert await room.places() == {"Harbour", "Links"}
    assert await room.look(told, feed=OTHER) == (0, 0, 0)
    assert await room.look(feed_item()) == (0, 0, 0)


async def test_another_key_with_the_same_link_is_the_same_article(room: Newsroom) -> None:
    await room.look(feed_item(key="1"))
    assert await room.look(feed_item(key="2")) == (0, 0, 1)
    assert await room.look(feed_item("Ferry sails again on Saturday", key="3")) == (0, 1, 1)
    assert await room.look(feed_item("Ferry sails again on Sunday", text="", key="4")) == (0, 1, 1)
    assert len(await room.rows()) == 1


@pytest.mark.parametrize("feed", [FEED, OTHER])
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    "texts",
    [(FERRY, PAINTER, KITES), ("Fixes.", "Fixes.", "Fixes."), ("", "", "")],
    ids=["texts", "the same few words", "no text"],
)
async def test_items_of_one_feed_under_one_link_stay_apart(
    room: Newsroom, feed: str, at_once: bool, texts: Sequence[str]
) -> None:
    page = "https://software.example/releases"
    titles = ["Version 2.1 brings kites", "Version 2.2 mends the ferry", "Version 3.0 has a painter"]
    items = [
        feed_item(title, page, text, key=f"v{n}") for n, (title, text) in enumerate(zip(titles, texts, strict=True))
    ]
    if at_once:
        assert await room.look(*items, feed=feed) == (3, 0, 0)
    else:
        for number in range(1, 4):
            assert await room.look(*items[:number], feed=feed) == (1, 0, 0)
    assert await room.look(*items, feed=feed) == (0, 0, 0)
    later = feed_item("Version 3.1 is for painters", page, "Fixes.", key="v4")
    assert await room.look(later, *items, feed=feed) == (1, 0, 0)
    assert [row.title for row in await room.rows()][-1] == "Version 3.1 is for painters"


async def test_a_live_blog_stays_apart_when_its_entries_leave(room: Newsroom) -> None:
    entries = [("Ferry stops at noon", FERRY), ("A painter was seen", PAINTER), ("Kites in the wind", KITES)]
    for number, (title, text) in enumerate(entries):
        assert await room.look(feed_item(title, LINK, text, key=str(number))) == (1, 0, 0)
    assert len(await room.rows()) == 3


async def test_updates_of_one_title_and_link_with_other_texts_stay_apart(room: Newsroom) -> None:
    items = [feed_item("Flood warning for the coast", LINK, text, key=text[:9]) for text in (FERRY, PAINTER, KITES)]
    assert await room.look(*items) == (3, 0, 0)


async def test_a_link_under_many_titles_is_nobodys(room: Newsroom) -> None:
    app = "https://news.example/app"
    texts = (FERRY, PAINTER, KITES, "Ponds are frozen over, and the mill stands still until the spring comes. " * 3)
    items = [feed_item(f"News of the {word}", app, text, key=word) for word, text in zip("abcd", texts, strict=True)]
    await room.look(*items)
    elsewhere = feed_item("Lamps in the harbour", app, "Lamps were put up along the quay this week. " * 3, source="S")
    assert await room.look(elsewhere, feed=OTHER) == (1, 0, 0)
    same = feed_item("News of the b", app, PAINTER, source="S", key="x")
    assert await room.look(same, elsewhere, feed=OTHER) == (0, 0, 1)


async def test_a_front_page_is_no_link(room: Newsroom) -> None:
    await room.look(feed_item(link="https://news.example/", key="1"))
    other = feed_item("A painter came back", "https://news.example", PAINTER, key="2", source="S")
    assert await room.look(other, feed=OTHER) == (1, 0, 0)


async def test_items_without_a_text_that_replace_each_other_under_a_link_are_told_by_their_titles(
    room: Newsroom,
) -> None:
    assert await room.look(feed_item("Ferry sails again", text="", key="1")) == (1, 0, 0)
    assert await room.look(feed_item("Ferry sails again tomorrow", text="", key="2")) == (0, 1, 1)
    assert await room.look(feed_item("Kites above the beach", text="", key="3")) == (1, 0, 0)


async def test_a_feed_that_makes_up_a_key_at_each_look_leaves_no_heap_of_them(room: Newsroom) -> None:
    for number in range(5):
        keyed = feed_item(key=f"a{number}"), feed_item("A painter", "https://news.example/p", PAINTER, key=f"b{number}")
        assert (await room.look(*keyed))[0] == (0 if number else 2)
    async with room.database.read() as connection:
        assert set((await connection.execute(sa.select(posts.c.path))).scalars()) == {"a4", "b4"}


# The same title


async def test_a_new_key_with_another_link_is_not_new_if_the_content_is_the_same(room: Newsroom) -> None:
    await room.look(feed_item(key="1"))
    assert await room.look(feed_item(link="https://news.example/ferry-2", key="2")) == (0, 1, 1)
    elsewhere = feed_item(link="https://copy.example/9", key="3", source="Copies")
    assert await room.look(elsewhere, feed=OTHER) == (0, 0, 1)
    assert len(await room.rows()) == 1


@pytest.mark.parametrize("link", ["https://news.example/2", None])
async def test_a_column_is_new_each_time(room: Newsroom, link: str | None) -> None:
    first = feed_item("Weather for Saturday", link and "https://news.example/1", FERRY, key="1")
    second = feed_item("Weather for Saturday", link, PAINTER, key="2")
    assert await room.look(first) == (1, 0, 0)
    assert await room.look(second, first) == (1, 0, 0)
    assert await room.look(second, first) == (0, 0, 0)


async def test_two_sources_with_one_title_and_other_texts_are_two_articles(room: Newsroom) -> None:
    await room.look(feed_item("Weather for Saturday", "https://a.example/1", FERRY, source="A"))
    other = feed_item("Weather for Saturday", "https://b.example/1", PAINTER, source="B")
    assert await room.look(other, feed=OTHER) == (1, 0, 0)


async def test_doubled_items_of_one_look_are_one_article(room: Newsroom) -> None:
    doubled = [
        feed_item(key="1"),
        feed_item(key="1"),
        feed_item(key="2"),
        feed_item(link=LINK + "?utm_source=x", key="3"),
    ]
    assert await room.look(*doubled) == (1, 0, 2)
    assert await room.look(*doubled) == (0, 0, 0)


# Two origins


async def test_what_the_first_lacks_the_second_fills_in_once(room: Newsroom) -> None:
    stub = FERRY[:60] + " […]"
    bare = feed_item(text=stub, key="1")
    full = feed_item(
        "Ferry: islands", text=FERRY, key="2", source="S", categories=[("S",)], summary="It sails.", author="Ada",
        pictures=("https://img.example/ferry.jpg",), tags=("boats",),
    )  # fmt: skip
    await room.look(bare)
    assert await room.look(full, feed=OTHER) == (0, 1, 1)
    row = await room.row()
    assert (row.title, row.source, row.text) == ("Ferry sails again", "Harbour News", FERRY)
    assert (row.summary, row.author, row.tags) == ("It sails.", "Ada", "boats")
    assert row.thumbnail == "https://img.example/ferry.jpg"
    for _ in range(3):
        assert await room.look(bare) == (0, 0, 0)
        assert await room.look(full, feed=OTHER) == (0, 0, 0)
    assert await room.row() == row
    edited = replace(full, post=replace(full.post, title="Ferry!", summary="Other", text=KITES), content_hash="edited")
    assert await room.look(edited, feed=OTHER) == (0, 0, 0)
    assert await room.row() == row


async def test_the_feed_that_was_first_still_edits_its_article(room: Newsroom) -> None:
    await room.look(feed_item(key="1"))
    await room.look(feed_item("Islands", key="2", source="S", categories=[("S",)]), feed=OTHER)
    assert await room.look(feed_item("Ferry sails on Sunday", key="1")) == (0, 1, 0)
    assert (await room.row()).title == "Ferry sails on Sunday"
    assert await room.places() == {"Harbour", "S"}


async def test_another_category_is_no_news_but_is_found(room: Newsroom) -> None:
    await room.look(feed_item())
    before = await room.row()
    assert await room.look(feed_item(source="S", categories=[("Islands", "Boats")], key="2"), feed=OTHER) == (0, 1, 1)
    row = await room.row()
    assert row.ingest == before.ingest
    assert row.first_seen_at == before.first_seen_at
    assert row.revision > before.revision
    (entry,) = await ArticleStore(room.database).changed_since(before.revision, 9)
    assert len(entry.categories) == 3
    async with room.database.read() as connection:
        news = await read_candidates(room.database, connection, Window(IngestNumber(before.ingest), IngestNumber(99)))
    assert news == ()


async def test_a_post_takes_over_what_a_feed_brought_and_keeps_its_picture(room: Newsroom) -> None:
    picture = "https://img.example/ferry.jpg"
    await room.look(feed_item("Ferry: the islands", text=FERRY[:80], pictures=(picture,), key="1"))
    body = f"<p>{FERRY}</p><p>{PAINTER}</p>"
    report = await room.scan({"a.md": crawled("Ferry_ the islands", body, "Harbour")})
    assert (report.new, report.changed) == (0, 1)
    row = await room.row()
    assert (row.title, row.thumbnail, row.origin) == ("Ferry: the islands", picture, "memory")
    assert PAINTER[:40] in row.text
    assert row.url == LINK
    assert await room.places() == {"Harbour", "新媒体/Harbour/快讯"}
    edited = feed_item("Ferry: the islands", text=FERRY[:80] + "!", pictures=(picture,), key="1")
    assert await room.look(edited) == (0, 0, 0)
    assert (await room.row()).text == row.text
    assert (await room.scan({"a.md": crawled("Ferry_ the islands", body + " ", "Harbour")})).new == 0
    assert (await room.row()).title == "Ferry: the islands"


async def test_a_crawled_post_gets_its_link_from_the_feed(room: Newsroom) -> None:
    await room.scan({"a.md": crawled("Ferry_ the islands", f"<p>{FERRY}</p>", "36kr")})
    assert (await room.row()).url is None
    item = feed_item("Ferry: the islands", text=FERRY.strip(), source="36氪", categories=[("36氪",)])
    assert await room.look(item) == (0, 1, 1)
    row = await room.row()
    assert (row.url, row.title, row.origin, row.source) == (LINK, "Ferry: the islands", "memory", "36kr")
    # Another feed with that link finds it, and so does the same with another text.
    assert await room.look(feed_item("Islands", text="", key="9", source="S"), feed=OTHER) == (0, 1, 1)
    assert len(await room.rows()) == 1


@pytest.mark.parametrize("feed_is_first", [True, False])
async def test_a_post_with_the_feeds_link_is_the_same_article(room: Newsroom, feed_is_first: bool) -> None:
    linked = crawled("岛上的渡船又开了", f'<p>{KITES}</p><p>原文链接：<a href="{LINK}">{LINK}</a></p>', "36kr")
    item = feed_item("The islands are reached", text=FERRY, source="36氪")
    if feed_is_first:
        await room.look(item)
        assert (await room.scan({"a.md": linked})).new == 0
    else:
        await room.scan({"a.md": linked})
        assert (await room.rows())[0].link_key
        assert (await room.look(item))[0] == 0
    row = await room.row()
    assert row.origin == "memory"
    assert "岛上" in row.title


async def test_posts_of_two_sources_stay_two_articles(room: Newsroom) -> None:
    bodies = f'<p>{FERRY}</p><p>原文链接：<a href="{LINK}">{LINK}</a></p>'
    for name in ("36kr", "Tidewater"):
        await room.scan({f"{name}.md": crawled("Ferry sails again", bodies, name)}, name)
    assert len(await room.rows()) == 2


# A feed that goes


async def test_what_no_file_says_any_more_is_the_feeds(room: Newsroom) -> None:
    files: dict[str, str | bytes] = {"b.md": crawled("A painter", f"<p>{PAINTER}</p>")}
    await room.scan({"a.md": crawled("Ferry sails again", f"<p>{FERRY}</p>"), **files})
    item = feed_item(text=FERRY.strip(), key="1")
    await room.look(item)
    assert await room.look(feed_item("Ferry sails on Sunday", text=FERRY.strip(), key="1")) == (0, 0, 0)
    await room.scan(files)
    assert await room.look(feed_item("Ferry sails on Monday", text=FERRY.strip(), key="1")) == (0, 1, 0)
    assert {(row.title, row.origin) for row in await room.rows()} == {
        ("Ferry sails on Monday", FEED),
        ("A painter", "memory"),
    }


async def test_the_articles_of_a_removed_feed_stay_and_belong_to_who_brings_them_next(room: Newsroom) -> None:
    await room.look(feed_item(key="1"), feed_item("A painter", "https://news.example/painter", PAINTER, key="2"))
    async with room.database.write() as connection:
        await forget_items(connection, FEED)
    assert [row.origin for row in await room.rows()] == ["", ""]
    async with room.database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(posts)) == 0
    before = [row.revision for row in await room.rows()]
    assert await room.look(feed_item(key="1"), feed="feed:3", is_first_look=True) == (0, 0, 1)
    assert [row.origin for row in await room.rows()] == ["", "feed:3"]
    assert [row.revision for row in await room.rows()] == before
    assert await room.look(feed_item("Ferry sails on Sunday", key="1"), feed="feed:3") == (0, 1, 0)
    report = await room.scan({"a.md": crawled("A painter", f"<p>{PAINTER}</p>")})
    assert (report.new, report.changed) == (0, 1)


# Dates


async def test_a_first_look_stores_all_and_is_news_only_by_its_dates(room: Newsroom) -> None:
    items = [
        feed_item("Fresh ferry news", "https://news.example/1", "1 " + FERRY, published_at=NOW - HOUR),
        feed_item("Old ferry news", "https://news.example/2", "2 " + PAINTER, published_at=NOW - 9 * DAY),
        feed_item("Undated ferry news", "https://news.example/3", "3 " + KITES, published_at=None),
        feed_item("Ferry of the future", "https://news.example/4", "", published_at=NOW + 99 * DAY),
        feed_item("Ferry of seconds", "https://news.example/5", "", published_at=datetime.fromtimestamp(1, NOW.tzinfo)),
    ]
    assert await room.look(*items, is_first_look=True, max_age=3 * DAY) == (5, 0, 0)
    rows = {row.title: row for row in await room.rows()}
    assert {title for title, row in rows.items() if row.fresh} == {"Fresh ferry news"}
    assert rows["Undated ferry news"].shown_at == rows["Ferry of the future"].shown_at == UNDATED
    assert rows["Old ferry news"].shown_at == NOW - 9 * DAY


async def test_what_has_no_date_at_a_later_look_is_new_now(room: Newsroom) -> None:
    await room.look(feed_item(key="1"), is_first_look=True, max_age=3 * DAY)
    room.now += HOUR
    second = feed_item("A painter came", "https://news.example/p", PAINTER, published_at=None)
    third = feed_item("Kites rise above", "https://news.example/k", KITES, published_at=None)
    await room.look(third, second, feed_item(key="1"), max_age=3 * DAY)
    rows = await room.rows()
    assert [row.title for row in rows] == ["Ferry sails again", "A painter came", "Kites rise above"]
    assert all(row.fresh for row in rows)
    assert rows[1].shown_at == rows[2].shown_at == room.now
    room.now += DAY
    await room.look(third, second, max_age=3 * DAY)
    assert await room.rows() == rows


# Pictures


async def test_the_logo_of_a_feed_is_no_articles_picture(room: Newsroom) -> None:
    logo, texts = "https://img.example/logo.png", (FERRY, PAINTER, KITES, "Ponds", "Mills", "Lamps")
    items = [
        feed_item(f"News number {word}", f"https://news.example/{word}", text, pictures=pictures)
        for word, text, pictures in zip(
            ("one", "two", "three", "four", "five", "six"),
            texts,
            [
                (logo,),
                (logo, "https://img.example/own.jpg"),
                (logo,),
                (logo,),
                (logo,),
                ("https://img.example/6.jpg", logo),
            ],
            strict=True,
        )
    ]
    first = await room.look(*items[:3], is_first_look=True)
    assert first == (3, 0, 0)
    assert {row.thumbnail for row in await room.rows()} == {logo}
    await room.look(*items[:5])
    assert [row.thumbnail for row in await room.rows()].count(None) == 4
    # What the feed gives no more has its pictures still stored.
    assert {row.thumbnail for row in await room.rows()} == {None, "https://img.example/own.jpg"}
    await room.look(items[5], feed_item("News number two!", "https://news.example/two", PAINTER, pictures=(logo,)))
    assert {row.thumbnail for row in await room.rows()} == {
        None, "https://img.example/own.jpg", "https://img.example/6.jpg",
    }  # fmt: skip
    before = await room.rows()
    assert await room.look(*items) != (0, 0, 0)
    assert [row.thumbnail for row in await room.rows()] == [row.thumbnail for row in before]


async def test_a_logo_fills_no_gaps_of_posts(room: Newsroom) -> None:
    names = ["lamp", "harbour", "ferry", "painter", "kite"]
    await room.scan({f"{name}.md": post(f"News of the {name}", f"<p>{name} {FERRY}</p>") for name in names})
    items = [
        feed_item(
            f"News of the {name}",
            f"https://news.example/{name}",
            f"{name} {FERRY}".strip(),
            pictures=("https://img.example/logo.png",),
        )
        for name in names
    ]
    assert (await room.look(*items))[0] == 0
    assert {row.thumbnail for row in await room.rows()} == {None}


# Much of everything


async def test_two_feeds_at_the_same_moment_bring_one_article(room: Newsroom) -> None:
    store = IngestStore(room.database)
    first, second = feed_item(key="1"), feed_item(key="2", source="S", categories=[("S",)])
    reports = await asyncio.gather(
        take_in_items(FEED, [first], store, NOW, None, is_first_look=True),
        take_in_items(OTHER, [second], store, NOW, None, is_first_look=True),
    )
    assert sorted(report.new for report in reports) == [0, 1]
    assert await room.places() == {"Harbour", "S"}


async def test_a_title_of_hundreds_hides_no_other(room: Newsroom) -> None:
    for part in range(0, 120, 40):
        await room.look(
            *[
                feed_item(
                    "Sponsored by the harbour", f"https://ads.example/{n}", f"{n} {PAINTER * 3} {n}", key=f"ad {n}"
                )
                for n in range(part, part + 40)
            ]
        )
    await room.look(feed_item(text=KITES, link=None, key="kites"))
    assert len(await room.rows()) == 121
    found = await room.look(
        feed_item("Sponsored by the harbour", "https://ads.example/x", "A lamp for the harbour.", key="x", source="S"),
        feed_item(link="https://copy.example/kites", text=KITES, key="y", source="S"),
        feed=OTHER,
    )
    assert found[0] == 1


async def test_posts_stored_before_get_their_keys_and_change_for_nobody(room: Newsroom) -> None:
    linked = f'<p>{KITES}</p><p>原文链接：<a href="{LINK}">{LINK}</a></p>'
    files: dict[str, str | bytes] = {
        "a.md": crawled("Kites above the beach", linked),
        "b.md": crawled("12_00", f"<p>{FERRY}</p>"),
        "c.md": crawled("", ""),
    }
    await room.scan(files)
    before = await room.rows()
    async with room.database.write() as connection:
        await connection.execute(sa.update(articles).values(link_key=None, headline_key=None, origin=""))
        await connection.execute(sa.update(facts).values(value="as it was read before"))
    room.now += DAY
    report = await room.scan(files)
    assert (report.seen, report.new, report.changed) == (3, 0, 0)
    assert await room.rows() == before
    assert (await room.look(feed_item("Many kites", text="", source="S")))[0] == 0


async def test_a_withdrawn_article_does_not_come_back_by_another_feed(room: Newsroom) -> None:
    await room.look(feed_item())
    async with room.database.write() as connection:
        row = {"article_id": (await room.row()).id, "reason": "admin", "at": NOW, "edited": 0, "unedited": 0}
        await connection.execute(sa.insert(withdrawn), row)
    assert (await room.look(feed_item(key="9", source="S"), feed=OTHER))[0] == 0
    assert (await ArticleStore(room.database).latest(None, 5))[1] == 0
