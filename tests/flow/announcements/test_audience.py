"""Who gets it."""

from __future__ import annotations

from datetime import timedelta

from tests.flow.announcing import send
from tests.flow.harness import BotHarness


async def test_conditions_narrow_the_audience(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin", "en")
    mei = await harness.subscriber("Mei", "zh-hans")
    group = await robin.found_group("The club", kind="supergroup")
    await robin.add_bot(group)
    await robin.say("/subscribe Science", chat=group)
    await robin.wait_for("You now follow", chat=group)
    harness.clock.move(timedelta(days=8))
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.wait_for("Reaches 3 chats")
    await admin.press("Audience")
    await admin.press("Language: any")
    await admin.press("Language: English")
    await admin.wait_for("Reaches 1 chat,")
    await admin.press("Language: 简体中文")
    await admin.press("Active at any time")
    await admin.wait_for("would reach nobody")
    await admin.press("Back")
    await admin.press("Send to 0 chats")
    assert "would reach nobody" in admin.alert
    await admin.press("Audience")
    await mei.say("/id")
    await mei.wait_for("你的 Telegram id")
    await admin.press("Active in the last 7 days")
    await admin.press("Everybody")
    await admin.press("People, groups and channels")
    await admin.wait_for("Reaches 2 chats")
    await admin.press("People only")
    await admin.wait_for("Reaches 1 chat,")
    await admin.press("Back")
    await admin.wait_for("To: groups and channels")
    await send(admin, harness)
    await robin.wait_for("Hello", chat=group)
    assert not any(text == "Hello" for text in [*await robin.texts(), *await mei.texts()])


async def test_a_list_of_ids_names_the_unknown_ones(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    kim = await harness.subscriber("Kim")
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Audience")
    await admin.press("List of ids")
    await admin.say("12 x")
    await admin.wait_for("is not a Telegram id")
    await admin.say(f"{robin.id}, 777")
    await admin.wait_for("I don't know these: 777")
    await admin.wait_for("To: 2 chats from a list")
    await send(admin, harness)
    await robin.wait_for("Hello")
    assert "Hello" not in await kim.texts()
