"""What is kept about a chat: told as a whole, and forgotten as a whole, in the files too."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from digests.model.place import Place, PlaceState
from digests.model.role import Role
from digests.model.wish import WishKind
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.people.people import PeopleStore
from digests.storage.places.own_data import OwnDataStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema.article_tables import withdrawn
from digests.storage.schema.base import metadata
from digests.storage.schema.place_tables import managed, saved_articles
from digests.storage.schema.wish_tables import queries, wishes
from digests.storage.wishes.matches import MatchStore
from tests.factories.articles import parsed_post, read_post
from tests.factories.places import add_active_place, new_place
from tests.factories.times import DAY, NOW
from tests.factories.wishes import add_words

ROBIN, KIM = 7_000_000_005, 7_000_000_006
YEAR = timedelta(days=365)


async def _wish(database: Database, place: Place, words: str) -> None:
    row = {"place_id": place.id, "kind": "watch", "matter": "words", "value": words, "created_at": NOW}
    async with database.write() as connection:
        await connection.execute(sa.insert(wishes), row)


async def _save_article(database: Database, user: int) -> None:
    await IngestStore(database).write("folder", [read_post("a.md", parsed_post("The tide"))], NOW)
    async with database.write() as connection:
        article = await connection.scalar(sa.text("SELECT id FROM articles"))
        await connection.execute(sa.insert(saved_articles), {"user_id": user, "article_id": article, "at": NOW})


async def _rows_of(database: Database, *numbers: int) -> dict[str, int]:
    """Return how many rows of each table have one of these numbers in any of their columns."""
    found: dict[str, int] = {}
    async with database.read() as connection:
        for table in metadata.sorted_tables:
            rows = (await connection.execute(sa.select(table))).all()
            if count := sum(any(value in numbers for value in row) for row in rows):
                found[table.name] = count
    return found


async def _everything_of_robin(database: Database) -> Place:
    place = await add_active_place(database, ROBIN, title="Robin Redbreast")
    await _wish(database, place, "xyzzy harbour")
    await _save_article(database, ROBIN)
    people = PeopleStore(database)
    await people.keep_lookup(ROBIN, "plugh lighthouse", NOW)
    await people.keep_lookup(ROBIN, '{"feed-address":["https://site.example/"]}', NOW)
    await people.let_in(ROBIN, NOW)
    await people.open_invite("code", NOW, NOW + DAY)
    await people.use_invite("code", ROBIN, ROBIN, NOW)
    async with database.write() as connection:
        await connection.execute(sa.insert(managed), {"user_id": ROBIN, "place_id": place.id, "at": NOW})
    return place


async def test_all_that_is_kept_is_told(database: Database) -> None:
    place = await _everything_of_robin(database)
    await PeopleStore(database).grant(ROBIN, Role.EDITOR, NOW)
    kept = await OwnDataStore(database).of(ROBIN, ROBIN)
    (of_place,) = kept.places
    assert of_place.place == place
    assert len(of_place.categories) == 1
    assert [wish.subject.value for wish in of_place.wishes] == ["xyzzy harbour"]
    assert [query for query, _ in kept.searches] == ["plugh lighthouse"]
    assert [note for note, _ in kept.feed_notes] == ['{"feed-address":["https://site.example/"]}']
    assert [article.title for article in kept.saved] == ["The tide"]
    assert (kept.role, kept.let_in_at) == (Role.EDITOR, NOW)


async def test_of_somebody_unknown_nothing_is_kept(database: Database) -> None:
    kept = await OwnDataStore(database).of(ROBIN, ROBIN)
    assert (kept.places, kept.searches, kept.feed_notes, kept.saved, kept.role) == ((), (), (), (), None)
    assert kept.let_in_at is None


async def test_no_row_of_who_is_forgotten_is_left_and_all_of_others(database: Database) -> None:
    robin, kim = await _everything_of_robin(database), await add_active_place(database, KIM)
    await _wish(database, kim, "kim's own")
    others = await _rows_of(database, KIM, kim.id)
    await OwnDataStore(database).forget(ROBIN, ROBIN)
    assert await _rows_of(database, ROBIN) == {}
    async with database.read() as connection:
        left = await connection.scalar(sa.select(sa.func.count()).where(wishes.c.place_id == robin.id))
    assert left == 0
    assert await _rows_of(database, KIM, kim.id) == others


async def test_a_group_is_forgotten_with_all_its_topics_and_what_its_admin_saved_stays(database: Database) -> None:
    group = -100_500
    await _save_article(database, ROBIN)
    for thread in (0, 3):
        await PlaceStore(database).meet(new_place(group, thread_id=thread), NOW)
    await OwnDataStore(database).forget(group, None)
    assert await _rows_of(database, group) == {}
    assert [article.title for article in (await OwnDataStore(database).of(ROBIN, ROBIN)).saved] == ["The tide"]


async def test_words_are_forgotten_that_nobody_else_wished_for(database: Database) -> None:
    robin, kim = await _everything_of_robin(database), await add_active_place(database, KIM)
    for place, words in ((robin, "plover"), (robin, "tides"), (kim, "tides")):
        await add_words(database, place.id, WishKind.WATCH, words)
    removed = await MatchStore(database).state()
    await OwnDataStore(database).forget(ROBIN, ROBIN)
    async with database.read() as connection:
        assert list((await connection.execute(sa.select(queries.c.words))).scalars()) == ["tides"]
    # Whoever has them in memory reads them anew.
    assert (await MatchStore(database).state()).removed == removed.removed + 1
    await PlaceStore(database).silence(kim.id, PlaceState.STOPPED)
    await OwnDataStore(database).forget_inactive(NOW + DAY)
    async with database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(queries)) == 0


async def test_what_members_of_a_group_searched_is_not_told_to_its_admins(database: Database) -> None:
    group = -100_500
    await PlaceStore(database).meet(new_place(group), NOW)
    await PeopleStore(database).keep_lookup(group, "my secret illness", NOW)
    assert (await OwnDataStore(database).of(group, None)).searches == ()


async def test_what_was_withdrawn_is_not_told_to_who_saved_it(database: Database) -> None:
    await _save_article(database, ROBIN)
    async with database.write() as connection:
        article = await connection.scalar(sa.text("SELECT id FROM articles"))
        await connection.execute(sa.insert(withdrawn), {"article_id": article, "reason": "", "at": NOW})
    (saved,) = (await OwnDataStore(database).of(ROBIN, ROBIN)).saved
    assert (saved.article, saved.title, saved.url) == (article, "", "")


async def test_a_role_outlives_the_forgetting(database: Database) -> None:
    await _everything_of_robin(database)
    people = PeopleStore(database)
    await people.grant(ROBIN, Role.ADMIN, NOW)
    await OwnDataStore(database).forget(ROBIN, ROBIN)
    assert await people.roles() == {ROBIN: Role.ADMIN}


# The files of a server are not ours to read.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_of_who_is_forgotten_is_left_in_the_files(database: Database) -> None:
    file = database.file
    assert file is not None
    # Enough others that the rows of one are moved from page to page.
    for chat in range(60):
        place = await add_active_place(database, chat + 10, title="Somebody " + "x" * 50)
        await _wish(database, place, f"words of {chat} " + "y" * 40)
    await _everything_of_robin(database)
    await PlaceStore(database).meet(new_place(ROBIN, title="Robin Goodfellow"), NOW)
    for chat in range(60):
        await add_active_place(database, chat + 100, title="Somebody else " + "x" * 50)
    await OwnDataStore(database).forget(ROBIN, ROBIN)
    files = [file, file.with_name(file.name + "-wal")]
    left = b"".join(file.read_bytes() for file in files if file.exists())
    assert b"Somebody else" in left
    for trace in (b"Redbreast", b"Goodfellow", b"xyzzy harbour", b"plugh lighthouse"):
        assert trace not in left


@pytest.mark.parametrize(
    ("state", "seen", "stays"),
    [
        (PlaceState.STOPPED, YEAR + DAY, False),
        (PlaceState.UNREACHABLE, YEAR + DAY, False),
        (PlaceState.NEW, YEAR + DAY, False),
        (PlaceState.STOPPED, YEAR - DAY, True),
        (PlaceState.ACTIVE, 9 * YEAR, True),
        (PlaceState.PAUSED, 9 * YEAR, True),
    ],
)
async def test_chats_age_out_that_get_nothing(
    database: Database, state: PlaceState, seen: timedelta, *, stays: bool
) -> None:
    places = PlaceStore(database)
    met = await places.meet(new_place(ROBIN), NOW - seen)
    if state is PlaceState.ACTIVE:
        await places.activate(met.id, NOW + DAY, NOW)
    elif state is not PlaceState.NEW:
        await places.silence(met.id, state)
    assert await OwnDataStore(database).forget_inactive(NOW - YEAR) == (0 if stays else 1)
    assert bool(await _rows_of(database, ROBIN)) is stays


async def test_a_group_stays_while_any_of_its_topics_gets_digests_and_an_admin_always(database: Database) -> None:
    places, long_ago = PlaceStore(database), NOW - 2 * YEAR
    group = -100_500
    await places.meet(new_place(group), long_ago)
    topic = await places.meet(new_place(group, thread_id=3), long_ago)
    await places.activate(topic.id, NOW + DAY, NOW)
    await places.meet(new_place(ROBIN), long_ago)
    await PeopleStore(database).grant(ROBIN, Role.ADMIN, NOW)
    await places.meet(new_place(KIM), long_ago)
    assert await OwnDataStore(database).forget_inactive(NOW - YEAR) == 1
    assert await places.find(group, 0) is not None
    assert await places.find(ROBIN, 0) is not None
    assert await places.find(KIM, 0) is None
