"""/top: pages of what most sources tell, today and this week, without what is muted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.callbacks import ArticleButton, TopButton
from bot.handlers.articles.top import top, top_pressed
from digests.model.wish import Matter, Subject, WishKind
from tests.contract.test_stories import NEWS, OTHER, story_post
from tests.factories.times import DAY, HOUR, NOW
from tests.fakes import TelegramCall
from tests.unit.handlers.harness import ROBIN, HandlerHarness


async def tell(harness: HandlerHarness, title: str, text: str, *sources: str, age: timedelta = HOUR) -> None:
    """Store the same news of these sources, published so long ago."""
    posts = [replace(story_post(source, title, text), shown_at=NOW - age) for source in sources]
    await harness.stores.posts.write(f"{title} {sources}", posts, NOW)


async def press(harness: HandlerHarness, pressed: TopButton) -> TelegramCall:
    await top_pressed(await harness.pressed(pressed), harness.readers.look_up, pressed)
    return harness.telegram.shown[-1]


async def test_today_and_this_week(harness: HandlerHarness) -> None:
    await tell(harness, "Ferry strike ends", NEWS, "A", "B", age=2 * DAY)
    await tell(harness, "Ship tunnel approved", OTHER, "A", "B", "C", age=HOUR)
    await tell(harness, "Ferry strike ends", NEWS, "C", "D", age=HOUR)
    await top(await harness.written(), harness.readers.look_up)
    today = harness.telegram.shown[-1]
    assert "today" in today.text
    first, second = today.text.index("Ship tunnel"), today.text.index("Ferry strike")
    assert first < second
    assert "3 sources" in today.text[first:second]
    # As a search shows it, four sources report this one.
    assert "2 sources today, 4 in all</i> ▲" in today.text[second:]
    assert "in all" not in today.text[:second]
    assert "more sources than a day ago" in today.text
    assert isinstance(today.buttons["1"], ArticleButton)
    assert today.buttons["This week"] == TopButton(7)
    week = await press(harness, TopButton(7))
    assert "this week" in week.text
    assert week.text.index("Ferry strike") < week.text.index("Ship tunnel")
    assert "4 sources</i> ▲" in week.text
    assert "in all" not in week.text


async def test_a_story_that_began_before_this_week_has_both_numbers(harness: HandlerHarness) -> None:
    await tell(harness, "Ferry strike ends", NEWS, "A", age=8 * DAY)
    await tell(harness, "Ferry strike ends", NEWS, "B", age=5 * DAY)
    await tell(harness, "Ferry strike ends", NEWS, "C", "D", age=2 * DAY)
    assert "3 sources this week, 4 in all" in (await press(harness, TopButton(7))).text


async def test_what_is_muted_is_left_out(harness: HandlerHarness) -> None:
    await tell(harness, "Ferry strike ends", NEWS, "A", "B")
    place = (await harness.written()).place
    await harness.readers.wishes.add(place, WishKind.MUTE, Subject(Matter.SOURCE, "B"), NOW)
    shown = await press(harness, TopButton())
    assert "No story is covered by several sources yet" in shown.text
    assert "▲" not in shown.text


async def test_a_story_is_told_in_the_words_of_no_muted_source(harness: HandlerHarness) -> None:
    for age, source in enumerate("CBA", 1):
        await tell(harness, f"Ferry strike ends, says {source}", NEWS, source, age=age * HOUR)
    assert "says A" in (await press(harness, TopButton())).text
    place = (await harness.written()).place
    await harness.readers.wishes.add(place, WishKind.MUTE, Subject(Matter.SOURCE, "A"), NOW)
    shown = await press(harness, TopButton())
    assert "says B" in shown.text
    assert "2 sources today, 3 in all" in shown.text


async def test_a_page_that_is_gone_shows_the_first(harness: HandlerHarness) -> None:
    await tell(harness, "Ferry strike ends", NEWS, "A", "B")
    shown = await press(harness, TopButton(1, 5))
    assert "Ferry strike ends" in shown.text
    assert "1. " in shown.text


@pytest.mark.parametrize("forged", [TopButton(0), TopButton(10**15), TopButton(1, 10**14)])
async def test_forged_days_and_pages_show_nothing(harness: HandlerHarness, forged: TopButton) -> None:
    await top_pressed(await harness.pressed(forged), harness.readers.look_up, forged)
    assert not harness.telegram.shown


async def test_today_begins_where_the_reader_is(harness: HandlerHarness) -> None:
    # 20:30 UTC of the day before is the night of today in Shanghai.
    await tell(harness, "Ferry strike ends", NEWS, "A", "B", age=11 * HOUR)
    assert "No story" in (await press(harness, TopButton())).text
    await harness.readers.subscriptions.reschedule(await harness.place(ROBIN), NOW, timezone="Asia/Shanghai")
    assert "Ferry strike ends" in (await press(harness, TopButton())).text
