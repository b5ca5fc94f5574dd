"""How an answer reaches whoever wrote or pressed, and what becomes of it when Telegram refuses it."""

from __future__ import annotations

import pytest
from telegram.error import BadRequest

from bot.callbacks import ActionButton
from bot.text.markup import Html
from digests.model.place import PlaceState
from tests.unit.handlers.harness import GROUP, MESSAGE, HandlerHarness
from tests.waiting import until

CLOSE = ActionButton("close")


async def test_a_press_is_answered_once_and_alone(harness: HandlerHarness) -> None:
    context = await harness.pressed(CLOSE)
    await context.answer("Done")
    await context.answer()
    (answer,) = harness.telegram.calls
    assert (answer.method, answer.text) == ("answerCallbackQuery", "Done")


async def test_an_answer_to_a_command_is_a_message(harness: HandlerHarness) -> None:
    context = await harness.written()
    await context.answer()
    await context.answer("1 < 2")
    (shown,) = harness.telegram.shown
    assert shown.text == "1 &lt; 2"


async def test_an_alert_that_comes_too_late_is_a_message_in_a_private_chat_only(harness: HandlerHarness) -> None:
    """The press was answered before the handler knew what to say; a group need not read it."""
    for chat in (None, GROUP):
        context = await harness.pressed(CLOSE, chat=chat)
        await context.answer()
        await context.answer("That failed.", alert=True)
    (shown,) = harness.telegram.shown
    assert (shown.chat_id, shown.text) == (context.user.id, "That failed.")


async def test_a_press_from_before_an_outage_is_let_go(harness: HandlerHarness) -> None:
    harness.telegram.refuse("answerCallbackQuery", "Bad Request: query is too old and response timeout expired")
    context = await harness.pressed(CLOSE)
    await context.answer("Done")
    assert len(harness.telegram.answers) == 1


async def test_a_screen_replaces_the_message_whose_button_was_pressed(harness: HandlerHarness) -> None:
    await (await harness.pressed(CLOSE)).show(Html("Next"))
    (shown,) = harness.telegram.shown
    assert shown.method == "editMessageText"
    assert shown.fields["message_id"] == MESSAGE


async def test_a_message_that_cannot_be_edited_is_sent_anew(harness: HandlerHarness) -> None:
    harness.telegram.refuse("editMessageText", "Bad Request: message can't be edited")
    await (await harness.pressed(CLOSE)).show(Html("Next"))
    assert [call.method for call in harness.telegram.shown] == ["editMessageText", "sendMessage"]
    assert harness.telegram.shown[-1].text == "Next"


async def test_a_reader_who_blocks_the_bot_while_it_edits_is_unreachable(harness: HandlerHarness) -> None:
    await harness.follow(await harness.publish("News"))
    harness.telegram.refuse("editMessageText", "Forbidden: bot was blocked by the user", status=403)
    await (await harness.pressed(CLOSE)).show(Html("Next"))

    async def is_lost() -> bool:
        return (await harness.place()).state is PlaceState.UNREACHABLE

    await until(is_lost)


async def test_only_the_pressed_button_goes(harness: HandlerHarness) -> None:
    other = ActionButton("latest")
    context = await harness.pressed(CLOSE, other)
    assert await context.remove_button()
    (edit,) = harness.telegram.called("editMessageReplyMarkup")
    assert list(edit.buttons.values()) == [other]


@pytest.mark.parametrize(
    ("words", "is_ours"),
    [("Bad Request: message is not modified", False), ("Bad Request: message can't be edited", True)],
)
async def test_a_button_that_is_gone_belonged_to_somebody_faster(
    harness: HandlerHarness, words: str, is_ours: bool
) -> None:
    """What Telegram refuses for another reason is no reason to keep the answer back."""
    harness.telegram.refuse("editMessageReplyMarkup", words)
    context = await harness.pressed(CLOSE)
    assert await context.remove_button() is is_ours


async def test_a_message_that_is_gone_need_not_be_deleted(harness: HandlerHarness) -> None:
    harness.telegram.refuse("deleteMessage", "Bad Request: message to delete not found")
    await (await harness.pressed(CLOSE)).delete_message()
    assert len(harness.telegram.called("deleteMessage")) == 1


async def test_a_message_that_cannot_be_deleted_is_a_fault(harness: HandlerHarness) -> None:
    harness.telegram.refuse("deleteMessage", "Bad Request: message can't be deleted")
    context = await harness.pressed(CLOSE)
    with pytest.raises(BadRequest):
        await context.delete_message()


async def test_what_belongs_in_private_is_not_done_in_a_group(harness: HandlerHarness) -> None:
    assert await (await harness.written()).may_do_here()
    assert not harness.telegram.shown
    assert not await (await harness.written(chat=GROUP)).may_do_here()
    (shown,) = harness.telegram.shown
    assert shown.chat_id == GROUP["id"]


async def test_telegram_is_asked_once_who_somebody_is(harness: HandlerHarness) -> None:
    context = await harness.written(chat=GROUP)
    for _ in range(2):
        assert not await context.may_change()
    assert len(harness.telegram.called("getChatMember")) == 1


async def test_a_private_chat_is_its_persons_own(harness: HandlerHarness) -> None:
    assert await (await harness.written()).may_change()
    assert not harness.telegram.calls
