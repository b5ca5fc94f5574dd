"""All that a digest is made of, on one screen; and what a reader wants more and less of."""

from __future__ import annotations

from typing import Any

import pytest

from bot.callbacks import (
    LESS,
    MORE,
    AskWishButton,
    Button,
    CapsButton,
    EndWishButton,
    FollowAgainButton,
    FollowedButton,
    FollowSourceButton,
    MuteSourceButton,
    RestoreWishButton,
    SetTasteButton,
    SubscriptionsButton,
    TasteButton,
    TastesButton,
    UnsubscribeButton,
    WishButton,
)
from bot.handlers.readers import following, taste, wishing
from digests.model.article import Article
from digests.model.wish import Matter, Subject, Wish, WishKind
from tests.factories.times import DAY
from tests.fakes import TelegramCall
from tests.unit.handlers.harness import GROUP, KIM, HandlerHarness, open_harness

GONE = 999
HANDLERS: dict[type[Button], Any] = {
    EndWishButton: wishing.end_pressed,
    FollowAgainButton: following.follow_again_pressed,
    FollowedButton: following.followed_pressed,
    RestoreWishButton: wishing.restore_wish_pressed,
    SetTasteButton: taste.set_taste_pressed,
    SubscriptionsButton: following.subscriptions_pressed,
    TasteButton: taste.taste_pressed,
    TastesButton: taste.tastes_pressed,
    UnsubscribeButton: following.unsubscribe_pressed,
    WishButton: wishing.wish_pressed,
}


async def press(harness: HandlerHarness, pressed: Button, **more: Any) -> TelegramCall:
    await HANDLERS[type(pressed)](await harness.pressed(pressed, **more), harness.readers, pressed)
    return harness.telegram.shown[-1]


async def show(harness: HandlerHarness) -> TelegramCall:
    await following.subscriptions(await harness.written(), harness.readers)
    return harness.telegram.shown[-1]


async def wish_for(harness: HandlerHarness, kind: WishKind, subject: Subject, **more: Any) -> Wish:
    return await harness.readers.wishes.add(await place(harness), kind, subject, harness.clock.now(), **more)


async def place(harness: HandlerHarness) -> Any:
    return (await harness.written()).place


async def wishes(harness: HandlerHarness) -> list[Wish]:
    return list(await harness.readers.wishes.of(await place(harness)))


def words(value: str) -> Subject:
    return Subject(Matter.WORDS, value)


async def test_everything_is_on_one_screen_each_with_its_edit(harness: HandlerHarness) -> None:
    science = await harness.publish("News", source="36kr")
    sport = await harness.publish("A match", categories=("Sport",))
    await harness.follow(science)
    mute = await wish_for(harness, WishKind.MUTE, words("rain"), until=harness.clock.now() + DAY)
    watch = await wish_for(harness, WishKind.WATCH, words("moon"), at_once=True)
    source = await wish_for(harness, WishKind.WATCH, Subject(Matter.SOURCE, "36kr"))
    cap = await wish_for(harness, WishKind.CAP, Subject.of_category(sport.id), most=3)
    await wish_for(harness, WishKind.MORE, words("stars"))
    shown = await show(harness)
    assert "🗂 1 category · 📌 1 source · 👁 1 watch · 🔇 1 mute · ✂️ 1 limit" in shown.text
    assert list(shown.buttons.items())[:8] == [
        ("🗂 Science", FollowedButton(science.id)),
        ("📌 36kr", WishButton(source.id)),
        ("👁 moon ⚡", WishButton(watch.id)),
        ("🔇 rain · until 7 Jun 07:30", WishButton(mute.id)),
        ("✂️ Sport · at most 3", WishButton(cap.id)),
        ("+ Category", shown.buttons["+ Category"]),
        ("+ Watch", AskWishButton("watch")),
        ("+ Mute", AskWishButton("mute")),
    ]
    assert shown.buttons["More and less · 1"] == TastesButton()


async def test_who_follows_nothing_is_told_how_to_begin(harness: HandlerHarness) -> None:
    shown = await show(harness)
    assert "You don't follow anything yet" in shown.text
    assert AskWishButton("watch") in shown.buttons.values()


async def test_a_long_list_is_paged_and_edits_lead_back_to_their_page(harness: HandlerHarness) -> None:
    for number in range(11):
        await wish_for(harness, WishKind.WATCH, words(f"moon{number}"))
    shown = await show(harness)
    assert len([label for label in shown.buttons if label.startswith("👁")]) == 8
    assert shown.buttons["›"] == SubscriptionsButton(1)
    shown = await press(harness, SubscriptionsButton(1))
    (first, *_), page = [target for label, target in shown.buttons.items() if label.startswith("👁")], 1
    assert isinstance(first, WishButton)
    assert first.page == page
    shown = await press(harness, first)
    assert shown.buttons["‹ Back"] == SubscriptionsButton(page)
    # A page that there is no more shows the last one.
    shown = await press(harness, SubscriptionsButton(99))
    assert "2 / 2" in shown.buttons


async def test_a_category_is_unfollowed_and_followed_again(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    await harness.follow(science)
    shown = await press(harness, FollowedButton(science.id, 2))
    assert "1 article in the last week" in shown.text
    assert UnsubscribeButton(science.id, 2) in shown.buttons.values()
    assert CapsButton(category=science.id) in shown.buttons.values()
    shown = await press(harness, UnsubscribeButton(science.id, 2))
    assert "no longer follow <b>Science</b>" in shown.text
    assert shown.buttons == {"↩️ Undo": FollowAgainButton(science.id, 2), "‹ Back": SubscriptionsButton(2)}
    assert not await harness.readers.subscriptions.of(await place(harness))
    # A second tap shows what is left.
    shown = await press(harness, UnsubscribeButton(science.id, 2))
    assert "You don't follow anything yet" in shown.text
    for _ in range(2):
        shown = await press(harness, FollowAgainButton(science.id, 2))
    assert "follow it again" in shown.text
    assert await harness.readers.subscriptions.of(await place(harness)) == {science.id}


async def test_what_is_not_followed_is_not_shown_as_if_it_were(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    for category in (science.id, GONE):
        pressed = FollowedButton(category)
        await following.followed_pressed(await harness.pressed(pressed), harness.readers, pressed)
        assert "don't follow that" in harness.telegram.answers[-1].text
    pressed_again = FollowAgainButton(GONE)
    await following.follow_again_pressed(await harness.pressed(pressed_again), harness.readers, pressed_again)
    assert not harness.telegram.shown


async def test_a_wish_about_a_category_that_is_gone_can_be_ended(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    mute = await wish_for(harness, WishKind.MUTE, Subject.of_category(science.id))
    await harness.stores.hidden.hide_category(science.id, harness.clock.now())
    harness.stores.categories.forget_readers_tree()
    shown = await show(harness)
    assert shown.buttons["🔇 (a category that is gone)"] == WishButton(mute.id)
    shown = await press(harness, WishButton(mute.id))
    assert EndWishButton(mute.id) in shown.buttons.values()
    assert "Science" not in shown.text


async def test_a_cap_is_ended_and_had_back(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    cap = await wish_for(harness, WishKind.CAP, Subject.of_category(science.id), most=3)
    shown = await press(harness, WishButton(cap.id))
    assert "At most 3 articles" in shown.text
    assert CapsButton(category=science.id) in shown.buttons.values()
    shown = await press(harness, EndWishButton(cap.id))
    undo = next(target for target in shown.buttons.values() if isinstance(target, RestoreWishButton))
    await press(harness, undo)
    assert [(wish.kind, wish.most) for wish in await wishes(harness)] == [(WishKind.CAP, 3)]


# More and less


async def article(harness: HandlerHarness) -> Article:
    (found, *_), _ = await harness.stores.articles.latest(None, 9)
    return found


def tastes(shown: TelegramCall) -> dict[str, SetTasteButton]:
    return {label: target for label, target in shown.buttons.items() if isinstance(target, SetTasteButton)}


async def test_an_article_offers_its_source_its_categories_and_its_words(harness: HandlerHarness) -> None:
    for number in range(20):
        await harness.publish(f"Something about the budget of {number}", source="Wired")
    await harness.publish("A comet is seen", source="Wired")
    category = await harness.publish("The comet was here", source="36kr", categories=("Tech", "36kr", "Space"))
    top = await harness.stores.categories.tree()
    (tech,) = top.find("Tech")
    found = await article(harness)
    shown = await press(harness, TasteButton(found.id))
    assert tastes(shown) == {
        "🔼 36kr": SetTasteButton(found.id, "source", "", MORE),
        "🔽 36kr": SetTasteButton(found.id, "source", "", LESS),
        "🔼 Tech": SetTasteButton(found.id, "category", str(tech.id), MORE),
        "🔽 Tech": SetTasteButton(found.id, "category", str(tech.id), LESS),
        "🔼 Space": SetTasteButton(found.id, "category", str(category.id), MORE),
        "🔽 Space": SetTasteButton(found.id, "category", str(category.id), LESS),
        "🔼 comet": SetTasteButton(found.id, "words", "comet", MORE),
        "🔽 comet": SetTasteButton(found.id, "words", "comet", LESS),
    }
    assert FollowSourceButton(found.id) in shown.buttons.values()
    assert MuteSourceButton(found.id) in shown.buttons.values()


@pytest.mark.parametrize(("matter", "key"), [("source", ""), ("category", "1"), ("words", "comet")])
async def test_more_becomes_less_and_nothing_by_further_taps(harness: HandlerHarness, matter: str, key: str) -> None:
    await harness.publish("The comet is back", "A comet is seen")
    found = await article(harness)
    for _ in range(2):
        shown = await press(harness, SetTasteButton(found.id, matter, key, MORE))
        assert [wish.kind for wish in await wishes(harness)] == [WishKind.MORE]
    chosen = [label for label in tastes(shown) if label.startswith("✅ 🔼")]
    assert len(chosen) == 1
    assert tastes(shown)[chosen[0]].to == 0
    shown = await press(harness, SetTasteButton(found.id, matter, key, LESS))
    assert [wish.kind for wish in await wishes(harness)] == [WishKind.LESS]
    assert [label[:4] for label in tastes(shown) if label.startswith("✅")] == ["✅ 🔽 "[:4]]
    for _ in range(2):
        shown = await press(harness, SetTasteButton(found.id, matter, key))
    assert await wishes(harness) == []
    assert not [label for label in tastes(shown) if label.startswith("✅")]


@pytest.mark.parametrize(
    "forged",
    [("nonsense", "x"), ("category", "999"), ("category", "x"), ("words", "..."), ("words", "-moon"), ("", "")],
)
async def test_a_forged_taste_changes_nothing(harness: HandlerHarness, forged: tuple[str, str]) -> None:
    await harness.publish("News")
    for number in ((await article(harness)).id, GONE):
        pressed = SetTasteButton(number, *forged, MORE)
        await taste.set_taste_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert await wishes(harness) == []
    assert not harness.telegram.shown


async def test_a_withdrawn_article_reveals_nothing(harness: HandlerHarness) -> None:
    await harness.publish("A secret")
    found = await article(harness)
    await harness.stores.hidden.hide_sources((found.source,), harness.clock.now())
    pressed = TasteButton(found.id)
    await taste.taste_pressed(await harness.pressed(pressed), harness.readers, pressed)
    wanted = SetTasteButton(found.id, "source", "", MORE)
    await taste.set_taste_pressed(await harness.pressed(wanted), harness.readers, wanted)
    assert not harness.telegram.shown
    assert await wishes(harness) == []


async def test_a_full_list_of_wishes_is_said_in_an_alert(folder: Any) -> None:
    async with open_harness(folder, wishes={"most": 1}) as harness:
        await harness.publish("News")
        await wish_for(harness, WishKind.WATCH, words("moon"))
        pressed = SetTasteButton((await article(harness)).id, "source", "", MORE)
        await taste.set_taste_pressed(await harness.pressed(pressed), harness.readers, pressed)
        (answer,) = harness.telegram.answers
        assert answer.fields["show_alert"]
        assert "1 watches" in answer.text
        assert len(answer.text) <= 200


async def test_members_do_not_order_the_digest_of_their_group(harness: HandlerHarness) -> None:
    await harness.publish("News")
    found = await article(harness)
    pressed = SetTasteButton(found.id, "source", "", MORE)
    context = await harness.pressed(pressed, chat=GROUP)
    await taste.set_taste_pressed(context, harness.readers, pressed)
    assert await harness.readers.wishes.of(context.place) == ()
    assert harness.telegram.answers[-1].fields["show_alert"]


async def test_the_list_of_more_and_less_undoes_each(harness: HandlerHarness) -> None:
    shown = await press(harness, TastesButton())
    assert "Nothing yet" in shown.text
    more = await wish_for(harness, WishKind.MORE, words("moon"))
    less = await wish_for(harness, WishKind.LESS, Subject(Matter.SOURCE, "36kr"))
    shown = await press(harness, TastesButton())
    assert shown.buttons["🔼 moon"] == EndWishButton(more.id)
    assert shown.buttons["🔽 36kr"] == EndWishButton(less.id)
    shown = await press(harness, EndWishButton(more.id))
    assert "usual place" in shown.text
    assert shown.buttons["‹ Back"] == TastesButton()
    await press(harness, next(target for target in shown.buttons.values() if isinstance(target, RestoreWishButton)))
    assert {wish.kind for wish in await wishes(harness)} == {WishKind.MORE, WishKind.LESS}


async def test_the_lists_of_others_are_their_own(harness: HandlerHarness) -> None:
    await wish_for(harness, WishKind.MORE, words("moon"))
    await press(harness, TastesButton(), by=KIM)
    assert not [call for call in harness.telegram.shown if "moon" in str(call.fields)]
