"""/start: greeted by the cover of the day where there is one, and never kept waiting by it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.callbacks import FinishButton
from bot.handlers import covers
from bot.handlers.covers import StartCovers
from bot.handlers.readers import start
from bot.handlers.services import ReaderServices
from bot.i18n import LANGUAGES
from bot.telegram.photos import Photo
from digests.errors import StorageError
from digests.isolation.process import WorkLost
from digests.model.mosaic import Mosaic
from digests.storage.articles.read import ArticleStore
from digests.storage.schema.article_tables import articles
from tests.factories.times import DAY, HOUR, NOW
from tests.unit.handlers.harness import GROUP, HandlerHarness, open_harness


class FakeDrawing:
    """Draws mosaics as the words on them, when it may; a broken one raises."""

    def __init__(self) -> None:
        self.drawn: list[Mosaic] = []
        self.error: Exception | None = None
        self.may_draw = asyncio.Event()
        self.may_draw.set()

    async def __call__(self, mosaic: Mosaic) -> bytes:
        """Return what stands for the picture."""
        await self.may_draw.wait()
        self.drawn.append(mosaic)
        if self.error is not None:
            raise self.error
        return repr(mosaic.cover).encode()


class Greeting:
    """The handlers of readers, with a drawing of the test's."""

    def __init__(self, harness: HandlerHarness) -> None:
        self.harness = harness
        self.drawing = FakeDrawing()
        self.covers = StartCovers(harness.stores.articles, self.drawing, "Asia/Shanghai", b"secret")
        self.services: ReaderServices = replace(harness.readers, covers=self.covers)

    async def publish(self, *titles: str) -> None:
        """Publish articles that have a picture each."""
        await self.harness.publish(*titles)
        async with self.harness.stores.database.write() as connection:
            await connection.execute(
                sa.update(articles).where(articles.c.picture == "").values(picture=articles.c.title)
            )

    async def start(self, **how: object) -> None:
        await start.start(await self.harness.written(**how), self.services)  # type: ignore[arg-type]

    @property
    def methods(self) -> list[str]:
        return [call.method for call in self.harness.telegram.shown]


@pytest.fixture
def greeting(harness: HandlerHarness) -> Greeting:
    """Return handlers of readers, with a drawing of the test's."""
    return Greeting(harness)


async def test_a_new_reader_is_greeted_by_the_cover_of_the_day(greeting: Greeting) -> None:
    await greeting.publish("Moon", "Mars")
    await greeting.start()
    cover, choice = greeting.harness.telegram.shown
    assert (cover.method, choice.method) == ("sendPhoto", "sendMessage")
    assert "Hello, Robin" in cover.text
    assert "Hello" not in choice.text
    assert FinishButton() in choice.buttons.values()
    (mosaic,) = greeting.drawing.drawn
    assert mosaic.cover is not None
    assert mosaic.cover.day == "Saturday, 6 June"
    assert set(mosaic.cover.headlines) == {"Moon", "Mars"}


async def test_a_cover_is_made_and_uploaded_once_a_day(greeting: Greeting) -> None:
    await greeting.publish("Moon")
    for _ in range(3):
        await greeting.start()
    assert len(greeting.drawing.drawn) == 1
    assert len([call for call in greeting.harness.telegram.calls if call.upload]) == 1
    greeting.harness.clock.move(DAY)
    await greeting.start()
    assert [mosaic.cover and mosaic.cover.day for mosaic in greeting.drawing.drawn] == [
        "Saturday, 6 June",
        "Sunday, 7 June",
    ]


async def test_a_cover_that_is_not_ready_keeps_nobody_waiting(
    greeting: Greeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(covers, "_WAIT_SECONDS", 0.01)
    await greeting.publish("Moon")
    greeting.drawing.may_draw.clear()
    await asyncio.gather(*[greeting.covers.of("en", NOW) for _ in range(5)])
    await greeting.start()
    (shown,) = greeting.harness.telegram.shown
    assert "Hello, Robin" in shown.text
    assert "Tick what interests you" in shown.text
    greeting.drawing.may_draw.set()
    await greeting.covers.refresh(NOW)
    await greeting.start()
    assert greeting.methods == ["sendMessage", "sendPhoto", "sendMessage"]


@pytest.mark.parametrize("error", [WorkLost("it ended"), FileNotFoundError("a picture is gone")])
async def test_without_a_cover_words_greet(greeting: Greeting, error: Exception) -> None:
    await greeting.publish("Moon")
    greeting.drawing.error = error
    for _ in range(3):
        await greeting.start()
    assert greeting.methods == ["sendMessage"] * 3
    # It is tried again in a while, not for everybody.
    assert len(greeting.drawing.drawn) == 1
    greeting.harness.clock.move(HOUR)
    greeting.drawing.error = None
    await greeting.start()
    assert greeting.methods[3:] == ["sendPhoto", "sendMessage"]


async def test_a_cover_that_can_not_be_made_anew_stays_for_the_day(
    greeting: Greeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    await greeting.publish("Moon")
    await greeting.covers.refresh(NOW)

    async def fail(*_arguments: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(ArticleStore, "latest", fail)
    await greeting.covers.refresh(NOW + HOUR)
    assert await greeting.covers.of("en", NOW + HOUR) is not None
    assert await greeting.covers.of("en", NOW + DAY) is None


async def test_the_latest_articles_are_on_a_cover_made_anew(greeting: Greeting) -> None:
    await greeting.publish("Moon")
    await greeting.covers.refresh(NOW)
    await greeting.covers.refresh(NOW)
    await greeting.publish("Mars")
    await greeting.covers.refresh(NOW + HOUR)
    # In each language.
    assert [len(mosaic.tiles) for mosaic in greeting.drawing.drawn] == [1] * len(LANGUAGES) + [2] * len(LANGUAGES)
    await greeting.covers.close()


async def test_articles_without_pictures_make_no_cover(greeting: Greeting) -> None:
    await greeting.harness.publish("Moon")
    await greeting.start()
    assert greeting.methods == ["sendMessage"]
    assert not greeting.drawing.drawn


async def test_a_group_is_greeted_in_words(greeting: Greeting) -> None:
    greeting.harness.telegram.member_status = "creator"
    await greeting.publish("Moon")
    await greeting.start(chat=GROUP)
    assert greeting.methods == ["sendMessage"]


@pytest.mark.parametrize("words", ["Bad Request: IMAGE_PROCESS_FAILED", "Bad Request: something new"])
async def test_a_cover_that_telegram_refuses_loses_no_words(greeting: Greeting, words: str) -> None:
    await greeting.publish("Moon")
    greeting.harness.telegram.refuse("sendPhoto", words)
    await greeting.start()
    texts = [call.text for call in greeting.harness.telegram.shown if call.method == "sendMessage"]
    assert sum("Hello, Robin" in text for text in texts) == 1
    assert "Tick what interests you" in texts[-1]


async def test_an_upload_that_never_ends_is_given_up(greeting: Greeting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "_GREETING_SECONDS", 0.01)
    await greeting.publish("Moon")

    async def hang(*_arguments: object, **_named: object) -> tuple[int, bytes]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(type(greeting.harness.telegram), "send_form", hang)
    await greeting.start()
    (shown,) = greeting.harness.telegram.shown
    assert "Hello, Robin" in shown.text


@pytest.mark.parametrize("pictures", ["lead", "none"])
async def test_no_cover_is_made_where_pictures_are_not_put_together(folder: Path, pictures: str) -> None:
    async with open_harness(folder, media={"pictures": pictures}) as harness:
        assert harness.readers.covers is None
        await harness.publish("Moon")
        await start.start(await harness.written(), harness.readers)
        (shown,) = harness.telegram.shown
        assert shown.method == "sendMessage"


def test_a_png_is_called_so() -> None:
    assert [Photo(content).filename for content in (b"\x89PNG...", b"\xff\xd8...")] == ["picture.png", "picture.jpg"]
