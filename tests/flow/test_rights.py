"""How people come to roles and to the bot: one-time links, and ids that belong to no person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from digests.model.role import Role
from digests.storage.schema.place_tables import admins, members
from tests.factories.times import NOW
from tests.flow.harness import ADMIN, BotHarness, open_harness
from tests.flow.reader import Reader
from tests.waiting import until

ANONYMOUS, CHANNEL, TELEGRAM = 1087968824, 136817688, 777000


@pytest.fixture
async def ownerless(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path, telegram={"admins": []}) as opened:
        await opened.publish("News")
        yield opened


@pytest.fixture
async def invited(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path, chat={"access": "invite"}) as opened:
        await opened.publish("News")
        yield opened


def owner_link(harness: BotHarness) -> str:
    assert harness.app.owner_link is not None
    return harness.app.owner_link


def payload_of(link: str) -> str:
    return link.partition("=")[2]


async def invitation(harness: BotHarness) -> str:
    admin = await harness.admin()
    await admin.say("/invite")
    text: str = (await admin.wait_for("This link lets one person in"))["text"]
    return next(line for line in text.splitlines() if line.startswith("https://t.me/"))


async def club_of(person: Reader, kind: str = "supergroup") -> int:
    group = await person.found_group("The club", kind)
    await person.add_bot(group)
    return group


# The owner link


async def test_the_owner_link_is_dead_once_somebody_has_a_role(ownerless: BotHarness) -> None:
    link = owner_link(ownerless)
    await ownerless.app.stores.people.grant(7, Role.EDITOR, NOW)
    robin = await ownerless.reader()
    await robin.open(link)
    await robin.wait_for("Hello, Robin!")
    assert await ownerless.app.parts.access.roles() == {7: Role.EDITOR}


async def test_the_owner_link_is_dead_once_the_settings_name_an_admin(tmp_path: Path) -> None:
    async with open_harness(tmp_path, telegram={"admins": []}) as harness:
        await harness.publish("News")
        link = owner_link(harness)
        named = harness.settings.telegram.model_copy(update={"admins": (ADMIN,)})
        nobody, harness.settings = harness.settings, harness.settings.model_copy(update={"telegram": named})
        await harness.restart()
        robin = await harness.reader()
        await robin.open(link)
        await robin.wait_for("Hello, Robin!")
        assert await harness.app.parts.access.admins() == {ADMIN}
        # It stays dead when the settings name no admin any more.
        harness.settings = nobody
        await harness.restart()
        await robin.open(link)
        await robin.wait_for("Hello, Robin!")
        assert await harness.app.parts.access.admins() == frozenset()
        assert harness.app.owner_link not in (None, link)


async def test_a_bot_with_admins_in_its_settings_accepts_no_owner_link(tmp_path: Path) -> None:
    """Another process on the same database has left a link behind."""
    async with open_harness(tmp_path) as harness:
        await harness.publish("News")
        await harness.app.stores.people.open_owner_link("left-over", NOW, NOW.replace(year=2027))
        robin = await harness.reader()
        await robin.say("/start owner_left-over")
        await robin.wait_for("Hello, Robin!")
        assert await harness.app.parts.access.admins() == {ADMIN}


@pytest.mark.parametrize("anonymously", [False, True])
async def test_an_owner_link_works_only_in_private_and_is_not_used_up_in_groups(
    ownerless: BotHarness, anonymously: bool
) -> None:
    robin = await ownerless.reader()
    group = await club_of(robin)
    more = {"name_of": group} if anonymously else {}
    await robin.say(f"/start {payload_of(owner_link(ownerless))}", chat=group, **more)
    await robin.wait_for("Hello, The club!", chat=group)
    assert await ownerless.app.parts.access.roles() == {}
    await robin.open(owner_link(ownerless))
    await robin.wait_for("You are now the owner")


async def test_an_anonymous_id_as_owner_does_not_prevent_an_owner_link(tmp_path: Path) -> None:
    async with open_harness(tmp_path, telegram={"admins": []}) as harness:
        await harness.publish("News")
        await store_old_role(harness, ANONYMOUS, Role.OWNER)
        await harness.restart()
        robin = await harness.reader()
        await robin.open(owner_link(harness))
        await robin.wait_for("You are now the owner")
        assert await harness.app.parts.access.roles() == {robin.id: Role.OWNER}


async def store_old_role(harness: BotHarness, user: int, role: Role) -> None:
    """Store a role as an older version of the bot did."""
    async with harness.app.stores.database.write() as connection:
        await connection.execute(sa.insert(admins).values(user_id=user, role=role, granted_at=NOW))
        await connection.execute(sa.insert(members).values(chat_id=user, granted_at=NOW))


# Ids that belong to no person


async def test_roles_stored_for_anonymous_ids_have_no_effect(invited: BotHarness) -> None:
    for user in (ANONYMOUS, CHANNEL, TELEGRAM):
        await store_old_role(invited, user, Role.ADMIN)
    await invited.restart()
    robin = await invited.reader()
    group = await club_of(robin)
    channel = await robin.found_group("My channel", "channel")
    for name_of in (group, channel):
        await robin.say("/stats", chat=group, name_of=name_of)
        await robin.say("/latest", chat=group, name_of=name_of)
    await robin.wait_for("for invited readers only", chat=group, after={"seq": 0})
    await robin.say("/start")
    await robin.wait_for("for invited readers only")
    # It is said once an hour in each chat, and nothing else is.
    assert ["for invited readers only" in text for text in await robin.texts(group)].count(True) == 1
    assert not any("Latest" in text or "Readers" in text for text in await robin.texts(group))
    assert await invited.app.parts.access.roles() == {ADMIN: Role.OWNER}


@pytest.mark.parametrize("user", [0, ANONYMOUS, CHANNEL, TELEGRAM, 2**52 + 1, 2**53, 10**17])
async def test_an_id_that_is_not_a_persons_gets_no_role(tmp_path: Path, user: int) -> None:
    async with open_harness(tmp_path) as harness:
        owner = await harness.admin()
        for role in ("admin", "editor"):
            await owner.say(f"/grant {user} {role}")
            await owner.wait_for("is not a person’s id")
        assert await harness.app.parts.access.roles() == {ADMIN: Role.OWNER}


async def test_the_bot_and_groups_get_no_role(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        owner = await harness.admin()
        await owner.say(f"/grant {harness.app.bot.id} admin")
        await owner.wait_for("is not a person’s id")
        await owner.say("/grant -1001234 admin")
        await owner.wait_for("Write it like")
        assert await harness.app.parts.access.roles() == {ADMIN: Role.OWNER}


# Invitations


async def test_an_invitation_opened_by_a_member_stays_valid(invited: BotHarness) -> None:
    first, second = await invitation(invited), await invitation(invited)
    robin, kim, sasha = [await invited.reader(name) for name in ("Robin", "Kim", "Sasha")]
    await robin.open(first)
    await robin.wait_for("Hello, Robin!")
    await robin.open(second)
    await robin.wait_for("Hello, Robin!")
    ada = invited.people[0]
    await ada.open(second)
    await ada.wait_for("Hello, Ada!")
    await kim.open(second)
    await kim.wait_for("Hello, Kim!")
    await sasha.open(second)
    await sasha.wait_for("for invited readers only")


async def test_an_invitation_stays_valid_where_everybody_is_let_in(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        await harness.publish("News")
        link = await invitation(harness)
        robin = await harness.reader()
        await robin.open(link)
        await robin.wait_for("Hello, Robin!")
        assert await harness.app.stores.people.use_invite(payload_of(link).partition("_")[2], 5, 5, NOW)


@pytest.mark.parametrize("anonymously", [False, True])
@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_an_invitation_opened_in_a_group_lets_in_only_that_group(
    invited: BotHarness, kind: str, anonymously: bool
) -> None:
    link = await invitation(invited)
    robin, kim = await invited.reader(), await invited.reader("Kim")
    group, other = await club_of(robin, kind), await club_of(kim, kind)
    await kim.join(group)
    more = {"name_of": group} if anonymously else {}
    await robin.say(f"/start {payload_of(link)}", chat=group, **more)
    await robin.wait_for("Hello, The club!", chat=group)
    await kim.say("/latest", chat=group)
    await kim.wait_for("News", chat=group)
    # It lets in neither the person who opened it, nor anonymous admins of other groups.
    await robin.say("/start")
    await robin.wait_for("for invited readers only")
    await kim.say("/start", chat=other, name_of=other)
    await kim.wait_for("for invited readers only", chat=other)
    assert await invited.app.stores.people.is_member(group)
    assert not await invited.app.stores.people.is_member(ANONYMOUS)
    assert not await invited.app.stores.people.is_member(robin.id)


async def test_only_its_admins_can_let_a_group_in(invited: BotHarness) -> None:
    link = await invitation(invited)
    robin, kim = await invited.reader(), await invited.reader("Kim")
    group = await club_of(robin)
    await kim.join(group)
    channel = await kim.found_group("Kim's channel", "channel")
    for more in ({}, {"name_of": channel}):
        await kim.say(f"/start {payload_of(link)}", chat=group, **more)
        await kim.wait_for("Only this group's admins", chat=group)
    await robin.hide_members(group)
    await robin.say(f"/start {payload_of(link)}", chat=group)
    await robin.wait_for("make me an admin", chat=group)
    assert not await invited.app.stores.people.is_member(group)
    await robin.promote_bot(group)
    await robin.say(f"/start {payload_of(link)}", chat=group)
    await robin.wait_for("Hello, The club!", chat=group)


async def test_an_invitation_opened_in_a_group_that_is_in_stays_valid(invited: BotHarness) -> None:
    first, second = await invitation(invited), await invitation(invited)
    robin = await invited.reader()
    group = await club_of(robin)
    for link in (first, second):
        await robin.say(f"/start {payload_of(link)}", chat=group)
        await robin.wait_for("Hello, The club!", chat=group)
    await robin.open(second)
    await robin.wait_for("Hello, Robin!")


async def test_a_group_stays_let_in_as_a_supergroup(invited: BotHarness) -> None:
    link = await invitation(invited)
    robin = await invited.reader()
    group = await club_of(robin, "group")
    await robin.say(f"/start {payload_of(link)}", chat=group)
    await robin.wait_for("Hello, The club!", chat=group)
    moved = await robin.upgrade(group)
    await until(lambda: invited.app.stores.people.is_member(moved))
    await robin.say("/latest", chat=moved)
    await robin.wait_for("News", chat=moved)
