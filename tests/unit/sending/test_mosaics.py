"""Mosaics in what is sent: uploaded once, then shown by file_id, and replaced by less where Telegram refuses them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.telegram import known_pictures as known_module
from bot.telegram.errors import NoAnswerError
from digests.model.outcome import (
    Form,
    NotAccepted,
    Outcome,
    OwnPictureRefused,
    Sent,
    Throttled,
    Unknown,
    Unreachable,
    Wait,
)
from tests.unit.sending.harness import ABOVE, CAPTION, MOSAIC, SendingHarness
from tests.waiting import until


def outcomes(tries: Sequence[tuple[Form, Outcome]]) -> list[type]:
    return [type(outcome) for _, outcome in tries]


async def test_a_mosaic_that_is_not_made_leaves_the_lead_picture(harness: SendingHarness) -> None:
    await harness.send(CAPTION)
    (sent,) = harness.telegram.sent
    assert sent.method == "sendMessage"
    assert sent.fields["text"] == "<b>News</b>"
    assert sent.fields["link_preview_options"]["url"] == "https://p.example/lead.jpg"


async def test_the_first_copy_uploads_the_mosaic_and_the_others_name_it(harness: SendingHarness) -> None:
    harness.make_mosaic()
    for number in range(1, 6):
        assert outcomes(await harness.send(CAPTION, number)) == [Sent]
    first, *others = harness.telegram.sent
    assert first.method == "sendPhoto"
    assert list(first.files.values()) == [b"mosaic"]
    assert (first.fields["caption"], first.fields["parse_mode"], first.fields["chat_id"]) == (
        "<b>News</b>",
        "HTML",
        "1001",
    )
    assert {request.fields["photo"] for request in others} == {"file-1"}
    assert [request.fields["caption"] for request in others] == ["<b>News</b>"] * 4
    assert not any(request.files for request in others)
    assert harness.pictures.file_id(MOSAIC.key) == "file-1"


async def test_of_many_copies_at_once_one_uploads_and_the_others_wait_without_a_turn(harness: SendingHarness) -> None:
    harness.make_mosaic()
    harness.telegram.held = asyncio.Event()
    sending = [asyncio.create_task(harness.send(CAPTION, number)) for number in range(1, 50)]
    await until(lambda: bool(harness.telegram.uploads))
    # A text that has no picture is not held up.
    await harness.send(replace(CAPTION, mosaic=None), 99)
    assert len(harness.telegram.sent) == 1
    harness.telegram.held.set()
    results = await asyncio.gather(*sending)
    assert all(outcomes(tries) == [Sent] for tries in results)
    assert len(harness.telegram.uploads) == 1


async def test_a_slow_upload_makes_room_for_others(harness: SendingHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.upload_claims._PATIENCE", 0.05)
    harness.make_mosaic()
    harness.telegram.held = asyncio.Event()
    first = asyncio.create_task(harness.try_once(CAPTION))
    await until(lambda: bool(harness.telegram.uploads))
    assert await harness.try_once(CAPTION, number=2) == Throttled(1.0)
    harness.telegram.held.set()
    assert isinstance(await first, Sent)
    assert isinstance(await harness.try_once(CAPTION, number=2), Sent)
    assert len(harness.telegram.uploads) == 1


async def test_a_cancelled_upload_lets_the_next_one_upload(harness: SendingHarness) -> None:
    harness.make_mosaic()
    harness.telegram.held = asyncio.Event()
    first = asyncio.create_task(harness.try_once(CAPTION))
    await until(lambda: bool(harness.telegram.uploads))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    harness.telegram.held = None
    assert outcomes(await harness.send(CAPTION, 2)) == [Sent]
    assert outcomes(await harness.send(CAPTION, 3)) == [Sent]
    assert len(harness.telegram.uploads) == 2


@pytest.mark.parametrize(
    ("status", "words", "expected"),
    [
        (403, "Forbidden: bot was blocked by the user", Unreachable),
        (429, "Too Many Requests: retry later", Wait),
        (500, "Internal Server Error", NotAccepted),
    ],
)
async def test_a_failed_upload_lets_the_next_one_upload(
    harness: SendingHarness, status: int, words: str, expected: type
) -> None:
    harness.make_mosaic()
    harness.telegram.script = [("sendPhoto", status, words)]
    assert outcomes(await harness.send(CAPTION)) == [expected]
    assert outcomes(await harness.send(CAPTION, 2)) == [Sent]
    assert harness.telegram.sent[0].method == "sendPhoto"
    assert harness.pictures.file_id(MOSAIC.key) == "file-1"


async def test_uploads_that_fail_again_and_again_make_way_for_the_lead_picture(
    harness: SendingHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.make_mosaic()
    harness.telegram.script = [("sendPhoto", 502, "Bad Gateway")] * 3
    for number in range(1, 4):
        assert outcomes(await harness.send(CAPTION, number)) == [NotAccepted]
    await harness.send(CAPTION, 4)
    assert harness.telegram.sent[-1].method == "sendMessage"
    monkeypatch.setattr(known_module, "_REST_SECONDS", 0.0)
    await harness.send(CAPTION, 5)
    assert harness.telegram.sent[-1].method == "sendPhoto"


@pytest.mark.parametrize("words", ["wrong remote file identifier specified", "FILE_REFERENCE_EXPIRED"])
async def test_a_file_id_that_telegram_forgot_is_uploaded_again_for_the_same_reader(
    harness: SendingHarness, words: str
) -> None:
    harness.make_mosaic(file_id="of another bot")
    harness.telegram.script = [("sendPhoto", 400, f"Bad Request: {words}")]
    assert outcomes(await harness.send(CAPTION)) == [OwnPictureRefused, Sent]
    assert outcomes(await harness.send(CAPTION, 2)) == [Sent]
    assert len(harness.telegram.uploads) == 1
    assert harness.pictures.file_id(MOSAIC.key) == "file-1"


async def test_files_forgotten_in_the_middle_of_a_broadcast_are_uploaded_once_more(harness: SendingHarness) -> None:
    harness.make_mosaic()
    await harness.send(CAPTION)
    harness.telegram.forget_files()
    results = await asyncio.gather(*[harness.send(CAPTION, number) for number in range(2, 40)])
    assert all(outcomes(tries)[-1] is Sent for tries in results)
    assert len(harness.telegram.sent) == 39
    assert len(harness.telegram.uploads) == 2
    assert harness.pictures.file_id(MOSAIC.key) == "file-2"


async def test_a_mosaic_that_telegram_cannot_use_is_never_sent_again(harness: SendingHarness) -> None:
    harness.make_mosaic(b"bad")
    harness.telegram.bad = {b"bad"}
    assert outcomes(await harness.send(CAPTION)) == [OwnPictureRefused, Sent]
    assert outcomes(await harness.send(CAPTION, 2)) == [Sent]
    assert [request.method for request in harness.telegram.sent] == ["sendMessage"] * 2
    assert harness.telegram.sent[0].fields["link_preview_options"]["url"] == "https://p.example/lead.jpg"
    assert harness.pictures.gone == {MOSAIC.key}
    assert len(harness.telegram.uploads) == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Bad Request: not enough rights to send photos to the chat"),
        (403, "Forbidden: CHAT_SEND_PHOTOS_FORBIDDEN"),
        (400, "Bad Request: CHAT_SEND_MEDIA_FORBIDDEN"),
        (400, "Bad Request: message caption is too long"),
        (413, "Request Entity Too Large"),
    ],
)
async def test_where_photos_are_not_allowed_the_text_is_sent_and_the_mosaic_stays(
    harness: SendingHarness, status: int, words: str
) -> None:
    harness.make_mosaic()
    harness.telegram.script = [("sendPhoto", status, words)]
    assert [form for form, _ in await harness.send(CAPTION)] == [Form.WHOLE, Form.WITHOUT_PICTURE]
    assert harness.telegram.sent[0].fields["link_preview_options"] == {"is_disabled": True}
    assert harness.pictures.gone == set()
    await harness.send(CAPTION, 2)
    assert harness.telegram.sent[1].method == "sendPhoto"


async def test_a_mosaic_whose_file_is_gone_leaves_the_lead_picture(harness: SendingHarness) -> None:
    harness.make_mosaic()
    harness.pictures.file(MOSAIC.key).unlink()
    await harness.send(CAPTION)
    assert harness.telegram.sent[0].method == "sendMessage"


async def test_a_mosaic_above_a_text_is_shown_by_its_address(web_harness: SendingHarness) -> None:
    await web_harness.send(ABOVE)
    web_harness.make_mosaic()
    await asyncio.sleep(0.6)
    await web_harness.send(ABOVE, 2)
    previews = [request.fields["link_preview_options"] for request in web_harness.telegram.sent]
    assert previews[0]["url"] == "https://p.example/lead.jpg"
    assert previews[1] == {
        "is_disabled": False,
        "url": f"https://bot.example/pictures/m/{MOSAIC.key}.jpg",
        "prefer_large_media": True,
        "show_above_text": True,
    }
    assert web_harness.telegram.uploads == []


async def test_without_a_public_address_a_preview_shows_the_lead_picture(harness: SendingHarness) -> None:
    harness.make_mosaic()
    await harness.send(ABOVE)
    assert harness.telegram.sent[0].fields["link_preview_options"]["url"] == "https://p.example/lead.jpg"


async def test_what_telegram_has_is_uploaded_with_no_copy(harness: SendingHarness) -> None:
    harness.make_mosaic(file_id="known")
    harness.telegram._known["known"] = b"mosaic"
    await asyncio.gather(*[harness.send(CAPTION, number) for number in range(1, 200)])
    assert len(harness.telegram.sent) == 199
    assert harness.telegram.uploads == []


async def test_an_upload_without_an_answer_is_uncertain_and_not_repeated(
    harness: SendingHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.make_mosaic()

    async def cut(*_: object) -> tuple[int, bytes]:
        raise NoAnswerError("the connection broke off")

    monkeypatch.setattr(harness.telegram, "send_form", cut)
    assert outcomes(await harness.send(CAPTION)) == [Unknown]
