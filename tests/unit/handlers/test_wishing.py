"""Watches and mutes: shown before they begin, changed, ended, and had back."""

from __future__ import annotations

from typing import Any

import pytest

from bot.callbacks import (
    ActionButton,
    AskMuteButton,
    AskWishButton,
    Button,
    EndWishButton,
    FollowSourceButton,
    MuteButton,
    MuteSourceButton,
    RestoreWishButton,
    SetAtOnceButton,
    SetMuteButton,
    WatchButton,
    WishButton,
)
from bot.handlers.readers import following, muting, watching, wishing
from digests.model.dialogs import AwaitedReply, Question
from digests.model.place import PlaceState
from digests.model.wish import Matter, Subject, Wish, WishKind
from tests.factories.times import DAY, HOUR
from tests.fakes import TelegramCall
from tests.telegram_markup import read_html
from tests.unit.handlers.harness import GROUP, KIM, ROBIN, HandlerHarness, open_harness

MOON = Subject(Matter.WORDS, "moon")
HANDLERS: dict[type[Button], Any] = {
    AskMuteButton: muting.ask_mute_pressed,
    AskWishButton: muting.ask_wish_pressed,
    EndWishButton: wishing.end_pressed,
    FollowSourceButton: following.follow_source_pressed,
    MuteButton: muting.mute_pressed,
    MuteSourceButton: muting.mute_source_pressed,
    RestoreWishButton: wishing.restore_wish_pressed,
    SetAtOnceButton: wishing.at_once_pressed,
    SetMuteButton: wishing.mute_end_pressed,
    WatchButton: watching.watch_pressed,
    WishButton: wishing.wish_pressed,
}


async def press(harness: HandlerHarness, pressed: Button, **more: Any) -> None:
    await HANDLERS[type(pressed)](await harness.pressed(pressed, **more), harness.readers, pressed)


async def wishes(harness: HandlerHarness, by: Any = ROBIN) -> list[Wish]:
    return list(await harness.readers.wishes.of(await harness.place(by)))


def last(harness: HandlerHarness) -> TelegramCall:
    return harness.telegram.shown[-1]


def pressable(harness: HandlerHarness, kind: type[Button]) -> list[Any]:
    """Return the buttons of this kind below the last message."""
    return [shown for shown in last(harness).buttons.values() if isinstance(shown, kind)]


async def watch(harness: HandlerHarness, words: str, at_once: int = 0) -> Wish:
    await watching.watch_words(await harness.written(words), harness.readers)
    token = pressable(harness, WatchButton)[0].words
    await press(harness, WatchButton(token, at_once))
    return (await wishes(harness))[-1]


async def test_what_words_would_find_is_shown_before_they_are_watched(harness: HandlerHarness) -> None:
    await harness.publish("The moon 1", "The moon 2", "The moon 3", "The moon 4", "The sun")
    await watching.watch_words(await harness.written("  Moon "), harness.readers)
    assert "Matches 4 articles of the last week" in last(harness).text
    assert last(harness).text.count("<a href=") == 3
    assert await wishes(harness) == []
    digest, at_once = pressable(harness, WatchButton)
    assert (digest.at_once, at_once.at_once) == (0, 1)
    await press(harness, at_once)
    (wish,) = await wishes(harness)
    assert (wish.kind, wish.subject, wish.at_once) == (WishKind.WATCH, MOON, True)
    assert "Watching" in last(harness).text


async def test_old_articles_and_other_words_are_not_counted(harness: HandlerHarness) -> None:
    await harness.publish("The sun")
    await watching.watch_words(await harness.written("moon"), harness.readers)
    assert "No article of the last week matches" in last(harness).text


async def test_the_first_watch_is_reason_enough_for_digests(harness: HandlerHarness) -> None:
    await watch(harness, "moon")
    assert (await harness.place()).state is PlaceState.ACTIVE


async def test_words_that_are_watched_already_lead_to_their_edit(harness: HandlerHarness) -> None:
    wish = await watch(harness, "moon")
    await watching.watch_words(await harness.written("MOON"), harness.readers)
    assert "already" in last(harness).text
    assert pressable(harness, EndWishButton) == [EndWishButton(wish.id)]
    assert await wishes(harness) == [wish]


async def test_a_second_tap_on_watch_changes_nothing(harness: HandlerHarness) -> None:
    await watching.watch_words(await harness.written("moon"), harness.readers)
    pressed = pressable(harness, WatchButton)[0]
    await press(harness, pressed)
    before = await wishes(harness)
    await press(harness, pressed)
    assert await wishes(harness) == before
    assert not any(answer.fields.get("show_alert") for answer in harness.telegram.answers)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("...", "no word"),
        ("-moon", "Nearly every article"),
        ("lang:en", "Nearly every article"),
        ("moon -moon", "No article can match"),
        ("x" * 4000, "too long"),
        ("moon after:yesterday", "“yesterday”"),
        ("cat:Nowhere moon", "“nowhere”"),
    ],
)
async def test_words_that_cannot_be_watched_are_refused_with_the_reason(
    harness: HandlerHarness, words: str, why: str
) -> None:
    await watching.watch_words(await harness.written(words), harness.readers)
    assert why in last(harness).text
    assert not last(harness).buttons
    await muting.mute(await harness.written(words), harness.readers)
    assert why in last(harness).text
    assert await wishes(harness) == []


async def test_a_chat_has_only_so_many_wishes(folder: Any) -> None:
    async with open_harness(folder, wishes={"most": 2}) as harness:
        first = await watch(harness, "moon")
        await watch(harness, "sun")
        await watching.watch_words(await harness.written("stars"), harness.readers)
        assert "more than the 2 watches" in last(harness).text
        await watching.watch_words(await harness.written("moon"), harness.readers)
        assert "already" in last(harness).text
        await press(harness, EndWishButton(first.id))
        (undo,) = pressable(harness, RestoreWishButton)
        await watch(harness, "stars")
        await press(harness, undo)
        assert "more than the 2 watches" in last(harness).text
        assert len(await wishes(harness)) == 2


async def test_without_watches_at_once_none_is_offered(folder: Any) -> None:
    async with open_harness(folder, wishes={"at_once_per_day": 0}) as harness:
        await watching.watch_words(await harness.written("moon"), harness.readers)
        (only,) = pressable(harness, WatchButton)
        await press(harness, WatchButton(only.words, 1))
        (wish,) = await wishes(harness)
        assert not wish.at_once
        assert not pressable(harness, SetAtOnceButton)
        await press(harness, SetAtOnceButton(wish.id, 1))
        assert await wishes(harness) == [wish]


async def test_a_watch_tells_at_once_and_in_the_digest_again(harness: HandlerHarness) -> None:
    wish = await watch(harness, "moon")
    await press(harness, SetAtOnceButton(wish.id, 1))
    assert [wish.at_once for wish in await wishes(harness)] == [True]
    await press(harness, SetAtOnceButton(wish.id, 0))
    assert [wish.at_once for wish in await wishes(harness)] == [False]


async def test_an_ended_watch_comes_back_as_it_was(harness: HandlerHarness) -> None:
    wish = await watch(harness, "moon landing", at_once=1)
    await press(harness, EndWishButton(wish.id, 3))
    assert "no longer watch" in last(harness).text
    assert await wishes(harness) == []
    (undo,) = pressable(harness, RestoreWishButton)
    assert undo.page == 3
    for _ in range(2):
        await press(harness, undo)
    (again,) = await wishes(harness)
    assert (again.kind, again.subject, again.at_once) == (wish.kind, wish.subject, True)


async def test_a_wish_that_ended_already_is_said_to_have(harness: HandlerHarness) -> None:
    wish = await watch(harness, "moon")
    await press(harness, EndWishButton(wish.id))
    shown = len(harness.telegram.shown)
    for pressed in (
        EndWishButton(wish.id),
        WishButton(wish.id),
        SetAtOnceButton(wish.id, 1),
        SetMuteButton(wish.id, 24),
    ):
        await press(harness, pressed)
    assert len(harness.telegram.shown) == shown
    assert all("ended already" in answer.text for answer in harness.telegram.answers)
    assert not any(answer.fields.get("show_alert") for answer in harness.telegram.answers)


async def test_the_wish_of_another_chat_is_out_of_reach(harness: HandlerHarness) -> None:
    wish = await watch(harness, "moon")
    for pressed in (
        WishButton(wish.id),
        SetAtOnceButton(wish.id, 1),
        SetMuteButton(wish.id, 24),
        EndWishButton(wish.id),
    ):
        await press(harness, pressed, by=KIM)
    assert await wishes(harness) == [wish]
    assert await wishes(harness, KIM) == []
    assert not any("moon" in call.text for call in harness.telegram.calls if call.chat_id == KIM["id"])


async def test_the_words_and_endings_of_another_chat_are_out_of_reach(harness: HandlerHarness) -> None:
    await watching.watch_words(await harness.written("moon"), harness.readers)
    token = pressable(harness, WatchButton)[0].words
    for pressed in (
        WatchButton(token),
        MuteButton("words", token),
        MuteButton("source", token),
        RestoreWishButton(token),
    ):
        await press(harness, pressed, by=KIM)
        assert "too long ago" in last(harness).text
    assert await wishes(harness, KIM) == []


@pytest.mark.parametrize(
    "pressed",
    [
        MuteButton("category", "999"),
        MuteButton("category", "x"),
        MuteButton("category", "9" * 40),
        MuteButton("nonsense", "1"),
        AskMuteButton("", ""),
        RestoreWishButton(""),
        WatchButton("nonsense"),
    ],
)
async def test_forged_buttons_change_nothing(harness: HandlerHarness, pressed: Button) -> None:
    await press(harness, pressed)
    assert "too long ago" in last(harness).text
    assert await wishes(harness) == []


async def test_words_that_were_searched_for_are_no_ended_wish(harness: HandlerHarness) -> None:
    await harness.written()
    token = await harness.stores.people.keep_lookup(ROBIN["id"], '["watch","words","moon","",1]', harness.clock.now())
    await press(harness, RestoreWishButton(token))
    assert await wishes(harness) == []


async def test_members_do_not_wish_for_their_group(harness: HandlerHarness) -> None:
    context = await harness.written("moon", chat=GROUP)
    await watching.watch_words(context, harness.readers)
    await muting.mute(await harness.written("moon 7d", chat=GROUP), harness.readers)
    for pressed in (WatchButton("x"), MuteButton("category", "1"), EndWishButton(1), RestoreWishButton("x")):
        await press(harness, pressed, chat=GROUP)
    assert list(await harness.readers.wishes.of(context.place)) == []
    assert all("Only this group" in call.text for call in harness.telegram.shown)
    assert all(answer.fields["show_alert"] for answer in harness.telegram.answers)


async def test_admins_wish_for_their_group(harness: HandlerHarness) -> None:
    harness.telegram.member_status = "creator"
    context = await harness.written("moon", chat=GROUP)
    await watching.watch_words(context, harness.readers)
    await press(harness, pressable(harness, WatchButton)[0], chat=GROUP)
    assert [wish.subject for wish in await harness.readers.wishes.of(context.place)] == [MOON]
    assert await harness.readers.wishes.of(await _place_of(harness)) == ()


async def _place_of(harness: HandlerHarness) -> Any:
    return (await harness.written()).place


# Mutes


async def test_a_mute_says_what_it_keeps_away_and_asks_for_how_long(harness: HandlerHarness) -> None:
    await harness.publish("The moon 1", "The moon 2", "The sun")
    await muting.mute(await harness.written("moon"), harness.readers)
    assert "kept 2 articles of the last week away" in last(harness).text
    assert [shown.hours for shown in pressable(harness, MuteButton)] == [24, 168, 0]
    await press(harness, pressable(harness, MuteButton)[1])
    (wish,) = await wishes(harness)
    assert (wish.kind, wish.subject, wish.until) == (WishKind.MUTE, MOON, harness.clock.now() + 7 * DAY)


async def test_a_mute_with_its_length_begins_at_once(harness: HandlerHarness) -> None:
    await muting.mute(await harness.written("moon 12h"), harness.readers)
    assert [wish.until for wish in await wishes(harness)] == [harness.clock.now() + 12 * HOUR]
    await muting.mute(await harness.written("moon forever"), harness.readers)
    (wish,) = await wishes(harness)
    assert wish.until is None
    assert "for good" in last(harness).text
    assert pressable(harness, EndWishButton) == [EndWishButton(wish.id)]


async def test_a_source_is_meant_before_words(harness: HandlerHarness) -> None:
    await harness.publish("News", source="Weekly Moon")
    await muting.mute(await harness.written("WEEKLY MOON 2w"), harness.readers)
    assert [wish.subject for wish in await wishes(harness)] == [Subject(Matter.SOURCE, "Weekly Moon")]
    assert "kept 1 article of the last week away" in last(harness).text


async def test_a_category_is_meant_before_words_which_can_be_had_instead(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    await muting.mute(await harness.written("science"), harness.readers)
    assert "Mute the category Science?" in last(harness).text
    (words,) = pressable(harness, AskMuteButton)
    assert pressable(harness, MuteButton)[0] == MuteButton("category", str(science.id), 24)
    await press(harness, words)
    assert "the words “science”" in last(harness).text
    await press(harness, pressable(harness, MuteButton)[2])
    assert [wish.subject for wish in await wishes(harness)] == [Subject(Matter.WORDS, "science")]


async def test_a_name_of_several_things_is_asked_for(harness: HandlerHarness) -> None:
    category = await harness.publish("News", source="36kr", categories=("Tech", "36kr"))
    await muting.mute(await harness.written("36kr 7d"), harness.readers)
    assert await wishes(harness) == []
    assert list(last(harness).buttons) == ["the category Tech / 36kr", "the source 36kr", "the words “36kr”", "Cancel"]
    by_category, by_source, _ = pressable(harness, MuteButton)
    assert by_category == MuteButton("category", str(category.id), 168)
    await press(harness, by_source)
    (wish,) = await wishes(harness)
    assert (wish.subject, wish.until) == (Subject(Matter.SOURCE, "36kr"), harness.clock.now() + 7 * DAY)
    await muting.mute(await harness.written("36kr"), harness.readers)
    assert {type(shown) for shown in last(harness).buttons.values()} == {AskMuteButton, ActionButton}


async def test_hidden_sources_are_not_named(harness: HandlerHarness) -> None:
    await harness.publish("News", source="Secret")
    await harness.stores.hidden.hide_sources(("Secret",), harness.clock.now())
    await muting.mute(await harness.written("Secret"), harness.readers)
    assert "the words" in last(harness).text


async def test_a_mute_is_made_longer_and_ended_and_had_back(harness: HandlerHarness) -> None:
    await muting.mute(await harness.written("moon 1d"), harness.readers)
    (wish,) = await wishes(harness)
    await press(harness, SetMuteButton(wish.id, 168))
    assert [wish.until for wish in await wishes(harness)] == [harness.clock.now() + 7 * DAY]
    await press(harness, SetMuteButton(wish.id, 0))
    assert [wish.until for wish in await wishes(harness)] == [None]
    await press(harness, SetMuteButton(wish.id, 24))
    (wish,) = await wishes(harness)
    await press(harness, EndWishButton(wish.id))
    assert "no longer muted" in last(harness).text
    (undo,) = pressable(harness, RestoreWishButton)
    await press(harness, undo)
    assert [wish.until for wish in await wishes(harness)] == [harness.clock.now() + DAY]


async def test_a_mute_that_would_be_over_does_not_come_back(harness: HandlerHarness) -> None:
    await muting.mute(await harness.written("moon 1h"), harness.readers)
    (wish,) = await wishes(harness)
    await press(harness, EndWishButton(wish.id))
    (undo,) = pressable(harness, RestoreWishButton)
    harness.clock.move(2 * HOUR)
    await press(harness, undo)
    assert "too long ago" in last(harness).text
    assert await wishes(harness) == []


async def test_a_watch_becomes_a_mute_and_says_so(harness: HandlerHarness) -> None:
    await watch(harness, "moon")
    await muting.mute(await harness.written("moon"), harness.readers)
    assert "muting it ends the watch" in last(harness).text
    await press(harness, pressable(harness, MuteButton)[0])
    assert [wish.kind for wish in await wishes(harness)] == [WishKind.MUTE]
    await watching.watch_words(await harness.written("moon"), harness.readers)
    assert "watching it ends the mute" in last(harness).text


async def test_the_source_of_an_article_is_muted_once(harness: HandlerHarness) -> None:
    await harness.publish("News")
    (article,), _ = await harness.stores.articles.latest(None, 1)
    for _ in range(2):
        await press(harness, MuteSourceButton(article.id))
    (wish,) = await wishes(harness)
    assert (wish.kind, wish.subject, wish.until) == (WishKind.MUTE, Subject(Matter.SOURCE, "Tidewater"), None)
    assert len(harness.telegram.called("sendMessage")) == 1
    await press(harness, MuteSourceButton(999))
    assert "no longer here" in harness.telegram.answers[-1].text


async def test_a_source_is_followed_by_its_name_or_by_an_article(harness: HandlerHarness) -> None:
    await harness.publish("News", categories=("Oceans",))
    await following.subscribe(await harness.written("tidewater"), harness.readers)
    (wish,) = await wishes(harness)
    assert (wish.kind, wish.subject) == (WishKind.WATCH, Subject(Matter.SOURCE, "Tidewater"))
    assert (await harness.place()).state is PlaceState.ACTIVE
    (article,), _ = await harness.stores.articles.latest(None, 1)
    await press(harness, FollowSourceButton(article.id))
    assert "already" in last(harness).text
    await following.unsubscribe(await harness.written("TIDEWATER"), harness.readers)
    assert "no longer follow the source" in last(harness).text
    assert await wishes(harness) == []


# Asking


@pytest.mark.parametrize(("kind", "question"), [("watch", Question.WATCH), ("mute", Question.MUTE)])
async def test_what_to_add_is_asked_for(harness: HandlerHarness, kind: str, question: Question) -> None:
    await press(harness, AskWishButton(kind))
    asked = AwaitedReply(question, place=(await harness.place()).id)
    assert await harness.stores.people.dialog(ROBIN["id"], ROBIN["id"]) == asked
    assert list(last(harness).buttons.values()) == [ActionButton("cancel")]


async def test_in_a_group_it_is_said_how_to_write_it(harness: HandlerHarness) -> None:
    harness.telegram.member_status = "creator"
    await press(harness, AskWishButton("watch"), chat=GROUP)
    assert "/watch" in last(harness).text
    assert await harness.stores.people.dialog(GROUP["id"], ROBIN["id"]) is None


async def test_without_words_the_lists_are_shown(harness: HandlerHarness) -> None:
    watched = await watch(harness, "moon", at_once=1)
    await muting.mute(await harness.written("sun 1d"), harness.readers)
    await watching.watch_words(await harness.written(), harness.readers)
    assert last(harness).buttons["👁 moon ⚡"] == WishButton(watched.id)
    await muting.mute(await harness.written("7d"), harness.readers)
    assert "/mute football 7d" in last(harness).text
    assert any(label.startswith("🔇 sun · until 7 Jun") for label in last(harness).buttons)


HOSTILE = (
    '<b>moon</b> & "moon', "\u202emoon\u202c moon", "/watch /mute @moon #moon https://moon.example", "moon|moon|7d",
    "月" * 299, "🌕 🌖 🌗", "\u200b\u200b", "cat:<b> moon", 'source:"<i>" moon', "'; drop table wishes; --",
    "\ud7ff\ufffd",
    "moon\n\n\nlanding\n7d", "%s {words} {0}", "\\", "-", '""', "「」", "7d 7d", "for good", "１２ｈ moon １２ｈ",
)  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
async def test_anything_can_be_typed(harness: HandlerHarness, words: str) -> None:
    await harness.publish("The moon <b> & others", source="<i>&")
    for handler in (watching.watch_words, muting.mute, following.subscribe, following.unsubscribe):
        harness.telegram.calls.clear()
        await handler(await harness.written(words), harness.readers)
        assert harness.telegram.shown, handler
        for pressed in list(last(harness).buttons.values()):
            if pressed is not None and type(pressed) in HANDLERS:
                await press(harness, pressed)
        for shown in harness.telegram.shown:
            answer = read_html(shown.text)
            assert answer["@type"] == "formattedText", (shown.text, answer)
    for wish in await wishes(harness):
        await press(harness, WishButton(wish.id))
        assert read_html(last(harness).text)["@type"] == "formattedText"
