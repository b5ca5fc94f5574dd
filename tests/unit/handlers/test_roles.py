"""Roles, given and taken: what is refused, and who is told."""

from __future__ import annotations

import pytest

from bot.handlers.admins import roles
from digests.model.audit import AuditAct
from digests.model.role import Role
from tests.unit.handlers.harness import ADA, BOT_ID, KIM, HandlerHarness

ADA_ID, KIM_ID = ADA["id"], KIM["id"]
TELEGRAM_ITSELF = 777000


@pytest.mark.parametrize(
    "written", ["", "admin", f"{KIM_ID}", f"{KIM_ID} owner", f"-{KIM_ID} admin", "9" * 19 + " admin", "７８ admin"]
)
async def test_a_grant_that_cannot_be_read_grants_nothing(harness: HandlerHarness, written: str) -> None:
    await roles.grant(await harness.written(written, by=ADA), harness.admins)
    assert await harness.stores.people.roles() == {}
    (shown,) = harness.telegram.shown
    assert "/grant 123456 admin" in shown.text


@pytest.mark.parametrize("user", [BOT_ID, TELEGRAM_ITSELF, ADA_ID])
async def test_bots_and_owners_are_given_no_role(harness: HandlerHarness, user: int) -> None:
    await roles.grant(await harness.written(f"{user} editor", by=ADA), harness.admins)
    assert await harness.stores.people.roles() == {}
    assert len(harness.telegram.shown) == 1
    assert not await harness.acts()


async def test_whoever_is_given_a_role_is_told_in_their_language(harness: HandlerHarness) -> None:
    await harness.written(by={**KIM, "language_code": "zh-hans"})
    await roles.grant(await harness.written(f"{KIM_ID} Admin", by=ADA), harness.admins)
    assert await harness.stores.people.roles() == {KIM_ID: Role.ADMIN}
    assert await harness.acts() == [AuditAct.GRANT]
    reply, told = harness.telegram.shown
    assert (reply.chat_id, reply.text) == (ADA_ID, "Kim is now: admin.")
    assert told.chat_id == KIM_ID
    assert "管理员" in told.text


async def test_a_role_is_given_to_somebody_who_cannot_be_told(harness: HandlerHarness) -> None:
    for method in ("sendMessage", "setMyCommands"):
        harness.telegram.refuse(method, "Forbidden: bot was blocked by the user", status=403, chat_id=KIM_ID)
    await roles.grant(await harness.written(f"{KIM_ID} editor", by=ADA), harness.admins)
    assert await harness.stores.people.roles() == {KIM_ID: Role.EDITOR}
    assert harness.telegram.shown[0].text == f"{KIM_ID} is now: editor."


async def test_a_role_brings_its_menu_and_takes_it_along(harness: HandlerHarness) -> None:
    await roles.grant(await harness.written(f"{KIM_ID} editor", by=ADA), harness.admins)
    await roles.revoke(await harness.written(f"{KIM_ID}", by=ADA), harness.admins)
    given, taken = harness.telegram.called("setMyCommands"), harness.telegram.called("deleteMyCommands")
    assert len(given) == len(taken) == 2
    assert await harness.stores.people.roles() == {}
    assert await harness.acts() == [AuditAct.REVOKE, AuditAct.GRANT]


async def test_the_owner_of_the_settings_keeps_their_role(harness: HandlerHarness) -> None:
    await harness.grant(KIM, Role.OWNER)
    await roles.revoke(await harness.written(f"{ADA_ID}", by=KIM), harness.admins)
    (shown,) = harness.telegram.shown
    assert "telegram.admins" in shown.text


async def test_owners_do_not_take_their_own_role(harness: HandlerHarness) -> None:
    await harness.grant(KIM, Role.OWNER)
    await roles.revoke(await harness.written(f"{KIM_ID}", by=KIM), harness.admins)
    assert await harness.stores.people.roles() == {KIM_ID: Role.OWNER}


async def test_admins_are_listed_by_role_and_only_owners_learn_how_to_grant(harness: HandlerHarness) -> None:
    await harness.written(by=KIM)
    await harness.grant(KIM, Role.ADMIN)
    await roles.admins(await harness.written(by=ADA), harness.admins)
    await roles.admins(await harness.written(by=KIM), harness.admins)
    to_owner, to_admin = harness.telegram.shown
    assert to_owner.text.index("Ada") < to_owner.text.index("Kim")
    assert "/grant" in to_owner.text
    assert "/grant" not in to_admin.text
