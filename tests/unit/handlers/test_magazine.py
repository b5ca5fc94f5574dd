"""The magazine: tried with a digest of one's own, chosen by whoever sees it, and pressed at all the wrong times."""

from __future__ import annotations

import pytest

from bot.callbacks import SeenMagazineButton, SetLayoutButton, TryMagazineButton
from bot.handlers.readers import layouts, magazine
from digests.model.delivery import Delivery
from digests.model.ids import DeliveryId
from digests.model.layout import Layout
from digests.storage.deliveries.plans import DeliveryStore
from tests.factories.times import DAY, HOUR
from tests.unit.handlers.harness import GROUP, KIM, ROBIN, HandlerHarness, RawUser


async def digest_of(harness: HandlerHarness, *titles: str, by: RawUser = ROBIN) -> DeliveryId:
    """Have a person get a digest of these articles."""
    place = await harness.follow(await harness.publish(*titles), by)
    delivery = await harness.readers.subscriptions.digest_now(place, harness.clock.now())
    assert delivery is not None
    await harness.readers.delivery_worker.deliver_due([delivery])
    harness.telegram.calls.clear()
    return delivery


async def trials(harness: HandlerHarness, by: RawUser = ROBIN) -> list[Delivery]:
    """Return what was sent after the first digest, the oldest first."""
    store: DeliveryStore = harness.stores.deliveries
    ids = await store.latest_digests((await harness.place(by)).id, 10)
    found = [await store.get(delivery) for delivery in sorted(ids)[1:]]
    return [delivery for delivery in found if delivery is not None]


async def press_try(harness: HandlerHarness, delivery: int, **how: object) -> None:
    pressed = TryMagazineButton(delivery)
    await magazine.try_pressed(await harness.pressed(pressed, **how), harness.readers, pressed)  # type: ignore[arg-type]


async def press_seen(harness: HandlerHarness, seen: int, **how: object) -> None:
    pressed = SeenMagazineButton(seen)
    await magazine.seen_pressed(await harness.pressed(pressed, **how), harness.readers, pressed)  # type: ignore[arg-type]
    await harness.parts.chats.screens.settle()


async def test_the_offer_shows_the_same_digest_as_a_magazine_and_asks(harness: HandlerHarness) -> None:
    delivery = await digest_of(harness, "Moon", "Mars")
    await press_try(harness, delivery)
    (trial,) = await trials(harness)
    rendering = await harness.stores.deliveries.rendering(trial.rendering)
    assert rendering is not None
    assert rendering.layout is Layout.MAGAZINE
    *shown, question = rendering.parts
    html = "".join(part.rich.html for part in shown if part.rich is not None)
    assert "Moon" in html
    assert "Mars" in html
    assert question.asks_magazine
    assert "Do you see" in question.html
    assert list(harness.telegram.shown[-1].buttons) == ["👀 I can see it", "◻️ It is blank: back"]
    # The offer is gone, and nothing is chosen yet.
    assert harness.telegram.called("editMessageReplyMarkup")
    assert (await harness.place()).layout is Layout.GALLERY


async def test_pressing_the_offer_twice_shows_one_magazine(harness: HandlerHarness) -> None:
    delivery = await digest_of(harness, "Moon")
    await press_try(harness, delivery)
    harness.telegram.refuse("editMessageReplyMarkup", "Bad Request: message is not modified")
    await press_try(harness, delivery)
    sent = [call for call in harness.telegram.shown if "Do you see" in call.text]
    assert len(sent) == 1


async def test_an_offer_below_a_message_that_is_gone_still_works(harness: HandlerHarness) -> None:
    delivery = await digest_of(harness, "Moon")
    await press_try(harness, delivery, is_gone=True)
    assert len(await trials(harness)) == 1


@pytest.mark.parametrize("delivery", [99, 10**14])
async def test_an_offer_whose_digest_is_gone_says_so(harness: HandlerHarness, delivery: int) -> None:
    await digest_of(harness, "Moon")
    await press_try(harness, delivery)
    (answer,) = harness.telegram.answers
    assert "too old" in answer.text
    assert not harness.telegram.shown


async def test_an_offer_whose_articles_were_withdrawn_says_so(harness: HandlerHarness) -> None:
    delivery = await digest_of(harness, "Moon")
    for article in (
        await harness.readers.look_up.lookup.find("Moon", await harness.stores.categories.readers_tree(), 5)
    ).hits:
        await harness.admins.curation.withdraw(article.article.id, recall=False, report_chat=ROBIN["id"])
    await press_try(harness, delivery)
    (answer,) = harness.telegram.answers
    assert "too old" in answer.text


async def test_the_digest_of_somebody_else_is_not_shown(harness: HandlerHarness) -> None:
    """A modified client can send anything."""
    delivery = await digest_of(harness, "Moon", by=KIM)
    await press_try(harness, delivery)
    assert "too old" in harness.telegram.answers[0].text
    assert not harness.telegram.shown


async def test_no_magazine_is_shown_in_a_group(harness: HandlerHarness) -> None:
    delivery = await digest_of(harness, "Moon")
    harness.telegram.member_status = "administrator"
    await press_try(harness, delivery, chat=GROUP)
    assert "private chats" in harness.telegram.answers[0].text
    await press_seen(harness, 1, chat=GROUP)
    assert not harness.telegram.shown
    group = await harness.stores.places.find(GROUP["id"])
    assert group is not None
    assert group.layout is Layout.GALLERY


async def test_whoever_sees_the_magazine_gets_it_from_then_on(harness: HandlerHarness) -> None:
    delivery = await digest_of(harness, "Moon")
    for _ in range(2):
        await press_seen(harness, 1)
        assert (await harness.place()).layout is Layout.MAGAZINE
        assert "/settings" in harness.telegram.shown[-1].text
    # The offer of an older digest, pressed long after.
    await press_try(harness, delivery)
    assert "already is a magazine" in harness.telegram.answers[-1].text
    assert not await trials(harness)


async def test_where_it_is_blank_everything_stays(harness: HandlerHarness) -> None:
    place = await harness.follow(await harness.publish("Moon"))
    await harness.readers.subscriptions.reschedule(place, harness.clock.now(), layout=Layout.LIST)
    await press_seen(harness, 0)
    assert (await harness.place()).layout is Layout.LIST
    assert "Nothing has changed" in harness.telegram.shown[-1].text
    assert not harness.telegram.shown[-1].buttons


async def test_blank_leads_back_from_a_magazine_that_was_chosen(harness: HandlerHarness) -> None:
    await press_seen(harness, 1)
    await press_seen(harness, 0)
    assert (await harness.place()).layout is Layout.GALLERY
    assert "no longer a magazine" in harness.telegram.shown[-1].text


async def test_choosing_the_magazine_tries_it_first(harness: HandlerHarness) -> None:
    await digest_of(harness, "Moon")
    pressed = SetLayoutButton("magazine")
    for _ in range(2):
        for _ in range(3):
            await layouts.layout_pressed(await harness.pressed(pressed), harness.readers, pressed)
        assert "just got your digest as a magazine" in harness.telegram.answers[-1].text
        harness.clock.move(HOUR)
    assert (await harness.place()).layout is Layout.GALLERY
    # Every time the same digest, and not the trial of it.
    found = [await harness.stores.deliveries.rendering(trial.rendering) for trial in await trials(harness)]
    assert [len(rendering.items) for rendering in found if rendering is not None] == [1, 1]


async def test_without_any_digest_there_is_nothing_to_try_it_with(harness: HandlerHarness) -> None:
    pressed = SetLayoutButton("magazine")
    await layouts.layout_pressed(await harness.pressed(pressed), harness.readers, pressed)
    (answer,) = harness.telegram.answers
    assert "you had none yet" in answer.text
    assert answer.fields["show_alert"]
    assert (await harness.place()).layout is Layout.GALLERY


async def test_after_a_refusal_only_choosing_it_tries_again(harness: HandlerHarness) -> None:
    delivery = await digest_of(harness, "Moon")
    place = await harness.place()
    await harness.readers.subscriptions.reschedule(place, harness.clock.now(), refuses_magazine=True)
    await press_try(harness, delivery)
    assert "can't show a magazine" in harness.telegram.answers[0].text
    assert not await trials(harness)
    harness.clock.move(DAY)
    pressed = SetLayoutButton("magazine")
    await layouts.layout_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert len(await trials(harness)) == 1
