"""What readers never meet, and what is withdrawn, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digests.delivery.withdraw import Withdrawer
from digests.model.article import ParsedPost
from digests.model.delivery import Delivery, DeliveryState, Part, Rendering
from digests.model.digest import Digest, Window
from digests.model.ids import ArticleId, DeliveryId, IngestNumber, PlaceId
from digests.model.place import PlaceKind
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import Hidden, HiddenStore
from digests.storage.articles.post_files import KnownFile, ReadPost
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plan import Plan
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import PartChange, Settled
from digests.storage.deliveries.withdrawals import Recall, WithdrawalStore
from digests.storage.places import NewPlace, PlaceStore
from tests.builders import NOW, parsed
from tests.fakes import FakeClock


async def bring(database: Database, *articles: ParsedPost) -> None:
    batch = [ReadPost(one.title, KnownFile(1, 2, one.title), one, True, NOW) for one in articles]
    await IngestStore(database).write("folder", batch, NOW)


@pytest.fixture
async def filled(database: Database) -> Database:
    await bring(
        database,
        parsed("Open", categories=("Science", "Open"), source="Open"),
        parsed("Deep", categories=("Secret", "Source", "Channel"), source="Source"),
        parsed("Both", categories=("Science", "Both"), source="Both"),
        parsed("Alone", categories=("Science", "Alone"), source="Ａlone"),
    )
    await bring(database, parsed("Both", categories=("Secret", "More"), source="Both"))
    return database


async def seen(database: Database) -> set[str]:
    """What lists and planning give alike."""
    articles = ArticleStore(database)
    listed, total = await articles.latest(None, 50)
    _, candidates = await DueStore(database).candidates(IngestNumber(0))
    got = await articles.get([one.id for one in candidates])
    assert {one.title for one in listed} == {one.title for one in got}
    assert total == len(listed)
    return {one.title for one in listed}


async def counts(database: Database) -> dict[str, int]:
    return {"/".join(one.path): one.count for one in await CategoryStore(database).readers_tree()}


async def test_the_readers_tree_is_kept_until_it_is_forgotten(filled: Database) -> None:
    categories = CategoryStore(filled)
    before = await categories.readers_tree()
    await HiddenStore(filled).hide_category(before.find("Secret")[0].id, NOW)
    assert await categories.readers_tree() is before
    categories.forget_readers_tree()
    assert not (await categories.readers_tree()).find("Secret")


async def test_a_hidden_category_hides_all_below_it_and_what_is_also_elsewhere(filled: Database) -> None:
    hidden = HiddenStore(filled)
    tree = await CategoryStore(filled).tree()
    assert await seen(filled) == {"Open", "Deep", "Both", "Alone"}
    assert await counts(filled) == {"/".join(one.path): one.count for one in tree}
    await hidden.hide_category(tree.find("Secret")[0].id, NOW)
    await hidden.hide_category(tree.find("Secret")[0].id, NOW)
    assert await seen(filled) == {"Open", "Alone"}
    assert await counts(filled) == {"Science": 2, "Science/Open": 1, "Science/Alone": 1}
    assert len(await CategoryStore(filled).tree()) == len(tree)
    await hidden.show_category(tree.find("Secret")[0].id)
    assert await hidden.all() == Hidden()
    assert await seen(filled) == {"Open", "Deep", "Both", "Alone"}


async def test_a_hidden_source_takes_its_empty_shelves_along(filled: Database) -> None:
    hidden = HiddenStore(filled)
    assert await hidden.sources_named("alone") == ("Ａlone",)
    await hidden.hide_sources(await hidden.sources_named("ALONE"), NOW)
    assert await seen(filled) == {"Open", "Deep", "Both"}
    assert "Science/Alone" not in await counts(filled)
    await hidden.show_source("alone")
    assert "Alone" in await seen(filled)


async def test_a_withdrawn_article_keeps_its_row_and_stays_out_until_it_is_brought_back(filled: Database) -> None:
    articles, withdrawals = ArticleStore(filled), WithdrawalStore(filled)
    (one,) = [one for one in (await articles.latest(None, 9))[0] if one.title == "Open"]
    revision = await articles.last_revision()
    await withdrawals.withdraw(one.id, Recall.NOT_ASKED, None, NOW)
    assert await seen(filled) == {"Deep", "Both", "Alone"}
    assert [entry.withdrawn for entry in await articles.changed_since(revision, 9)] == [True]
    await bring(filled, parsed("Open", categories=("Science", "Open"), source="Open", content_hash="changed"))
    assert await seen(filled) == {"Deep", "Both", "Alone"}
    assert [found.title for found in await articles.get([one.id], include_invisible=True)] == ["Open"]
    assert "Science/Open" in await counts(filled), "a reader who follows it must be able to leave it"
    assert await articles.of_address("https://news.example/1/") != ()
    assert await withdrawals.bring_back(one.id)
    assert not await withdrawals.bring_back(one.id)
    assert "Open" in await seen(filled)


class Lines:
    """Renders a digest as a message per two titles."""

    def render(self, digest: Digest, language: str, timezone: str, now: object) -> tuple[Part, ...]:
        titles = [item.article.title for item in digest.items]
        return tuple(Part(" ".join(titles[at : at + 2])) for at in range(0, len(titles), 2))

    def render_empty(self, language: str) -> tuple[Part, ...]:
        return (Part("nothing"),)


class Edits:
    def __init__(self) -> None:
        self.made: list[tuple[int, str]] = []
        self.answer: bool | None = True

    async def edit(self, delivery: Delivery, message_id: int, part: Part, *, rest: int) -> bool | None:
        self.made.append((message_id, part.html))
        return self.answer

    async def remove(self, delivery: Delivery, message_id: int) -> bool | None:
        self.made.append((message_id, ""))
        return self.answer


async def test_planned_and_sent_digests_lose_it(filled: Database) -> None:
    articles, deliveries, places = ArticleStore(filled), DeliveryStore(filled), PlaceStore(filled)
    listed = sorted((await articles.latest(None, 9))[0], key=lambda one: one.id)
    ids = {one.title: one.id for one in listed}
    chosen = [ids["Open"], ids["Deep"], ids["Alone"]]

    async def plan(chat: int, items: list[ArticleId]) -> tuple[DeliveryId, PlaceId]:
        place = await places.meet(NewPlace(chat, 0, PlaceKind.PRIVATE, "R", "en", "08:00", "UTC"), NOW)
        titles = [one.title for number in items for one in await articles.get([number])]
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

    edits = Edits()
    withdrawals = WithdrawalStore(filled)
    withdrawer = Withdrawer(withdrawals, articles, deliveries, Lines(), edits, FakeClock(NOW), picture=False)
    assert await withdrawer.count_sent(ids["Open"]) == 1
    await withdrawer.withdraw(ids["Open"], recall=True, report_chat=5)
    first, second, third = [await deliveries.get(one) for one in (waiting, alone, sent)]
    assert first is not None
    assert second is not None
    assert third is not None
    rendering = await deliveries.rendering(first.rendering)
    assert rendering is not None
    assert [part.html for part in rendering.parts] == ["Deep Alone"]
    assert len(first.parts) == 1
    assert second.state is DeliveryState.CANCELLED
    assert third.rendering == f"of {chosen}"

    edits.answer = None
    assert await withdrawer.recall_some() == (), "Telegram is away: it is tried again"
    edits.answer, edits.made = True, []
    (done,) = await withdrawer.recall_some()
    assert (done.edited, done.unedited, done.recall, done.report_chat) == (2, 0, Recall.DONE, 5)
    assert edits.made == [(71, "Deep Alone"), (72, "")]
    assert await withdrawer.recall_some() == ()
    assert await withdrawer.count_sent(ids["Open"]) == 0
    assert [one.article for one in await withdrawer.latest(5)] == [ids["Open"]]
