"""A digest as a rich message, where that is refused: the same digest in the layout that every client shows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from digests.errors import StorageError
from digests.model.delivery import Delivery, DeliveryState, Part, Rendering, RichText
from digests.model.digest import Window
from digests.model.ids import DeliveryId
from digests.model.layout import Layout
from digests.model.outcome import (
    BadMarkup,
    BadPicture,
    Form,
    Outcome,
    OwnPictureRefused,
    Refused,
    Unknown,
    Unreachable,
    Unsupported,
    Wait,
)
from digests.model.place import Place, PlaceKind
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plan import Plan, StoredRendering
from digests.storage.deliveries.results import Replaced
from digests.storage.deliveries.rows import part_hashes
from tests.factories.places import new_place
from tests.fakes import FakeSender
from tests.flow.delivery_harness import EIGHT, DeliveryHarness

RICH = Part("", rich=RichText("<h1>News</h1>", ()))
GALLERY = Rendering("gallery", (Part("first"), Part("second")), layout=Layout.GALLERY)
MAGAZINE = Rendering("magazine", (RICH,), layout=Layout.MAGAZINE, fallback="gallery")


class Telegram(FakeSender):
    """A sender that refuses rich messages with an outcome, the first `times`."""

    def __init__(self, outcome: Outcome, times: int = 10**9) -> None:
        super().__init__(self._refuse)
        self._outcome, self._left = outcome, times

    def _refuse(self, _delivery: Delivery, part: Part, form: Form) -> Outcome | None:
        if part.rich is None or form is Form.PLAIN or not self._left:
            return None
        self._left -= 1
        return self._outcome


async def planned(
    harness: DeliveryHarness, rendering: Rendering = MAGAZINE, **changes: object
) -> tuple[DeliveryId, Place]:
    """Plan a magazine for a reader who chose it."""
    place = await harness.places.meet(new_place(1, **changes), harness.clock.now())
    place = await harness.places.set_schedule(place.id, harness.clock.now(), layout=Layout.MAGAZINE)
    fallback = GALLERY if rendering.fallback else None
    stored = StoredRendering(rendering.key, part_hashes(rendering), rendering, fallback)
    window = Window(place.window_from, place.window_from)
    (made,) = await harness.deliveries.commit([Plan(place.id, window, EIGHT, None, stored)], harness.clock.now())
    return made, place


async def place_of(harness: DeliveryHarness) -> Place:
    found = await harness.places.find(1)
    assert found is not None
    return found


async def test_a_refused_magazine_becomes_a_gallery_for_good(harness: DeliveryHarness) -> None:
    made, _ = await planned(harness)
    harness.use_sender(Telegram(Unsupported("RICH_MESSAGE_UNSUPPORTED")))
    assert await harness.worker.deliver_due() == 1
    assert [part.html for part in harness.sender.sent] == ["first", "second"]
    assert len(harness.sender.tried) == 3
    place = await place_of(harness)
    assert (place.layout, place.refuses_magazine) == (Layout.GALLERY, True)
    delivery = await harness.deliveries.get(made)
    assert delivery is not None
    assert (delivery.rendering, delivery.state, delivery.attempts) == ("gallery", DeliveryState.SENT, 0)
    assert [row.state for row in delivery.parts] == [DeliveryState.SENT] * 2


async def test_what_was_planned_before_the_refusal_is_not_even_tried(harness: DeliveryHarness) -> None:
    _, place = await planned(harness)
    await planned(harness, replace(MAGAZINE, key="next"))
    harness.use_sender(Telegram(Unsupported("RICH_MESSAGE_UNSUPPORTED")))
    while await harness.worker.deliver_due():
        pass
    assert [part.html for part in harness.sender.sent] == ["first", "second"] * 2
    assert [part.html for part in harness.sender.tried].count("") == 1
    assert (await place_of(harness)).id == place.id


@pytest.mark.parametrize("outcome", [BadMarkup("can't parse"), Refused("???"), BadPicture("x")])
async def test_another_refusal_falls_back_only_this_time(harness: DeliveryHarness, outcome: Outcome) -> None:
    await planned(harness)
    harness.use_sender(Telegram(outcome))
    await harness.worker.deliver_due()
    assert [part.html for part in harness.sender.sent] == ["first", "second"]
    place = await place_of(harness)
    assert (place.layout, place.refuses_magazine) == (Layout.MAGAZINE, False)


@pytest.mark.parametrize("kind", [PlaceKind.GROUP, PlaceKind.SUPERGROUP])
async def test_groups_are_never_sent_a_rich_message(harness: DeliveryHarness, kind: PlaceKind) -> None:
    await planned(harness, kind=kind)
    await harness.worker.deliver_due()
    assert [part.html for part in harness.sender.tried] == ["first", "second"]


async def test_a_magazine_without_a_fallback_is_sent_as_plain_text(harness: DeliveryHarness) -> None:
    await planned(harness, replace(MAGAZINE, fallback=""))
    harness.use_sender(Telegram(Unsupported("RICH_MESSAGE_UNSUPPORTED")))
    await harness.worker.deliver_due()
    assert [part.form for part in harness.sender.sent] == [Form.PLAIN]
    assert await harness.counts() == {DeliveryState.SENT: 1}


async def test_after_a_part_that_arrived_nothing_is_sent_twice(harness: DeliveryHarness) -> None:
    await planned(harness, replace(MAGAZINE, parts=(Part("above"), RICH)))
    harness.use_sender(Telegram(Unsupported("RICH_MESSAGE_UNSUPPORTED")))
    await harness.worker.deliver_due()
    assert [(part.html, part.form) for part in harness.sender.sent] == [("above", Form.WHOLE), ("", Form.PLAIN)]
    assert (await place_of(harness)).layout is Layout.MAGAZINE


@pytest.mark.parametrize("outcome", [Unreachable("blocked"), Wait(30), Unknown("cut")])
async def test_what_says_nothing_of_the_form_keeps_the_magazine(harness: DeliveryHarness, outcome: Outcome) -> None:
    made, _ = await planned(harness)
    harness.use_sender(Telegram(outcome, times=1))
    await harness.worker.deliver_due()
    delivery = await harness.deliveries.get(made)
    assert delivery is not None
    assert delivery.rendering == "magazine"
    assert not delivery.place.refuses_magazine


async def test_the_same_part_is_sent_again_after_its_picture_was_seen_to(harness: DeliveryHarness) -> None:
    await planned(harness)
    harness.use_sender(Telegram(OwnPictureRefused("IMAGE_PROCESS_FAILED"), times=3))
    await harness.worker.deliver_due()
    assert [part.form for part in harness.sender.tried] == [Form.WHOLE] * 4
    assert await harness.counts() == {DeliveryState.SENT: 1}


class Failing(LedgerStore):
    """A ledger that can't be written to, or never comes to it, when a delivery is to fall back."""

    failures = 0
    hangs = False

    async def replace(self, owner: str, replaced: Replaced, lease_until: datetime) -> bool:
        if self.failures:
            self.failures -= 1
            raise StorageError("locked")
        if self.hangs:
            self.hangs = False
            await asyncio.sleep(60)
        return await super().replace(owner, replaced, lease_until)


async def test_a_locked_database_only_delays_the_fallback(harness: DeliveryHarness) -> None:
    await planned(harness)
    ledger = harness.ledger = Failing(harness.database)
    ledger.failures = 2
    harness.use_sender(Telegram(Unsupported("RICH_X")))
    await harness.worker.deliver_due()
    assert [part.html for part in harness.sender.sent] == ["first", "second"]


async def test_a_process_that_dies_before_the_fallback_is_stored_loses_and_doubles_nothing(
    harness: DeliveryHarness,
) -> None:
    made, _ = await planned(harness)
    ledger = harness.ledger = Failing(harness.database)
    ledger.hangs = True
    harness.use_sender(Telegram(Unsupported("RICH_X")))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await harness.worker.deliver_due()
    assert harness.sender.sent == []
    await ledger.release_all()
    await harness.new_worker().deliver_due()
    delivery = await harness.deliveries.get(made)
    assert delivery is not None
    # Nobody can know after the crash that it was refused.
    assert (delivery.state, [row.state for row in delivery.parts]) == (
        DeliveryState.UNCERTAIN,
        [DeliveryState.UNCERTAIN],
    )
    await ledger.resend_uncertain(harness.clock.now())
    await harness.new_worker().deliver_due()
    assert [part.html for part in harness.sender.sent] == ["first", "second"]


async def test_a_process_that_dies_after_the_fallback_is_stored_goes_on_with_it(harness: DeliveryHarness) -> None:
    made, place = await planned(harness)
    (claimed,) = await harness.ledger.claim("gone", harness.clock.now(), EIGHT - harness.clock.now(), 10)
    replaced = Replaced(made, place.id, "magazine", "gallery", part_hashes(GALLERY), for_good=True)
    await harness.ledger.write("gone", [(made, 0)], [], [], EIGHT)
    assert await harness.ledger.replace("gone", replaced, EIGHT)
    await harness.ledger.release_all()
    await harness.worker.deliver_due()
    assert claimed.id == made
    assert [part.html for part in harness.sender.tried] == ["first", "second"]
    assert await harness.counts() == {DeliveryState.SENT: 1}


async def test_every_try_extends_the_lease(harness: DeliveryHarness) -> None:
    await planned(harness)
    begun = list[datetime]()

    class Watched(LedgerStore):
        async def write(self, *arguments: Any) -> frozenset[DeliveryId]:
            if arguments[1]:
                begun.append(arguments[4])
            return await super().write(*arguments)

    harness.ledger = Watched(harness.database)

    class Slow(Telegram):
        async def send(self, *arguments: Any, **more: Any) -> Outcome:
            harness.clock.move(timedelta(minutes=1))
            return await super().send(*arguments, **more)

    harness.use_sender(Slow(OwnPictureRefused("IMAGE_PROCESS_FAILED"), times=5))
    await harness.worker.deliver_due()
    assert len(begun) == 6
    assert begun[5] - begun[0] == timedelta(minutes=5)
    assert await harness.counts() == {DeliveryState.SENT: 1}
