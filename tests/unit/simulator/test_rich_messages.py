"""The methods that send and edit rich messages, and what people see of them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulator.person.driver import Person
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot, png

HTML = (
    '<h1>News</h1><img src="tg://photo?id=a1"/><p>A <a href="https://example.com/a">story</a> '
    '<tg-button type="callback_data" data="save:1">Save</tg-button></p>'
    '<tg-button-row><tg-button type="url" url="https://example.com">Site</tg-button></tg-button-row>'
)


def with_media(*names: str, media: str = "attach://p", html: str = HTML) -> dict[str, Any]:
    return {"html": html, "media": [{"id": name, "media": {"type": "photo", "media": media}} for name in names]}


async def test_an_upload_once_and_then_its_file_id(bot: RawBot, ada: Person, sim: Simulator) -> None:
    sent = await bot.ok("sendRichMessage", chat_id=ada.id, rich_message=with_media("a1"), p=png(640, 360))
    heading, photo, paragraph, buttons = sent["rich_message"]["blocks"]
    assert heading == {"type": "heading", "text": "News", "size": 1}
    assert [size["width"] for size in photo["photo"]] == [90, 320, 640]
    assert paragraph["text"][-1]["button"] == {"text": "Save", "callback_data": "save:1"}
    assert buttons["buttons"][0]["url"] == "https://example.com/"
    assert "text" not in sent
    file_id = photo["photo"][-1]["file_id"]
    again = await bot.ok("sendRichMessage", chat_id=ada.id, rich_message=with_media("a1", media=file_id))
    assert again["rich_message"] == sent["rich_message"]
    assert await bot.ok("sendPhoto", chat_id=ada.id, photo=file_id)
    ledger = await ada.ledger()
    assert ledger["uploads"] == {"sendRichMessage": 1}
    assert list(ledger["upload_contents"].values()) == [1]
    assert ledger["uploaded_bytes"] == len(png(640, 360))
    assert ledger["largest_rich"]["media"] == 1
    assert ledger["unknown_parameters"] == {}
    assert ledger["wrong_types"] == {}


async def test_a_person_reads_and_presses(bot: RawBot, ada: Person) -> None:
    await bot.ok("sendRichMessage", chat_id=ada.id, rich_message=with_media("a1"), p=png(64, 36))
    shown = await ada.wait_for("A story")
    assert shown["rich"] == "shown"
    assert shown["rich_text"] == "News\n[picture]\nA story [Save]\n[Site]"
    assert "(rich)" in await ada.transcript()
    assert await ada.picture(shown) == png(64, 36)
    with pytest.raises(AssertionError, match="did not answer"):
        await _press_quickly(ada)
    query = (await bot.updates())[-1]["callback_query"]
    assert query["data"] == "save:1"
    assert query["message"]["rich_message"]["blocks"][0]["text"] == "News"


async def _press_quickly(person: Person) -> None:
    found = await person.find_button("Save", None, 1.0)
    assert found is not None
    message, button = found
    answer = await person.post(
        "/sim/press", user=person.id, message=message["message_id"], data=button["data"], wait=0.05
    )
    assert answer["answered"], "the bot did not answer"


async def test_a_client_that_shows_no_rich_messages(bot: RawBot, ada: Person, sim: Simulator) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Below", "callback_data": "b"}]]}
    await bot.ok("sendRichMessage", chat_id=ada.id, rich_message={"html": "<p>Hello</p>"}, reply_markup=keyboard)
    for client, mark in (("unsupported", "not supported by this client"), ("blank", "blank in this client")):
        await ada.use_client(client)
        shown = await ada.last()
        assert shown["rich"] == client
        assert "rich_message" not in shown
        assert shown["rich_text"] == ""
        assert shown["buttons"][0][0]["text"] == "Below"
        assert mark in await ada.transcript()
    await ada.use_client("shown")
    assert (await ada.last())["rich_text"] == "Hello"
    with pytest.raises(Exception, match="rich must be one of shown, unsupported, blank"):
        await ada.use_client("perhaps")


async def test_texts_become_rich_and_rich_messages_texts(bot: RawBot, ada: Person) -> None:
    sent = await bot.send(ada.id, "plain")
    where = {"chat_id": ada.id, "message_id": sent["message_id"]}
    rich = {"html": "<p>rich</p>"}
    edited = await bot.ok("editMessageText", **where, rich_message=rich)
    assert "text" not in edited
    assert edited["rich_message"]["blocks"] == [{"type": "paragraph", "text": "rich"}]
    assert "not modified" in await bot.refused("editMessageText", **where, rich_message=rich)
    copied = await bot.ok("copyMessage", from_chat_id=ada.id, **where)
    assert (await ada.last())["message_id"] == copied["message_id"]
    assert (await ada.last())["rich_text"] == "rich"
    back = await bot.ok("editMessageText", **where, text="plain again")
    assert "rich_message" not in back
    assert back["text"] == "plain again"
    photo = await bot.ok("sendPhoto", chat_id=ada.id, photo=png(9, 9))
    refused = await bot.refused("editMessageText", chat_id=ada.id, message_id=photo["message_id"], rich_message=rich)
    assert refused == "Bad Request: there is no text in the message to edit"
    await bot.ok("deleteMessage", **where)
    gone = (await ada.get("/sim/messages", user=ada.id))["messages"]
    assert all("rich_message" not in message for message in gone if message["deleted"])


@pytest.mark.parametrize(
    ("rich", "refusal"),
    [
        (None, "rich message must be non-empty"),
        ([], "object expected as rich message"),
        ({}, "rich message must be non-empty"),
        ({"html": ""}, "rich message must be non-empty"),
        ({"html": " \n"}, "RICH_MESSAGE_EMPTY"),
        ({"markdown": "# x"},
         "exactly one of html, markdown and blocks must be used, and the simulator reads only html"),
        ({"html": "x", "blocks": [{}]},
         "exactly one of html, markdown and blocks must be used, and the simulator reads only html"),
        ({"html": "<p>x"}, "can't parse entities: Can't find end tag corresponding to start tag \"p\""),
        ({"html": '<img src="tg://photo?id=a1">'}, "RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"),
        (with_media("a1", "a2"), "RICH_MESSAGE_MEDIA_INVALID"),
        (with_media("a1", "a1"), "invalid rich message file identifier specified"),
        (with_media("a.1"), "invalid rich message file identifier specified"),
        (with_media("a" * 65), "invalid rich message file identifier specified"),
        (with_media(""), "invalid rich message file identifier specified"),
        ({"html": "x", "media": {}}, "expected an Array of InputRichMessageMedia"),
        ({"html": "x", "media": [1]}, "can't parse InputRichMessageMedia: expected an Object"),
        ({"html": "x", "media": [{"id": "a"}]}, "can't parse InputMedia: expected an Object"),
        ({"html": "x", "media": [{"id": "a", "media": {"type": "sticker", "media": "x"}}]},
         "unallowed media specified"),
        ({"html": "x", "media": [{"id": "a", "media": {"type": "photo"}}]}, "can't parse InputMedia: media not found"),
        (with_media("a1", media="attach://none"), "wrong file identifier/HTTP URL specified"),
        (with_media("a1", media="unknown"), "wrong file identifier/HTTP URL specified"),
        (with_media("a1", media="https://bad.example/a.jpg"), "RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"),
        ({"html": '<img src="https://bad.example/a.jpg">'}, "RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"),
        ({"html": '<img src="ftp://a.b/c.jpg">'}, "RICH_MESSAGE_URL_INVALID"),
    ],
)  # fmt: skip
async def test_what_telegram_refuses(bot: RawBot, ada: Person, rich: Any, refusal: str) -> None:
    await ada.fault("bad_picture", url="bad.example")
    assert await bot.refused("sendRichMessage", chat_id=ada.id, rich_message=rich) == f"Bad Request: {refusal}"
    assert (await ada.ledger())["messages"] == 0


async def test_unknown_fields_and_anchors_are_counted(bot: RawBot, ada: Person) -> None:
    rich = {"html": '<p><a href="#gone">x</a></p>', "parse_mode": "HTML"}
    await bot.ok("sendRichMessage", chat_id=ada.id, rich_message=rich)
    ledger = await ada.ledger()
    assert ledger["unknown_parameters"] == {"InputRichMessage.parse_mode": 1}
    assert ledger["dangling_anchors"] == {"gone": 1}


async def test_a_server_without_rich_messages(bot: RawBot, ada: Person) -> None:
    assert (await ada.post("/sim/settings", rich_messages=False))["rich_messages"] is False
    rich = {"html": "<p>x</p>"}
    assert await bot.refused("sendRichMessage", chat_id=ada.id, rich_message=rich) == "Not Found"
    sent = await bot.send(ada.id)
    refused = await bot.refused("editMessageText", chat_id=ada.id, message_id=sent["message_id"], rich_message=rich)
    assert refused == "Bad Request: message text is empty"


async def test_the_right_to_send_photos_is_needed(bot: RawBot, ada: Person) -> None:
    group = await ada.found_group(kind="supergroup")
    await ada.add_bot(group)
    await ada.permit(group, can_send_photos=False)
    await bot.ok("sendRichMessage", chat_id=group, rich_message={"html": "<p>x</p>"})
    refused = await bot.refused("sendRichMessage", chat_id=group, rich_message=with_media("a1"), p=png(9, 9))
    assert refused == "Bad Request: not enough rights to send photos to the chat"
