"""A text for each language."""

from __future__ import annotations

from tests.flow.announcing import confirm, send
from tests.flow.harness import BotHarness


async def test_each_reader_gets_the_text_in_their_language(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin", "en")
    mei = await harness.subscriber("Mei", "zh-hans")
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Text")
    await admin.press("简体中文")
    await admin.wait_for("Send me the text")
    await admin.say("你好", entities=[{"type": "bold", "offset": 0, "length": 2}])
    card = await admin.wait_for("Announcement 1")
    assert "Texts: Default text, 简体中文" in card["text"]
    await admin.press("Send to 2 chats")
    asked = await admin.wait_for("Send to 2 chats?")
    assert "Default text: 1" in asked["text"]
    assert "简体中文: 1" in asked["text"]
    await confirm(admin)
    await harness.tick()
    await robin.wait_for("Hello")
    assert (await mei.wait_for("你好"))["entities"][0]["type"] == "bold"
    assert not any("你好" in text for text in await robin.texts())
    await admin.wait_for("The announcement is out")


async def test_the_text_for_a_language_can_be_removed(harness: BotHarness) -> None:
    mei = await harness.subscriber("Mei", "zh-hans")
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Text")
    await admin.press("简体中文")
    await admin.say("你好")
    await admin.wait_for("Texts:")
    await admin.press("Text")
    await admin.press("简体中文")
    await admin.press("Show it")
    await admin.wait_for("你好")
    await admin.press("Text")
    await admin.press("简体中文")
    await admin.press("Remove")
    await admin.press("Text")
    await admin.press("Back")
    await send(admin, harness)
    await mei.wait_for("Hello")
