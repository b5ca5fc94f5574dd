"""Which chats an announcement reaches."""

from __future__ import annotations

from datetime import timedelta

from digests.model.announcement import Audience, AudienceKind
from digests.model.ids import CategoryId
from digests.model.place import PlaceKind, PlaceState
from digests.model.recipients import Recipients
from digests.storage.announcements.audience import AudienceStore
from digests.storage.database import Database
from digests.storage.places.places import PlaceStore
from tests.factories.places import add_active_place, new_place
from tests.factories.times import NOW


async def test_the_audience_is_counted_by_its_conditions(database: Database) -> None:
    places = PlaceStore(database)
    await add_active_place(database, 1)
    await add_active_place(database, 2, language="zh_CN")
    await add_active_place(database, -3, kind=PlaceKind.SUPERGROUP, timezone="Asia/Tokyo")
    await places.meet(new_place(4), NOW)
    gone = await add_active_place(database, 5)
    await places.silence(gone.id, PlaceState.STOPPED)
    old = await places.find(2)
    assert old is not None
    await places.meet(new_place(2), NOW - timedelta(days=9))
    store = AudienceStore(database)

    async def count(audience: Audience, categories: frozenset[CategoryId] | None = None) -> int:
        return sum((await store.languages(Recipients(audience, categories, NOW))).values())

    assert await count(Audience()) == 3
    assert await count(Audience(languages=("zh_CN",))) == 1
    assert await count(Audience(active_days=7)) == 2
    assert await count(Audience(kind=AudienceKind.PEOPLE)) == 2
    assert await count(Audience(kind=AudienceKind.CHATS)) == 1
    assert await count(Audience(ids=(1, 4, 5, 99))) == 2, "chats on a list are reached, unless they have left"
    assert await count(Audience(), frozenset({CategoryId(1)})) == 3
    assert await count(Audience(ids=(1, 4)), frozenset({CategoryId(1)})) == 1
    assert await count(Audience(languages=("zh_CN",), kind=AudienceKind.CHATS)) == 0
    assert await store.hours(Recipients(Audience(), None, NOW)) == {("Asia/Tokyo", ""): 1, ("UTC", ""): 2}
    assert await store.known((1, 4, 99)) == {1, 4}
