"""An announcement's card in the hands of those whose it is not, and drafts that cannot go."""

from __future__ import annotations

from bot.callbacks import CardButton, ConfirmButton, DiscardButton
from bot.callbacks.card_actions import CardAction
from digests.model.announcement import Announcement, AnnouncementState, Timing, When
from digests.model.audit import AuditAct
from digests.model.role import Role
from tests.factories.times import HOUR, NOW
from tests.unit.handlers.harness import ADA, KIM, HandlerHarness, RawUser


async def draft_of(harness: HandlerHarness, author: RawUser, text: str = "Hello") -> Announcement:
    """Have somebody write an announcement, and return the draft."""
    await harness.announcements.begin(await harness.written(text, by=author))
    (draft,) = await harness.stores.announcements.drafts(author["id"])
    harness.telegram.calls.clear()
    return draft


async def stored(harness: HandlerHarness, announcement: Announcement) -> Announcement:
    """Return the announcement as it is stored now."""
    return await harness.stores.announcements.get(announcement.id)


async def press(harness: HandlerHarness, button: CardButton, by: RawUser = ADA) -> None:
    """Press a button of a card."""
    await harness.announcements.pressed(await harness.pressed(button, by=by), button)


async def test_a_draft_is_shown_as_readers_will_see_it_with_its_card_below(harness: HandlerHarness) -> None:
    await harness.announcements.begin(await harness.written("Hello <all>", by=ADA))
    preview, card = harness.telegram.shown
    assert preview.text == "Hello &lt;all&gt;"
    assert not preview.buttons
    assert any(isinstance(button, ConfirmButton) for button in card.buttons.values())


async def test_what_is_too_long_for_telegram_becomes_no_draft(harness: HandlerHarness) -> None:
    await harness.announcements.begin(await harness.written("x" * 4097, by=ADA))
    assert await harness.stores.announcements.drafts(ADA["id"]) == ()
    (shown,) = harness.telegram.shown
    assert "4,096" in shown.text


async def test_what_telegram_refuses_to_show_becomes_no_draft(harness: HandlerHarness) -> None:
    harness.telegram.refuse("sendMessage", "Bad Request: BUTTON_URL_INVALID", times=1)
    await harness.announcements.begin(await harness.written("Hello", by=ADA))
    assert await harness.stores.announcements.drafts(ADA["id"]) == ()
    assert harness.telegram.shown[-1].text.endswith("Button_url_invalid")


async def test_an_editor_sends_nothing(harness: HandlerHarness) -> None:
    await harness.grant(KIM, Role.EDITOR)
    await harness.follow(await harness.publish("News"))
    draft = await draft_of(harness, KIM)
    confirm = ConfirmButton(draft.id)
    await harness.announcements.send.confirm(await harness.pressed(confirm, by=KIM), confirm)
    await press(harness, CardButton(draft.id, CardAction.SEND), by=KIM)
    assert (await stored(harness, draft)).state is AnnouncementState.DRAFT
    assert len(harness.telegram.answers) == 2
    assert all(answer.fields["show_alert"] for answer in harness.telegram.answers)
    assert not harness.woken


async def test_a_sent_announcement_is_planned_and_its_delivery_woken(harness: HandlerHarness) -> None:
    await harness.follow(await harness.publish("News"))
    draft = await draft_of(harness, ADA)
    await press(harness, CardButton(draft.id, CardAction.SEND))
    assert (await stored(harness, draft)).state is AnnouncementState.SENDING
    assert harness.woken == ["deliver"]
    assert await harness.acts() == [AuditAct.SEND]


async def test_a_draft_that_reaches_nobody_does_not_go(harness: HandlerHarness) -> None:
    draft = await draft_of(harness, ADA)
    await press(harness, CardButton(draft.id, CardAction.SEND))
    assert (await stored(harness, draft)).state is AnnouncementState.DRAFT
    (answer,) = harness.telegram.answers
    assert answer.text == "This would reach nobody."


async def test_a_moment_that_has_passed_does_not_go(harness: HandlerHarness) -> None:
    await harness.follow(await harness.publish("News"))
    draft = await draft_of(harness, ADA)
    await harness.stores.announcements.set_timing(draft.id, Timing(When.AT, NOW + HOUR))
    harness.clock.move(2 * HOUR)
    confirm = ConfirmButton(draft.id)
    await harness.announcements.send.confirm(await harness.pressed(confirm, by=ADA), confirm)
    assert (await stored(harness, draft)).state is AnnouncementState.DRAFT
    (answer,) = harness.telegram.answers
    assert answer.text == "That time has passed. Please choose another."


async def test_somebody_elses_draft_is_named_and_left_alone(harness: HandlerHarness) -> None:
    await harness.grant(KIM, Role.EDITOR)
    draft = await draft_of(harness, KIM)
    discard = DiscardButton(draft.id)
    await harness.announcements.send.discard(await harness.pressed(discard, by=ADA), discard)
    assert (await stored(harness, draft)).state is AnnouncementState.DRAFT
    (answer,) = harness.telegram.answers
    assert "Kim" in answer.text


async def test_a_discarded_draft_cannot_be_sent(harness: HandlerHarness) -> None:
    await harness.follow(await harness.publish("News"))
    draft = await draft_of(harness, ADA)
    discard = DiscardButton(draft.id)
    await harness.announcements.send.discard(await harness.pressed(discard, by=ADA), discard)
    await press(harness, CardButton(draft.id, CardAction.SEND))
    assert (await stored(harness, draft)).state is AnnouncementState.CANCELLED
    assert not harness.woken
    assert await harness.acts() == [AuditAct.DISCARD]


async def test_a_draft_that_never_was(harness: HandlerHarness) -> None:
    await press(harness, CardButton(999, CardAction.SEND))
    (answer,) = harness.telegram.answers
    assert answer.fields["show_alert"]


async def test_a_test_send_counts_whom_it_reached(harness: HandlerHarness) -> None:
    await harness.grant(KIM, Role.ADMIN)
    draft = await draft_of(harness, ADA)
    harness.telegram.refuse("sendMessage", "Bad Request: chat not found", chat_id=KIM["id"])
    await press(harness, CardButton(draft.id, CardAction.SEND_TEST, "all"))
    (answer,) = harness.telegram.answers
    assert "1 of 2" in answer.text


async def test_the_admins_are_told_of_an_editors_draft_in_their_own_language(harness: HandlerHarness) -> None:
    await harness.written(by={**ADA, "language_code": "zh-hans"})
    await harness.grant(KIM, Role.EDITOR)
    draft = await draft_of(harness, KIM, "The new edition")
    await press(harness, CardButton(draft.id, CardAction.READY), by=KIM)
    (told,) = harness.telegram.shown
    assert told.chat_id == ADA["id"]
    assert "The new edition" in told.text
    assert told.buttons == {"看一看": CardButton(draft.id, CardAction.OPEN)}
