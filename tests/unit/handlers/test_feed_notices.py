"""Admins are told of feeds in their own language, and their phones stay quiet."""

from __future__ import annotations

from bot.callbacks import FeedButton, FeedsButton
from bot.handlers.admins.feed_notices import FeedNotices
from bot.handlers.notifier import Notifier
from digests.feeds.reports import FeedConcern
from digests.model.feed import FeedHealth
from digests.model.role import Role
from tests.factories.ailing_feeds import failing_feed
from tests.unit.handlers.harness import ADA, KIM, ROBIN, HandlerHarness, person

CONCERNS = [FeedConcern(failing_feed(title="Tidewater"), FeedHealth.FAILING)]
LIN = person(79, "Lin", "zh-hans")


def notices(harness: HandlerHarness) -> FeedNotices:
    notifier = Notifier(harness.parts.chats.bot, harness.stores.places, "en")
    return FeedNotices(harness.parts.access, notifier, harness.clock)


async def test_each_admin_is_told_quietly_in_their_language(harness: HandlerHarness) -> None:
    for user in (LIN, ROBIN, KIM):
        await harness.written(by=user)
    await harness.grant(LIN, Role.ADMIN)
    await harness.grant(KIM, Role.EDITOR)
    assert await notices(harness).tell(CONCERNS)
    shown = {call.chat_id: call for call in harness.telegram.shown}
    texts = {chat: call.text for chat, call in shown.items()}
    assert set(texts) == {ADA["id"], LIN["id"]}
    assert "There is nothing at this address." in texts[ADA["id"]]
    assert "这些订阅源" in texts[LIN["id"]]
    assert all(call.fields["disable_notification"] is True for call in harness.telegram.shown)
    assert shown[ADA["id"]].buttons == {"Tidewater": FeedButton(1), "🛰 All feeds": FeedsButton()}


async def test_it_says_whether_anybody_got_it(harness: HandlerHarness) -> None:
    harness.telegram.refuse("sendMessage", "Forbidden: bot was blocked by the user", status=403, chat_id=ADA["id"])
    assert not await notices(harness).tell(CONCERNS)
    await harness.written(by=KIM)
    await harness.grant(KIM, Role.ADMIN)
    assert await notices(harness).tell(CONCERNS)
