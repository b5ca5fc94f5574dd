from __future__ import annotations

import asyncio
import random
import string
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.handlers.admins.feeds.kept import MOST_BYTES
from digests.errors import InvalidInput
from digests.model.dialogs import (
    AwaitedAlbum,
    AwaitedAnnouncement,
    AwaitedEdit,
    AwaitedOption,
    AwaitedReply,
    AwaitedText,
    Dialog,
    Question,
    TypedOption,
    UnconfirmedEdit,
)
from digests.model.ids import AnnouncementId, PlaceId
from digests.model.role import Role
from digests.storage.database import Database
from digests.storage.people.dialogs import dialog_of
from digests.storage.people.people import PeopleStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema.place_tables import admins, links, members
from tests.factories.times import NOW

WEEK = timedelta(days=7)
NUMBER = AnnouncementId(1)
DIALOGS: tuple[Dialog, ...] = (
    AwaitedAnnouncement(),
    AwaitedReply(Question.ZONE),
    AwaitedReply(Question.WATCH, "3", PlaceId(7)),
    AwaitedText(NUMBER, "en"),
    AwaitedAlbum(NUMBER, "", "group"),
    *(AwaitedOption(NUMBER, option) for option in TypedOption),
    AwaitedEdit(NUMBER, "zh_CN", 7),
    AwaitedEdit(NUMBER, ""),
    UnconfirmedEdit(NUMBER, "", "<b>New</b>"),
)


async def test_an_invitation_can_be_used_once(database: Database) -> None:
    store = PeopleStore(database)
    await store.open_invite("code", NOW, NOW + WEEK)
    assert not await store.use_invite("other", 1, 1, NOW)
    assert await store.use_invite("code", 1, 1, NOW)
    assert not await store.use_invite("code", 2, 2, NOW)
    assert await store.is_member(1)
    assert not await store.is_member(2)


async def test_an_invitation_used_in_a_group_lets_in_only_the_group(database: Database) -> None:
    store = PeopleStore(database)
    await store.open_invite("code", NOW, NOW + WEEK)
    assert await store.use_invite("code", 1, -1001, NOW)
    assert await store.is_member(-1001)
    assert not await store.is_member(1)


async def test_links_expire_and_a_new_owner_link_replaces_the_old_one(database: Database) -> None:
    store = PeopleStore(database)
    assert await store.open_owner_link("old", NOW, NOW + WEEK)
    assert await store.open_owner_link("new", NOW, NOW + WEEK)
    assert not await store.use_owner_link("old", 1, NOW)
    assert not await store.use_owner_link("new", 1, NOW + WEEK)
    await store.open_invite("late", NOW, NOW + WEEK)
    assert not await store.use_invite("late", 1, 1, NOW + WEEK)


async def test_links_serve_only_their_purpose(database: Database) -> None:
    store = PeopleStore(database)
    await store.open_owner_link("owner", NOW, NOW + WEEK)
    await store.open_invite("invite", NOW, NOW + WEEK)
    assert not await store.use_owner_link("invite", 1, NOW)
    assert not await store.use_invite("owner", 1, 1, NOW)
    assert await store.roles() == {}


@pytest.mark.parametrize("role", list(Role))
async def test_the_owner_link_dies_once_anybody_has_a_role(database: Database, role: Role) -> None:
    store = PeopleStore(database)
    await store.open_owner_link("code", NOW, NOW + WEEK)
    await store.grant(7, role, NOW)
    assert not await store.use_owner_link("code", 1, NOW)
    assert not await store.open_owner_link("another", NOW, NOW + WEEK)
    assert not await store.use_owner_link("another", 1, NOW)
    await store.revoke(7)
    assert not await store.use_owner_link("code", 1, NOW)


async def test_a_role_written_by_another_program_ends_the_owner_link_too(database: Database) -> None:
    """Another version of the program, or an operator, may have written it."""
    store = PeopleStore(database)
    await store.open_owner_link("code", NOW, NOW + WEEK)
    await write_role(database, 7)
    assert not await store.use_owner_link("code", 1, NOW)
    assert await store.roles() == {7: Role.ADMIN}


async def test_only_one_person_becomes_the_owner_by_a_link(database: Database) -> None:
    store = PeopleStore(database)
    for attempt in range(5):
        await store.open_owner_link(f"code {attempt}", NOW, NOW + WEEK)
        opened = await asyncio.gather(*(store.use_owner_link(f"code {attempt}", user, NOW) for user in range(1, 5)))
        assert sorted(opened) == [False, False, False, True]
        roles = await store.roles()
        assert list(roles.values()) == [Role.OWNER]
        await store.revoke(next(iter(roles)))


async def test_a_closed_owner_link_cannot_be_used(database: Database) -> None:
    store = PeopleStore(database)
    await store.open_owner_link("code", NOW, NOW + WEEK)
    await store.open_invite("invite", NOW, NOW + WEEK)
    await store.close_owner_link()
    assert not await store.use_owner_link("code", 1, NOW)
    assert await store.use_invite("invite", 1, 1, NOW)


async def test_codes_of_links_are_not_stored(database: Database) -> None:
    store = PeopleStore(database)
    await store.open_owner_link("very-secret-code", NOW, NOW + WEEK)
    await store.open_invite("very-secret-too", NOW, NOW + WEEK)
    async with database.read() as connection:
        assert "very-secret" not in str((await connection.execute(sa.select(links))).all())


NOBODY = (0, -5, 777000, 1087968824, 136817688, 2**52 + 1, 2**62)


@pytest.mark.parametrize("user", NOBODY)
async def test_an_id_that_is_not_a_persons_gets_no_role(database: Database, user: int) -> None:
    store = PeopleStore(database)
    with pytest.raises(InvalidInput, match="not a person's"):
        await store.grant(user, Role.ADMIN, NOW)
    await store.open_owner_link("code", NOW, NOW + WEEK)
    with pytest.raises(InvalidInput, match="not a person's"):
        await store.use_owner_link("code", user, NOW)
    assert await store.roles() == {}
    # The failed attempt left nothing behind: the link can still be used.
    assert await store.use_owner_link("code", 7, NOW)


@pytest.mark.parametrize("user", NOBODY)
async def test_a_role_stored_for_such_an_id_does_not_count(database: Database, user: int) -> None:
    store = PeopleStore(database)
    await write_role(database, user)
    assert await store.roles() == {}
    assert await store.admins() == frozenset()
    assert await store.open_owner_link("code", NOW, NOW + WEEK)
    assert await store.use_owner_link("code", 7, NOW)
    assert await store.roles() == {7: Role.OWNER}


@pytest.mark.parametrize("chat", [0, 777000, 1087968824, 136817688, 2**52 + 1, -(2**60)])
async def test_an_id_of_neither_a_person_nor_a_group_is_never_a_member(database: Database, chat: int) -> None:
    store = PeopleStore(database)
    with pytest.raises(InvalidInput, match="neither a person's id nor a group's"):
        await store.let_in(chat, NOW)
    async with database.write() as connection:
        await connection.execute(sa.insert(members).values(chat_id=chat, granted_at=NOW))
    assert not await store.is_member(chat)


async def write_role(database: Database, user: int) -> None:
    async with database.write() as connection:
        await connection.execute(sa.insert(admins).values(user_id=user, role=Role.ADMIN, granted_at=NOW))


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
    for dialog in DIALOGS:
        await store.set_dialog(1, 2, dialog, NOW)
        assert await store.dialog(1, 2) == dialog
    await store.set_dialog(1, 2, None, NOW)
    assert await store.dialog(1, 2) is None


@pytest.mark.parametrize(
    ("step", "data", "dialog"),
    [
        ("announcement", {}, AwaitedAnnouncement()),
        ("announcement", {"announcement": 1, "language": "en"}, AwaitedText(NUMBER, "en")),
        ("announcement", {"announcement": 1, "field": "local"}, AwaitedOption(NUMBER, TypedOption.LOCAL)),
        (
            "announcement",
            {"announcement": 1, "field": "edit", "message": 9},
            AwaitedEdit(NUMBER, "", 9),
        ),
        ("announcement", {"announcement": 1, "field": "of another version"}, None),
        ("of another version", {}, None),
    ],
)
def test_a_dialog_from_before_an_update_goes_on_after_it(
    step: str, data: dict[str, object], dialog: Dialog | None
) -> None:
    assert dialog_of(step, data) == dialog


async def test_a_stored_search_belongs_to_its_chat(database: Database) -> None:
    store = PeopleStore(database)
    token = await store.keep_lookup(5, "月球 moon", NOW)
    assert await store.keep_lookup(5, "月球 moon", NOW + WEEK) == token
    assert await store.lookup(5, token) == "月球 moon"
    other = await store.keep_lookup(6, "月球 moon", NOW)
    assert other != token
    assert await store.lookup(6, token) is None
    assert await store.lookup(5, other) is None
    assert await store.lookup(5, "1") is None
    assert await store.lookup(5, "") is None


async def test_tokens_of_searches_cannot_be_guessed(database: Database) -> None:
    store = PeopleStore(database)
    tokens = {await store.keep_lookup(5, f"words {number}", NOW) for number in range(50)}
    assert len(tokens) == 50
    assert all(len(token) == 16 and not token.isdigit() and "|" not in token for token in tokens)
    assert len({token[:4] for token in tokens}) > 45


async def test_a_group_stays_a_member_as_a_supergroup(database: Database) -> None:
    people, places = PeopleStore(database), PlaceStore(database)
    await people.let_in(-5, NOW)
    await places.move_chat(-5, -1005)
    assert await people.is_member(-1005)
    assert not await people.is_member(-5)
    await people.let_in(-6, NOW)
    await places.move_chat(-6, -1005)
    assert await people.is_member(-1005)


async def test_facts_are_kept_and_old_searches_deleted(database: Database) -> None:
    store = PeopleStore(database)
    await store.note("scan", "one", NOW)
    await store.note("scan", "two", NOW + WEEK)
    assert await store.fact("scan") == ("two", NOW + WEEK)
    assert await store.fact("none") is None
    token = await store.keep_lookup(5, "old", NOW)
    await store.tidy(NOW + WEEK)
    assert await store.lookup(5, token) is None


async def test_roles_are_granted_and_revoked(database: Database) -> None:
    people = PeopleStore(database)
    await people.make_owner(1, NOW)
    await people.grant(2, Role.EDITOR, NOW)
    await people.grant(3, Role.ADMIN, NOW)
    assert await people.roles() == {1: Role.OWNER, 2: Role.EDITOR, 3: Role.ADMIN}
    assert await people.admins() == {1, 3}
    await people.grant(2, Role.ADMIN, NOW)
    assert await people.revoke(3)
    assert not await people.revoke(3)
    assert await people.admins() == {1, 2}


async def test_what_is_kept_for_buttons_may_be_as_long_as_an_address(database: Database) -> None:
    """PostgreSQL can't index texts of more than 2,704 bytes, unless they can be packed."""
    store = PeopleStore(database)
    text = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=MOST_BYTES))
    token = await store.keep_lookup(5, text, NOW)
    assert await store.keep_lookup(5, text, NOW) == token
    assert await store.lookup(5, token) == text
