"""The requests that send parts, and what Telegram answers to them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.telegram.answers import message_ids_of
from bot.telegram.messages import body_of
from digests.model.delivery import Part
from digests.model.ids import MessageRef
from digests.model.outcome import Form
from digests.storage.deliveries.renderings import part_of, part_row
from digests.storage.deliveries.rows import part_hash

KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("More", url="https://example.com")]])
ALBUM = Part("<b>x</b>", media=(("photo", "a"), ("video", "b")))
PARTS = [
    Part("text", "https://p.example/1.jpg", stories=2),
    Part("x", photo="a"),
    ALBUM,
    Part("", copy_of=MessageRef(5, 6), buttons=(("More", "https://example.com"),)),
    Part("x", silent=True),
    Part("x", pinned=True),
    Part("x", photo="a", spoilers=(0,)),
    Part("x", photo="a", caption_above=True),
]


def sent(part: Part, form: Form = Form.WHOLE, **options: bool) -> tuple[str, dict[str, Any]]:
    body = body_of(part, form, paid=False, **options)
    return body.method, json.loads(body.to(7, 0, KEYBOARD))


@pytest.mark.parametrize(
    ("kind", "method", "field"),
    [
        ("photo", "sendPhoto", "photo"),
        ("video", "sendVideo", "video"),
        ("audio", "sendAudio", "audio"),
        ("document", "sendDocument", "document"),
    ],
)
def test_a_file_is_sent_by_its_method(kind: str, method: str, field: str) -> None:
    name, body = sent(Part("<b>x</b>", media=((kind, "file"),)))
    assert name == method
    assert (body[field], body["caption"], body["parse_mode"]) == ("file", "<b>x</b>", "HTML")
    assert "reply_markup" in body
    assert "caption" not in sent(Part("", media=((kind, "file"),)))[1]


@pytest.mark.parametrize("kind", ["photo", "video"])
def test_photos_and_videos_can_have_a_spoiler_and_a_caption_above(kind: str) -> None:
    for part in (Part("x", media=((kind, "file"),)), Part("x", photo="file")):
        covered = replace(part, spoilers=(0,), caption_above=True)
        _, body = sent(covered)
        assert (body["has_spoiler"], body["show_caption_above_media"]) == (True, True)
        assert not {"has_spoiler", "show_caption_above_media"} & sent(part)[1].keys()


@pytest.mark.parametrize("kind", ["audio", "document"])
def test_other_files_have_neither(kind: str) -> None:
    _, body = sent(Part("x", media=((kind, "file"),), spoilers=(0,), caption_above=True))
    assert not {"has_spoiler", "show_caption_above_media"} & body.keys()


def test_an_album_has_a_spoiler_per_file_and_one_caption_position() -> None:
    _, body = sent(replace(ALBUM, spoilers=(1,), caption_above=True))
    assert [item.get("has_spoiler") for item in body["media"]] == [None, True]
    assert [item.get("show_caption_above_media") for item in body["media"]] == [True, True]


def test_an_album_has_one_caption_and_no_buttons() -> None:
    name, body = sent(ALBUM, silent=True)
    assert name == "sendMediaGroup"
    assert body == {
        "chat_id": 7,
        "disable_notification": True,
        "media": [
            {"type": "photo", "media": "a", "caption": "<b>x</b>", "parse_mode": "HTML"},
            {"type": "video", "media": "b"},
        ],
    }


def test_a_copied_message_is_sent_by_its_ids() -> None:
    name, body = sent(Part("", copy_of=MessageRef(-100, 6), silent=True))
    assert name == "copyMessage"
    assert (body["from_chat_id"], body["message_id"], body["disable_notification"]) == (-100, 6, True)


def test_simpler_forms_are_texts() -> None:
    for form in (Form.WITHOUT_PICTURE, Form.PLAIN):
        assert sent(ALBUM, form)[0] == "sendMessage"


def test_the_ids_of_sent_messages() -> None:
    album = json.dumps({"ok": True, "result": [{"message_id": 9}, {"message_id": 8}]}).encode()
    assert message_ids_of(200, album) == (8, 9)
    assert message_ids_of(200, b'{"ok":true,"result":{"message_id":3}}') == (3,)
    assert message_ids_of(200, b"?") == (0,)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_stored_whole(part: Part) -> None:
    stored = json.loads(json.dumps(part_row(part)))
    assert part_of(stored) == part


def test_what_was_planned_before_an_update_has_its_hash_after_it() -> None:
    copied = Part("", copy_of=MessageRef(5, 6), buttons=(("More", "https://example.com"),))
    assert part_hash(copied) == "7926a360b1c0daf5"


def test_every_field_of_a_part_changes_its_hash() -> None:
    assert (
        len({part_hash(part) for part in (*PARTS, Part("x"), Part("text", "https://p.example/1.jpg"))})
        == len(PARTS) + 2
    )
