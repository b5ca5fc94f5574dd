"""Hidden categories and sources, and withdrawn articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from digests.delivery.withdraw import Withdrawer
from digests.model.article import ParsedPost
from digests.model.delivery import DeliveryState, Part, Rendering, RichText
from digests.model.digest import Digest, Window
from digests.model.ids import ArticleId, DeliveryId, IngestNumber, PlaceId
from digests.model.layout import DigestStyle, Layout
from digests.model.mosaic import Mosaic, Tile, compose_mosaic
from digests.model.place import PlaceKind
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import Hidden, HiddenStore
from digests.storage.articles.post_files import KnownFile, ReadPost
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plan import Plan, StoredRendering
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import PartChange, Settled
from digests.storage.deliveries.rows import part_hashes
from digests.storage.deliveries.withdrawals import Recall, WithdrawalStore
from digests.storage.places.places import NewPlace, PlaceStore
from tests.factories.articles import parsed_post
from tests.factories.times import NOW
from tests.fakes import FakeClock, FakeMessageEditor


async def store(database: Database, *articles: ParsedPost) -> None:
    batch = [ReadPost(post.title, KnownFile(1, 2, post.title), post, True, NOW) for post in articles]
    await IngestStore(database).write("folder", batch, NOW)


@pytest.fixture
async def filled(database: Database) -> Database:
    await store(
        database,
        parsed_post("Open", categories=("Science", "Open"), source="Open"),
        parsed_post("Deep", categories=("Secret", "Source", "Channel"), source="Source"),
        parsed_post("Both", categories=("Science", "Both"), source="Both"),
        parsed_post("Alone", categories=("Science", "Alone"), source="Ａlone"),
    )
    await store(database, parsed_post("Both", categories=("Secret", "More"), source="Both"))
    return database


async def visible_titles(database: Database) -> set[str]:
    """Return the titles that readers can find; lists and planning must agree on them."""
    articles = ArticleStore(database)
    listed, total = await articles.latest(None, 50)
    _, candidates, _ = await DueStore(database).candidates(IngestNumber(0))
    got = await articles.get([candidate.id for candidate in candidates])
    assert {article.title for article in listed} == {article.title for article in got}
    assert total == len(listed)
    return {article.title for article in listed}


async def counts(database: Database) -> dict[str, int]:
    return {"/".join(category.path): category.count for category in await CategoryStore(database).readers_tree()}


async def test_the_readers_tree_is_kept_until_it_is_forgotten(filled: Database) -> None:
    categories = CategoryStore(filled)
    before = await categories.readers_tree()
    await HiddenStore(filled).hide_category(before.find("Secret")[0].id, NOW)
    assert await categories.readers_tree() is before
    categories.forget_readers_tree()
    assert not (await categories.readers_tree()).find("Secret")


async def test_hiding_a_category_hides_all_of_its_articles(filled: Database) -> None:
    hidden = HiddenStore(filled)
    tree = await CategoryStore(filled).tree()
    assert await visible_titles(filled) == {"Open", "Deep", "Both", "Alone"}
    assert await counts(filled) == {"/".join(category.path): category.count for category in tree}
    await hidden.hide_category(tree.find("Secret")[0].id, NOW)
    await hidden.hide_category(tree.find("Secret")[0].id, NOW)
    assert await visible_titles(filled) == {"Open", "Alone"}
    assert await counts(filled) == {"Science": 2, "Science/Open": 1, "Science/Alone": 1}
    assert len(await CategoryStore(filled).tree()) == len(tree)
    await hidden.show_category(tree.find("Secret")[0].id)
    assert await hidden.all() == Hidden()
    assert await visible_titles(filled) == {"Open", "Deep", "Both", "Alone"}


async def test_hiding_a_source_hides_its_empty_categories(filled: Database) -> None:
    hidden = HiddenStore(filled)
    assert await hidden.sources_named("alone") == ("Ａlone",)
    await hidden.hide_sources(await hidden.sources_named("ALONE"), NOW)
    assert await visible_titles(filled) == {"Open", "Deep", "Both"}
    assert "Science/Alone" not in await counts(filled)
    await hidden.show_source("alone")
    assert "Alone" in await visible_titles(filled)


async def test_a_withdrawn_article_keeps_its_row_until_it_is_brought_back(filled: Database) -> None:
    articles, withdrawals = ArticleStore(filled), WithdrawalStore(filled)
    (article,) = [article for article in (await articles.latest(None, 9))[0] if article.title == "Open"]
    revision = await articles.last_revision()
    await withdrawals.withdraw(article.id, Recall.NOT_ASKED, None, NOW)
    assert await visible_titles(filled) == {"Deep", "Both", "Alone"}
    assert [entry.withdrawn for entry in await articles.changed_since(revision, 9)] == [True]
    await store(filled, parsed_post("Open", categories=("Science", "Open"), source="Open", content_hash="changed"))
    assert await visible_titles(filled) == {"Deep", "Both", "Alone"}
    assert [found.title for found in await articles.get([article.id], include_invisible=True)] == ["Open"]
    assert "Science/Open" in await counts(filled), "readers who follow it must be able to unfollow it"
    assert await articles.of_address("https://news.example/1/") != ()
    assert await withdrawals.bring_back(article.id)
    assert not await withdrawals.bring_back(article.id)
    assert "Open" in await visible_titles(filled)


class Lines:
    """A renderer that puts two titles into each message."""

    def render(self, digest: Digest, style: DigestStyle, now: object) -> tuple[Part, ...]:
        titles = [item.article.title for item in digest.items]
        return tuple(Part(" ".join(titles[at : at + 2])) for at in range(0, len(titles), 2))

    def render_empty(self, language: str) -> tuple[Part, ...]:
        return (Part("nothing"),)


async def test_planned_and_sent_digests_lose_a_withdrawn_article(filled: Database) -> None:
    articles, deliveries, places = ArticleStore(filled), DeliveryStore(filled), PlaceStore(filled)
    listed = sorted((await articles.latest(None, 9))[0], key=lambda article: article.id)
    ids = {article.title: article.id for article in listed}
    chosen = [ids["Open"], ids["Deep"], ids["Alone"]]

    async def plan(chat: int, items: list[ArticleId]) -> tuple[DeliveryId, PlaceId]:
        place = await places.meet(NewPlace(chat, 0, PlaceKind.PRIVATE, "R", "en", "08:00", "UTC"), NOW)
        titles = [article.title for number in items for article in await articles.get([number])]
        parts = tuple(Part(" ".join(titles[at : at + 2])) for at in range(0, len(titles), 2))
        rendering = Rendering(f"of {items}", parts, tuple(items))
        since = place.window_from
        (made,) = await deliveries.commit([Plan(place.id, Window(since, since), NOW, None, rendering)], NOW)
        return made, place.id

    waiting, _ = await plan(1, chosen)
    alone, _ = await plan(2, [ids["Open"]])
    sent, _ = await plan(3, chosen)
    ledger = LedgerStore(filled)
    await ledger.claim("me", NOW, timedelta(minutes=2), 10, [sent])
    went = [PartChange(sent, number, DeliveryState.SENT, message) for number, message in ((0, 71), (1, 72))]
    await ledger.write("me", [], went, [Settled(sent, DeliveryState.SENT, "", NOW)], NOW)

    editor = FakeMessageEditor()
    withdrawals = WithdrawalStore(filled)
    withdrawer = Withdrawer(withdrawals, articles, deliveries, Lines(), editor, FakeClock(NOW), picture=False)
    assert await withdrawer.count_sent(ids["Open"]) == 1
    await withdrawer.withdraw(ids["Open"], recall=True, report_chat=5)
    first, second, third = [await deliveries.get(delivery) for delivery in (waiting, alone, sent)]
    assert first is not None
    assert second is not None
    assert third is not None
    rendering = await deliveries.rendering(first.rendering)
    assert rendering is not None
    assert [part.html for part in rendering.parts] == ["Deep Alone"]
    assert len(first.parts) == 1
    assert second.state is DeliveryState.CANCELLED
    assert third.rendering == f"of {chosen}"

    editor.answer = None
    assert await withdrawer.recall_some() == (), "without Telegram it is tried again later"
    editor.answer, editor.made = True, []
    (done,) = await withdrawer.recall_some()
    assert (done.edited, done.unedited, done.recall, done.report_chat) == (2, 0, Recall.DONE, 5)
    assert editor.made == [(71, "Deep Alone"), (72, "")]
    assert await withdrawer.recall_some() == ()
    assert await withdrawer.count_sent(ids["Open"]) == 0
    assert [withdrawal.article for withdrawal in await withdrawer.latest(5)] == [ids["Open"]]


class Magazines(Lines):
    """A renderer of titles, in rich messages for the magazine, with a mosaic of as many tiles otherwise."""

    def __init__(self) -> None:
        self.styles: list[DigestStyle] = []

    def render(self, digest: Digest, style: DigestStyle, now: object) -> tuple[Part, ...]:
        self.styles.append(style)
        titles = " ".join(item.article.title for item in digest.items)
        if style.layout is Layout.MAGAZINE:
            return (Part("", rich=RichText(titles)),)
        return (Part(titles, mosaic=mosaic_of(titles), is_caption=True),)


def mosaic_of(titles: str) -> Mosaic:
    """Return a mosaic of its own for each choice of titles."""
    return compose_mosaic([Tile(1, titles)], b"secret")


async def stored(filled: Database, chat: int, rendering: Rendering, fallback: Rendering | None = None) -> DeliveryId:
    """Plan a rendering for a new chat."""
    place = await PlaceStore(filled).meet(NewPlace(chat, 0, PlaceKind.PRIVATE, "R", "en", "08:00", "UTC"), NOW)
    window = Window(place.window_from, place.window_from)
    plan = Plan(
        place.id, window, NOW, None, StoredRendering(rendering.key, part_hashes(rendering), rendering, fallback)
    )
    (made,) = await DeliveryStore(filled).commit([plan], NOW)
    return made


async def ids_by_title(filled: Database) -> dict[str, ArticleId]:
    """Return the articles' ids by their titles."""
    return {article.title: article.id for article in (await ArticleStore(filled).latest(None, 9))[0]}


def withdrawer_of(filled: Database, editor: FakeMessageEditor, **more: Any) -> Withdrawer:
    """Return what withdraws articles, with magazines."""
    stores = (WithdrawalStore(filled), ArticleStore(filled), DeliveryStore(filled))
    return Withdrawer(*stores, Magazines(), editor, FakeClock(NOW), picture=False, **more)


async def test_a_waiting_magazine_loses_a_withdrawn_article_and_so_does_its_fallback(filled: Database) -> None:
    ids = await ids_by_title(filled)
    items = (ids["Open"], ids["Deep"])
    spare = Rendering("gallery", (Part("Open Deep", mosaic=mosaic_of("Open Deep")),), items, layout=Layout.GALLERY)
    magazine = Rendering("rich", (Part("", rich=RichText("Open Deep")),), items, (), Layout.MAGAZINE, "gallery")
    made = await stored(filled, 1, magazine, spare)
    await withdrawer_of(filled, FakeMessageEditor()).withdraw(ids["Open"], recall=False, report_chat=None)
    deliveries = DeliveryStore(filled)
    delivery = await deliveries.get(made)
    assert delivery is not None
    new = await deliveries.rendering(delivery.rendering)
    assert new is not None
    assert new.parts[0].rich == RichText("Deep")
    fallback = await deliveries.rendering(new.fallback)
    assert fallback is not None
    assert (fallback.parts[0].html, fallback.layout) == ("Deep", Layout.GALLERY)
    assert tuple(row.hash for row in delivery.parts) == part_hashes(new)


async def test_a_mosaic_with_a_withdrawn_article_may_not_be_shown(filled: Database) -> None:
    ids = await ids_by_title(filled)
    both, alone = mosaic_of("Open Deep"), mosaic_of("Deep")
    await stored(filled, 1, Rendering("a", (Part("x", mosaic=both),), (ids["Open"], ids["Deep"])))
    await stored(filled, 2, Rendering("b", (Part("x", mosaic=alone),), (ids["Deep"],)))
    withdrawals = WithdrawalStore(filled)
    assert [await withdrawals.may_show(mosaic.key) for mosaic in (both, alone)] == [True, True]
    assert not await withdrawals.may_show("0" * 40), "a mosaic that is in no digest"
    await withdrawals.withdraw(ids["Open"], Recall.NOT_ASKED, None, NOW)
    assert [await withdrawals.may_show(mosaic.key) for mosaic in (both, alone)] == [False, True]
    # Another article of the same picture is in another digest.
    await stored(filled, 3, Rendering("c", (Part("x", mosaic=both),), (ids["Alone"], ids["Deep"])))
    assert await withdrawals.may_show(both.key)
    await withdrawals.withdraw(ids["Deep"], Recall.NOT_ASKED, None, NOW)
    assert [await withdrawals.may_show(mosaic.key) for mosaic in (both, alone)] == [False, False]
    await withdrawals.bring_back(ids["Deep"])
    assert await withdrawals.may_show(alone.key)


async def test_the_mosaic_without_the_article_is_made_before_messages_are_edited(filled: Database) -> None:
    ids = await ids_by_title(filled)
    old = (Part("Open Deep", mosaic=mosaic_of("Open Deep"), is_caption=True),)
    sent = await stored(filled, 1, Rendering("old", old, (ids["Open"], ids["Deep"]), layout=Layout.GALLERY))
    ledger = LedgerStore(filled)
    await ledger.claim("me", NOW, timedelta(minutes=2), 10, [sent])
    went = [PartChange(sent, 0, DeliveryState.SENT, 71)]
    await ledger.write("me", [], went, [Settled(sent, DeliveryState.SENT, "", NOW)], NOW)
    editor, made = FakeMessageEditor(), list[tuple[str, ...]]()

    async def make(mosaics: Sequence[Mosaic]) -> None:
        assert editor.made == []
        made.append(tuple(mosaic.key for mosaic in mosaics))

    withdrawer = withdrawer_of(filled, editor, make_mosaics=make)
    await withdrawer.withdraw(ids["Open"], recall=True, report_chat=None)
    await withdrawer.recall_some()
    assert made == [(mosaic_of("Deep").key,)]
    assert editor.made == [(71, "Deep")]
    style = withdrawer._renderer.styles[-1]  # type: ignore[attr-defined]
    assert (style.layout, style.is_caption, style.has_cover) == (Layout.GALLERY, True, False)
