"""What people keep to read later, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digests.model.ids import ArticleId
from digests.model.saved import SaveOutcome
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.people.saved import SavedStore
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import NOW

MOST = 3


@pytest.fixture
async def saved(database: Database) -> SavedStore:
    titles = ("Moon", "Mars", "Venus", "Pluto")
    batch = [read_post(f"{title}.md", parsed_post(title)) for title in titles]
    await IngestStore(database, timedelta(days=3)).write("folder", batch, NOW)
    return SavedStore(database)


async def kept_by(saved: SavedStore, user: int) -> list[int]:
    return [entry.id for entry in await saved.of(user)]


async def test_the_last_saved_comes_first_whatever_was_published_when(saved: SavedStore) -> None:
    for minute, article in enumerate((3, 1, 2)):
        assert await saved.save(7, ArticleId(article), NOW + timedelta(minutes=minute), MOST) is SaveOutcome.SAVED
    assert await kept_by(saved, 7) == [2, 1, 3]
    assert [entry.at for entry in await saved.of(7)] == [NOW + timedelta(minutes=minute) for minute in (2, 1, 0)]


async def test_saving_twice_keeps_the_first_time(saved: SavedStore) -> None:
    await saved.save(7, ArticleId(1), NOW, MOST)
    assert await saved.save(7, ArticleId(1), NOW + timedelta(days=1), MOST) is SaveOutcome.ALREADY
    (entry,) = await saved.of(7)
    assert entry.at == NOW


async def test_everybody_has_their_own_and_their_own_limit(saved: SavedStore) -> None:
    for article in range(1, MOST + 1):
        await saved.save(7, ArticleId(article), NOW, MOST)
    assert await saved.save(7, ArticleId(4), NOW, MOST) is SaveOutcome.FULL
    # What is kept already is no more than there is.
    assert await saved.save(7, ArticleId(1), NOW, MOST) is SaveOutcome.ALREADY
    assert await saved.save(8, ArticleId(4), NOW, MOST) is SaveOutcome.SAVED
    assert (await kept_by(saved, 8), len(await kept_by(saved, 7))) == ([4], MOST)


async def test_a_removal_says_when_it_was_saved_and_frees_room(saved: SavedStore) -> None:
    for article in range(1, MOST + 1):
        await saved.save(7, ArticleId(article), NOW, MOST)
    assert await saved.remove(8, ArticleId(1)) is None
    assert await saved.remove(7, ArticleId(1)) == NOW
    assert await saved.remove(7, ArticleId(1)) is None
    assert await saved.save(7, ArticleId(4), NOW, MOST) is SaveOutcome.SAVED


async def test_which_of_some_are_kept(saved: SavedStore) -> None:
    await saved.save(7, ArticleId(2), NOW, MOST)
    assert await saved.kept_among(7, [ArticleId(1), ArticleId(2)]) == {2}
    assert await saved.kept_among(8, [ArticleId(2)]) == frozenset()
    assert await saved.kept_among(7, []) == frozenset()
