"""Plans of digests, in memory and stored."""

from __future__ import annotations

from typing import Any

from digests.model.delivery import Part, Rendering
from digests.model.digest import Window
from digests.model.ids import ArticleId, DeliveryId, IngestNumber
from digests.model.place import Place
from digests.storage.database import Database
from digests.storage.deliveries.plan import Plan
from digests.storage.deliveries.plans import DeliveryStore
from tests.factories.places import add_active_place
from tests.factories.times import DAY, NOW

RENDERING = Rendering(
    "key", (Part("<b>one</b>", "https://p.example/1.jpg"), Part("two")), (ArticleId(1),), (ArticleId(2),)
)
WINDOW = Window(IngestNumber(0), IngestNumber(9))


def plan(place: Place, **changes: Any) -> Plan:
    """Return a plan of a digest in two parts for the place, made for its next slot."""
    default = Plan(place.id, WINDOW, slot=NOW, next_at=NOW + DAY, rendering=RENDERING, guard=place.next_at)
    return default._replace(**changes)


async def plan_digests(database: Database, chats: int = 1) -> list[DeliveryId]:
    """Store active places with the chat ids 1 to `chats`, and a digest for each; return the deliveries' ids."""
    store = DeliveryStore(database)
    made: list[DeliveryId] = []
    for chat in range(1, chats + 1):
        made.extend(await store.commit([plan(await add_active_place(database, chat))], NOW))
    return made
