"""Plans and renderings: each is stored once, and progress is counted from rows."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
import sqlalchemy as sa

from digests.model.announcement import AnnouncementState, Audience
from digests.model.delivery import DeliveryState, Part, Rendering, RichText
from digests.model.digest import Window
from digests.model.ids import ArticleId, DeliveryId, IngestNumber, MessageRef, PlaceId, StoryId
from digests.model.layout import Layout
from digests.model.mosaic import CoverText, Tile, compose_mosaic
from digests.model.place import PlaceState
from digests.model.recipients import Recipients
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore, ids_of
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plan import StoredRendering
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import Settled
from digests.storage.deliveries.rows import part_hash, part_hashes
from digests.storage.places.places import PlaceStore
from digests.storage.schema.delivery_tables import pieces, renderings
from tests.factories.categories import ensure_categories
from tests.factories.deliveries import RENDERING, plan, plan_digests
from tests.factories.forgetting import forget_before
from tests.factories.places import add_active_place
from tests.factories.times import NOW


async def test_a_plan_is_stored_whole_and_moves_the_window(database: Database) -> None:
    (made,) = await plan_digests(database)
    store = DeliveryStore(database)
    delivery = await store.get(made)
    assert delivery is not None
    assert delivery.state is DeliveryState.PENDING
    assert [(row.number, row.state, row.hash) for row in delivery.parts] == [
        (0, DeliveryState.PENDING, part_hash(RENDERING.parts[0])),
        (1, DeliveryState.PENDING, part_hash(RENDERING.parts[1])),
    ]
    assert await store.rendering("key") == RENDERING
    assert await store.rendering("other") is None
    place = await PlaceStore(database).find(1)
    assert place is not None
    assert (place.window_from, place.window_from_at, place.next_at) == (9, NOW, NOW + timedelta(days=1))


async def test_due_places(database: Database) -> None:
    places = PlaceStore(database)
    first = await add_active_place(database, 1)
    paused = await add_active_place(database, 2)
    await places.silence(paused.id, PlaceState.PAUSED)
    assert await DueStore(database).due(NOW, 10) == ()
    (due,) = await DueStore(database).due(NOW + timedelta(hours=1), 10)
    wanted = frozenset(await ensure_categories(database, "news"))
    assert (due.id, ids_of(due.wanted), due.next_at) == (first.id, wanted, first.next_at)
    assert await DueStore(database).oldest_window(NOW) is None
    assert await DueStore(database).oldest_window(NOW + timedelta(hours=1)) == first.window_from
    found = await DueStore(database).due_one(paused.id, NOW)
    assert found is not None
    assert (found.place.id, found.wanted) == (paused.id, wanted)
    assert await DueStore(database).due_one(PlaceId(999), NOW) is None


async def test_the_same_plan_twice_is_one_delivery(database: Database) -> None:
    store = DeliveryStore(database)
    place = await add_active_place(database)
    results = await asyncio.gather(*[store.commit([plan(place)], NOW) for _ in range(4)])
    assert sum(len(made) for made in results) == 1


async def test_a_place_that_has_changed_since_is_left_out(database: Database) -> None:
    places, store = PlaceStore(database), DeliveryStore(database)
    place = await add_active_place(database)
    await places.set_schedule(place.id, NOW, time="10:00")
    assert await store.commit([plan(place)], NOW) == ()
    unmoved = await places.find(place.chat_id)
    assert unmoved is not None
    assert unmoved.window_from == 0


async def test_two_digests_on_request_at_the_same_moment_are_both_planned(database: Database) -> None:
    store = DeliveryStore(database)
    place = await add_active_place(database)
    first = await store.commit([plan(place, next_at=None, guard=None)], NOW)
    second = Window(IngestNumber(9), IngestNumber(10))
    assert len(await store.commit([plan(place, next_at=None, guard=None, window=second)], NOW)) == len(first) == 1


async def test_stories_that_places_have_had_already(database: Database) -> None:
    store = DeliveryStore(database)
    shown, behind_button, other = StoryId(1), StoryId(2), StoryId(3)
    earlier = {ArticleId(1): shown, ArticleId(2): behind_button, ArticleId(3): other}
    already_sent, untold, failed = [await add_active_place(database, chat) for chat in (1, 2, 3)]
    ids = [place.id for place in (already_sent, untold, failed)]
    assert await DueStore(database).already_sent(ids, earlier, NOW) == {}
    await store.commit([plan(already_sent), plan(untold, rendering=None)], NOW)
    (lost,) = await store.commit([plan(failed)], NOW)
    ledger = LedgerStore(database)
    await ledger.claim("me", NOW, timedelta(minutes=2), 10)
    await ledger.write("me", [], [], [Settled(lost, DeliveryState.FAILED, "refused", NOW)], NOW)
    assert await DueStore(database).already_sent(ids, earlier, NOW) == {already_sent.id: {shown, behind_button}}
    assert await DueStore(database).already_sent(ids, earlier, NOW + timedelta(seconds=1)) == {}
    assert await DueStore(database).already_sent(ids, {ArticleId(3): other}, NOW) == {}
    assert await DueStore(database).already_sent([untold.id], earlier, NOW) == {}


async def test_a_plan_without_news_moves_the_window_without_a_delivery(database: Database) -> None:
    places, store = PlaceStore(database), DeliveryStore(database)
    place = await add_active_place(database)
    assert await store.commit([plan(place, rendering=None)], NOW) == ()
    assert (await places.find(place.chat_id) or place).window_from == 9


async def test_too_few_articles_wait_in_the_window(database: Database) -> None:
    places, store = PlaceStore(database), DeliveryStore(database)
    place = await add_active_place(database)
    assert await store.commit([plan(place, rendering=None, moves=False)], NOW) == ()
    waiting = await places.find(place.chat_id)
    assert waiting is not None
    assert (waiting.window_from, waiting.window_from_at) == (place.window_from, place.window_from_at)
    assert waiting.next_at == NOW + timedelta(days=1)


async def test_an_announcement_has_one_row_per_chat_however_often_it_is_planned(database: Database) -> None:
    store, announcements = DeliveryStore(database), AnnouncementStore(database)
    for chat in range(1, 6):
        await add_active_place(database, chat)
    draft = await announcements.draft(1, "<b>Hello</b>", None, [], NOW)
    rendering = Rendering("announcement", (Part("<b>Hello</b>"),))
    for _ in range(2):
        assert await store.plan_announcement(draft.id, rendering, NOW, Recipients(Audience(), None, NOW), NOW) == 5
    assert await store.progress(draft.id) == {DeliveryState.PENDING: 5}
    claimed = await LedgerStore(database).claim("me", NOW, timedelta(minutes=2), 10)
    assert {delivery.announcement_id for delivery in claimed} == {draft.id}
    assert all(len(delivery.parts) == 1 for delivery in claimed)


async def test_the_life_of_an_announcement(database: Database) -> None:
    store = AnnouncementStore(database)
    (news,) = await ensure_categories(database, "news")
    draft = await store.draft(1, "text", "photo-id", [], NOW)
    await store.address(draft.id, [news])
    await store.report_to(draft.id, MessageRef(5, 6))
    other = await store.draft(2, "second", None, [], NOW)
    assert await store.confirm(draft.id, NOW)
    assert await store.confirm(other.id, NOW)
    assert not await store.confirm(draft.id, NOW)
    assert not await store.cancel(draft.id)
    sending = await store.sending()
    assert [found.id for found in sending] == [draft.id, other.id]
    assert sending[0].send_at != sending[1].send_at
    first = sending[0]
    assert (first.audience.categories, first.report) == ((news,), MessageRef(5, 6))
    assert first.part("en") == Part("text", photo="photo-id")
    assert await store.finish(draft.id, NOW)
    assert (await store.get(draft.id)).state is AnnouncementState.DONE


async def test_a_rendering_that_many_get_is_stored_once(database: Database) -> None:
    store = DeliveryStore(database)
    first, second = [await add_active_place(database, chat) for chat in (1, 2)]
    stored = StoredRendering(RENDERING.key, part_hashes(RENDERING))
    ids = await store.commit([plan(first), plan(second, rendering=stored)], NOW)
    found = [await store.get(delivery) for delivery in ids]
    assert [[row.hash for row in delivery.parts] for delivery in found if delivery] == [list(stored.hashes)] * 2
    assert await store.renderings(["key", "other"]) == (RENDERING,)


async def test_chinese_is_read_back_unchanged(database: Database) -> None:
    store = DeliveryStore(database)
    text = Rendering("字", (Part("<b>每日摘要</b> “引号” \\ 😀"),))
    await store.commit([plan(await add_active_place(database), rendering=text)], NOW)
    assert await store.rendering("字") == text


def in_pieces(key: str, *pieces: str) -> Rendering:
    return Rendering(key, (Part(tuple(pieces), "https://p.example/1.jpg", stories=1), Part("the end")))


async def test_whatever_a_digest_shows_is_read_back(database: Database) -> None:
    tiles = (Tile(1, "a" * 40), Tile(3, "", "Science & 科学"))
    cover = CoverText("Your digest", "Saturday, 6 June", ("One", "二"))
    shown = (
        Part(("a", "b"), mosaic=compose_mosaic(tiles, b"secret"), is_caption=True),
        Part(("c",), mosaic=compose_mosaic(tiles, b"secret", cover)),
        Part("", rich=RichText('<img src="tg://photo?id=p1"/>', ("b" * 40,))),
        Part(("d",), stories=2, offers_magazine=True),
        Part("e", asks_magazine=True),
    )
    rendering = Rendering("shown", shown, layout=Layout.GALLERY, fallback="other")
    store = DeliveryStore(database)
    await store.commit([plan(await add_active_place(database), rendering=rendering)], NOW)
    assert await store.rendering("shown") == rendering
    assert len({*part_hashes(rendering), part_hash(replace(shown[3], offers_magazine=False))}) == 6
    assert part_hash(shown[4]) != part_hash(replace(shown[4], asks_magazine=False))


async def pieces_of(database: Database) -> set[str]:
    async with database.read() as connection:
        return set((await connection.execute(sa.select(pieces.c.html))).scalars())


async def test_pieces_that_renderings_share_are_stored_once(database: Database) -> None:
    store = DeliveryStore(database)
    first, second = in_pieces("a", "<b>标题</b>", '\n\none "x"'), in_pieces("b", "<b>标题</b>", "\n\ntwo \\ 😀")
    already_sent = [await add_active_place(database, chat) for chat in (1, 2)]
    await store.commit(
        [plan(place, rendering=rendering) for place, rendering in zip(already_sent, (first, second), strict=True)], NOW
    )
    assert set(await store.renderings(["a", "b"])) == {first, second}
    assert await pieces_of(database) == {"<b>标题</b>", '\n\none "x"', "\n\ntwo \\ 😀"}
    found = await store.rendering("a")
    assert found is not None
    assert found.parts[0].html == '<b>标题</b>\n\none "x"'
    assert part_hashes(found) == part_hashes(first)


async def test_a_rendering_that_lost_a_piece_is_not_found(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    store = DeliveryStore(database)
    for chat, text in enumerate((in_pieces("a", "one", "two"), in_pieces("b", "one", "three")), 1):
        await store.commit([plan(await add_active_place(database, chat), rendering=text)], NOW)
    async with database.write() as connection:
        await connection.execute(sa.delete(pieces).where(pieces.c.html == "two"))
    assert [rendering.key for rendering in await store.renderings(["a", "b"])] == ["b"]
    assert "rendering a: its piece" in caplog.text


async def test_unused_pieces_are_deleted(database: Database) -> None:
    store, ledger = DeliveryStore(database), LedgerStore(database)
    day = timedelta(days=1)
    texts = [in_pieces("old", "old", "heading"), in_pieces("open", "open"), in_pieces("new", "new", "heading")]
    made: list[DeliveryId] = []
    for chat, text, at in zip((1, 2, 3), texts, (NOW, NOW, NOW + 10 * day), strict=True):
        made += await store.commit([plan(await add_active_place(database, chat), rendering=text)], at)
    await ledger.claim("me", NOW + 10 * day, timedelta(minutes=2), 10)
    settled = [Settled(made[0], DeliveryState.SENT, "", NOW), Settled(made[2], DeliveryState.SENT, "", NOW + 10 * day)]
    await ledger.write("me", [], [], settled, NOW + 10 * day)
    await forget_before(database, NOW - day)
    assert await pieces_of(database) == {"old", "heading", "open", "new"}
    await forget_before(database, NOW + 5 * day)
    assert await pieces_of(database) == {"heading", "open", "new"}, "pieces of an open delivery stay, however old it is"
    assert await store.renderings(["old", "open", "new"]) != ()
    assert {rendering.key for rendering in await store.renderings(["old", "open", "new"])} == {"open", "new"}


async def test_many_plans_at_once_some_of_them_outdated(database: Database) -> None:
    places, store = PlaceStore(database), DeliveryStore(database)
    already_sent = [await add_active_place(database, chat) for chat in range(1, 121)]
    for place in already_sent[:10]:
        await places.set_schedule(place.id, NOW, time="10:00")
    await store.commit([plan(already_sent[10], next_at=None, guard=None)], NOW)
    plans = [plan(place, slot=NOW + timedelta(hours=1)) for place in already_sent]
    assert len(await store.commit(plans, NOW)) == 109
    assert await store.commit(plans, NOW) == ()


async def test_due_places_come_in_ordered_batches(database: Database) -> None:
    store = DueStore(database)
    for chat in range(1, 8):
        await add_active_place(database, chat)
    later = NOW + timedelta(days=2)
    all_of_them = await store.due(later, 100)
    assert [(due.next_at, due.id) for due in all_of_them] == sorted((due.next_at, due.id) for due in all_of_them)
    found = list(await store.due(later, 3))
    while some := await store.due(later, 3, found[-1]):
        found += some
    assert tuple(found) == all_of_them
    assert len(found) == 7
    assert all(due.window_from_at.tzinfo is UTC and due.next_at.tzinfo is UTC for due in found)


async def test_renderings_of_an_earlier_version_keep_their_hashes(database: Database) -> None:
    part = {"html": "whole", "picture": "https://p.example/1.jpg", "photo": None, "stories": 2}
    row = {"key": "old", "parts": [part], "items": [1], "rest": [], "created_at": NOW}
    async with database.write() as connection:
        await connection.execute(sa.insert(renderings), [row])
    found = await DeliveryStore(database).rendering("old")
    assert found is not None
    assert found.parts == (Part("whole", "https://p.example/1.jpg", stories=2),)
    said = "whole\0https://p.example/1.jpg\0\x002"
    assert part_hashes(found) == (hashlib.sha256(said.encode()).hexdigest()[:16],)
