"""Trials of the magazine: the digest that was sent, for the place that it was sent to, and nothing that is gone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.render.renderer import DigestRenderer
from digests.model.delivery import Delivery, DeliveryState, Part, Rendering
from digests.model.digest import Window
from digests.model.ids import ArticleId, DeliveryId
from digests.model.layout import Layout
from digests.model.place import Place, PlaceKind
from digests.planning.trial import TrialPlanner
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema.delivery_tables import deliveries
from tests.factories.articles import parsed_post, read_post
from tests.factories.deliveries import plan
from tests.factories.places import add_active_place
from tests.factories.times import DAY, HOUR, NOW


@dataclass
class Trials:
    """A planner of trials over a database, with a place that had digests."""

    database: Database
    place: Place
    articles: tuple[ArticleId, ...]

    @classmethod
    async def over(cls, database: Database) -> Trials:
        batch = [read_post(f"{title}.md", parsed_post(title)) for title in ("Moon", "Mars", "Venus")]
        await IngestStore(database, timedelta(days=3)).write("folder", batch, NOW - HOUR)
        return cls(database, await add_active_place(database), (ArticleId(1), ArticleId(2), ArticleId(3)))

    @property
    def deliveries(self) -> DeliveryStore:
        return DeliveryStore(self.database)

    async def send(self, key: str, *items: ArticleId, place: Place | None = None, days: int = 0) -> DeliveryId:
        """Store a digest of these articles as sent, so many days later than others."""
        rendering = Rendering(key, (Part(key),), items)
        to, at = place or self.place, NOW + days * DAY
        sent = await self.add(rendering, to, at)
        await self.settle(sent)
        return sent

    async def add(self, rendering: Rendering, to: Place, at: datetime = NOW) -> DeliveryId:
        """Store a digest that is to be sent."""
        window = Window(to.window_from, to.window_from)
        planned = plan(to, slot=at, guard=None, rendering=rendering, window=window)
        (delivery,) = await self.deliveries.commit([planned], at)
        return delivery

    async def settle(self, delivery: DeliveryId) -> None:
        async with self.database.write() as connection:
            statement = sa.update(deliveries).where(deliveries.c.id == delivery)
            await connection.execute(statement.values(state=DeliveryState.SENT))

    async def plan(self, digest: DeliveryId | None = None, place: Place | None = None) -> DeliveryId | None:
        articles = ArticleStore(self.database)
        planner = TrialPlanner(self.deliveries, articles, DigestRenderer(), with_picture=True)
        return await planner.plan(place or self.place, NOW + 2 * DAY, digest)

    async def get(self, trial: DeliveryId | None) -> tuple[Delivery, Rendering]:
        assert trial is not None
        delivery = await self.deliveries.get(trial)
        assert delivery is not None
        rendering = await self.deliveries.rendering(delivery.rendering)
        assert rendering is not None
        return delivery, rendering


async def test_a_digest_comes_once_more_as_a_magazine(database: Database) -> None:
    trials = await Trials.over(database)
    digest = await trials.send("digest", *trials.articles[:2])
    delivery, rendering = await trials.get(await trials.plan(digest))
    assert (delivery.place.id, delivery.state) == (trials.place.id, DeliveryState.PENDING)
    assert rendering.layout is Layout.MAGAZINE
    assert rendering.items == trials.articles[:2]
    magazine, question = rendering.parts
    assert magazine.rich is not None
    assert ("Moon" in magazine.rich.html, "Venus" in magazine.rich.html) == (True, False)
    # The day is that of the digest, not of the trial.
    assert "Saturday, 6 June" in magazine.rich.html
    assert question.asks_magazine


async def test_where_it_is_refused_a_sentence_says_so(database: Database) -> None:
    trials = await Trials.over(database)
    _, rendering = await trials.get(await trials.plan(await trials.send("digest", *trials.articles)))
    fallback = await trials.deliveries.rendering(rendering.fallback)
    assert fallback is not None
    assert fallback.items == ()
    assert "can't show a magazine" in fallback.parts[0].html


async def test_a_trial_moves_nothing_of_the_digests_to_come(database: Database) -> None:
    trials = await Trials.over(database)
    digest = await trials.send("digest", *trials.articles)
    before = await PlaceStore(database).find(trials.place.chat_id)
    assert await trials.plan(digest) is not None
    after = await PlaceStore(database).find(trials.place.chat_id)
    assert before is not None
    assert after is not None
    assert (after.next_at, after.window_from, after.layout) == (before.next_at, before.window_from, before.layout)


async def test_the_last_digest_is_tried_and_no_trial_that_was_refused(database: Database) -> None:
    trials = await Trials.over(database)
    await trials.send("older", trials.articles[0])
    newest = await trials.send("newest", trials.articles[1], days=1)
    await trials.send("refused", days=2)
    _, rendering = await trials.get(await trials.plan())
    assert rendering.items == (trials.articles[1],)
    _, again = await trials.get(await trials.plan(newest))
    assert again.key == rendering.key


async def test_what_was_not_sent_is_not_the_last_digest(database: Database) -> None:
    trials = await Trials.over(database)
    assert await trials.plan() is None
    pending = await trials.add(Rendering("new", (Part("new"),), trials.articles), trials.place)
    assert await trials.plan() is None
    await trials.settle(pending)
    assert await trials.plan() is not None


async def test_a_digest_of_another_place_or_of_no_articles_is_not_tried(database: Database) -> None:
    trials = await Trials.over(database)
    other = await add_active_place(database, 6)
    assert await trials.plan(await trials.send("other", *trials.articles, place=other)) is None
    assert await trials.plan(await trials.send("empty")) is None
    assert await trials.plan(DeliveryId(99)) is None


async def test_no_magazine_is_planned_for_a_group(database: Database) -> None:
    trials = await Trials.over(database)
    digest = await trials.send("digest", *trials.articles)
    for kind in (PlaceKind.GROUP, PlaceKind.SUPERGROUP, PlaceKind.CHANNEL):
        assert await trials.plan(digest, replace(trials.place, kind=kind)) is None
