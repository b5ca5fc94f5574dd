"""Rich messages with pictures of ours: one bad picture costs neither the message nor the other pictures."""

from __future__ import annotations

import asyncio

import pytest

from digests.model.outcome import (
    BadMarkup,
    BadPicture,
    Form,
    NotAccepted,
    OwnPictureRefused,
    Refused,
    Sent,
    Unsupported,
)
from tests.factories.places import place
from tests.unit.sending.harness import SendingHarness, rich_part
from tests.unit.sending.test_mosaics import outcomes

NAMES = tuple(f"k{number}" for number in range(1, 31))


def keep(harness: SendingHarness, *names: str, known: bool = False) -> None:
    """Keep pictures whose content is their name; with `known`, Telegram has them already."""
    for name in names:
        harness.pictures.add(name, name.encode(), file_id=f"id-{name}" if known else "")
        if known:
            harness.telegram._known[f"id-{name}"] = name.encode()


def shown(harness: SendingHarness) -> list[str]:
    """Return the names of the pictures in the last message."""
    last = harness.telegram.sent[-1]
    names = [entry["media"]["media"] for entry in last.fields["rich_message"].get("media", [])]
    contents = [last.files.get(name.removeprefix("attach://"), harness.telegram._known.get(name)) for name in names]
    return [content.decode() for content in contents if content is not None]


async def test_a_magazine_uploads_its_pictures_once(harness: SendingHarness) -> None:
    keep(harness, "a", "b", "c")
    part = rich_part("a", "b", "c", "a")
    for number in (1, 2, 3):
        assert outcomes(await harness.send(part, number)) == [Sent]
    assert sorted(harness.telegram.uploads) == [b"a", b"b", b"c"]
    assert [request.method for request in harness.telegram.sent] == ["sendRichMessage"] * 3
    assert not harness.telegram.sent[1].files
    assert shown(harness) == ["a", "b", "c"]
    for name in "abc":
        stored = harness.pictures.file_id(name)
        assert harness.telegram._known[stored] == name.encode()


async def test_the_request_has_everything_that_other_messages_have(harness: SendingHarness) -> None:
    keep(harness, "a")
    reader = place(1, thread_id=7, silent=True)
    await harness.send(rich_part("a"), place=reader)
    await harness.send(rich_part("a"), place=reader)
    upload, named = harness.telegram.sent
    assert (upload.fields["chat_id"], upload.fields["message_thread_id"]) == ("1001", "7")
    assert upload.fields["disable_notification"] == "true"
    assert (named.fields["chat_id"], named.fields["message_thread_id"]) == (1001, 7)
    assert named.fields["disable_notification"] is True


async def test_pictures_that_are_gone_are_left_out_with_their_figures(harness: SendingHarness) -> None:
    keep(harness, "a", "c")
    await harness.send(rich_part("a", "b", "c"))
    assert shown(harness) == ["a", "c"]
    assert harness.telegram.sent[-1].fields["rich_message"]["html"].count("<figure>") == 2


async def test_a_picture_whose_file_cannot_be_read_is_left_out(harness: SendingHarness) -> None:
    keep(harness, "a", "b")
    harness.pictures.file("a").unlink()
    await harness.send(rich_part("a", "b"))
    assert shown(harness) == ["b"]


async def test_one_bad_picture_of_thirty_is_found_and_the_others_stay(harness: SendingHarness) -> None:
    keep(harness, *NAMES)
    harness.telegram.bad = {b"k17"}
    tries = await harness.send(rich_part(*NAMES))
    assert outcomes(tries)[-1] is Sent
    assert len(harness.telegram.sent) == 1
    assert sorted(shown(harness)) == sorted(set(NAMES) - {"k17"})
    assert harness.pictures.gone == {"k17"}
    uploads = len(harness.telegram.uploads)
    assert outcomes(await harness.send(rich_part(*NAMES), 2)) == [Sent]
    assert len(harness.telegram.uploads) == uploads
    assert len(shown(harness)) == 29


async def test_only_pictures_that_were_never_accepted_are_suspected(harness: SendingHarness) -> None:
    keep(harness, *NAMES[:28], known=True)
    keep(harness, *NAMES[28:])
    harness.telegram.bad = {b"k30"}
    tries = await harness.send(rich_part(*NAMES))
    assert outcomes(tries) == [OwnPictureRefused, OwnPictureRefused, Sent]
    assert harness.pictures.gone == {"k30"}
    assert len(shown(harness)) == 29
    assert b"k1" not in harness.telegram.uploads


async def test_several_bad_pictures_are_left_out_together(harness: SendingHarness) -> None:
    keep(harness, "a", "b", known=True)
    keep(harness, "c", "d", "e")
    harness.telegram.bad = {b"c", b"e"}
    assert outcomes(await harness.send(rich_part(*"abcde")))[-1] is Sent
    assert shown(harness) == ["a", "b"]
    assert harness.pictures.gone == set(), "which of them is bad is not known"
    # But it is not searched for again and again.
    assert outcomes(await harness.send(rich_part(*"abcde"), 2)) == [Sent]


async def test_file_ids_that_telegram_forgot_are_uploaded_again(harness: SendingHarness) -> None:
    keep(harness, "a", "b", "c")
    await harness.send(rich_part(*"abc"))
    harness.telegram.forget_files()
    assert outcomes(await harness.send(rich_part(*"abc"), 2)) == [OwnPictureRefused, Sent]
    assert shown(harness) == ["a", "b", "c"]
    assert outcomes(await harness.send(rich_part(*"abc"), 3)) == [Sent]
    assert len(harness.telegram.uploads) == 6


async def test_a_stale_and_a_bad_picture_in_one_message(harness: SendingHarness) -> None:
    keep(harness, "a", "b")
    await harness.send(rich_part("a", "b"))
    harness.telegram.forget_files()
    keep(harness, "bad")
    harness.telegram.bad = {b"bad"}
    assert outcomes(await harness.send(rich_part("a", "b", "bad"), 2))[-1] is Sent
    assert shown(harness) == ["a", "b"]


async def test_where_every_picture_is_refused_the_magazine_goes_without_any(harness: SendingHarness) -> None:
    keep(harness, "a", "b", known=True)
    harness.telegram.bad = {b"a", b"b"}
    tries = await harness.send(rich_part("a", "b"))
    assert tries[-1][0] is Form.WITHOUT_PICTURE
    assert isinstance(tries[-1][1], Sent)
    assert "<figure>" not in harness.telegram.sent[-1].fields["rich_message"]["html"]


async def test_a_search_comes_to_an_end_whatever_telegram_answers(harness: SendingHarness) -> None:
    keep(harness, *NAMES)
    harness.telegram.script = [("sendRichMessage", 400, "Bad Request: RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND")] * 200
    tries = await harness.send(rich_part(*NAMES))
    assert len(tries) < 70
    assert [type(outcome) for _, outcome in tries[-2:]] == [BadPicture, BadPicture]
    assert tries[-1][0] is Form.WITHOUT_PICTURE


async def test_many_readers_of_a_magazine_share_its_uploads(harness: SendingHarness) -> None:
    keep(harness, *NAMES[:10])
    part = rich_part(*NAMES[:10])
    results = await asyncio.gather(*[harness.send(part, number) for number in range(1, 60)])
    assert all(outcomes(tries) == [Sent] for tries in results)
    assert len(harness.telegram.uploads) == 10


async def test_readers_of_different_magazines_share_uploads_too(harness: SendingHarness) -> None:
    keep(harness, *NAMES[:6])
    parts = [rich_part("k1", "k2", "k3"), rich_part("k3", "k4"), rich_part("k5", "k6", "k1")]
    results = await asyncio.gather(*[harness.send(parts[number % 3], number) for number in range(1, 60)])
    assert all(outcomes(tries) == [Sent] for tries in results)
    assert len(harness.telegram.uploads) == 6


@pytest.mark.parametrize(
    ("status", "words", "expected"),
    [
        (404, "Not Found", Unsupported),
        (404, "Not Found: method not found", Unsupported),
        (400, "Bad Request: RICH_MESSAGE_UNSUPPORTED", Unsupported),
        (400, "Bad Request: RICH_MESSAGE_TOO_MANY_BLOCKS", Unsupported),
        (400, "Bad Request: can't parse entities: unsupported tag", BadMarkup),
        (400, "Bad Request: something new", Refused),
        (502, "Bad Gateway", NotAccepted),
    ],
)
async def test_what_refusals_of_the_whole_message_mean(
    harness: SendingHarness, status: int, words: str, expected: type
) -> None:
    keep(harness, "a")
    harness.telegram.script = [("sendRichMessage", status, words)]
    assert outcomes(await harness.send(rich_part("a"))) == [expected]
    assert harness.pictures.gone == set()


async def test_a_404_of_a_server_in_between_says_nothing_of_rich_messages(
    harness: SendingHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def portal(*_: object, **_more: object) -> tuple[int, bytes]:
        return 404, b"<html>Not Found</html>"

    monkeypatch.setattr(harness.telegram, "send_json", portal)
    assert outcomes(await harness.send(rich_part())) == [NotAccepted]


async def test_the_plain_form_is_the_bare_text(harness: SendingHarness) -> None:
    assert isinstance(await harness.try_once(rich_part("a"), Form.PLAIN), Sent)
    (sent,) = harness.telegram.sent
    assert (sent.method, sent.fields["text"]) == ("sendMessage", "News\nend")


async def test_an_answer_with_another_number_of_photos_stores_no_file_id(
    harness: SendingHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(harness, "a", "b")
    answer = b'{"ok":true,"result":{"message_id":5,"rich_message":{"blocks":[{"type":"photo","photo":[]}]}}}'

    async def send(*_: object) -> tuple[int, bytes]:
        return 200, answer

    monkeypatch.setattr(harness.telegram, "send_form", send)
    assert outcomes(await harness.send(rich_part("a", "b"))) == [Sent]
    assert [harness.pictures.file_id(name) for name in "ab"] == ["", ""]
