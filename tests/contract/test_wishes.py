from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from digests.errors import NotFound
from digests.model.ids import CategoryId, PlaceId
from digests.model.wish import Matter, Subject, WishId, WishKind
from digests.planning.matching import Matcher
from digests.readers.place_wishes import MANY_MATCHES, PlaceWishes, WishRefusal, WishRefused, words_subject
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.places.own_data import OwnDataStore
from digests.storage.schema import queries, query_matches, wishes
from digests.storage.search.port import ArticleIndex
from digests.storage.wishes.matches import MatchStore
from digests.storage.wishes.wishes import WishStore
from tests.factories.articles import parsed_post, read_post
from tests.factories.places import add_active_place
from tests.factories.times import DAY, HOUR, NOW

MOON = words_subject("moon")
TIDEWATER = Subject(Matter.SOURCE, "Tidewater")
OCEANS = Subject.of_category(CategoryId(3))


class FixedClock:
    def now(self) -> datetime:
        return NOW


def place_wishes(database: Database, index: ArticleIndex, *, most: int = 50) -> PlaceWishes:
    clock, articles = FixedClock(), ArticleStore(database)
    matcher = Matcher(MatchStore(database), articles, index, clock, timedelta(days=7))
    categories, hidden = CategoryStore(database), HiddenStore(database)
    return PlaceWishes(WishStore(database), index, articles, categories, hidden, matcher, clock, most)


async def ingest(database: Database, index: ArticleIndex, *titles: str, days: int = 0) -> None:
    posts = [read_post(f"{title}.md", parsed_post(title), age=24 * days) for title in titles]
    await IngestStore(database).write("site", posts, NOW - days * DAY)
    await index.update(ArticleStore(database))


async def test_wishes_are_listed_by_kind_the_oldest_first(database: Database) -> None:
    store, place = WishStore(database), await add_active_place(database)
    await store.put(place.id, WishKind.CAP, OCEANS, NOW, limit=9, most=3)
    await store.put(place.id, WishKind.WATCH, words_subject("mars"), NOW + HOUR, limit=9)
    moon = await store.put(place.id, WishKind.WATCH, MOON, NOW, limit=9, at_once=True)
    await store.put(place.id, WishKind.MUTE, TIDEWATER, NOW, limit=9, until=NOW + DAY)
    found = await store.of_place(place.id, NOW)
    assert [(wish.kind, wish.subject.value) for wish in found] == [
        (WishKind.WATCH, "moon"),
        (WishKind.WATCH, "mars"),
        (WishKind.MUTE, "Tidewater"),
        (WishKind.CAP, "3"),
    ]
    assert found[0] == moon
    assert (moon.at_once, moon.most, moon.until, moon.created_at) == (True, 0, None, NOW)
    assert (found[3].most, found[3].subject.category) == (3, 3)
    assert await store.of_places([place.id, PlaceId(99)], NOW) == {place.id: found}


async def test_words_are_stored_once_for_all_places(database: Database) -> None:
    store = WishStore(database)
    places = [await add_active_place(database, chat) for chat in (5, 6)]
    put = [await store.put(place.id, WishKind.WATCH, MOON, NOW, limit=9) for place in places]
    put.append(await store.put(places[0].id, WishKind.MORE, MOON, NOW, limit=9))
    assert len({wish.query for wish in put}) == 1
    assert put[0].query is not None
    async with database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(queries)) == 1
    assert (await store.put(places[0].id, WishKind.MUTE, TIDEWATER, NOW, limit=9)).query is None


async def test_a_wish_again_changes_what_is_there(database: Database) -> None:
    store, place = WishStore(database), await add_active_place(database)
    first = await store.put(place.id, WishKind.MUTE, MOON, NOW, limit=1, until=NOW + DAY)
    again = await store.put(place.id, WishKind.MUTE, MOON, NOW + HOUR, limit=1)
    assert (again.id, again.until, again.created_at) == (first.id, None, NOW)
    assert await store.of_place(place.id, NOW + HOUR) == (again,)


@pytest.mark.parametrize(
    ("before", "after"),
    [(WishKind.WATCH, WishKind.MUTE), (WishKind.LESS, WishKind.MORE), (WishKind.MUTE, WishKind.WATCH)],
)
async def test_a_wish_takes_the_place_of_its_opposite(database: Database, before: WishKind, after: WishKind) -> None:
    store, place = WishStore(database), await add_active_place(database)
    await store.put(place.id, before, MOON, NOW, limit=2)
    await store.put(place.id, before, TIDEWATER, NOW, limit=2)
    await store.put(place.id, after, MOON, NOW, limit=2)
    found = {(wish.kind, wish.subject) for wish in await store.of_place(place.id, NOW)}
    assert found == {(after, MOON), (before, TIDEWATER)}


async def test_a_place_has_no_more_wishes_than_the_limit(database: Database) -> None:
    store, place, other = WishStore(database), await add_active_place(database), await add_active_place(database, 6)
    await store.put(place.id, WishKind.MUTE, MOON, NOW, limit=2, until=NOW + HOUR)
    await store.put(place.id, WishKind.MUTE, TIDEWATER, NOW, limit=2)
    with pytest.raises(WishRefused) as refused:
        await store.put(place.id, WishKind.MUTE, OCEANS, NOW, limit=2)
    assert refused.value.reason is WishRefusal.TOO_MANY
    assert len(await store.of_place(place.id, NOW)) == 2
    await store.put(other.id, WishKind.MUTE, OCEANS, NOW, limit=2)
    # What has ended counts no more.
    await store.put(place.id, WishKind.MUTE, OCEANS, NOW + HOUR, limit=2)
    assert len(await store.of_place(place.id, NOW + HOUR)) == 2


async def test_taps_at_once_keep_the_limit(database: Database) -> None:
    store, place = WishStore(database), await add_active_place(database)
    subjects = [words_subject(word) for word in ("moon", "mars", "venus", "moon", "earth", "moon")]
    put = [store.put(place.id, WishKind.WATCH, subject, NOW, limit=3) for subject in subjects]
    results = await asyncio.gather(*put, return_exceptions=True)
    assert all(isinstance(result, WishRefused) for result in results if isinstance(result, Exception))
    assert len(await store.of_place(place.id, NOW)) == 3


async def test_mutes_end(database: Database) -> None:
    store, place = WishStore(database), await add_active_place(database)
    mute = await store.put(place.id, WishKind.MUTE, MOON, NOW, limit=9, until=NOW + timedelta(days=7))
    assert await store.of_place(place.id, NOW + timedelta(days=6)) == (mute,)
    assert await store.of_place(place.id, NOW + timedelta(days=7)) == ()
    assert await store.change(place.id, mute.id, NOW + timedelta(days=7), until=NOW + timedelta(days=9)) is None


async def test_only_its_own_place_changes_a_wish(database: Database) -> None:
    store, place, other = WishStore(database), await add_active_place(database), await add_active_place(database, 6)
    wish = await store.put(place.id, WishKind.WATCH, MOON, NOW, limit=9)
    assert await store.change(other.id, wish.id, NOW, at_once=True) is None
    assert await store.remove(other.id, wish.id) is None
    assert await store.change(place.id, WishId(99), NOW, at_once=True) is None
    changed = await store.change(place.id, wish.id, NOW, at_once=True)
    assert changed is not None
    assert changed.at_once
    assert await store.change(place.id, wish.id, NOW) == changed
    assert await store.remove(place.id, wish.id) == changed
    assert await store.remove(place.id, wish.id) is None


async def test_wishes_go_with_their_place(database: Database) -> None:
    store, place = WishStore(database), await add_active_place(database)
    await store.put(place.id, WishKind.WATCH, MOON, NOW, limit=9)
    await OwnDataStore(database).forget(place.chat_id, None)
    async with database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(wishes)) == 0
    with pytest.raises(NotFound):
        await store.put(place.id, WishKind.WATCH, MOON, NOW, limit=9)


async def test_a_sample_shows_what_words_would_have_found(database: Database, index: ArticleIndex) -> None:
    await ingest(database, index, "Moon, long ago", days=8)
    await ingest(database, index, *(f"Moon {number}" for number in range(5)), "Mars", days=1)
    sample = await place_wishes(database, index).sample("  MOON ", NOW)
    assert (sample.words, sample.total) == ("moon", 5)
    assert len(sample.articles) == 3
    assert all(article.title.startswith("Moon") for article in sample.articles)
    assert (await place_wishes(database, index).sample("venus", NOW)).total == 0


async def test_a_wish_is_undone_and_done_again(database: Database, index: ArticleIndex) -> None:
    use_case, place = place_wishes(database, index), await add_active_place(database)
    await ingest(database, index, "Moon", "Mars", days=1)
    wish = await use_case.add(place, WishKind.WATCH, words_subject("Moon"), NOW, at_once=True)
    assert await use_case.of(place) == (wish,)
    async with database.read() as connection:
        assert (await connection.execute(sa.select(query_matches))).all() == [(wish.query, 1)]
    removed = await use_case.remove(place, wish.id)
    assert removed == wish
    again = await use_case.add(place, removed.kind, removed.subject, NOW, at_once=removed.at_once)
    assert (again.subject, again.at_once) == (wish.subject, True)
    changed = await use_case.change(place, again.id, NOW, at_once=False)
    assert changed is not None
    assert not changed.at_once


async def test_words_that_nearly_all_articles_have_are_no_wish(database: Database, index: ArticleIndex) -> None:
    use_case, place = place_wishes(database, index), await add_active_place(database)
    await ingest(database, index, *(f"Number {number}" for number in range(MANY_MATCHES)), days=1)
    await use_case.add(place, WishKind.WATCH, words_subject("number"), NOW)
    await ingest(database, index, "Number, once more", *(f"Mars {number}" for number in range(50)), days=1)
    for wanted in ("number", "what", "number -mars", "cat:Science"):
        with pytest.raises(WishRefused) as refused:
            await use_case.add(place, WishKind.MUTE, words_subject(wanted), NOW)
        assert refused.value.reason is WishRefusal.MATCHES_EVERYTHING
        with pytest.raises(WishRefused):
            await use_case.sample(wanted, NOW)
    assert (await use_case.sample("mars", NOW)).total == 50


async def test_an_unknown_category_is_named(database: Database, index: ArticleIndex) -> None:
    use_case, place = place_wishes(database, index), await add_active_place(database)
    with pytest.raises(WishRefused) as refused:
        await use_case.add(place, WishKind.WATCH, words_subject("moon cat:Nowhere"), NOW)
    assert (refused.value.reason, refused.value.what) == (WishRefusal.UNKNOWN_CATEGORY, "nowhere")
    with pytest.raises(WishRefused):
        await use_case.add(place, WishKind.WATCH, Subject(Matter.WORDS, "-moon"), NOW)


async def test_a_cap_is_a_number_of_a_category(database: Database, index: ArticleIndex) -> None:
    use_case, place = place_wishes(database, index), await add_active_place(database)
    assert (await use_case.add(place, WishKind.CAP, OCEANS, NOW, most=3)).most == 3
    for subject, most in ((OCEANS, 0), (MOON, 3)):
        with pytest.raises(ValueError, match="cap"):
            await use_case.add(place, WishKind.CAP, subject, NOW, most=most)


async def test_what_a_kind_has_no_use_for_is_ignored(database: Database, index: ArticleIndex) -> None:
    use_case, place = place_wishes(database, index), await add_active_place(database)
    more = await use_case.add(place, WishKind.MORE, OCEANS, NOW, most=3, at_once=True)
    source = await use_case.add(place, WishKind.WATCH, TIDEWATER, NOW, at_once=True)
    assert [(wish.most, wish.at_once) for wish in (more, source)] == [(0, False), (0, False)]
    assert await use_case.change(place, source.id, NOW, at_once=True) is None
    assert await use_case.change(place, more.id, NOW, most=2) is None
    assert await use_case.of(place) == (source, more)
