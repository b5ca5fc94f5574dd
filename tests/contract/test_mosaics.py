"""Mosaics: wanted while deliveries wait for them, most readers first; made or given up once; known to Telegram."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from digests.model.delivery import DeliveryState, Part, Rendering
from digests.model.ids import ArticleId
from digests.model.mosaic import CoverText, Mosaic, Tile, compose_mosaic
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import Settled
from digests.storage.media.mosaics import MosaicStore
from digests.storage.media.uploads import UploadRow, UploadStore
from digests.storage.schema.media_tables import kept_pictures, mosaics
from tests.factories.deliveries import plan
from tests.factories.places import add_active_place
from tests.factories.times import DAY, NOW

_COVER = CoverText("摘要", "11-26", ("Headline",))


def mosaic(*pictures: str, cover: CoverText | None = None) -> Mosaic:
    """Return a mosaic of these pictures."""
    return compose_mosaic([Tile(number, key) for number, key in enumerate(pictures, 1)], b"secret", cover)


def rendering(key: str, shown: Mosaic | None) -> Rendering:
    """Return a rendering that shows a mosaic."""
    return Rendering(key, (Part("first"), Part("text", mosaic=shown, is_caption=True)), (ArticleId(1),))


async def deliver(database: Database, renderings: list[Rendering], first_chat: int = 1) -> list[int]:
    """Plan a digest for a chat each, and return the deliveries' ids."""
    ids: list[int] = []
    for number, each in enumerate(renderings):
        place = await add_active_place(database, first_chat + number)
        ids += await DeliveryStore(database).commit([plan(place, rendering=each)], NOW)
    return ids


async def test_mosaics_are_wanted_by_the_number_of_deliveries_that_wait(database: Database) -> None:
    few, many, covered = mosaic("a"), mosaic("b", "c"), mosaic("b", cover=_COVER)
    # The same mosaic is in two renderings, which differ in their texts.
    again = rendering("also", many)
    await deliver(
        database,
        [
            rendering("few", few),
            rendering("covered", covered),
            rendering("covered", covered),
            rendering("many", many),
            again,
            again,
            rendering("none", None),
        ],
    )
    store = MosaicStore(database)
    assert await store.wanted(10) == [many, covered, few]
    assert await store.wanted(2) == [many, covered]
    assert await store.wanted(0) == await store.wanted(-5) == []


async def test_what_was_made_or_given_up_is_not_wanted_again(database: Database) -> None:
    first, second, third = mosaic("a"), mosaic("b"), mosaic("c")
    await deliver(database, [rendering(each.key, each) for each in (first, second, third)])
    store = MosaicStore(database)
    await store.made(first, 1234, NOW)
    await store.failed(second, "gone", NOW)
    assert await store.wanted(10) == [third]
    assert await store.settled([first.key, second.key, third.key, "x"]) == {first.key, second.key}
    assert await store.number_since(NOW) == 2
    assert await store.number_since(NOW + timedelta(seconds=1)) == 0
    async with database.read() as connection:
        rows = (await connection.execute(sa.select(mosaics).order_by(mosaics.c.bytes))).all()
    assert [(row.state, row.reason, row.bytes) for row in rows] == [("failed", "gone", 0), ("made", "", 1234)]


async def test_what_nobody_waits_for_is_not_wanted(database: Database) -> None:
    shown = mosaic("a")
    (delivery, _) = await deliver(database, [rendering("key", shown)] * 2)
    ledger = LedgerStore(database)
    # A claimed delivery still waits; a settled one does not.
    claimed = await ledger.claim("me", NOW, DAY, 10)
    assert await MosaicStore(database).wanted(10) == [shown]
    ends = [Settled(each.id, DeliveryState.SENT, "", NOW) for each in claimed]
    await ledger.write("me", [], [], ends, NOW)
    assert {each.id for each in claimed} >= {delivery}
    assert await MosaicStore(database).wanted(10) == []


async def test_a_mosaic_that_failed_may_be_made_later(database: Database) -> None:
    store, shown = MosaicStore(database), mosaic("a")
    await store.failed(shown, "gone", NOW)
    await store.made(shown, 99, NOW + DAY)
    assert await UploadStore(database).mosaic(shown.key) == UploadRow(shown.key, "", NOW + DAY)


async def test_mosaics_that_nobody_used_for_long_are_forgotten(database: Database) -> None:
    store, uploads = MosaicStore(database), UploadStore(database)
    old, used = mosaic("a"), mosaic("b")
    for each in (old, used):
        await store.made(each, 10, NOW)
    await uploads.use([used.key], NOW + DAY, is_mosaic=True)
    assert await store.forget_unused(NOW + timedelta(hours=1)) == [old.key]
    assert await uploads.mosaic(old.key) is None
    assert await uploads.mosaic(used.key) == UploadRow(used.key, "", NOW + DAY)


async def test_telegrams_names_of_mosaics_are_kept_and_forgotten(database: Database) -> None:
    store, uploads, shown = MosaicStore(database), UploadStore(database), mosaic("a")
    assert await uploads.mosaic(shown.key) is None
    await store.made(shown, 10, NOW)
    await uploads.set_file_id(shown.key, "first", is_mosaic=True, now=NOW + DAY)
    assert await uploads.mosaic(shown.key) == UploadRow(shown.key, "first", NOW + DAY)
    # Somebody else uploaded it again meanwhile: that name stays.
    await uploads.clear_file_id(shown.key, "older", is_mosaic=True)
    assert await uploads.mosaic(shown.key) == UploadRow(shown.key, "first", NOW + DAY)
    await uploads.clear_file_id(shown.key, "first", is_mosaic=True)
    assert await uploads.mosaic(shown.key) == UploadRow(shown.key, "", NOW + DAY)
    await uploads.refuse(shown.key, is_mosaic=True)
    assert await uploads.mosaic(shown.key) is None
    assert await store.settled([shown.key]) == {shown.key}


async def test_a_mosaic_whose_file_is_lost_is_wanted_again(database: Database) -> None:
    store, uploads, shown = MosaicStore(database), UploadStore(database), mosaic("a")
    await deliver(database, [rendering("key", shown)])
    await store.made(shown, 10, NOW)
    await uploads.lose_mosaics([shown.key])
    assert await store.wanted(10) == [shown]


async def test_telegrams_names_of_kept_pictures(database: Database) -> None:
    uploads = UploadStore(database)
    common = {"likeness": "0", "width": 9, "height": 9, "bytes": 10, "used_at": NOW}
    async with database.write() as connection:
        await connection.execute(sa.insert(kept_pictures), [{"key": key, **common} for key in ("a", "b", "c")])
        await connection.execute(sa.insert(kept_pictures), {"key": "gone", **common, "bytes": 0})
    await uploads.set_file_id("a", "file", is_mosaic=False, now=NOW)
    await uploads.refuse("b", is_mosaic=False)
    rows = {row.key: row for row in await uploads.kept(["a", "b", "c", "gone", "never"])}
    assert rows == {"a": UploadRow("a", "file", NOW), "c": UploadRow("c", "", NOW)}
    await uploads.clear_file_id("a", "file", is_mosaic=False)
    await uploads.use(["a"], NOW + DAY, is_mosaic=False)
    assert await uploads.kept(["a"]) == [UploadRow("a", "", NOW + DAY)]
    assert await uploads.kept([]) == []


async def test_a_recipe_comes_back_as_it_was(database: Database) -> None:
    tiles = (Tile(12, "a"), Tile(0, "", "新媒体/36kr"), Tile(3, "b", "label"))
    shown = compose_mosaic(tiles, b"s", CoverText("t", "d", ()))
    await deliver(database, [replace(rendering("key", None), parts=(Part("x", mosaic=shown),))])
    assert await MosaicStore(database).wanted(1) == [shown]
