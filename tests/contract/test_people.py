from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.people import Dialog, PeopleStore
from digests.storage.schema import links
from tests.builders import NOW

WEEK = timedelta(days=7)


async def test_a_link_opens_once(database: Database) -> None:
    store = PeopleStore(database)
    await store.open_link("code", "invite", NOW, NOW + WEEK)
    assert await store.use_link("other", 1, NOW) is None
    assert await store.use_link("code", 1, NOW) == "invite"
    assert await store.use_link("code", 2, NOW) is None


async def test_a_link_runs_out_and_a_new_owner_link_ends_the_old_one(database: Database) -> None:
    store = PeopleStore(database)
    await store.open_link("old", "owner", NOW, NOW + WEEK)
    await store.open_link("new", "owner", NOW, NOW + WEEK)
    assert await store.use_link("old", 1, NOW) is None
    assert await store.use_link("new", 1, NOW + WEEK) is None


async def test_no_code_is_stored(database: Database) -> None:
    await PeopleStore(database).open_link("very-secret-code", "owner", NOW, NOW + WEEK)
    async with database.read() as connection:
        assert "very-secret-code" not in str((await connection.execute(sa.select(links))).all())


async def test_admins_and_members(database: Database) -> None:
    store = PeopleStore(database)
    await store.make_owner(7, NOW)
    await store.make_owner(7, NOW)
    await store.let_in(8, NOW)
    assert await store.admins() == {7}
    assert await store.is_member(8)
    assert not await store.is_member(7)


async def test_a_dialog_is_kept_until_it_ends(database: Database) -> None:
    store = PeopleStore(database)
    assert await store.dialog(1, 2) is None
    await store.set_dialog(1, 2, Dialog("writing", {"n": 1}), NOW)
    await store.set_dialog(1, 2, Dialog("writing", {"n": 2}), NOW)
    assert await store.dialog(1, 2) == Dialog("writing", {"n": 2})
    await store.set_dialog(1, 2, None, NOW)
    assert await store.dialog(1, 2) is None


async def test_a_search_has_one_number(database: Database) -> None:
    store = PeopleStore(database)
    number = await store.keep_lookup("月球 moon", NOW)
    assert await store.keep_lookup("月球 moon", NOW + WEEK) == number
    assert await store.lookup(number) == "月球 moon"
    assert await store.lookup(number + 1) is None


async def test_facts_and_tidying(database: Database) -> None:
    store = PeopleStore(database)
    await store.note("scan", "one", NOW)
    await store.note("scan", "two", NOW + WEEK)
    assert await store.fact("scan") == ("two", NOW + WEEK)
    assert await store.fact("none") is None
    number = await store.keep_lookup("old", NOW)
    await store.tidy(NOW + WEEK)
    assert await store.lookup(number) is None
