"""Why articles came or did not, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from digests.model.delivery import DeliveryState
from digests.model.explanation import Explanation, Reason
from digests.model.ids import ArticleId
from digests.model.place import Place, PlaceState
from digests.model.wish import Matter, WishKind
from digests.readers.explaining import Explainer
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.history import HistoryStore
from digests.storage.deliveries.withdrawals import Recall, WithdrawalStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema.article_tables import articles
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places
from digests.storage.wishes.wishes import WishStore
from tests.contract.test_planning_wishes import Harness
from tests.factories.articles import parsed_post, read_post
from tests.factories.categories import ensure_categories
from tests.factories.places import add_active_place
from tests.factories.times import DAY, HOUR, NOW
from tests.factories.wishes import add_wish, add_words, note_sent_at_once


class Asking(Harness):
    """A reader of "news" whose digest shows four articles, an hour from now."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.explainer = Explainer(
            self.planner, ArticleStore(database), CategoryStore(database), WishStore(database), HistoryStore(database)
        )

    async def place(self) -> Place:
        found = await PlaceStore(self.database).find(1)
        assert found is not None
        return found

    async def why(self, article: ArticleId, now: Any = NOW) -> Explanation:
        found = await self.explainer.why(await self.place(), article, now)
        assert found is not None
        return found

    async def reason(self, article: ArticleId, now: Any = NOW) -> Reason:
        return (await self.why(article, now)).reason

    async def update(self, table: sa.Table, **values: Any) -> None:
        async with self.database.write() as connection:
            await connection.execute(sa.update(table).values(values))


@pytest.fixture
async def asking(database: Database) -> Asking:
    await ensure_categories(database, "news", "sport")
    await add_active_place(database, 1)
    return Asking(database)


async def test_what_comes_next_and_what_is_behind_the_button(asking: Asking) -> None:
    ids = await asking.publish("A", "B", "C", "D", "E")
    found = await asking.why(ids["A"])
    assert (found.reason, found.at, found.items) == (Reason.COMES, NOW + HOUR, 4)
    assert [category.name for category in found.followed] == ["news"]
    assert await asking.reason(ids["E"]) is Reason.CUT
    await add_wish(
        asking.database, (await asking.place()).id, WishKind.CAP, Matter.CATEGORY, found.followed[0].id, most=1
    )
    capped = await asking.why(ids["B"])
    assert capped.reason is Reason.CAPPED
    assert [wish.most for wish in capped.wishes] == [1]
    await asking.update(places, least_items=9)
    waiting = await asking.why(ids["A"])
    assert (waiting.reason, waiting.came, waiting.least) == (Reason.WAITS, 5, 9)


async def test_what_is_followed_watched_and_muted(asking: Asking) -> None:
    place = await asking.place()
    ids = await asking.publish("Regatta", category="sport", source="Tern")
    found = await asking.why(ids["Regatta"])
    assert (found.reason, found.followed) == (Reason.UNWANTED, ())
    assert [category.name for category in found.categories] == ["sport"]
    await add_words(asking.database, place.id, WishKind.WATCH, "regatta", [ids["Regatta"]])
    found = await asking.why(ids["Regatta"])
    assert (found.reason, [wish.subject.value for wish in found.wishes]) == (Reason.COMES, ["regatta"])
    await add_wish(asking.database, place.id, WishKind.MUTE, Matter.SOURCE, "Tern")
    found = await asking.why(ids["Regatta"])
    assert found.reason is Reason.MUTED
    assert {wish.kind for wish in found.wishes} == {WishKind.WATCH, WishKind.MUTE}


async def test_what_was_sent_and_when(asking: Asking) -> None:
    place = await asking.place()
    ids = await asking.publish("A", "B", "C", "D", "E")
    await note_sent_at_once(asking.database, place.id, ids["B"], NOW - HOUR)
    assert (await asking.why(ids["B"])).at == NOW - HOUR
    assert await asking.reason(ids["B"]) is Reason.SENT_AT_ONCE
    async with asking.database.write() as connection:
        await connection.execute(sa.text("DELETE FROM sent_at_once"))
    await asking.planned()
    later = NOW + 2 * HOUR
    assert await asking.reason(ids["A"], later) is Reason.ON_ITS_WAY
    for state, reason in (
        (DeliveryState.SENT, Reason.SENT),
        (DeliveryState.UNCERTAIN, Reason.NOT_ARRIVED),
        (DeliveryState.FAILED, Reason.NOT_ARRIVED),
        (DeliveryState.CANCELLED, Reason.PASSED),
    ):
        await asking.update(deliveries, state=state)
        assert await asking.reason(ids["A"], later) is reason
    await asking.update(deliveries, state=DeliveryState.SENT)
    found = await asking.why(ids["E"], later)
    assert (found.reason, found.at) == (Reason.SENT_BEHIND, NOW + HOUR)


async def test_stories(asking: Asking) -> None:
    ids = await asking.publish("A", source="Gull")
    ids = await asking.publish("B", source="Tern")
    await asking.update(articles, story_id=ids["A"])
    first, second = await asking.why(ids["A"]), await asking.why(ids["B"])
    same = first if first.reason is Reason.SAME_STORY else second
    assert {first.reason, second.reason} == {Reason.COMES, Reason.SAME_STORY}
    assert same.other is not None
    assert {same.other.id, same.article.id} == {ids["A"], ids["B"]}
    await asking.planned()
    await asking.update(deliveries, state=DeliveryState.SENT)
    ids = await asking.publish("C", source="Swan")
    await asking.update(articles, story_id=ids["A"])
    found = await asking.why(ids["C"], NOW + 2 * HOUR)
    assert found.reason is Reason.STORY_SENT
    assert found.other is not None
    assert found.other.id != ids["C"]


async def test_what_was_too_old_too_late_or_before_the_beginning(asking: Asking) -> None:
    stale = read_post("old.md", parsed_post("Old", categories=("news",), published_at=NOW - 90 * DAY), fresh=False)
    await asking.publish("A")
    await IngestStore(asking.database).write("folder", [stale], NOW)
    ids = await asking.publish("Unread", category="sport")
    assert await asking.reason(ids["Old"]) is Reason.TOO_OLD
    async with asking.database.write() as connection:
        await connection.execute(
            sa.update(articles).where(articles.c.id == ids["A"]).values(first_seen_at=NOW - 30 * DAY)
        )
    assert await asking.reason(ids["A"]) is Reason.LATE
    await asking.planned()
    assert await asking.reason(ids["A"], NOW + 2 * HOUR) is Reason.BEFORE
    await asking.update(places, created_at=NOW - 60 * DAY)
    assert await asking.reason(ids["A"], NOW + 2 * HOUR) is Reason.PASSED
    async with asking.database.write() as connection:
        await connection.execute(sa.text("DELETE FROM subscriptions"))
    assert await asking.reason(ids["A"], NOW + 2 * HOUR) is Reason.UNWANTED


async def test_nothing_is_told_of_what_readers_do_not_see(asking: Asking) -> None:
    ids = await asking.publish("A", source="Gull")
    place = await asking.place()
    await HiddenStore(asking.database).hide_sources(("Gull",), NOW)
    assert await asking.explainer.why(place, ids["A"], NOW) is None
    await HiddenStore(asking.database).show_source("Gull")
    assert await asking.explainer.why(place, ids["A"], NOW) is not None
    await WithdrawalStore(asking.database).withdraw(ids["A"], Recall.NOT_ASKED, None, NOW)
    assert await asking.explainer.why(place, ids["A"], NOW) is None
    assert await asking.explainer.why(place, ArticleId(999), NOW) is None


async def test_a_digest_that_is_off_brings_nothing_until_it_is_on(asking: Asking) -> None:
    ids = await asking.publish("A")
    await asking.update(places, state=PlaceState.STOPPED, next_at=None)
    found = await asking.why(ids["A"])
    assert (found.reason, found.at) == (Reason.COMES, None)
    await asking.update(places, state=PlaceState.PAUSED, resume_at=NOW + 3 * DAY)
    assert (await asking.why(ids["A"])).at == NOW + 3 * DAY


async def test_a_preview_is_what_comes_and_changes_nothing(asking: Asking) -> None:
    place = await asking.place()
    ids = await asking.publish("A", "B", "C", "D", "E")
    await add_words(asking.database, place.id, WishKind.WATCH, "c", [ids["C"]])
    before = await asking.place()
    prepared = await asking.planner.prepare(place, NOW)
    assert prepared is not None
    upcoming = await asking.planner.upcoming(prepared)
    parts, instead = await asking.planner.upcoming_parts(upcoming, NOW)
    assert instead == ()
    assert await asking.place() == before
    sent = (await asking.planned())[1]
    assert parts == sent.parts
    assert upcoming.choice.rest == sent.rest
    assert sent.watched == ((ids["C"], ("c",)),)
    assert sent.items[0] == ids["C"]
    assert await asking.planner.prepare(replace(place, id=place.id + 99), NOW) is None  # type: ignore[arg-type]
