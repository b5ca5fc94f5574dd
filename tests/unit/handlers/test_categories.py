"""Categories: ticked, named, mistyped, and gone."""

from __future__ import annotations

from bot.callbacks import TICK, UNTICK, BrowseButton, FinishButton, ListingButton, SubscribeButton, ToggleButton
from bot.handlers.readers import categories, choosing, following, start
from digests.model.place import PlaceState
from tests.unit.handlers.harness import GROUP, HandlerHarness

GONE = 999
"""The id of no category."""


async def test_a_category_is_ticked_once_however_often_it_is_tapped(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    pressed = ToggleButton(science.id, to=TICK)
    for _ in range(2):
        await choosing.toggle(await harness.pressed(pressed), harness.readers, pressed)
    assert await harness.readers.subscriptions.of(await harness.place()) == {science.id}
    assert [answer.text for answer in harness.telegram.answers] == ["+ Science"]


async def test_the_new_keyboard_offers_to_untick(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    pressed = ToggleButton(science.id, to=TICK)
    await choosing.toggle(await harness.pressed(pressed), harness.readers, pressed)
    (shown,) = harness.telegram.shown
    assert ToggleButton(science.id, to=UNTICK) in shown.buttons.values()


async def test_a_category_that_is_gone_is_not_followed(harness: HandlerHarness) -> None:
    pressed = SubscribeButton(GONE)
    await following.subscribe_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert not await harness.readers.subscriptions.of(await harness.place())
    assert len(harness.telegram.answers) == 1


async def test_members_do_not_tick_for_their_group(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    pressed = ToggleButton(science.id, to=TICK)
    context = await harness.pressed(pressed, chat=GROUP)
    await choosing.toggle(context, harness.readers, pressed)
    assert not await harness.readers.subscriptions.of(context.place)
    (answer,) = harness.telegram.answers
    assert answer.fields["show_alert"]


async def test_a_name_of_several_categories_is_asked_for(harness: HandlerHarness) -> None:
    moons = [await harness.publish(path[0], categories=path) for path in (("Science", "Moon"), ("Culture", "Moon"))]
    await following.subscribe(await harness.written("moon"), harness.readers)
    assert not await harness.readers.subscriptions.of(await harness.place())
    (shown,) = harness.telegram.shown
    assert set(shown.buttons.values()) == {SubscribeButton(moon.id) for moon in moons}


async def test_a_mistyped_name_gets_similar_ones(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    await categories.categories(await harness.written("Sciense"), harness.readers)
    (shown,) = harness.telegram.shown
    assert list(shown.buttons.values()) == [ListingButton("c", science.id)]


async def test_a_name_like_none_gets_no_choice(harness: HandlerHarness) -> None:
    await harness.publish("News")
    await following.subscribe(await harness.written("<xyzzy>"), harness.readers)
    (shown,) = harness.telegram.shown
    assert "“&lt;xyzzy&gt;”" in shown.text
    assert not shown.buttons


async def test_a_category_is_followed_by_its_name_and_once(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    for _ in range(2):
        await following.subscribe(await harness.written("science"), harness.readers)
    place = await harness.place()
    assert await harness.readers.subscriptions.of(place) == {science.id}
    assert place.state is PlaceState.ACTIVE
    assert "You now follow <b>Science</b>" in harness.telegram.shown[0].text
    assert "You already follow <b>Science</b>" in harness.telegram.shown[1].text


async def test_unsubscribing_from_what_is_not_followed_shows_what_is(harness: HandlerHarness) -> None:
    await harness.follow(await harness.publish("News"))
    await following.unsubscribe(await harness.written("Sport"), harness.readers)
    (shown,) = harness.telegram.shown
    assert "“Sport”" in shown.text
    assert any("Science" in label for label in shown.buttons)


async def test_without_articles_there_is_nothing_to_tick(harness: HandlerHarness) -> None:
    await categories.categories(await harness.written(), harness.readers)
    (shown,) = harness.telegram.shown
    assert not shown.buttons


async def test_the_first_meeting_introduces_the_bot(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    await start.start(await harness.written(), harness.readers)
    (shown,) = harness.telegram.shown
    assert shown.text.startswith("👋 <b>Hello, Robin!</b>")
    assert ToggleButton(science.id, setup=1, to=TICK) in shown.buttons.values()
    assert FinishButton() in shown.buttons.values()


async def test_nobody_finishes_without_a_category(harness: HandlerHarness) -> None:
    await harness.publish("News")
    await start.finish(await harness.pressed(FinishButton()), harness.readers, FinishButton())
    assert (await harness.place()).state is PlaceState.NEW
    (answer,) = harness.telegram.answers
    assert answer.fields["show_alert"]


async def test_finishing_brings_the_first_digest_at_once(harness: HandlerHarness) -> None:
    science = await harness.publish("A moon landing")
    pressed = ToggleButton(science.id, setup=1, to=TICK)
    await choosing.toggle(await harness.pressed(pressed), harness.readers, pressed)
    await start.finish(await harness.pressed(FinishButton()), harness.readers, FinishButton())
    assert (await harness.place()).state is PlaceState.ACTIVE
    *_, digest, question = harness.telegram.shown
    assert "A moon landing" in digest.text
    assert "What time is it where you are?" in question.text


async def test_whoever_comes_back_finds_their_choices(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    place = await harness.follow(science)
    await harness.readers.subscriptions.stop(place)
    await start.start(await harness.written(), harness.readers)
    assert (await harness.place()).state is PlaceState.ACTIVE
    (shown,) = harness.telegram.shown
    assert "Welcome back!" in shown.text
    assert BrowseButton() in shown.buttons.values()
