"""Keyboards that Telegram refuses."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulator.person.driver import Person
from tests.unit.simulator.conftest import RawBot


def _inline(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


def _data(number: int) -> dict[str, Any]:
    return {"text": str(number), "callback_data": str(number)}


@pytest.mark.parametrize(
    ("markup", "refusal"),
    [
        (_inline([{"text": "x", "callback_data": "d" * 65}]), "BUTTON_DATA_INVALID"),
        (_inline([{"text": "x", "callback_data": "汉" * 22}]), "BUTTON_DATA_INVALID"),
        (
            _inline([{"text": "x", "callback_data": ""}]),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            _inline([{"text": "x"}]),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (_inline([{"callback_data": "x"}]), 'can\'t parse inline keyboard button: Can\'t find field "text"'),
        (_inline([{"text": "", "callback_data": "x"}]), "inline keyboard button text must be non-empty"),
        (_inline([{"text": " ", "callback_data": "x"}]), "inline keyboard button text must be non-empty"),
        (
            _inline([{"text": "x", "url": "nonsense"}]),
            "inline keyboard button URL 'nonsense' is invalid: Wrong HTTP URL",
        ),
        (
            _inline([{"text": "x", "url": "javascript:alert(1)"}]),
            "inline keyboard button URL 'javascript:alert(1)' is invalid: Wrong port number specified in the URL",
        ),
        (_inline([{"text": "x", "copy_text": {"text": ""}}]), "BUTTON_COPY_TEXT_INVALID"),
        (
            _inline([{"text": "x", "callback_data": "x", "style": "pink"}]),
            "can't parse inline keyboard button: invalid button style specified",
        ),
        (_inline(*[[_data(n)] for n in range(101)]), "reply markup is too long"),
        (_inline([_data(n) for n in range(9)]), "reply markup is too long"),
        ({"inline_keyboard": [{"text": "x"}]},
         'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'),
        ({"keyboard": [[{"text": ""}]]}, "keyboard button text must be non-empty"),
    ],
)  # fmt: skip
async def test_refused(bot: RawBot, ada: Person, markup: dict[str, Any], refusal: str) -> None:
    said = await bot.refused("sendMessage", chat_id=ada.id, text="x", reply_markup=markup)
    assert said == f"Bad Request: {refusal}"


async def test_accepted(bot: RawBot, ada: Person) -> None:
    rows: list[list[dict[str, Any]]] = [[_data(n) for n in range(row * 8, row * 8 + 8)] for row in range(12)]
    rows.append(
        [
            {"text": "a", "callback_data": "d" * 64, "style": "primary"},
            {"text": "b", "url": "https://t.me/x?start=y"},
            {"text": "c", "copy_text": {"text": "z"}},
            {"text": "d", "url": "tg://user?id=5"},
        ]
    )
    message = await bot.send(ada.id, reply_markup=_inline(*rows))
    assert message["reply_markup"]["inline_keyboard"] == rows
    # A reply keyboard is no part of the message that comes back.
    assert "reply_markup" not in await bot.send(ada.id, reply_markup={"keyboard": [["x", {"text": "y"}]]})
    assert "reply_markup" not in await bot.send(ada.id, reply_markup={"remove_keyboard": True})
    assert "reply_markup" not in await bot.send(ada.id, reply_markup=_inline([]))


async def test_edits_take_inline_keyboards_only(bot: RawBot, ada: Person) -> None:
    message = await bot.send(ada.id)
    refused = await bot.refused(
        "editMessageText", chat_id=ada.id, message_id=message["message_id"], text="y",
        reply_markup={"keyboard": [["x"]]},
    )  # fmt: skip
    assert refused == "Bad Request: inline keyboard expected"
