"""Who is let in, as whom, and what is noted of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from digests.errors import StorageError
from digests.model.place import Place
from digests.model.role import Role
from digests.storage.places.places import NewPlace, PlaceStore
from tests.factories.times import HOUR
from tests.unit.handlers.harness import ADA, GROUP, KIM, ROBIN, HandlerHarness, open_harness


class FullPlaceStore(PlaceStore):
    """Places on a disk that takes no more."""

    async def meet(self, new_place: NewPlace, now: datetime) -> Place:
        """Raise StorageError."""
        raise StorageError("no space left on device")


async def test_a_stranger_is_met_with_the_settings_defaults(harness: HandlerHarness) -> None:
    context = await harness.written(by={**ROBIN, "language_code": "zh-hans"})
    assert (context.place.title, context.place.language, context.place.time) == ("Robin", "zh_CN", "08:00")
    assert context.role is None


async def test_another_language_of_the_app_is_noted(harness: HandlerHarness) -> None:
    await harness.written()
    context = await harness.written(by={**ROBIN, "language_code": "zh-hans"})
    assert context.place.language == "zh_CN"
    assert (await harness.place()).language == "zh_CN"


async def test_a_groups_language_does_not_follow_each_who_writes(harness: HandlerHarness) -> None:
    await harness.written(chat=GROUP)
    context = await harness.written(by={**KIM, "language_code": "zh-hans"}, chat=GROUP)
    assert context.place.language == "en"


async def test_whoever_writes_again_is_noted_once_an_hour(harness: HandlerHarness) -> None:
    first = (await harness.written()).place.active_at
    harness.clock.move(HOUR / 2)
    assert (await harness.written()).place.active_at == first
    harness.clock.move(HOUR)
    assert (await harness.written()).place.active_at == harness.clock.now()


async def test_on_a_full_disk_those_who_are_known_are_answered(
    harness: HandlerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = (await harness.written()).place
    harness.clock.move(2 * HOUR)
    harness.contexts = harness.contexts_over(FullPlaceStore(harness.stores.database))
    assert (await harness.written()).place == known
    with pytest.raises(StorageError):
        await harness.written(by=KIM)


@pytest.mark.parametrize(
    ("sender_chat", "role"),
    [(None, Role.OWNER), (GROUP, None), ({"id": -900, "type": "channel", "title": "News"}, None)],
)
async def test_a_role_counts_in_ones_own_name_only(
    harness: HandlerHarness, sender_chat: Mapping[str, Any] | None, role: Role | None
) -> None:
    more: dict[str, Any] = {} if sender_chat is None else {"sender_chat": sender_chat}
    context = await harness.written(by=ADA, chat=GROUP, **more)
    assert context.role is role


async def test_a_channel_is_nobodys_context(harness: HandlerHarness) -> None:
    channel = {"id": -900, "type": "channel", "title": "News"}
    post = {"message_id": 1, "date": 1, "chat": channel, "text": "/start"}
    assert await harness.context_of({"update_id": 1, "channel_post": post}) is None


async def test_only_those_who_were_invited_are_let_in(folder: Path) -> None:
    async with open_harness(folder, chat={"access": "invite"}) as harness:
        assert await harness.context_of(harness.message(by=ROBIN)) is None
        await harness.stores.people.let_in(ROBIN["id"], harness.clock.now())
        await harness.grant(KIM, Role.EDITOR)
        for user in (ROBIN, KIM, ADA):
            assert await harness.context_of(harness.message(by=user)) is not None


async def test_a_list_of_groups_lets_in_their_members_there(folder: Path) -> None:
    async with open_harness(folder, chat={"access": "list", "allowed": [GROUP["id"]]}) as harness:
        assert await harness.context_of(harness.message(by=ROBIN, chat=GROUP)) is not None
        assert await harness.context_of(harness.message(by=ROBIN)) is None
