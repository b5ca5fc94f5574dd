"""What tests of announcements do again and again."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.simulator.person.driver import ShownMessage
from digests.model.delivery import DeliveryState
from digests.model.ids import AnnouncementId
from tests.flow.harness import ADMIN, BotHarness
from tests.flow.reader import Reader

SECOND_ADMIN = 9002


async def second_admin(harness: BotHarness, role: str = "admin") -> Reader:
    """Return Kim, to whom the owner has given a role."""
    kim = await harness.reader("Kim", user_id=SECOND_ADMIN)
    await kim.say("/id")
    await kim.wait_for("Your Telegram id")
    owner = await harness.reader("Ada", user_id=ADMIN)
    await owner.say(f"/grant {SECOND_ADMIN} {role}")
    await owner.wait_for("is now")
    return kim


def chat_ids(count: int) -> range:
    """Return the ids of the chats that `add_chats` adds."""
    return range(20_000, 20_000 + count)


async def add_chats(harness: BotHarness, count: int, **changes: Any) -> None:
    """Import chats that follow Science."""
    await harness.add_chats(chat_ids(count), **changes)


async def confirm(admin: Reader) -> None:
    """Confirm the sending, and return once it is planned: a press may be answered before that."""
    await admin.press("Yes, send it")
    await admin.wait_for("On its way")


async def send(admin: Reader, harness: BotHarness) -> None:
    """Send the draft on the admin's card, and let the bot deliver it."""
    await admin.press("Send to")
    await confirm(admin)
    await harness.tick()


async def start_sending(admin: Reader, harness: BotHarness) -> asyncio.Task[int]:
    """Deliver beside the test, as a scheduled bot does by itself once the announcement is planned."""
    await admin.wait_for("On its way")
    return asyncio.create_task(harness.app.parts.delivery_worker.deliver_due())


async def progress(harness: BotHarness, number: int = 1) -> dict[DeliveryState, int]:
    """Return how many deliveries of the announcement are in each state."""
    return await harness.app.stores.deliveries.progress(AnnouncementId(number))


async def sent(harness: BotHarness, number: int = 1) -> int:
    """Return how many chats have got the announcement, by the bot's ledger."""
    return (await progress(harness, number)).get(DeliveryState.SENT, 0)


def album_of(messages: list[ShownMessage]) -> list[ShownMessage]:
    """Return the messages of albums that others sent."""
    return [message for message in messages if message.get("media_group_id") and not message["outgoing"]]
