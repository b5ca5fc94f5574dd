"""Links that open in the bot: made by /link, and opened by /start, by plain calls."""

from __future__ import annotations

import pytest

from bot.callbacks import DeepLinkButton, FinishButton, UnfollowButton
from bot.handlers.readers import links, start
from digests.model.category_tree import Category
from digests.model.place import PlaceState
from tests.fakes import TelegramCall
from tests.unit.handlers.harness import GROUP, ROBIN, HandlerHarness


async def open_link(harness: HandlerHarness, payload: str, **more: object) -> TelegramCall:
    await start.start(await harness.written(payload, **more), harness.readers)  # type: ignore[arg-type]
    return harness.telegram.shown[-1]


async def followed(harness: HandlerHarness) -> set[int]:
    return set(await harness.stores.places.subscriptions((await harness.place()).id))


async def test_a_new_reader_follows_in_one_tap_and_goes_on_with_the_set_up(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    shown = await open_link(harness, f"c_{science.id}")
    assert "You follow" in shown.text
    assert "Science" in shown.text
    assert {FinishButton(), UnfollowButton(science.id)} <= set(shown.buttons.values())
    assert await followed(harness) == {science.id}
    assert (await harness.place()).state is PlaceState.ACTIVE


async def test_who_follows_it_already_is_told_so(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    await harness.follow(science)
    assert "already follow" in (await open_link(harness, f"c_{science.id}")).text


async def test_undo_gives_back_what_was_followed_before(harness: HandlerHarness) -> None:
    below = [await harness.publish(name, categories=("Science", name)) for name in ("Space", "Sea", "Air")]
    top = next(category for category in await harness.stores.categories.tree() if category.path == ("Science",))
    for category in below[:2]:
        await harness.follow(category)
    before = await followed(harness)
    shown = await open_link(harness, f"c_{top.id}")
    assert await followed(harness) == {top.id}
    (undo,) = (button for button in shown.buttons.values() if isinstance(button, UnfollowButton))
    for _ in range(2):
        await links.unfollow_pressed(await harness.pressed(undo), harness.readers, undo)
        assert await followed(harness) == before


@pytest.mark.parametrize("former", ["x", "1.x", "1..2", "٣", "1." * 40, "-1"])
async def test_forged_ids_to_give_back_do_nothing(harness: HandlerHarness, former: str) -> None:
    science = await harness.publish("News")
    await harness.follow(science)
    undo = UnfollowButton(science.id, former)
    await links.unfollow_pressed(await harness.pressed(UnfollowButton(science.id)), harness.readers, undo)
    assert await followed(harness) == set()


@pytest.mark.parametrize(
    "payload",
    ["c_", "c_0", "c_999", "c_-1", "c_1x", "c_٣", "x_1", "c", "a_", "a_x", "c_" + "9" * 60, "C_1", "c_1 a_1", "🌙"],
)
async def test_a_payload_that_says_nothing_is_a_plain_start(harness: HandlerHarness, payload: str) -> None:
    await harness.publish("News")
    shown = await open_link(harness, payload)
    assert "Tick what interests you" in shown.text
    assert await followed(harness) == set()


async def test_in_a_group_a_link_is_a_plain_start(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    harness.telegram.member_status = "creator"
    shown = await open_link(harness, f"c_{science.id}", chat=GROUP)
    assert "Tick what interests you" in shown.text


async def test_a_link_opens_an_article(harness: HandlerHarness) -> None:
    await harness.publish("The moon")
    await open_link(harness, "a_1")
    card, hint = harness.telegram.shown
    assert "The moon" in card.text
    assert "only what you choose" in hint.text
    await harness.follow(await harness.publish("More"))
    await open_link(harness, "a_1")
    assert len(harness.telegram.shown) == 3


@pytest.mark.parametrize("payload", ["a_999", "a_0"])
async def test_the_link_of_an_article_that_is_gone_says_so(harness: HandlerHarness, payload: str) -> None:
    shown = await open_link(harness, payload)
    assert "This article is gone" in shown.text


async def test_a_link_is_made_with_its_picture_and_leads_back(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    await links.make_link(await harness.written("science"), harness.readers)
    (shown,) = harness.telegram.shown
    assert f"https://t.me/digest_bot?start=c_{science.id}" in shown.text
    assert shown.upload.startswith(b"\x89PNG")
    assert "copy_text" in str(shown.fields["reply_markup"])


@pytest.mark.parametrize(("name", "said"), [("scince", "Did you mean"), ("qqqq", "/categories"), ("", "/link NAME")])
async def test_without_a_category_it_says_what_to_do(harness: HandlerHarness, name: str, said: str) -> None:
    await harness.follow(await harness.publish("News"))
    await links.make_link(await harness.written(name), harness.readers)
    (shown,) = harness.telegram.shown
    assert said in shown.text
    assert not shown.upload


async def test_an_ambiguous_name_offers_a_choice(harness: HandlerHarness) -> None:
    found: list[Category] = [await harness.publish(top, categories=(top, "Ball")) for top in ("Sport", "Party")]
    await links.make_link(await harness.written("ball"), harness.readers)
    (shown,) = harness.telegram.shown
    assert set(shown.buttons.values()) == {DeepLinkButton("c", category.id) for category in found}
    pressed = DeepLinkButton("c", found[0].id)
    await links.link_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert f"start=c_{found[0].id}" in harness.telegram.shown[-1].text


async def test_an_answer_to_a_card_makes_the_articles_link(harness: HandlerHarness) -> None:
    await harness.publish("The moon")
    keyboard = {"inline_keyboard": [[{"text": "Link", "callback_data": "ah|a|1"}]]}
    card = {"message_id": 39, "date": 1, "chat": {"id": ROBIN["id"], "type": "private"}, "reply_markup": keyboard}
    await links.make_link(await harness.written(reply_to_message={**card, "text": "A card"}), harness.readers)
    (shown,) = harness.telegram.shown
    assert "start=a_1" in shown.text


@pytest.mark.parametrize("pressed", [DeepLinkButton("a", 999), DeepLinkButton("c", 999), DeepLinkButton("x", 1)])
async def test_a_link_to_what_is_gone_is_not_made(harness: HandlerHarness, pressed: DeepLinkButton) -> None:
    await links.link_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert not harness.telegram.shown
    assert harness.telegram.answers
