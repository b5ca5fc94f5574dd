"""Files to people."""

from __future__ import annotations

from bot.telegram.messenger import Document
from bot.text.markup import Html
from tests.unit.test_messenger import CHAT, MessengerHarness


async def test_a_file_is_sent_with_its_name_and_its_caption_in_its_topic() -> None:
    harness = MessengerHarness()
    document = Document("what I keep.json", b"{}")
    await harness.messenger.send_document(CHAT, document, Html("<b>Yours</b>"), thread_id=3, reply_to=9)
    (call,) = harness.telegram.called("sendDocument")
    assert call.upload == b"{}"
    assert call.fields["caption"] == "<b>Yours</b>"
    assert (call.fields["message_thread_id"], call.fields["parse_mode"]) == ("3", "HTML")
