"""/why and /preview by plain calls."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.callbacks import ArticleButton, EndWishButton, PreviewButton, SubscribeButton, WhyButton
from bot.handlers.readers import digests, previews, replies, why
from digests.model.dialogs import AwaitedReply, Question
from digests.model.ids import ArticleId
from digests.model.wish import Matter, Subject, WishKind
from digests.storage.schema.article_tables import articles
from tests.unit.handlers.harness import HandlerHarness


async def article_of(harness: HandlerHarness, title: str) -> ArticleId:
    found, _ = await harness.stores.articles.latest(None, 50)
    return next(article.id for article in found if article.title == title)


async def test_words_of_a_title_offer_what_they_find(harness: HandlerHarness) -> None:
    await harness.publish("A moon landing", "Another moon")
    await why.why(await harness.written("moon"), harness.readers)
    offered = harness.telegram.shown[-1].buttons
    assert set(offered) == {"A moon landing", "Another moon"}
    pressed = offered["Another moon"]
    assert isinstance(pressed, WhyButton)
    await why.why_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert "in no category or source that you follow" in harness.telegram.shown[-1].text


async def test_a_link_of_the_bots_and_the_articles_own_address_are_understood(harness: HandlerHarness) -> None:
    await harness.publish("A moon landing", "Another moon")
    article_id = await article_of(harness, "A moon landing")
    url = "https://news.example/文章/moon.html"
    async with harness.stores.database.write() as connection:
        await connection.execute(sa.update(articles).where(articles.c.id == article_id).values(url=url))
    for text in (
        f"https://t.me/test_bot?start=a_{article_id}",
        f"a_{article_id}",
        url,
        f"see ({url}?utm_source=x#top), please",
        "http://news.example/%E6%96%87%E7%AB%A0/moon.html/",
    ):
        await why.why(await harness.written(text), harness.readers)
        shown = harness.telegram.shown[-1]
        assert "A moon landing" in shown.text
        assert "Another moon" not in shown.text


@pytest.mark.parametrize(
    "text",
    [
        "https://[nonsense",
        "https://news.example/unknown",
        "a_999999999999999",
        "a_9999999999999999999999999",
        "<b>qqq</b>",
        "'); DROP TABLE articles; --",
        "http://" + "x" * 4000,
        "https://a.example " * 200,
        "％" * 4000,
    ],
)
async def test_what_is_no_article_gets_a_sentence(harness: HandlerHarness, text: str) -> None:
    await harness.publish("A moon landing")
    await why.why(await harness.written(text), harness.readers)
    assert harness.telegram.shown[-1].text.startswith("I couldn't find that article")


async def test_without_words_it_asks_and_takes_the_answer(harness: HandlerHarness) -> None:
    await harness.publish("A moon landing")
    context = await harness.written()
    await why.why(context, harness.readers)
    assert "Which article?" in harness.telegram.shown[-1].text
    dialog = await harness.stores.people.dialog(context.chat.id, context.user.id)
    assert dialog == AwaitedReply(Question.WHY, place=context.place.id)
    assert await replies.replied(await harness.written("landing"), harness.readers, dialog)
    assert "in no category or source that you follow" in harness.telegram.shown[-1].text


async def test_what_helps_next_is_a_button(harness: HandlerHarness) -> None:
    science = await harness.publish("A moon landing")
    article = await article_of(harness, "A moon landing")

    async def shown() -> dict[str, object]:
        pressed = WhyButton(article)
        await why.why_pressed(await harness.pressed(pressed), harness.readers, pressed)
        return dict(harness.telegram.shown[-1].buttons)

    buttons = await shown()
    assert ArticleButton(article) in buttons.values()
    assert SubscribeButton(science.id) in buttons.values() or any("Follow" in label for label in buttons)
    await harness.follow(science)
    await digests.digest(await harness.written(), harness.readers)
    await shown()
    assert "It came in your digest" in harness.telegram.shown[-1].text
    context = await harness.written()
    (stored,) = await harness.stores.articles.get([article])
    await harness.readers.wishes.add(
        context.place, WishKind.MUTE, Subject(Matter.SOURCE, stored.source), harness.clock.now()
    )
    await harness.publish("A second landing")
    article = await article_of(harness, "A second landing")
    buttons = await shown()
    assert "You mute" in harness.telegram.shown[-1].text
    assert any(isinstance(button, EndWishButton) for button in buttons.values())


async def test_a_button_for_an_article_that_is_gone(harness: HandlerHarness) -> None:
    pressed = WhyButton(999)
    await why.why_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert not harness.telegram.shown or "gone" in harness.telegram.shown[-1].text


async def test_a_preview_shows_the_next_digest_and_leaves_it(harness: HandlerHarness) -> None:
    science = await harness.publish("Old news")
    await harness.follow(science)
    await digests.digest(await harness.written(), harness.readers)
    await previews.preview(await harness.written(), harness.readers)
    assert "would be empty" in harness.telegram.shown[-1].text
    await harness.publish("A moon landing")
    for _ in range(2):
        before = len(harness.telegram.shown)
        await previews.preview(await harness.written(), harness.readers)
        digest, note = harness.telegram.shown[before:]
        assert "A moon landing" in digest.text
        assert "Your next digest as it stands" in note.text
    pressed = PreviewButton()
    await previews.preview_pressed(await harness.pressed(pressed), harness.readers, pressed)
    await digests.digest(await harness.written(), harness.readers)
    assert "A moon landing" in harness.telegram.shown[-1].text
