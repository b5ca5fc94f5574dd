"""/feeds: the list, a feed by itself, and what can be done with it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.callbacks import (
    TICK,
    UNTICK,
    Button,
    FeedButton,
    FeedsButton,
    FullTextButton,
    LookAgainButton,
    PauseFeedButton,
    PlaceFeedButton,
    RemoveFeedButton,
    RestoreFeedButton,
    SearchFeedsButton,
)
from bot.handlers.admins.feeds.table import feeds
from digests.ingest.items import take_in_items
from digests.model.audit import AuditAct
from digests.model.dialogs import AwaitedReply, Question
from digests.model.feed import Feed, FeedFault, FeedLook, FeedOptions, FeedTrouble
from tests.factories.feeds import add_feed, feed_item, feed_state
from tests.factories.times import DAY, HOUR, NOW
from tests.fakes import TelegramCall
from tests.queries import counting
from tests.unit.handlers.harness import ADA, HandlerHarness


async def say(harness: HandlerHarness, text: str = "") -> TelegramCall:
    """Say /feeds and return what is shown in the end."""
    await feeds(await harness.written(text, by=ADA), harness.feeds)
    await harness.settle()
    return harness.telegram.shown[-1]


async def press(harness: HandlerHarness, button: Button, **more: Any) -> TelegramCall:
    """Press a button and return what is shown in the end."""
    context = await harness.pressed(button, by=ADA, **more)
    await harness.routes.presses.route(button).run(context, button)
    await harness.settle()
    return harness.telegram.shown[-1]


async def stored(harness: HandlerHarness, feed: Feed) -> Feed:
    found = await harness.stores.feeds.find(feed.id)
    assert found is not None
    return found


# The list


async def test_an_empty_list_says_how_to_add_one(harness: HandlerHarness) -> None:
    shown = await say(harness)
    assert "/feeds example" in shown.text
    assert "+ Add" in shown.buttons
    assert "📤 Export" not in shown.buttons


async def test_those_with_trouble_come_first_and_each_says_how_it_is(harness: HandlerHarness) -> None:
    database = harness.stores.database
    fine = feed_state(read_at=NOW, looked_at=NOW, news_at=NOW - HOUR, next_look_at=NOW + HOUR)
    failing = feed_state(
        fault=FeedFault(FeedTrouble.REFUSED, "403"), failures=9, failing_since=NOW - 3 * DAY, looked_at=NOW
    )
    await add_feed(database, 1, title="Alpha", state=fine)
    await add_feed(database, 2, title="Omega", state=failing)
    await add_feed(database, 3, title="Beta", is_paused=True)
    await add_feed(database, 4, title="Gamma", is_configured=True)
    shown = await say(harness)
    order = [shown.text.index(name) for name in ("Omega", "Alpha", "Gamma", "Beta")]
    assert order == sorted(order)
    assert "⚠️ <b>Omega</b>" in shown.text
    assert "turns programs away since" in shown.text
    assert "something new" in shown.text
    assert "next look" in shown.text
    assert "<b>Gamma</b> ⚙️\n" in shown.text
    assert shown.buttons["Trouble: 1"] == FeedsButton("trouble")
    only = await press(harness, FeedsButton("trouble"))
    assert "Omega" in only.text
    assert "Alpha" not in only.text
    paused = await press(harness, FeedsButton("paused"))
    assert "⏸ <b>Beta</b>" in paused.text
    assert "next look" not in paused.text


@pytest.mark.parametrize("number", [1, 60])
async def test_a_screen_takes_three_queries_however_many_feeds_there_are(harness: HandlerHarness, number: int) -> None:
    for each in range(number):
        await add_feed(harness.stores.database, each + 1, title=f"Feed {each:03}")
    context = await harness.written(by=ADA)
    with counting() as asked:
        await feeds(context, harness.feeds)
    assert len(asked) <= 3
    context = await harness.pressed(FeedButton(1), by=ADA)
    with counting() as asked:
        await harness.routes.presses.route(FeedButton(1)).run(context, FeedButton(1))
    assert len(asked) <= 3


async def test_pages_are_turned_and_one_that_is_gone_is_the_last(harness: HandlerHarness) -> None:
    for each in range(20):
        await add_feed(harness.stores.database, each + 1, title=f"Feed {each:03}")
    shown = await say(harness)
    assert shown.buttons["›"] == FeedsButton("", 1)
    last = await press(harness, FeedsButton("", 99))
    assert "Feed 019" in last.text
    assert "3 / 3" in last.buttons
    huge = await press(harness, FeedsButton("nonsense", 10**14))
    assert "3 / 3" in huge.buttons


async def test_words_are_looked_for_in_names_and_addresses(harness: HandlerHarness) -> None:
    await add_feed(harness.stores.database, 1, title="The 100% Moon_Times")
    await add_feed(harness.stores.database, 2, title="Other")
    assert "Moon" in (await say(harness, "moon")).text
    assert "Other" not in harness.telegram.shown[-1].text
    assert "Other" in (await say(harness, "site2 OTH")).text
    assert "No feed matches" in (await say(harness, "x%z")).text
    await press(harness, SearchFeedsButton())
    dialog = await harness.stores.people.dialog(ADA["id"], ADA["id"])
    assert dialog == AwaitedReply(Question.FEEDS)
    context = await harness.written("100%", by=ADA)
    await harness.routes.on_text(context)
    shown = harness.telegram.shown[-1]
    assert "Moon" in shown.text
    assert shown.buttons["✕ Show all"] == FeedsButton()


async def test_names_of_feeds_make_no_markup_and_no_links(harness: HandlerHarness) -> None:
    await add_feed(harness.stores.database, 1, title="<b>@bad</b> t.me/x \u202e" + "y" * 5000)
    shown = await say(harness)
    assert "&lt;b&gt;" in shown.text
    assert "\u202e" not in shown.text
    assert len(shown.text) < 400


# A feed


async def test_a_feed_shows_what_it_brought_and_what_to_do(harness: HandlerHarness) -> None:
    state = feed_state(fault=FeedFault(FeedTrouble.NOT_A_FEED, "a page"), failures=1, failing_since=NOW, looked_at=NOW)
    url = "https://ada:secret@site.example/feed?key=hidden"
    feed = await add_feed(
        harness.stores.database, 1, url=url, title="Moon Times", options=FeedOptions(("Science", "Space")), state=state
    )
    await take_in_items(
        feed.origin, [feed_item("1", "The moon rises")], harness.stores.posts, NOW, None, is_first_look=True
    )
    shown = await press(harness, FeedButton(feed.id))
    for words in ("Moon Times", "Science / Space", "no feed at this address", "add that", "The moon rises", "RSS"):
        assert words in shown.text
    assert "secret" not in shown.text
    assert "hidden" not in shown.text
    assert shown.buttons["⏸ Pause"] == PauseFeedButton(feed.id, TICK)


async def test_a_feed_that_is_gone_says_so(harness: HandlerHarness) -> None:
    presses: list[Button] = [
        FeedButton(99), PauseFeedButton(99, TICK), LookAgainButton(99), FullTextButton(99, TICK),
        RemoveFeedButton(99), RemoveFeedButton(99, 1), PlaceFeedButton(99),
    ]  # fmt: skip
    for button in presses:
        assert "was removed" in (await press(harness, button)).text, button
    assert not await harness.acts()


async def test_pausing_twice_is_pausing_once(harness: HandlerHarness) -> None:
    feed = await add_feed(harness.stores.database)
    shown = await press(harness, PauseFeedButton(feed.id, TICK))
    await press(harness, PauseFeedButton(feed.id, TICK))
    assert shown.buttons["▶️ Resume"] == PauseFeedButton(feed.id, UNTICK)
    assert (await stored(harness, feed)).is_paused
    await press(harness, PauseFeedButton(feed.id, UNTICK))
    assert not (await stored(harness, feed)).is_paused
    assert await harness.acts() == [AuditAct.RESUME_FEED, AuditAct.PAUSE_FEED]


async def test_a_feed_is_looked_at_again_at_once(harness: HandlerHarness) -> None:
    feed = await add_feed(harness.stores.database, state=feed_state(next_look_at=NOW + DAY))
    await press(harness, LookAgainButton(feed.id))
    assert (await stored(harness, feed)).state.next_look_at == NOW
    assert harness.woken == ["feeds"]


async def test_a_screen_shows_by_itself_how_the_look_went(harness: HandlerHarness) -> None:
    feed = await add_feed(harness.stores.database, state=feed_state(looked_at=NOW - DAY, next_look_at=NOW + DAY))
    shown = await press(harness, LookAgainButton(feed.id))
    assert "I am reading it now" in shown.text
    fault = FeedFault(FeedTrouble.SERVER, "500")
    after = feed_state(looked_at=NOW, next_look_at=NOW + HOUR, fault=fault, failures=1, failing_since=NOW)
    await harness.stores.feeds.store_looks([FeedLook(await stored(harness, feed), after)])
    await harness.feeds.following.settle()
    await harness.settle()
    shown = harness.telegram.shown[-1]
    assert "I am reading it now" not in shown.text
    assert "an error of the site" in shown.text


async def test_a_screen_that_was_left_meanwhile_stays_what_it_is(harness: HandlerHarness) -> None:
    feed = await add_feed(harness.stores.database, state=feed_state(looked_at=NOW - DAY, next_look_at=NOW + DAY))
    await press(harness, LookAgainButton(feed.id))
    listed = await press(harness, FeedsButton())
    after = feed_state(looked_at=NOW, next_look_at=NOW + HOUR)
    await harness.stores.feeds.store_looks([FeedLook(await stored(harness, feed), after)])
    await harness.feeds.following.settle()
    await harness.settle()
    assert harness.telegram.shown[-1] == listed


async def test_a_site_that_was_just_asked_or_asks_to_wait_is_left_alone(harness: HandlerHarness) -> None:
    just = await add_feed(harness.stores.database, 1, state=feed_state(looked_at=NOW, next_look_at=NOW + DAY))
    waits = feed_state(looked_at=NOW - DAY, next_look_at=NOW + DAY, fault=FeedFault(FeedTrouble.BUSY, "429"))
    busy = await add_feed(harness.stores.database, 2, state=waits)
    for feed in (just, busy):
        await press(harness, LookAgainButton(feed.id))
        assert (await stored(harness, feed)).state.next_look_at == NOW + DAY
    assert "asked me to wait" in harness.telegram.answers[-1].text


async def test_a_feed_that_is_paused_is_not_said_to_be_read(harness: HandlerHarness) -> None:
    feed = await add_feed(harness.stores.database, is_paused=True, state=feed_state(next_look_at=NOW + DAY))
    shown = await press(harness, LookAgainButton(feed.id))
    assert "paused" in shown.text
    assert (await stored(harness, feed)).state.next_look_at == NOW + DAY
    assert harness.woken == []


async def test_a_feed_is_moved_to_a_category_of_the_tree_or_a_new_one(harness: HandlerHarness) -> None:
    science = await harness.publish("News", categories=("Science",))
    feed = await add_feed(harness.stores.database)
    shown = await press(harness, shown_button(await press(harness, FeedButton(feed.id)), "📂 Move"))
    assert shown.buttons["Science"] == PlaceFeedButton(feed.id, category=science.id)
    await press(harness, PlaceFeedButton(feed.id, category=science.id))
    assert (await stored(harness, feed)).options.category == ("Science",)
    await press(harness, shown_button(shown, "✍️ Write a new one"))
    await harness.routes.on_text(await harness.written("x" * 500, by=ADA))
    assert "can't make a category" in harness.telegram.shown[-1].text
    await harness.routes.on_text(await harness.written("Sky / Moon", by=ADA))
    assert (await stored(harness, feed)).options.category == ("Sky", "Moon")
    await press(harness, PlaceFeedButton(feed.id, category=999))
    assert (await stored(harness, feed)).options.category == ("Sky", "Moon")
    await press(harness, PlaceFeedButton(feed.id))
    assert (await stored(harness, feed)).options.category == ()
    assert await harness.acts() == [AuditAct.MOVE_FEED] * 3


async def test_a_feed_is_removed_when_one_is_sure_and_comes_back_as_it_was(harness: HandlerHarness) -> None:
    options = FeedOptions(("Science",), "de", 30, True, True, "Mozilla/5.0")
    feed = await add_feed(harness.stores.database, options=options)
    asked = await press(harness, RemoveFeedButton(feed.id))
    assert "stay" in asked.text
    assert await harness.stores.feeds.count() == 1
    gone = await press(harness, shown_button(asked, "Yes, remove it"))
    assert await harness.stores.feeds.count() == 0
    assert "was removed" in (await press(harness, RemoveFeedButton(feed.id, 1))).text
    undo = shown_button(gone, "↩️ Undo")
    await press(harness, undo)
    await press(harness, undo)
    (again,) = await harness.stores.feeds.all()
    assert (again.url, again.title, again.options) == (feed.url, feed.title, options)
    assert await harness.acts() == [AuditAct.ADD_FEED, AuditAct.REMOVE_FEED]
    assert "too long ago" in (await press(harness, RestoreFeedButton("forged"))).text


async def test_a_feed_of_the_settings_is_shown_as_one_and_stays_as_it_is(harness: HandlerHarness) -> None:
    feed = await add_feed(harness.stores.database, is_configured=True)
    shown = await press(harness, FeedButton(feed.id))
    assert "in the settings" in shown.text
    assert set(shown.buttons) == {"🔄 Look now", "‹ All feeds"}
    presses: list[Button] = [
        PauseFeedButton(feed.id, TICK), FullTextButton(feed.id, TICK), RemoveFeedButton(feed.id, 1),
        PlaceFeedButton(feed.id),
    ]  # fmt: skip
    for button in presses:
        await press(harness, button)
        assert "in the settings" in harness.telegram.answers[-1].text
    assert await stored(harness, feed) == feed
    assert not await harness.acts()


async def test_full_text_is_turned_on_and_off_where_it_can_be(harness: HandlerHarness) -> None:
    feed = await add_feed(harness.stores.database)
    await press(harness, FullTextButton(feed.id, TICK))
    is_on = (await stored(harness, feed)).options.full_text
    assert is_on == harness.feeds.has_full_text
    if not is_on:
        assert "not installed" in harness.telegram.answers[-1].text
        return
    await press(harness, FullTextButton(feed.id, UNTICK))
    assert not (await stored(harness, feed)).options.full_text


def shown_button(shown: TelegramCall, label: str) -> Button:
    button = shown.buttons[label]
    assert button is not None
    return button
