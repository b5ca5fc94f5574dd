"""Cards of articles, and what is kept of them, by plain calls of their handlers."""

from __future__ import annotations

import json

import pytest

from bot.callbacks import (
    TICK,
    UNTICK,
    ArticleButton,
    Button,
    DeepLinkButton,
    OpenCategoryButton,
    SaveButton,
    SimilarButton,
    StoryButton,
)
from bot.handlers.articles import card, similar
from bot.limits import CAPTION
from bot.text.markup import visible_length
from digests.model.article import Article
from digests.model.ids import ArticleId
from digests.model.saved import MOST_SAVED
from tests.unit.handlers.harness import GROUP, KIM, ROBIN, HandlerHarness

PICTURE = "https://img.example/moon.jpg"


async def the_article(harness: HandlerHarness, title: str) -> Article:
    found = await harness.readers.look_up.lookup.find(f'"{title}"', await harness.stores.categories.readers_tree(), 5)
    return found.hits[0].article


async def press(
    harness: HandlerHarness, pressed: Button, *, by: object = ROBIN, shown: tuple[Button, ...] = ()
) -> None:
    """Press a button of a card in a private chat."""
    services = harness.readers.look_up
    context = await harness.pressed(pressed, *shown, by=by)  # type: ignore[arg-type]
    match pressed:
        case ArticleButton():
            await card.article_pressed(context, services, pressed)
        case SaveButton():
            await card.save_pressed(context, services, pressed)
        case StoryButton():
            await card.story_pressed(context, services, pressed)
        case OpenCategoryButton():
            await card.category_pressed(context, services, pressed)
        case SimilarButton():
            await similar.similar_pressed(context, services, pressed)
        case _:
            raise AssertionError(pressed)


async def test_a_card_shows_what_there_is_and_leads_on(harness: HandlerHarness) -> None:
    science = await harness.publish("The moon", summary="It is far away.", thumbnail=PICTURE)
    article = await the_article(harness, "The moon")
    await press(harness, ArticleButton(article.id))
    (shown,) = harness.telegram.shown
    assert "The moon" in shown.text
    assert "It is far away." in shown.text
    assert json.loads(json.dumps(shown.fields["link_preview_options"]))["url"] == PICTURE
    buttons = set(shown.buttons.values())
    assert {SaveButton(article.id, TICK), SimilarButton(article.id), OpenCategoryButton(science.id)} <= buttons
    assert DeepLinkButton("a", article.id) in buttons
    # Nobody else reports it.
    assert StoryButton(article.id) not in buttons


async def test_a_double_tap_brings_one_card(harness: HandlerHarness) -> None:
    await harness.publish("The moon")
    article = await the_article(harness, "The moon")
    await press(harness, ArticleButton(article.id))
    await press(harness, ArticleButton(article.id))
    assert len(harness.telegram.shown) == 1
    await press(harness, ArticleButton(article.id), by=KIM)
    assert len(harness.telegram.shown) == 2


@pytest.mark.parametrize("number", [0, 999, 10**15 - 1])
async def test_an_article_that_is_not_there_has_no_card(harness: HandlerHarness, number: int) -> None:
    await harness.publish("The moon")
    for pressed in (ArticleButton(number), SaveButton(number, TICK), StoryButton(number), SimilarButton(number)):
        await press(harness, pressed)
    assert not harness.telegram.shown
    assert all("This article is gone" in answer.text for answer in harness.telegram.answers)
    assert len(harness.telegram.answers) == 4


async def test_a_withdrawn_article_has_no_card_any_more(harness: HandlerHarness) -> None:
    await harness.publish("The moon")
    article = await the_article(harness, "The moon")
    await harness.admins.curation.withdraw(article.id, recall=False, report_chat=ROBIN["id"])
    await press(harness, ArticleButton(article.id))
    assert not harness.telegram.shown


async def test_a_caption_holds_any_summary(harness: HandlerHarness) -> None:
    summary = "Это t.me/x, /start and @robin. " * 100
    await harness.publish("The moon " * 60, summary=summary)
    found, _ = await harness.stores.articles.latest(None, 1)
    await press(harness, ArticleButton(found[0].id))
    (shown,) = harness.telegram.shown
    assert CAPTION * 0.8 < visible_length(shown.text) <= CAPTION


async def test_saving_and_its_end_are_shown_on_the_card(harness: HandlerHarness) -> None:
    await harness.publish("The moon")
    article = await the_article(harness, "The moon")
    save, end = SaveButton(article.id, TICK), SaveButton(article.id, UNTICK)
    await press(harness, save, shown=(SimilarButton(article.id),))
    edit = harness.telegram.called("editMessageReplyMarkup")[-1]
    assert set(edit.buttons.values()) == {end, SimilarButton(article.id)}
    assert "/saved" in harness.telegram.answers[-1].text
    await press(harness, ArticleButton(article.id))
    assert end in harness.telegram.shown[-1].buttons.values()
    await press(harness, end)
    assert set(harness.telegram.called("editMessageReplyMarkup")[-1].buttons.values()) == {save}
    assert not await harness.stores.saved.of(ROBIN["id"])


async def test_saving_twice_saves_once_and_says_so_quietly(harness: HandlerHarness) -> None:
    await harness.publish("The moon")
    save = SaveButton((await the_article(harness, "The moon")).id, TICK)
    await press(harness, save)
    await press(harness, save)
    assert len(await harness.stores.saved.of(ROBIN["id"])) == 1
    assert not any(answer.fields.get("show_alert") for answer in harness.telegram.answers)


async def test_in_a_group_everybody_saves_for_themselves(harness: HandlerHarness) -> None:
    await harness.publish("The moon")
    article = await the_article(harness, "The moon")
    save = SaveButton(article.id, TICK)
    await card.save_pressed(await harness.pressed(save, chat=GROUP), harness.readers.look_up, save)
    await card.save_pressed(await harness.pressed(save, chat=GROUP, by=KIM), harness.readers.look_up, save)
    # The card looks the same to all.
    assert not harness.telegram.called("editMessageReplyMarkup")
    for person in (ROBIN, KIM):
        assert [entry.id for entry in await harness.stores.saved.of(person["id"])] == [article.id]
    pressed = ArticleButton(article.id)
    await card.article_pressed(await harness.pressed(pressed, chat=GROUP), harness.readers.look_up, pressed)
    assert save in harness.telegram.shown[-1].buttons.values()


async def test_more_cannot_be_saved_than_the_limit(harness: HandlerHarness) -> None:
    await harness.publish(*(f"Article {number}" for number in range(MOST_SAVED + 1)))
    for number in range(1, MOST_SAVED + 1):
        await harness.stores.saved.save(ROBIN["id"], ArticleId(number), harness.clock.now(), MOST_SAVED)
    await press(harness, SaveButton(MOST_SAVED + 1, TICK))
    (answer,) = harness.telegram.answers
    assert "1,000" in answer.text
    assert "/saved" in answer.text


async def test_more_like_this_leaves_out_the_article_and_its_story(harness: HandlerHarness) -> None:
    words = "comet telescope observatory"
    await harness.publish(f"Bright {words}", f"Faint {words}", "A recipe for bread", "Football tonight", summary="")
    article = await the_article(harness, f"Bright {words}")
    await press(harness, SimilarButton(article.id))
    (shown,) = harness.telegram.shown
    assert f"Faint {words}" in shown.text
    assert "bread" not in shown.text
    assert "More like this" in shown.text
    other = await the_article(harness, f"Faint {words}")
    assert list(shown.buttons.values()) == [ArticleButton(other.id)]


async def test_where_nothing_is_alike_it_says_so(harness: HandlerHarness) -> None:
    await harness.publish("The moon")
    await press(harness, SimilarButton((await the_article(harness, "The moon")).id))
    assert not harness.telegram.shown
    assert "nothing else like this" in harness.telegram.answers[-1].text


@pytest.mark.parametrize("page", [1, 2, 3, 99_999])
async def test_similar_articles_are_paged_in_place(harness: HandlerHarness, page: int) -> None:
    await harness.publish(*(f"A recipe for {number} people" for number in range(150)))
    await harness.publish(*(f"Comet telescope observatory number {word}" for word in "abcdefghijklm"), summary="")
    article = (await harness.stores.articles.latest(None, 1))[0][0]
    pressed = SimilarButton(article.id, page)
    await press(harness, pressed)
    await harness.parts.chats.screens.settle()
    edit = harness.telegram.called("editMessageText")[-1]
    assert article.title not in edit.text.partition("\n\n")[2]
    pages = -(-12 // harness.readers.options.page_size)
    assert f"{min(page, pages)} / {pages}" in edit.buttons
