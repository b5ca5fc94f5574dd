"""Look-ups that find nothing, or are too old; and what is left of a digest."""

from __future__ import annotations

from bot.callbacks import FoundButton, ListingButton, MoreButton, SubscribeButton
from bot.handlers.articles import listings, search
from bot.handlers.readers import categories, digests
from digests.model.delivery import Delivery
from digests.model.ids import DeliveryId
from tests.unit.handlers.harness import KIM, HandlerHarness

GONE = 999
"""The id of no category and of no delivery."""


async def test_a_search_without_words_says_how_to_search(harness: HandlerHarness) -> None:
    await search.search(await harness.written(), harness.readers.look_up)
    (shown,) = harness.telegram.shown
    assert "/search moon" in shown.text


async def test_a_misspelled_search_offers_the_right_spelling(harness: HandlerHarness) -> None:
    await harness.publish("The telescope sees a comet")
    await search.search(await harness.written("telescpoe"), harness.readers.look_up)
    (shown,) = harness.telegram.shown
    (pressed,) = shown.buttons.values()
    assert isinstance(pressed, FoundButton)
    await search.found_pressed(await harness.pressed(pressed), harness.readers.look_up, pressed)
    assert "The telescope sees a comet" in harness.telegram.shown[-1].text


async def test_words_that_nothing_resembles_get_no_buttons(harness: HandlerHarness) -> None:
    await harness.publish("News")
    await search.search(await harness.written("<qqqq>"), harness.readers.look_up)
    (shown,) = harness.telegram.shown
    assert "“&lt;qqqq&gt;”" in shown.text
    assert not shown.buttons


async def test_another_chats_search_cannot_be_paged_through(harness: HandlerHarness) -> None:
    await harness.publish("News of the moon", "More of the moon")
    await search.search(await harness.written("moon"), harness.readers.look_up)
    token = await harness.stores.people.keep_lookup(KIM["id"], "moon", harness.clock.now())
    pressed = FoundButton(token)
    await search.found_pressed(await harness.pressed(pressed), harness.readers.look_up, pressed)
    assert "expired" in harness.telegram.shown[-1].text


async def test_the_list_of_a_category_that_is_not_followed_offers_to_follow_it(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    await categories.category(await harness.written("science"), harness.readers)
    await harness.follow(science)
    await categories.category(await harness.written("science"), harness.readers)
    before, after = harness.telegram.shown
    assert SubscribeButton(science.id) in before.buttons.values()
    assert SubscribeButton(science.id) not in after.buttons.values()


async def test_the_list_of_a_category_that_is_gone(harness: HandlerHarness) -> None:
    pressed = ListingButton("c", GONE)
    await listings.listing_pressed(await harness.pressed(pressed), harness.readers.look_up, pressed)
    (shown,) = harness.telegram.shown
    assert "/categories" in shown.text


async def test_a_digest_on_demand_holds_nothing_twice(harness: HandlerHarness) -> None:
    await harness.follow(await harness.publish("A moon landing"))
    await digests.digest(await harness.written(), harness.readers)
    await digests.digest(await harness.written(), harness.readers)
    first, second = harness.telegram.shown
    assert "A moon landing" in first.text
    assert second.text.startswith("Nothing new in your categories")


async def digest_with_a_rest(harness: HandlerHarness) -> Delivery:
    """Send Robin a digest from which two articles were left out, and return its delivery."""
    await harness.follow(await harness.publish("An earlier title"))
    await digests.digest(await harness.written(), harness.readers)
    # The very first digest holds less, and has no rest.
    limit = harness.readers.options.rest_size
    await harness.publish(*[f"Title {number}" for number in range(limit + 2)])
    await digests.digest(await harness.written(), harness.readers)
    (button,) = (button for button in harness.telegram.shown[-1].buttons.values() if isinstance(button, MoreButton))
    delivery = await harness.stores.deliveries.get(DeliveryId(button.delivery))
    assert delivery is not None
    return delivery


async def test_the_rest_of_a_digest_comes_and_its_button_goes(harness: HandlerHarness) -> None:
    delivery = await digest_with_a_rest(harness)
    pressed = MoreButton(delivery.id)
    await digests.more(await harness.pressed(pressed), harness.readers, pressed)
    (edit,) = harness.telegram.called("editMessageReplyMarkup")
    assert not edit.buttons
    assert harness.telegram.shown[-1].text.count("Title ") == 2


async def test_of_two_who_press_at_once_only_the_first_gets_the_rest(harness: HandlerHarness) -> None:
    delivery = await digest_with_a_rest(harness)
    messages = len(harness.telegram.shown)
    harness.telegram.refuse("editMessageReplyMarkup", "Bad Request: message is not modified")
    pressed = MoreButton(delivery.id)
    await digests.more(await harness.pressed(pressed), harness.readers, pressed)
    assert len(harness.telegram.shown) == messages


async def test_the_rest_of_another_chats_digest_stays_there(harness: HandlerHarness) -> None:
    delivery = await digest_with_a_rest(harness)
    messages = len(harness.telegram.shown)
    pressed = MoreButton(delivery.id)
    await digests.more(await harness.pressed(pressed, by=KIM), harness.readers, pressed)
    assert len(harness.telegram.shown) == messages
    (answer,) = harness.telegram.answers
    assert "/latest" in answer.text
