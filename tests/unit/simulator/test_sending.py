"""The texts and parameters that sendMessage accepts, and its refusals."""

from __future__ import annotations

import aiohttp
import pytest

from bot.simulator.person.driver import Person
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot

MARKUP = (
    ("a < b", 'Unsupported start tag "" at byte offset 2'),
    ("a <b", "Unclosed start tag at byte offset 2"),
    ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
    ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    ("x<br>y", 'Unsupported start tag "br" at byte offset 1'),
    ("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0'),
    ("</b>", "Unexpected end tag at byte offset 0"),
)


async def test_a_message_comes_back_as_telegram_shows_it(bot: RawBot, ada: Person) -> None:
    message = await bot.send(
        ada.id,
        '  <b>😀 Bold</b> <a href="http://a.b/c">link</a> &nbsp; @someone /help  ',
        parse_mode="HTML",
        link_preview_options={"url": "http://p.q/x.jpg", "prefer_large_media": True, "show_above_text": True},
        reply_markup={"inline_keyboard": [[{"text": "Go", "callback_data": "x"}]]},
    )
    assert message["text"] == "😀 Bold link &nbsp; @someone /help"
    assert message["entities"] == [
        {"type": "bold", "offset": 0, "length": 7},
        {"type": "text_link", "offset": 8, "length": 4, "url": "http://a.b/c"},
        {"type": "mention", "offset": 20, "length": 8},
        {"type": "bot_command", "offset": 29, "length": 5},
    ]
    assert message["chat"] == {"id": ada.id, "type": "private", "first_name": "Ada"}
    assert message["from"]["is_bot"] is True
    assert message["reply_markup"] == {"inline_keyboard": [[{"text": "Go", "callback_data": "x"}]]}
    assert message["link_preview_options"]["url"] == "http://p.q/x.jpg"
    assert (await bot.send(ada.id))["message_id"] == message["message_id"] + 1


@pytest.mark.parametrize("method", ["sendMessage", "SENDMESSAGE", "sendmessage"])
async def test_method_names_in_any_case(bot: RawBot, ada: Person, method: str) -> None:
    assert (await bot.ok(method, chat_id=ada.id, text="x"))["text"] == "x"


async def test_every_form_of_request(bot: RawBot, ada: Person, session: aiohttp.ClientSession) -> None:
    url = f"{bot.base}/sendMessage"
    text = "汉字 + & = %41 😀"
    asked = [
        session.get(url, params={"chat_id": ada.id, "text": text}),
        session.post(url, params={"chat_id": ada.id}, data={"text": text}),
        session.post(url, json={"chat_id": ada.id, "text": text, "parse_mode": None, "entities": []}),
    ]
    form = aiohttp.FormData({"chat_id": str(ada.id), "text": text})
    form.add_field("extra", b"x", filename="x.bin")
    asked.append(session.post(url, data=form))
    for request in asked:
        async with request as response:
            assert (await response.json())["result"]["text"] == text
    ledger = await ada.ledger()
    assert ledger["unknown_parameters"] == {"sendMessage.extra": 1} or ledger["unknown_parameters"] == {}


async def test_a_body_that_is_no_json(bot: RawBot, session: aiohttp.ClientSession) -> None:
    headers = {"Content-Type": "application/json"}
    async with session.post(f"{bot.base}/sendMessage", data=b"{", headers=headers) as response:
        assert response.status == 400
        assert "can't parse" in (await response.json())["description"]


@pytest.mark.parametrize(("html", "words"), MARKUP)
async def test_markup_that_cant_be_read(bot: RawBot, ada: Person, html: str, words: str) -> None:
    refusal = await bot.refused("sendMessage", chat_id=ada.id, text=html, parse_mode="html")
    assert refusal == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"text": ""}, "Bad Request: message text is empty"),
        ({}, "Bad Request: message text is empty"),
        ({"text": " \n "}, "Bad Request: text must be non-empty"),
        ({"text": "\u200b\u2060"[:1]}, "Bad Request: text must be non-empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "Bad Request: text must be non-empty"),
        ({"text": "x" * 4097}, "Bad Request: message is too long"),
        ({"text": "x", "parse_mode": "BBCode"}, "Bad Request: unsupported parse_mode"),
        ({"text": "汉" * 11000}, "Bad Request: text is too long"),
        ({"text": "a*b", "parse_mode": "Markdown"}, None),
        (
            {"text": "a.b", "parse_mode": "MarkdownV2"},
            "Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
        ({"text": "x", "reply_markup": "{"}, "Bad Request: can't parse reply keyboard markup JSON object"),
        ({"text": "x", "reply_markup": "[]"}, "Bad Request: object expected as reply markup"),
        (
            {"text": "x", "entities": [{"type": "bold", "offset": 5, "length": 1}]},
            "Bad Request: entity begins after the end of the text at UTF-16 offset 5",
        ),
        (
            {"text": "x", "entities": [{"type": "bold", "offset": "0", "length": 1}]},
            'Bad Request: can\'t parse MessageEntity: Field "offset" must be of type Number',
        ),
        ({"text": "x", "reply_parameters": {"message_id": 999}}, "Bad Request: message to be replied not found"),
    ],
)
async def test_texts_that_telegram_refuses(
    bot: RawBot, ada: Person, parameters: dict[str, object], refusal: str | None
) -> None:
    said = await bot.refused("sendMessage", chat_id=ada.id, **parameters)
    assert said == refusal if refusal else said.startswith("Bad Request: can't parse entities: Can't find end of")
    assert sum((await ada.ledger())["refusals"].values()) == 1


async def test_the_limit_counts_code_points_after_parsing(bot: RawBot, ada: Person) -> None:
    text = "<b>" + "😀" * 4096 + "</b> "
    message = await bot.send(ada.id, text, parse_mode="HTML")
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 8192}]
    assert await bot.refused("sendMessage", chat_id=ada.id, text=text + "x", parse_mode="HTML")


async def test_entities_beyond_a_hundred_are_dropped_and_counted(bot: RawBot, ada: Person) -> None:
    text = " ".join(f"<b>{number}</b>" for number in range(130))
    message = await bot.send(ada.id, text, parse_mode="HTML")
    assert len(message["entities"]) == 100
    assert (await ada.ledger())["dropped_entities"] == 30


async def test_explicit_entities(bot: RawBot, ada: Person) -> None:
    given = [
        {"type": "text_link", "offset": 0, "length": 1, "url": "http://a.b"},
        {"type": "text_link", "offset": 2, "length": 1, "url": "/relative"},
        {"type": "pre", "offset": 4, "length": 1, "language": "c"},
        {"type": "mention", "offset": 0, "length": 1},
    ]
    message = await bot.send(ada.id, "a b c", entities=given)
    assert message["entities"] == [
        {"type": "text_link", "offset": 0, "length": 1, "url": "http://a.b/"},
        {"type": "pre", "offset": 4, "length": 1, "language": "c"},
    ]


@pytest.mark.parametrize(
    ("chat", "refusal"),
    [
        ("", "Bad Request: chat_id is empty"),
        ("99", "Bad Request: chat not found"),
        ("nobody", "Bad Request: chat not found"),
        ("@nobody", "Bad Request: chat not found"),
        ("-100123", "Bad Request: chat not found"),
    ],
)
async def test_chats_that_are_not_there(bot: RawBot, chat: str, refusal: str) -> None:
    assert await bot.refused("sendMessage", chat_id=chat, text="x") == refusal


async def test_people_who_cant_be_written_to(bot: RawBot, ada: Person, sim: Simulator) -> None:
    never = sim.world.add_user("Never")
    refused = await bot.refused("sendMessage", chat_id=never.id, text="x")
    assert refused == "Forbidden: bot can't initiate conversation with a user"
    await ada.block()
    assert await bot.refused("sendMessage", chat_id=ada.id, text="x") == "Forbidden: bot was blocked by the user"
    await ada.say("/start")
    await bot.send(ada.id)
    await ada.deactivate()
    assert await bot.refused("sendMessage", chat_id=ada.id, text="x") == "Forbidden: user is deactivated"


async def test_wrong_token_and_unknown_method(bot: RawBot, session: aiohttp.ClientSession, sim: Simulator) -> None:
    async with session.get(f"{sim.url}/bot1:wrong/getMe") as response:
        assert response.status == 401
        assert await response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    for method in ("sendVeryRichMessage", "noSuchMethod"):
        answer = await bot.call(method, chat_id=1)
        assert answer == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_unknown_parameters_and_wrong_types_are_noted(bot: RawBot, ada: Person) -> None:
    await bot.send(ada.id, "x", colour="red", message_thread_id="abc", disable_notification="perhaps")
    ledger = await ada.ledger()
    assert ledger["unknown_parameters"] == {"sendMessage.colour": 1}
    assert ledger["wrong_types"] == {"sendMessage.message_thread_id": 1, "sendMessage.disable_notification": 1}


async def test_replies_and_protected_content(bot: RawBot, ada: Person) -> None:
    said = await ada.say("question")
    message = await bot.send(ada.id, reply_parameters={"message_id": said["message_id"]}, protect_content=True)
    assert message["reply_to_message"]["text"] == "question"
    assert message["has_protected_content"] is True
    lenient = {"message_id": 999, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await bot.send(ada.id, reply_parameters=lenient)


async def test_chat_actions(bot: RawBot, ada: Person) -> None:
    assert await bot.ok("sendChatAction", chat_id=ada.id, action="typing") is True
    assert (await ada.chats())[0]["typing"] is True
    await bot.send(ada.id)
    assert (await ada.chats())[0]["typing"] is False
    refused = await bot.refused("sendChatAction", chat_id=ada.id, action="dance")
    assert refused == "Bad Request: wrong parameter action in request"
