"""Announcements, their rows, their later changes, the audit log, the roles: on both databases."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from digests.announcements.broadcast import Broadcaster, announcement_rendering
from digests.errors import NotFound
from digests.model.announcement import (
    Announcement,
    AnnouncementState,
    Audience,
    AudienceKind,
    Content,
    LinkButton,
    Timing,
    When,
)
from digests.model.audit import AuditAct
from digests.model.copy_change import CopyChangeKind, CopyState
from digests.model.delivery import Delivery, DeliveryKind, DeliveryState
from digests.model.ids import AnnouncementId, CategoryId, DeliveryId
from digests.model.place import PlaceKind, PlaceState
from digests.model.recipients import Recipients
from digests.model.role import Role
from digests.storage.announcements.acts import CopyChangeStore
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.audience import AudienceStore
from digests.storage.announcements.rows import AnnouncementRows
from digests.storage.articles.categories import CategoryStore
from digests.storage.audit import AuditLog
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import PartChange, Postponed, Settled
from digests.storage.people import PeopleStore
from digests.storage.places import PlaceStore
from digests.storage.schema import deliveries
from tests.builders import NOW
from tests.contract.test_deliveries import plan
from tests.contract.test_places import active, newcomer

LEASE = timedelta(minutes=2)
HOUR = timedelta(hours=1)


class Worker(DeliveryStore):
    """Claims and begins what is due, each time under another name, and says what came of it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._ledger = LedgerStore(database)

    async def claim(self, owner: str, now: datetime, lease: timedelta, limit: int) -> tuple[Delivery, ...]:
        name = f"{owner}-{secrets.token_hex(4)}"
        claimed = await self._ledger.claim(name, now, lease, limit)
        await self._ledger.write(name, [(one.id, 0) for one in claimed], [], [], now + lease)
        return claimed

    async def settle_part(
        self, of: DeliveryId, number: int, state: DeliveryState, message: int | None = None, error: str = ""
    ) -> None:
        await self._write(of, [PartChange(of, number, state, message, error)])

    async def settle(self, of: DeliveryId, state: DeliveryState, error: str, at: datetime) -> None:
        await self._write(of, [], Settled(of, state, error, at))

    async def postpone(self, of: DeliveryId, until: datetime, error: str, *, failed: bool) -> None:
        changes = [PartChange(of, 0, DeliveryState.PENDING, error=error)]
        await self._write(of, changes, Postponed(of, until, error, failed))

    async def _write(self, of: DeliveryId, changes: list[PartChange], *ends: Settled | Postponed) -> None:
        async with self._database.read() as connection:
            owner = await connection.scalar(sa.select(deliveries.c.lease_owner).where(deliveries.c.id == of))
        assert owner is not None
        await self._ledger.write(owner, [], changes, ends, NOW)


class ChangingStore(DeliveryStore):
    """While it plans, somebody changes his settings: after the first of the groups."""

    def __init__(self, database: Database, change: Callable[[], Awaitable[object]]) -> None:
        super().__init__(database)
        self._change: Callable[[], Awaitable[object]] | None = change

    async def plan_announcement(self, *args: Any, **kwargs: Any) -> int:
        number = await super().plan_announcement(*args, **kwargs)
        if self._change is not None:
            change, self._change = self._change, None
            await change()
        return number


def announcer(database: Database) -> Broadcaster:
    return broadcaster_over(database, DeliveryStore(database))


def broadcaster_over(database: Database, deliveries: DeliveryStore) -> Broadcaster:
    store, rows, audiences = AnnouncementStore(database), AnnouncementRows(database), AudienceStore(database)
    return Broadcaster(store, rows, audiences, deliveries, CategoryStore(database))


async def going(database: Database, chats: int = 3, **changed: str) -> Announcement:
    """Confirmed and planned, to that many chats."""
    store = AnnouncementStore(database)
    for chat in range(1, chats + 1):
        await active(PlaceStore(database), database, chat, **changed)
    draft = await store.draft(1, "Hello", None, [], NOW)
    await store.confirm(draft.id, NOW, by=1)
    await announcer(database).plan_confirmed(NOW)
    return await store.get(draft.id)


async def sent(database: Database, limit: int = 99) -> list[Delivery]:
    store = Worker(database)
    claimed = await store.claim("me", NOW, LEASE, limit)
    for one in claimed:
        await store.settle_part(one.id, 0, DeliveryState.SENT, 1000 + one.place.chat_id)
        await store.settle(one.id, DeliveryState.SENT, "", NOW)
    return list(claimed)


async def test_a_draft_keeps_everything(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("Hello"), NOW)
    await store.put_content(draft.id, "zh_CN", Content("你好", (("photo", "a"),)))
    await store.set_buttons(draft.id, [LinkButton("More", "https://example.com")])
    await store.set_audience(draft.id, Audience(languages=("en",), ids=(1, 2)))
    await store.set_timing(draft.id, Timing(When.AT, at=NOW))
    await store.set_options(draft.id, silent=True, pinned=True, paid=True, despite_quiet=True)
    await store.show_in(draft.id, 9, (7, 8))
    found = await store.get(draft.id)
    assert found.contents == {"": Content("Hello"), "zh_CN": Content("你好", (("photo", "a"),))}
    assert found.buttons == (LinkButton("More", "https://example.com"),)
    assert (found.audience, found.timing) == (Audience(languages=("en",), ids=(1, 2)), Timing(When.AT, at=NOW))
    assert (found.silent, found.pinned, found.card, found.previews) == (True, True, 9, (7, 8))
    assert (found.paid, found.despite_quiet) == (True, True)
    assert await store.drafts(5) == (found,)
    assert await store.drafts(6) == ()
    await store.put_content(draft.id, "", None)
    await store.put_content(draft.id, "zh_CN", None)
    assert (await store.get(draft.id)).contents.keys() == {"zh_CN"}, "the last text stays"
    with pytest.raises(NotFound):
        await store.put_content(AnnouncementId(99), "", Content("x"))


async def test_an_album_comes_in_piece_by_piece(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("", (("photo", "a"),), group="g"), NOW)
    await store.add_to_album(draft.id, "", Content("Words", (("photo", "b"),), group="g"), 10)
    assert await store.add_to_album(draft.id, "", Content("", (("photo", "c"),), group="other"), 10) is None
    assert (await store.get(draft.id)).first == Content("Words", (("photo", "a"), ("photo", "b")), group="g")


async def test_states_change_once(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("Hello"), NOW)
    assert await store.confirm(draft.id, NOW + HOUR, by=5, now=NOW)
    assert not await store.confirm(draft.id, NOW + HOUR, by=6, now=NOW)
    assert not await store.set_audience(draft.id, Audience())
    assert (await store.get(draft.id)).state is AnnouncementState.SCHEDULED
    assert await store.take_back(draft.id)
    assert not await store.take_back(draft.id)
    assert await store.take_over(draft.id, 6)
    assert await store.confirm(draft.id, NOW, by=6)
    assert not await store.take_over(draft.id, 5)
    assert await store.pause(draft.id, "why")
    assert not await store.pause(draft.id)
    assert (await store.get(draft.id)).reason == "why"
    assert await store.resume(draft.id, NOW)
    assert await store.stop(draft.id)
    assert not await store.resume(draft.id, NOW)
    assert [one.id for one in await store.unsettled()] == [draft.id]
    assert await store.finish(draft.id, NOW)
    assert (await store.get(draft.id)).state is AnnouncementState.CANCELLED
    assert await store.unsettled() == ()


async def test_an_album_is_full_at_ten(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("", (("photo", "0"),), group="g"), NOW)
    taken = [
        await store.add_to_album(draft.id, "", Content("", (("photo", str(number)),), group="g"), 10)
        for number in range(1, 13)
    ]
    assert [one is not None for one in taken] == [True] * 9 + [False] * 3
    assert [file for _, file in (await store.get(draft.id)).first.media] == [str(number) for number in range(10)]


async def test_spoilers_and_captions_above_are_kept_with_their_files(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("x", (("photo", "a"),), group="g", spoilers=(0,)), NOW)
    await store.add_to_album(draft.id, "", Content("", (("photo", "b"),), group="g"), 10)
    last = Content("", (("video", "c"),), group="g", spoilers=(0,), caption_above=True)
    await store.add_to_album(draft.id, "", last, 10)
    kept = (await store.get(draft.id)).first
    assert (kept.spoilers, kept.caption_above) == ((0, 2), True)
    part = (await store.get(draft.id)).part("")
    assert (part.spoilers, part.caption_above) == ((0, 2), True)


async def test_only_whose_draft_it_is_sends_or_discards_it(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("Hello"), NOW)
    assert not await store.confirm(draft.id, NOW, by=6, author=6)
    assert not await store.cancel(draft.id, author=6)
    assert not await store.take_over(draft.id, 7, author=6)
    assert await store.take_over(draft.id, 6, author=5)
    assert not await store.confirm(draft.id, NOW, by=5, author=5)
    assert not await store.cancel(draft.id, author=5)
    assert await store.confirm(draft.id, NOW + HOUR, by=6, now=NOW, author=6)
    assert await store.take_back(draft.id, by=5)
    assert (await store.get(draft.id)).author_id == 5


@pytest.mark.parametrize("attempt", range(5))
async def test_of_a_take_over_and_a_send_at_once_one_wins(database: Database, attempt: int) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("Hello"), NOW)
    deeds = [
        store.take_over(draft.id, 6, author=5),
        store.confirm(draft.id, NOW + attempt * HOUR, by=5, author=5),
        store.take_over(draft.id, 7, author=5),
        store.cancel(draft.id, author=5),
    ]
    won = await asyncio.gather(*deeds)
    assert sorted(won) == [False, False, False, True]
    one = await store.get(draft.id)
    assert (one.author_id == 5) == (won[1] or won[3])
    assert (one.state is AnnouncementState.DRAFT) == (won[0] or won[2])


async def test_a_list_without_what_was_discarded(database: Database) -> None:
    store = AnnouncementStore(database)
    made = [await store.create(5 + number % 2, Content(str(number)), NOW) for number in range(5)]
    await store.cancel(made[0].id)
    found, total = await store.page(0, 3)
    assert ([one.id for one in found], total) == ([made[4].id, made[3].id, made[2].id], 4)
    assert [one.id for one in (await store.page(0, 9, author_id=6))[0]] == [made[3].id, made[1].id]


async def test_who_is_reached(database: Database) -> None:
    places = PlaceStore(database)
    await active(places, database, 1)
    await active(places, database, 2, language="zh_CN")
    await active(places, database, -3, kind=PlaceKind.SUPERGROUP, timezone="Asia/Tokyo")
    await places.meet(newcomer(4), NOW)
    gone = await active(places, database, 5)
    await places.silence(gone.id, PlaceState.STOPPED)
    old = await places.find(2)
    assert old is not None
    await places.meet(newcomer(2), NOW - timedelta(days=9))
    store = AudienceStore(database)

    async def count(audience: Audience, categories: frozenset[CategoryId] | None = None) -> int:
        return sum((await store.languages(Recipients(audience, categories, NOW))).values())

    assert await count(Audience()) == 3
    assert await count(Audience(languages=("zh_CN",))) == 1
    assert await count(Audience(active_days=7)) == 2
    assert await count(Audience(kind=AudienceKind.PEOPLE)) == 2
    assert await count(Audience(kind=AudienceKind.CHATS)) == 1
    assert await count(Audience(ids=(1, 4, 5, 99))) == 2, "who is named is reached, unless he left"
    assert await count(Audience(), frozenset({CategoryId(1)})) == 3
    assert await count(Audience(ids=(1, 4)), frozenset({CategoryId(1)})) == 1
    assert await count(Audience(languages=("zh_CN",), kind=AudienceKind.CHATS)) == 0
    assert await store.hours(Recipients(Audience(), None, NOW)) == {("Asia/Tokyo", ""): 1, ("UTC", ""): 2}
    assert await store.known((1, 4, 99)) == {1, 4}


async def test_each_language_is_planned_with_its_text_and_each_zone_with_its_moment(database: Database) -> None:
    places, store, deliveries = PlaceStore(database), AnnouncementStore(database), Worker(database)
    await active(places, database, 1)
    await active(places, database, 2, language="zh_CN", timezone="Asia/Shanghai")
    await active(places, database, 3, language="fr", timezone="Asia/Shanghai")
    draft = await store.create(1, Content("Hello"), NOW)
    await store.put_content(draft.id, "zh_CN", Content("你好"))
    await store.set_timing(draft.id, Timing(When.LOCAL, time="08:00"))
    one = await store.get(draft.id)
    reach = await announcer(database).reach(one, NOW)
    assert (reach.chats, reach.first) == (3, NOW.replace(hour=8, minute=0))
    await store.confirm(draft.id, reach.first, by=1, now=NOW)
    assert await announcer(database).plan_confirmed(NOW) == 0
    for _ in range(2):
        assert await announcer(database).plan_confirmed(reach.first) == 1
    (first,) = await deliveries.claim("me", reach.first, LEASE, 9)
    assert first.place.chat_id == 1
    later = await deliveries.claim("me", NOW + timedelta(hours=17), LEASE, 9)
    found = {each.place.chat_id: await deliveries.rendering(each.rendering) for each in later}
    texts = {chat: each.parts[0].html for chat, each in found.items() if each}
    assert {chat: texts[chat] for chat in (2, 3)} == {2: "你好", 3: "Hello"}


@pytest.mark.parametrize("changed", [{"timezone": "UTC"}, {"timezone": "Asia/Tokyo"}, {"quiet": "01:00-02:00"}])
async def test_who_changes_his_clock_while_it_is_planned_is_not_left_out(
    database: Database, changed: dict[str, str]
) -> None:
    """To a zone whose chats are planned already, to one that nobody had, to quiet hours that nobody had."""
    places, store = PlaceStore(database), AnnouncementStore(database)
    await active(places, database, 1)
    mover = await active(places, database, 2, timezone="Asia/Shanghai")
    draft = await store.create(1, Content("Hello"), NOW)
    await store.set_timing(draft.id, Timing(When.LOCAL, time="08:00"))
    await store.confirm(draft.id, NOW, now=NOW)
    deliveries = ChangingStore(database, lambda: places.set_schedule(mover.id, NOW, **changed))
    await broadcaster_over(database, deliveries).plan_confirmed(NOW)
    assert sum((await deliveries.progress(draft.id)).values()) == 2
    assert (await store.get(draft.id)).planned_at == NOW


async def test_who_changes_his_language_while_it_is_planned_is_not_left_out(database: Database) -> None:
    places, store = PlaceStore(database), AnnouncementStore(database)
    await active(places, database, 1, language="zh_CN")
    mover = await active(places, database, 2)
    draft = await store.create(1, Content("Hello"), NOW)
    await store.put_content(draft.id, "zh_CN", Content("你好"))
    await store.confirm(draft.id, NOW, now=NOW)
    deliveries = ChangingStore(database, lambda: places.set_language(mover.id, "zh_CN"))
    await broadcaster_over(database, deliveries).plan_confirmed(NOW)
    assert sum((await deliveries.progress(draft.id)).values()) == 2


async def quiet_chats(database: Database, quiet: str = "06:00-09:00") -> Announcement:
    """One chat without quiet hours, and one in Shanghai (15:30 there) and one in UTC (07:30) with them."""
    places = PlaceStore(database)
    await active(places, database, 1)
    for chat, zone in ((2, "Asia/Shanghai"), (3, "UTC")):
        place = await active(places, database, chat, timezone=zone)
        await places.set_schedule(place.id, NOW, quiet=quiet)
    return await AnnouncementStore(database).create(1, Content("Hello"), NOW)


async def claimed_chats(database: Database, now: datetime) -> set[int]:
    """Those that get it now."""
    worker = Worker(database)
    claimed = await worker.claim("me", now, LEASE, 9)
    for one in claimed:
        await worker.settle(one.id, DeliveryState.SENT, "", now)
    return {one.place.chat_id for one in claimed}


async def test_quiet_hours_are_kept_chat_by_chat(database: Database) -> None:
    one, work = await quiet_chats(database), announcer(database)
    assert (await work.reach(one, NOW)).waiting == 1
    await AnnouncementStore(database).confirm(one.id, NOW)
    await work.plan_confirmed(NOW)
    assert sum((await DeliveryStore(database).progress(one.id)).values()) == 3
    assert await claimed_chats(database, NOW) == {1, 2}
    nine = NOW.replace(hour=9, minute=0)
    assert await AnnouncementRows(database).last_due(one.id) == nine
    assert await claimed_chats(database, nine - timedelta(seconds=1)) == set()
    (last,) = await Worker(database).claim("me", nine, LEASE, 9)
    assert (last.place.chat_id, last.resent_at) == (3, nine), "it is tried from then on as long as any"


async def test_an_admin_may_choose_that_it_comes_in_quiet_hours(database: Database) -> None:
    one, work, store = await quiet_chats(database), announcer(database), AnnouncementStore(database)
    await store.set_options(one.id, silent=False, pinned=False, paid=False, despite_quiet=True)
    one = await store.get(one.id)
    assert (await work.reach(one, NOW)).waiting == 0
    await store.confirm(one.id, NOW)
    await work.plan_confirmed(NOW)
    assert await claimed_chats(database, NOW) == {1, 2, 3}


async def test_a_local_time_in_quiet_hours_is_their_end(database: Database) -> None:
    one, work, store = await quiet_chats(database), announcer(database), AnnouncementStore(database)
    await store.set_timing(one.id, Timing(When.LOCAL, time="08:00"))
    one = await store.get(one.id)
    reach = await work.reach(one, NOW)
    assert (reach.first, reach.waiting) == (NOW.replace(hour=8, minute=0), 2)
    await store.confirm(one.id, reach.first, now=NOW)
    await work.plan_confirmed(reach.first)
    assert await claimed_chats(database, reach.first) == {1}
    assert await claimed_chats(database, NOW.replace(hour=9, minute=0)) == {3}
    assert await claimed_chats(database, NOW.replace(hour=9, minute=0) + timedelta(hours=16)) == {2}


async def test_an_announcement_whose_moment_is_to_come_keeps_no_digest_waiting(database: Database) -> None:
    one, work = await quiet_chats(database, "06:00-23:00"), announcer(database)
    await AnnouncementStore(database).confirm(one.id, NOW)
    await work.plan_confirmed(NOW)
    assert await claimed_chats(database, NOW) == {1}
    place = await PlaceStore(database).find(3)
    assert place is not None
    await DeliveryStore(database).commit([plan(place, slot=NOW + HOUR)], NOW + HOUR)
    (digest,) = await Worker(database).claim("me", NOW + HOUR, LEASE, 9)
    assert (digest.place.chat_id, digest.kind) == (3, DeliveryKind.DIGEST)


async def test_a_pause_holds_what_waits(database: Database) -> None:
    one, deliveries, work = await going(database), Worker(database), announcer(database)
    (claimed,) = await deliveries.claim("me", NOW, LEASE, 1)
    assert await work.pause(one.id)
    assert not await work.pause(one.id)
    assert await deliveries.claim("me", NOW + HOUR, LEASE, 9) != (), "what is under way is its worker's"
    await deliveries.postpone(claimed.id, NOW, "rate limit", failed=False)
    await work.align(await AnnouncementStore(database).get(one.id), NOW)
    assert await deliveries.progress(one.id) == {DeliveryState.PAUSED: 3}
    assert await deliveries.claim("me", NOW + HOUR, LEASE, 9) == ()
    assert await work.resume(one.id, NOW + HOUR)
    assert len(await deliveries.claim("me", NOW + HOUR, LEASE, 9)) == 3


async def test_what_is_only_claimed_can_be_held_and_stopped(database: Database) -> None:
    one, ledger, work = await going(database), LedgerStore(database), announcer(database)
    for act in (work.pause(one.id), work.stop(one.id, NOW)):
        first, *others = claimed = await ledger.claim("me", NOW, LEASE, 9)
        assert await ledger.write("me", [(first.id, 0)], [], [], NOW + LEASE) == {first.id}
        assert await act
        asked = [(each.id, 0) for each in others]
        assert await ledger.write("me", asked, [], [], NOW + LEASE) == frozenset(), "they must not be sent"
        counts = await DeliveryStore(database).progress(one.id)
        assert counts[DeliveryState.SENDING] == 1
        assert sum(counts.values()) == 3
        late = Settled(others[0].id, DeliveryState.SENT, "", NOW)
        change = PartChange(first.id, 0, DeliveryState.PENDING)
        await ledger.write("me", [], [change], [late, Postponed(first.id, NOW, "later", failed=False)], NOW)
        await work.resume(one.id, NOW)
        assert len(claimed) == 3
    assert await DeliveryStore(database).progress(one.id) == {DeliveryState.CANCELLED: 2, DeliveryState.PENDING: 1}


async def test_who_comes_late_with_a_pause_holds_nothing(database: Database) -> None:
    """The job that looks after it has read "paused" when an admin has it go on: nobody would let those rows go."""
    one, ledger, work = await going(database), LedgerStore(database), announcer(database)
    assert await work.pause(one.id)
    as_read = await AnnouncementStore(database).get(one.id)
    assert await work.resume(one.id, NOW)
    (claimed,) = await ledger.claim("me", NOW, LEASE, 1)
    await work.align(as_read, NOW)
    counts = await DeliveryStore(database).progress(one.id)
    assert counts == {DeliveryState.SENDING: 1, DeliveryState.PENDING: 2}
    assert await ledger.still_leased("me", [claimed.id]) == {claimed.id}


async def test_who_comes_late_with_a_stop_cancels_nothing(database: Database) -> None:
    one, deliveries, work = await going(database, 2), Worker(database), announcer(database)
    (claimed,) = await deliveries.claim("me", NOW, LEASE, 1)
    await deliveries.settle(claimed.id, DeliveryState.FAILED, "odd", NOW)
    assert await work.stop(one.id, NOW)
    as_read = await AnnouncementStore(database).get(one.id)
    assert await work.resend(one.id, NOW) == 1
    await work.align(as_read, NOW)
    assert await deliveries.progress(one.id) == {DeliveryState.PENDING: 1, DeliveryState.CANCELLED: 1}


async def test_what_was_to_go_on_when_the_program_died_goes_on(database: Database) -> None:
    one, store, work = await going(database), AnnouncementStore(database), announcer(database)
    assert await work.pause(one.id)
    assert await store.resume(one.id, NOW)
    assert await DeliveryStore(database).progress(one.id) == {DeliveryState.PAUSED: 3}
    await work.align(await store.get(one.id), NOW)
    assert await DeliveryStore(database).progress(one.id) == {DeliveryState.PENDING: 3}


async def test_a_stop_cancels_what_waits_and_what_comes_back(database: Database) -> None:
    one, deliveries, work = await going(database), Worker(database), announcer(database)
    (claimed,) = await deliveries.claim("me", NOW, LEASE, 1)
    assert await work.stop(one.id, NOW)
    assert await deliveries.progress(one.id) == {DeliveryState.SENDING: 1, DeliveryState.CANCELLED: 2}
    await deliveries.postpone(claimed.id, NOW, "rate limit", failed=False)
    await work.align(await AnnouncementStore(database).get(one.id), NOW)
    assert await deliveries.progress(one.id) == {DeliveryState.CANCELLED: 3}


async def test_failed_and_uncertain_go_once_more(database: Database) -> None:
    one, deliveries, work = await going(database, 4), Worker(database), announcer(database)
    first, second, third, fourth = await deliveries.claim("me", NOW, LEASE, 9)
    await deliveries.settle_part(first.id, 0, DeliveryState.SENT, 5)
    await deliveries.settle(first.id, DeliveryState.SENT, "", NOW)
    await deliveries.settle_part(second.id, 0, DeliveryState.UNCERTAIN, error="cut")
    await deliveries.settle(second.id, DeliveryState.UNCERTAIN, "cut", NOW)
    for each in (third, fourth):
        await deliveries.settle_part(each.id, 0, DeliveryState.FAILED, error="odd")
        await deliveries.settle(each.id, DeliveryState.FAILED, "odd", NOW)
    await PlaceStore(database).mark_lost(fourth.place.chat_id, "blocked")
    await AnnouncementStore(database).finish(one.id, NOW)
    assert await work.to_resend(one.id) == {DeliveryState.UNCERTAIN: 1, DeliveryState.FAILED: 1}
    assert await work.resend(one.id, NOW + HOUR) == 2
    again = await deliveries.claim("me", NOW + HOUR, LEASE, 9)
    assert {each.id for each in again} == {second.id, third.id}
    assert all(part.state is DeliveryState.PENDING for each in again for part in each.parts)
    assert (await AnnouncementStore(database).get(one.id)).state is AnnouncementState.SENDING
    outcomes = {row.chat_id: (row.state, row.reason) for row in await work.outcomes(one.id)}
    assert outcomes[first.place.chat_id] == (DeliveryState.SENT, "")
    assert outcomes[fourth.place.chat_id] == (DeliveryState.FAILED, "odd")


async def test_an_edit_has_a_row_a_copy_of_its_language(database: Database) -> None:
    one, copy_changes, store = await going(database), CopyChangeStore(database), AnnouncementStore(database)
    await sent(database, 2)
    await store.rewrite(one.id, "", Content("Hello!"))
    new = announcement_rendering(await store.get(one.id), "")
    await copy_changes.keep(new, NOW)
    change = await copy_changes.begin(one.id, CopyChangeKind.EDIT, 1, NOW, new.key)
    assert await copy_changes.progress(change.id) == {CopyState.PENDING: 2}
    assert not await copy_changes.catch_up(change, NOW)
    claimed = await copy_changes.claim(NOW, LEASE, 9)
    assert {(copy.chat_id, copy.messages) for copy in claimed} == {(1, (1001,)), (2, (1002,))}
    assert {copy.part.html for copy in claimed} == {"Hello!"}
    assert await copy_changes.claim(NOW, LEASE, 9) == (), "claimed ones come up again after their lease"
    assert len(await copy_changes.claim(NOW + LEASE, LEASE, 9)) == 2
    first, second = claimed
    await copy_changes.settle(first, CopyState.EDITED)
    await copy_changes.postpone(second, NOW + HOUR, "502", failed=True)
    (again,) = await copy_changes.claim(NOW + HOUR, LEASE, 9)
    assert again.attempts == 1
    await copy_changes.settle(again, CopyState.FAILED, "odd")
    assert await copy_changes.progress(change.id) == {CopyState.EDITED: 1, CopyState.FAILED: 1}
    # What had not gone yet goes with the new text; once it went, it is no copy to be changed.
    (last,) = await sent(database)
    assert last.rendering == new.key
    assert not await copy_changes.catch_up(change, NOW)
    assert await copy_changes.finish(change.id, NOW)
    assert await copy_changes.open() == ()


async def test_a_recall_overtakes_an_edit_and_waits_for_what_is_on_the_line(database: Database) -> None:
    one, copy_changes, store = await going(database), CopyChangeStore(database), AnnouncementStore(database)
    await sent(database, 1)
    await AnnouncementRows(database).keep_album(1, (7, 8, 9))
    new = announcement_rendering(replace(one, contents={"": Content("New")}), "")
    await copy_changes.keep(new, NOW)
    edit = await copy_changes.begin(one.id, CopyChangeKind.EDIT, 1, NOW, new.key)
    (on_the_line,) = await Worker(database).claim("me", NOW, LEASE, 1)
    await store.stop(one.id)
    recall = await copy_changes.begin(one.id, CopyChangeKind.RECALL, 1, NOW)
    assert await copy_changes.progress(edit.id) == {CopyState.CANCELLED: 1}
    assert await copy_changes.recalled(one.id)
    assert await copy_changes.catch_up(recall, NOW), "one may still arrive"
    await Worker(database).settle_part(on_the_line.id, 0, DeliveryState.SENT, 50)
    await Worker(database).settle(on_the_line.id, DeliveryState.SENT, "", NOW)
    assert await copy_changes.catch_up(recall, NOW)
    assert not await copy_changes.catch_up(recall, NOW)
    assert {copy.messages for copy in await copy_changes.claim(NOW, LEASE, 9)} == {(7, 8, 9), (50,)}


async def test_roles(database: Database) -> None:
    people = PeopleStore(database)
    await people.make_owner(1, NOW)
    await people.grant(2, Role.EDITOR, NOW)
    await people.grant(3, Role.ADMIN, NOW)
    assert await people.roles() == {1: Role.OWNER, 2: Role.EDITOR, 3: Role.ADMIN}
    assert await people.admins() == {1, 3}
    await people.grant(2, Role.ADMIN, NOW)
    assert await people.revoke(3)
    assert not await people.revoke(3)
    assert await people.admins() == {1, 2}


async def test_the_audit_log_has_the_newest_first(database: Database) -> None:
    log = AuditLog(database)
    for number in range(3):
        await log.add(number, AuditAct.PAUSE, {"announcement": number}, NOW)
    entries, total = await log.page(1, 1)
    assert total == 3
    (entry,) = entries
    assert (entry.user_id, entry.act, entry.details, entry.at) == (1, AuditAct.PAUSE, {"announcement": 1}, NOW)
