"""Who may press what: a button acts for those whom its message was for, and only if it was on it."""

from __future__ import annotations

import pytest

from bot.callbacks import ActionButton, BrowseButton, Button, MoreButton, SettingsButton, ToggleButton, pack
from bot.handlers.context import Context
from bot.handlers.presses import InGroup, PressTable, may_act
from bot.updates.arrivals import read_arrival
from tests.unit.handlers.harness import GROUP, KIM, ROBIN, HandlerHarness, RawUser


async def _nothing(_context: Context, _pressed: Button) -> None:
    """Do nothing: whether it may be done is the question."""


def _table() -> PressTable:
    presses = PressTable()
    presses.add(BrowseButton, _nothing, in_group=InGroup.ASKER_OF_LIST)
    presses.add(ToggleButton, _nothing)
    presses.add(MoreButton, _nothing, in_group=InGroup.EVERYBODY)
    presses.add(ActionButton, _nothing, in_group=InGroup.NOBODY)
    return presses


async def may_press(harness: HandlerHarness, context: Context, pressed: Button) -> bool:
    """Return whether the press may act."""
    return await may_act(context, _table().route(pressed), pressed, pack(pressed), harness.stores.deliveries)


async def test_a_button_that_is_not_on_the_message_does_not_act(harness: HandlerHarness) -> None:
    """A modified client sends any data with any message."""
    context = await harness.pressed(BrowseButton(1))
    assert not await may_press(harness, context, BrowseButton(2))
    (answer,) = harness.telegram.answers
    assert "/help" in answer.text


async def test_in_private_every_button_on_the_message_acts(harness: HandlerHarness) -> None:
    for pressed in (BrowseButton(), ToggleButton(1), MoreButton(1), ActionButton("close")):
        assert await may_press(harness, await harness.pressed(pressed), pressed)
    assert not harness.telegram.calls


@pytest.mark.parametrize("pressed", [BrowseButton(), ToggleButton(1)])
async def test_in_a_group_whoever_asked_presses(harness: HandlerHarness, pressed: Button) -> None:
    context = await harness.pressed(pressed, chat=GROUP, asked_by=ROBIN)
    assert await may_press(harness, context, pressed)


@pytest.mark.parametrize("pressed", [BrowseButton(), ToggleButton(1)])
@pytest.mark.parametrize("asked_by", [ROBIN, None])
async def test_in_a_group_others_do_not(harness: HandlerHarness, pressed: Button, asked_by: RawUser | None) -> None:
    context = await harness.pressed(pressed, by=KIM, chat=GROUP, asked_by=asked_by)
    assert not await may_press(harness, context, pressed)
    (answer,) = harness.telegram.answers
    assert answer.fields["show_alert"]


async def test_the_groups_admins_press_what_others_asked_for(harness: HandlerHarness) -> None:
    harness.telegram.member_status = "creator"
    context = await harness.pressed(ToggleButton(1), by=KIM, chat=GROUP, asked_by=ROBIN)
    assert await may_press(harness, context, ToggleButton(1))


async def test_a_digests_button_is_for_the_whole_group(harness: HandlerHarness) -> None:
    assert await may_press(harness, await harness.pressed(MoreButton(1), by=KIM, chat=GROUP), MoreButton(1))
    assert not harness.telegram.calls


async def test_a_message_that_is_gone_has_no_buttons_in_a_group(harness: HandlerHarness) -> None:
    context = await harness.pressed(MoreButton(999), chat=GROUP, is_gone=True)
    harness.telegram.member_status = "creator"
    assert not await may_press(harness, context, MoreButton(999))
    (answer,) = harness.telegram.answers
    assert answer.fields["show_alert"]


@pytest.mark.parametrize("is_on_message", [True, False])
async def test_a_button_of_a_version_that_is_gone_makes_room_for_todays(
    harness: HandlerHarness, *, is_on_message: bool
) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Old", "callback_data": "zz9|1" if is_on_message else "d|menu"}]]}
    chat = {"id": ROBIN["id"], "type": "private", "first_name": "Robin"}
    shown = {"message_id": 7, "date": 1_700_000_000, "chat": chat, "text": "Long ago", "reply_markup": keyboard}
    query = {"id": "55", "from": ROBIN, "chat_instance": "1", "message": shown, "data": "zz9|1"}
    arrival = read_arrival({"update_id": 99, "callback_query": query})
    assert arrival is not None
    await harness.parts.router.handle(arrival)
    (answer,) = harness.telegram.answers
    assert "/settings" in answer.text
    changed = harness.telegram.called("editMessageReplyMarkup")
    assert [SettingsButton() in call.buttons.values() for call in changed] == [True] * is_on_message
