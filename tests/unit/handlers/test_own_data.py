"""What is kept: told, sent as a file, and deleted by who may."""

from __future__ import annotations

import json

from bot.callbacks import ActionButton
from bot.handlers.readers import lists, own_data
from tests.factories.times import NOW
from tests.unit.handlers.harness import GROUP, KIM, ROBIN, HandlerHarness


async def test_what_is_kept_comes_as_a_file(harness: HandlerHarness) -> None:
    await harness.readers.people.keep_lookup(ROBIN["id"], "moon & tides", NOW)
    await own_data.export(await harness.written(), harness.readers)
    (call,) = harness.telegram.called("sendDocument")
    kept = json.loads(call.upload)
    assert kept["format"] == "digestbot export"
    assert [chat["id"] for chat in kept["chats"]] == [ROBIN["id"]]
    assert [search["words"] for search in kept["searches"]] == ["moon & tides"]


async def test_a_chat_that_is_forgotten_is_not_known_any_more(harness: HandlerHarness) -> None:
    await own_data.forget(await harness.written(), harness.readers)
    assert ActionButton("erase!") in harness.telegram.shown[-1].buttons.values()
    assert await harness.stores.places.find(ROBIN["id"]) is not None
    await own_data.forget_confirmed(await harness.pressed(ActionButton("erase!")), harness.readers)
    assert await harness.stores.places.find(ROBIN["id"]) is None
    assert "is deleted" in harness.telegram.shown[-1].text


async def test_members_of_a_group_can_neither_get_nor_delete_what_is_kept_of_it(harness: HandlerHarness) -> None:
    await own_data.export(await harness.written(by=KIM, chat=GROUP), harness.readers)
    await own_data.forget(await harness.written(by=KIM, chat=GROUP), harness.readers)
    await own_data.forget_confirmed(await harness.pressed(ActionButton("erase!"), by=KIM, chat=GROUP), harness.readers)
    assert not harness.telegram.called("sendDocument")
    assert await harness.stores.places.find(GROUP["id"]) is not None


async def test_second_taps_do_no_harm(harness: HandlerHarness) -> None:
    await lists.list_confirmed(await harness.pressed(ActionButton("list")), harness.readers)
    assert "That is done" in harness.telegram.shown[-1].text
    for _ in range(2):
        await own_data.forget_confirmed(await harness.pressed(ActionButton("erase!")), harness.readers)
    assert await harness.stores.places.find(ROBIN["id"]) is None
