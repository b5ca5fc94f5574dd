"""Links that let people in work once, and for those alone whom they are for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.handlers.invitations import INVITE_LIFE
from digests.model.audit import AuditAct
from digests.model.role import Role
from tests.factories.times import DAY
from tests.unit.handlers.harness import ADA, GROUP, KIM, ROBIN, HandlerHarness, RawUser, open_harness


@pytest.fixture
async def invited(folder: Path) -> AsyncIterator[HandlerHarness]:
    """Return handlers of a bot that lets in those alone who were invited."""
    async with open_harness(folder, chat={"access": "invite"}) as opened:
        yield opened


@pytest.fixture
async def ownerless(folder: Path) -> AsyncIterator[HandlerHarness]:
    """Return handlers of a bot whose settings name no owner."""
    async with open_harness(folder, telegram={"admins": []}) as opened:
        yield opened


async def open_link(harness: HandlerHarness, url: str, by: RawUser, chat: Mapping[str, Any] | None = None) -> bool:
    """Open a link, and return whether nothing more is to follow."""
    payload = url.partition("=")[2]
    update = harness.update_of(harness.message(f"/start {payload}", by=by, chat=chat))
    return await harness.admins.invitations.open(update, payload)


async def test_an_invitation_lets_one_person_in(invited: HandlerHarness) -> None:
    link = (await invited.admins.invitations.invite()).url
    assert not await open_link(invited, link, ROBIN)
    assert not await open_link(invited, link, KIM)
    people = invited.stores.people
    assert [await people.is_member(user["id"]) for user in (ROBIN, KIM)] == [True, False]


async def test_an_owner_who_tries_an_invitation_does_not_use_it_up(invited: HandlerHarness) -> None:
    link = (await invited.admins.invitations.invite()).url
    await open_link(invited, link, ADA)
    await open_link(invited, link, ROBIN)
    assert await invited.stores.people.is_member(ROBIN["id"])


async def test_an_invitation_ends(invited: HandlerHarness) -> None:
    link = (await invited.admins.invitations.invite()).url
    invited.clock.move(INVITE_LIFE + DAY)
    await open_link(invited, link, ROBIN)
    assert not await invited.stores.people.is_member(ROBIN["id"])


async def test_an_admin_of_a_group_lets_the_group_in_and_nobody_else_can(invited: HandlerHarness) -> None:
    link = (await invited.admins.invitations.invite()).group_url
    assert await open_link(invited, link, ROBIN, GROUP)
    assert not await invited.stores.people.is_member(GROUP["id"])
    (refused,) = invited.telegram.shown
    assert refused.chat_id == GROUP["id"]
    invited.telegram.member_status = "creator"
    assert not await open_link(invited, link, KIM, GROUP)
    people = invited.stores.people
    assert [await people.is_member(chat_id) for chat_id in (GROUP["id"], KIM["id"])] == [True, False]


async def test_an_owners_link_makes_one_owner(ownerless: HandlerHarness) -> None:
    link = await ownerless.parts.admins.invitations.offer_ownership()
    assert link is not None
    assert await open_link(ownerless, link, ROBIN)
    assert not await open_link(ownerless, link, KIM)
    assert await ownerless.stores.people.roles() == {ROBIN["id"]: Role.OWNER}
    assert await ownerless.acts() == [AuditAct.OWN]
    assert await ownerless.parts.admins.invitations.offer_ownership() is None


async def test_an_owners_link_does_nothing_in_a_group(ownerless: HandlerHarness) -> None:
    link = await ownerless.parts.admins.invitations.offer_ownership()
    assert link is not None
    assert not await open_link(ownerless, link, ROBIN, GROUP)
    assert await ownerless.stores.people.roles() == {}


async def test_a_bot_with_an_owner_offers_no_link(harness: HandlerHarness) -> None:
    assert await harness.parts.admins.invitations.offer_ownership() is None


@pytest.mark.parametrize("payload", ["", "owner", "owner_", "invite_wrong", "friend_1"])
async def test_a_code_that_opens_nothing_makes_a_plain_start(invited: HandlerHarness, payload: str) -> None:
    assert not await open_link(invited, f"https://t.me/digest_bot?start={payload}", ROBIN)
    assert not invited.telegram.calls
    assert not await invited.stores.people.is_member(ROBIN["id"])
