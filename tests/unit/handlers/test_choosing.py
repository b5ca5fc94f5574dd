"""The tree: whole branches and branches without a part, a filter by letters, and what is popular."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.callbacks import (
    TICK,
    UNTICK,
    AskLettersButton,
    BrowseButton,
    Button,
    CategorySourcesButton,
    FilteredButton,
    FollowPopularButton,
    FollowSourceButton,
    ToggleButton,
    ToggleFoundButton,
    UndoPopularButton,
)
from bot.handlers.readers import categories, choosing, following, replies, start
from digests.model.category_activity import FEWEST_CHATS
from digests.model.category_tree import Category
from digests.model.dialogs import AwaitedReply, Question
from digests.model.ids import CategoryId
from digests.model.place import PlaceState
from digests.model.wish import Matter, Subject, WishKind
from tests.factories.times import HOUR
from tests.fakes import TelegramCall
from tests.queries import counting
from tests.unit.handlers.harness import GROUP, KIM, ROBIN, HandlerHarness, person

MOON, MARS = ("Science", "Moon"), ("Science", "Mars")


async def branch(harness: HandlerHarness) -> tuple[Category, Category, Category]:
    """Publish an article in each of two branches, and return their parent and them."""
    moon = await harness.publish("News of the moon", categories=MOON)
    mars = await harness.publish("News of Mars", categories=MARS)
    tree = await harness.stores.categories.tree()
    harness.stores.categories.forget_readers_tree()
    (science,) = tree.children(None)
    return science, moon, mars


async def press_toggle(harness: HandlerHarness, pressed: ToggleButton) -> TelegramCall:
    await choosing.toggle(await harness.pressed(pressed), harness.readers, pressed)
    await harness.parts.chats.screens.settle()
    return harness.telegram.shown[-1]


async def followed(harness: HandlerHarness) -> frozenset[CategoryId]:
    return await harness.readers.subscriptions.of(await harness.place())


def labels(shown: TelegramCall, kind: type[Button]) -> list[str]:
    return [label for label, button in shown.buttons.items() if isinstance(button, kind)]


async def test_a_level_shows_counts_and_what_is_new(harness: HandlerHarness) -> None:
    science, _, _ = await branch(harness)
    context = await harness.written()
    await choosing.show_level(context, harness.readers, BrowseButton())
    assert labels(harness.telegram.shown[-1], ToggleButton) == ["▫️ Science · 2 +2"]
    harness.clock.move(25 * HOUR)
    await choosing.show_level(await harness.written(), harness.readers, BrowseButton(science.id))
    assert labels(harness.telegram.shown[-1], ToggleButton) == ["▫️ All of Science", "▫️ Mars · 1", "▫️ Moon · 1"]


async def test_a_whole_branch_is_ticked_in_one_tap_and_takes_the_place_of_its_parts(harness: HandlerHarness) -> None:
    science, moon, _ = await branch(harness)
    await press_toggle(harness, ToggleButton(moon.id, science.id, to=TICK))
    shown = await press_toggle(harness, ToggleButton(science.id, science.id, to=TICK))
    assert await followed(harness) == {science.id}
    assert "You follow all of it" in shown.text
    assert labels(shown, ToggleButton) == ["✅ All of Science", "✅ Mars · 1 · 1 new", "✅ Moon · 1 · 1 new"]
    shown = await press_toggle(harness, ToggleButton(science.id, science.id, to=UNTICK))
    assert not await followed(harness)
    assert labels(shown, ToggleButton)[0] == "▫️ All of Science"


async def test_a_branch_without_a_part_shows_how_much_is_left(harness: HandlerHarness) -> None:
    science, moon, mars = await branch(harness)
    await press_toggle(harness, ToggleButton(science.id, science.id, to=TICK))
    shown = await press_toggle(harness, ToggleButton(moon.id, science.id, to=UNTICK))
    assert await followed(harness) == {mars.id}
    assert "☑️ You follow 1 of 2 here." in shown.text
    assert labels(shown, ToggleButton) == ["☑️ All of Science", "✅ Mars · 1 · 1 new", "▫️ Moon · 1 · 1 new"]
    assert harness.telegram.answers[-1].text == "– Moon. The rest of Science stays."
    await choosing.show_level(await harness.written(), harness.readers, BrowseButton())
    assert labels(harness.telegram.shown[-1], ToggleButton) == ["☑️ Science · 2 +2"]


@pytest.mark.parametrize("setup", [0, 1])
async def test_a_category_that_is_gone_is_said_to_be_and_todays_are_shown(harness: HandlerHarness, setup: int) -> None:
    await branch(harness)
    shown = await press_toggle(harness, ToggleButton(999, 998, 7, setup, TICK))
    assert "no longer exists" in harness.telegram.answers[-1].text
    assert labels(shown, ToggleButton) == ["▫️ Science · 2 +2"]
    assert not await followed(harness)


async def test_the_way_back_leads_to_the_page_that_one_came_from(harness: HandlerHarness) -> None:
    for number in range(10):
        await harness.publish(f"News {number}", categories=(f"Topic {number}", "Deep"))
    harness.stores.categories.forget_readers_tree()
    last = (await harness.stores.categories.readers_tree()).children(None)[-1]
    await choosing.show_level(await harness.written(), harness.readers, BrowseButton(last.id))
    assert harness.telegram.shown[-1].buttons["‹ Back"] == BrowseButton(page=1)


# The filter


async def ask(harness: HandlerHarness, text: str, setup: int = 0) -> TelegramCall:
    pressed = AskLettersButton(setup=setup)
    await choosing.ask_letters(await harness.pressed(pressed), harness.readers, pressed)
    dialog = await harness.stores.people.dialog(ROBIN["id"], ROBIN["id"])
    assert isinstance(dialog, AwaitedReply)
    assert dialog.question is Question.CATEGORIES
    assert await replies.replied(await harness.written(text), harness.readers, dialog)
    assert await harness.stores.people.dialog(ROBIN["id"], ROBIN["id"]) is None
    return harness.telegram.shown[-1]


async def test_letters_find_categories_anywhere_in_the_tree_to_be_ticked_there(harness: HandlerHarness) -> None:
    _, moon, mars = await branch(harness)
    shown = await ask(harness, "Ｍ")
    assert list(shown.buttons.values())[:2] == [
        ToggleFoundButton(mars.id, "M", to=TICK),
        ToggleFoundButton(moon.id, "M", to=TICK),
    ]
    assert labels(shown, ToggleFoundButton) == ["▫️ Science / Mars · 1 · 1 new", "▫️ Science / Moon · 1 · 1 new"]
    pressed = ToggleFoundButton(moon.id, "M", to=TICK)
    for _ in range(2):
        await choosing.toggle_found(await harness.pressed(pressed), harness.readers, pressed)
    await harness.parts.chats.screens.settle()
    assert await followed(harness) == {moon.id}
    assert ToggleFoundButton(moon.id, "M", to=UNTICK) in harness.telegram.shown[-1].buttons.values()
    assert [answer.text for answer in harness.telegram.answers if answer.text] == ["+ Moon"]


@pytest.mark.parametrize(
    "text", ["", "|||", "\u202e", "🙂" * 900, "%_'\"", "x" * 4000, "長" * 4000, "<b>", "/", "a|b|c"]
)
async def test_any_letters_get_an_answer_and_a_way_back(harness: HandlerHarness, text: str) -> None:
    await branch(harness)
    await choosing.show_found(await harness.written(text), harness.readers, text, setup=1)
    shown = harness.telegram.shown[-1]
    assert "<b><b>" not in shown.text
    assert {AskLettersButton(0, 1), BrowseButton(setup=1)} <= set(shown.buttons.values())


async def test_what_is_similar_is_shown_where_nothing_has_the_letters(harness: HandlerHarness) -> None:
    await branch(harness)
    await choosing.show_found(await harness.written("scence"), harness.readers, "scence")
    assert "These are similar" in harness.telegram.shown[-1].text
    assert labels(harness.telegram.shown[-1], ToggleFoundButton) == ["▫️ Science · 2 · 2 new"]


async def test_a_name_with_a_slash_is_found_as_it_is_written(harness: HandlerHarness) -> None:
    tcp = await harness.publish("News of TCP", categories=("网络", "TCP/IP"))
    for text in ("TCP/IP", "tcp / ip", "ＴＣＰ／ＩＰ", "网络/tcp"):
        await choosing.show_found(await harness.written(text), harness.readers, text)
        shown = harness.telegram.shown[-1]
        assert [button.category for button in shown.buttons.values() if isinstance(button, ToggleFoundButton)] == [
            tcp.id
        ], text


async def test_whoever_stops_asking_may_search_again(harness: HandlerHarness) -> None:
    await branch(harness)
    for asks in (1, 0):
        pressed = AskLettersButton(asks=asks)
        await choosing.ask_letters(await harness.pressed(pressed), harness.readers, pressed)
    assert await harness.stores.people.dialog(ROBIN["id"], ROBIN["id"]) is None


async def test_in_a_group_the_filter_is_a_command(harness: HandlerHarness) -> None:
    await branch(harness)
    pressed = AskLettersButton()
    context = await harness.pressed(pressed, chat=GROUP)
    await choosing.ask_letters(context, harness.readers, pressed)
    assert "/categories" in harness.telegram.answers[-1].text
    await categories.categories(await harness.written("mo", chat=GROUP), harness.readers)
    assert labels(harness.telegram.shown[-1], ToggleFoundButton) == ["▫️ Science / Moon · 1 · 1 new"]


async def test_a_member_does_not_tick_what_was_found_for_their_group(harness: HandlerHarness) -> None:
    _, moon, _ = await branch(harness)
    pressed: Sequence[Button] = (ToggleFoundButton(moon.id, "M", to=TICK),)
    context = await harness.pressed(*pressed, chat=GROUP)
    await choosing.toggle_found(context, harness.readers, ToggleFoundButton(moon.id, "M", to=TICK))
    assert not await harness.readers.subscriptions.of(context.place)


# Sources


async def test_the_sources_of_a_category_can_be_followed_and_muted(harness: HandlerHarness) -> None:
    for number, source in enumerate(("Tide", "Tide", "Ｔide's rival <b>")):
        await harness.publish(f"News {number}", categories=("Science", f"Part {number}"), source=source)
    harness.stores.categories.forget_readers_tree()
    (science,) = (await harness.stores.categories.readers_tree()).children(None)
    pressed = CategorySourcesButton(science.id)
    await choosing.show_level(await harness.written(), harness.readers, BrowseButton(science.id))
    assert harness.telegram.shown[-1].buttons["📡 Sources"] == pressed
    await choosing.show_sources(await harness.pressed(pressed), harness.readers, pressed)
    await harness.parts.chats.screens.settle()
    shown = harness.telegram.shown[-1]
    tide = shown.buttons["Tide · 2"]
    assert isinstance(tide, FollowSourceButton)
    await following.follow_source_pressed(await harness.pressed(tide), harness.readers, tide)
    place = await harness.place()
    (wish,) = await harness.readers.wishes.of(place)
    assert (wish.kind, wish.subject) == (WishKind.WATCH, Subject(Matter.SOURCE, "Tide"))
    await choosing.show_sources(await harness.pressed(pressed), harness.readers, pressed)
    await harness.parts.chats.screens.settle()
    assert "📌 Tide · 2" in harness.telegram.shown[-1].buttons


# What others chose


async def test_a_new_reader_sees_first_what_is_popular_and_follows_it_in_one_tap(harness: HandlerHarness) -> None:
    for name in ("Science", "Science", "Books", "Arts"):
        await harness.publish(f"News of {name} {len(harness.telegram.calls)}", categories=(name,))
    arts, film = (
        await harness.publish("Colours", categories=("Arts",)),
        await harness.publish("Reel", categories=("Film",)),
    )
    for category, extra in ((film, 1), (arts, 0)):
        for chat in range(FEWEST_CHATS + extra):
            await harness.follow(category, by=person(10_000 + 100 * extra + chat, "Somebody"))
    harness.stores.categories.forget_readers_tree()
    await start.start(await harness.written(), harness.readers)
    shown = harness.telegram.shown[-1]
    assert labels(shown, ToggleButton)[:2] == ["▫️ Film · popular", "▫️ Arts · popular"]
    assert shown.buttons["⭐ Follow the 2 most popular"] == FollowPopularButton(1)
    pressed = FollowPopularButton(1)
    await choosing.follow_popular(await harness.pressed(pressed), harness.readers, pressed)
    await harness.parts.chats.screens.settle()
    assert await followed(harness) == {film.id, arts.id}
    assert (await harness.place()).state is PlaceState.NEW
    undo = harness.telegram.shown[-1].buttons["↩️ Undo"]
    assert undo == UndoPopularButton(".".join(map(str, sorted((film.id, arts.id)))), "", 1)
    await choosing.undo_popular(await harness.pressed(undo), harness.readers, undo)
    assert not await followed(harness)


async def test_undoing_brings_back_what_it_replaced_and_keeps_what_was_there(harness: HandlerHarness) -> None:
    science, moon, _ = await branch(harness)
    arts = await harness.publish("Colours", categories=("Arts",))
    for category in (science, arts):
        for chat in range(FEWEST_CHATS):
            await harness.follow(category, by=person(20_000 + 100 * category.id + chat, "Somebody"))
    harness.stores.categories.forget_readers_tree()
    await harness.follow(moon)
    await harness.follow(arts)
    pressed = FollowPopularButton(1)
    await choosing.follow_popular(await harness.pressed(pressed), harness.readers, pressed)
    await harness.parts.chats.screens.settle()
    assert await followed(harness) == {science.id, arts.id}
    undo = harness.telegram.shown[-1].buttons["↩️ Undo"]
    assert isinstance(undo, UndoPopularButton)
    for _ in range(2):
        await choosing.undo_popular(await harness.pressed(undo), harness.readers, undo)
    assert await followed(harness) == {moon.id, arts.id}


async def test_what_too_few_chose_is_told_to_nobody(harness: HandlerHarness) -> None:
    science, _, _ = await branch(harness)
    for chat in range(FEWEST_CHATS - 1):
        await harness.follow(science, by=person(30_000 + chat, "Somebody"))
    harness.stores.categories.forget_readers_tree()
    await start.start(await harness.written(by=KIM), harness.readers)
    shown = harness.telegram.shown[-1]
    assert labels(shown, ToggleButton) == ["▫️ Science · 2 +2"]
    assert not labels(shown, FollowPopularButton)


@pytest.mark.parametrize("ids", ["", "999", "1.x.²", "9" * 20, "-1", "."])
async def test_forged_ids_follow_nothing(harness: HandlerHarness, ids: str) -> None:
    await branch(harness)
    pressed = UndoPopularButton(ids, ids.replace("1", "0"))
    await choosing.undo_popular(await harness.pressed(pressed), harness.readers, pressed)
    assert not await followed(harness)


# What it costs


async def test_no_screen_of_2000_categories_takes_more_than_three_statements(harness: HandlerHarness) -> None:
    paths = [(f"Topic {top}", f"Source {source}") for top in range(40) for source in range(49)]
    made = await harness.stores.categories.ensure(paths)
    science = await harness.publish("News", categories=("Science", "Moon"))
    parent, leaf = science.parent_id or 0, made[paths[0]]
    await harness.written()
    screens: list[tuple[Button, object]] = [
        (BrowseButton(), choosing.browse),
        (BrowseButton(parent, 3), choosing.browse),
        (BrowseButton(setup=1), choosing.browse),
        (FilteredButton("our", 2), choosing.filtered),
        (FilteredButton("nothing like it"), choosing.filtered),
        (ToggleButton(leaf, 0, 0, 1, TICK), choosing.toggle),
        (ToggleButton(leaf, 0, 0, 1, UNTICK), choosing.toggle),
        (ToggleFoundButton(leaf, "our", 0, 1, TICK), choosing.toggle_found),
        (FollowPopularButton(1), choosing.follow_popular),
        (CategorySourcesButton(parent), choosing.show_sources),
    ]
    assert len(await harness.stores.categories.readers_tree()) > 2000
    for pressed, handler in screens:
        for is_warm in (False, True):
            if not is_warm:
                harness.stores.categories.forget_readers_tree()
            context = await harness.pressed(pressed)
            with counting() as statements:
                await handler(context, harness.readers, pressed)  # type: ignore[operator]
            # The first two read the tree and what goes on in it, for everybody for a while.
            writes = sum(not statement.lstrip().startswith(("SELECT", "WITH")) for statement in statements)
            assert len(statements) - writes <= (2 if is_warm else 3), (pressed, statements)
            assert writes <= 1, (pressed, statements)
