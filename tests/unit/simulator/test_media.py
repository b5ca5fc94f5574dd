"""Photos, documents and albums."""

from __future__ import annotations

import base64
import builtins
import io
from typing import Any

import pytest
from PIL import Image

from bot.simulator.person.driver import Person
from bot.simulator.pictures import PictureError, identify_by_header, identify_picture
from tests.unit.simulator.conftest import RawBot, png


def _picture(form: str, width: int = 40, height: int = 30) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(stream, form)
    return stream.getvalue()


async def test_upload_reuse_and_download(bot: RawBot, ada: Person, session: Any, sim: Any) -> None:
    content = _picture("PNG", 1600, 800)
    sent = await bot.ok(
        "sendPhoto", chat_id=ada.id, photo=content, caption="<i>c</i>", parse_mode="HTML",
        show_caption_above_media=True,
    )  # fmt: skip
    assert sent["caption"] == "c"
    assert sent["caption_entities"] == [{"type": "italic", "offset": 0, "length": 1}]
    assert sent["show_caption_above_media"] is True
    assert [(size["width"], size["height"]) for size in sent["photo"]] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1280, 640),
    ]
    file_id = sent["photo"][-1]["file_id"]
    again = await bot.ok("sendPhoto", chat_id=ada.id, photo=file_id)
    assert again["photo"] == sent["photo"]
    path = (await bot.ok("getFile", file_id=file_id))["file_path"]
    async with session.get(f"{sim.url}/file/bot{sim.token}/{path}") as response:
        assert await response.read() == content
    shown = await ada.last()
    async with session.get(sim.url + shown["photo_url"]) as response:
        assert await response.read() == content
        assert response.content_type == "image/png"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    attached = await bot.ok("sendPhoto", chat_id=ada.id, photo="attach://upload", upload=_picture("JPEG"))
    assert attached["photo"][0]["width"] == 40
    assert (await ada.ledger())["unknown_parameters"] == {}


@pytest.mark.parametrize(
    ("photo", "refusal"),
    [
        (None, "there is no photo in the request"),
        ("nonsense", "wrong file identifier/HTTP URL specified"),
        ("ftp://a.b/c.jpg", "wrong file identifier/HTTP URL specified"),
        ("http://localhost/c.jpg", "wrong file identifier/HTTP URL specified"),
        ("https://bad.example/c.jpg", "failed to get HTTP URL content"),
        ("attach://nothing", "wrong file identifier/HTTP URL specified"),
        (b"", "file must be non-empty"),
        (b"not a picture", "IMAGE_PROCESS_FAILED"),
        (png(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        (png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (
            b"\x89PNG" + b"x" * (10 * 1024 * 1024),
            "file of size 10485764 bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_photos_that_telegram_refuses(bot: RawBot, ada: Person, photo: Any, refusal: str) -> None:
    await ada.fault("bad_picture", url="bad.example")
    said = await bot.refused("sendPhoto", chat_id=ada.id, photo=photo)
    assert said == f"Bad Request: {refusal}"
    # A link preview that can't be fetched is simply not there.
    await bot.send(ada.id, link_preview_options={"url": "https://bad.example/c.jpg"})


async def test_captions(bot: RawBot, ada: Person) -> None:
    where = {"chat_id": ada.id, "photo": "https://example.com/a.jpg"}
    assert "caption" not in await bot.ok("sendPhoto", **where, caption=" ")
    assert len((await bot.ok("sendPhoto", **where, caption="😀" * 1024))["caption"]) == 1024
    refused = await bot.refused("sendPhoto", **where, caption="x" * 1025)
    assert refused == "Bad Request: message caption is too long"
    assert (await ada.last())["photo_url"] == "https://example.com/a.jpg"


async def test_documents(bot: RawBot, ada: Person) -> None:
    sent = await bot.ok("sendDocument", chat_id=ada.id, document=b"some text", caption="c")
    assert sent["document"]["file_name"] == "document.bin"
    assert (await ada.last())["file"]["name"] == "document.bin"
    refused = await bot.refused("sendPhoto", chat_id=ada.id, photo=sent["document"]["file_id"])
    assert refused == "Bad Request: can't use file of type Document as Photo"
    assert await bot.refused("getFile", file_id="x") == (
        "Bad Request: wrong file_id or the file is temporarily unavailable"
    )


async def test_albums(bot: RawBot, ada: Person) -> None:
    items: list[dict[str, Any]] = [{"type": "photo", "media": f"https://example.com/{n}.jpg"} for n in range(3)]
    items[0] |= {"caption": "<b>c</b>", "parse_mode": "HTML"}
    sent = await bot.ok("sendMediaGroup", chat_id=ada.id, media=items)
    assert len({message["media_group_id"] for message in sent}) == 1
    assert sent[0]["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    uploaded = [{"type": "photo", "media": f"attach://p{n}"} for n in range(2)]
    await bot.ok("sendMediaGroup", chat_id=ada.id, media=uploaded, p0=_picture("PNG"), p1=_picture("JPEG"))


@pytest.mark.parametrize(
    ("media", "refusal"),
    [
        ([], "there are no messages to send"),
        ([1], "can't parse InputMedia: expected an Object"),
        ([{"type": "photo", "media": "https://a.b/1.jpg"}], "album must have from 2 to 10 items"),
        ([{"type": "photo", "media": f"https://a.b/{n}.jpg"} for n in range(11)],
         "too many messages to send as an album"),
        ([{"type": "photo"}, {"type": "photo"}], "can't parse InputMedia: media not found"),
        ([{"type": "sticker", "media": "x"}] * 2, 'can\'t parse InputMedia: type "sticker" is unsupported'),
        ([{"type": "photo", "media": "https://a.b/1.jpg", "show_caption_above_media": above}
          for above in (True, False)],
         "parameter show_caption_above_media must be the same for all messages"),
        ([{"type": "photo", "media": "https://a.b/1.jpg"}, {"type": "document", "media": "https://a.b/2.pdf"}],
         "can't use the media of the specified type in the album"),
    ],
)  # fmt: skip
async def test_albums_that_telegram_refuses(bot: RawBot, ada: Person, media: Any, refusal: str) -> None:
    assert await bot.refused("sendMediaGroup", chat_id=ada.id, media=media) == f"Bad Request: {refusal}"
    assert (await ada.ledger())["messages"] == 0


async def test_changing_media(bot: RawBot, ada: Person) -> None:
    sent = await bot.ok("sendPhoto", chat_id=ada.id, photo="https://example.com/a.jpg", caption="a")
    where = {"chat_id": ada.id, "message_id": sent["message_id"]}
    new = {"type": "photo", "media": "https://example.com/b.jpg", "caption": "b"}
    assert (await bot.ok("editMessageMedia", **where, media=new))["caption"] == "b"
    assert "not modified" in await bot.refused("editMessageMedia", **where, media=new)
    assert (await bot.ok("editMessageCaption", **where, caption="c"))["caption"] == "c"
    assert "not modified" in await bot.refused("editMessageCaption", **where, caption="c")
    refused = await bot.refused("editMessageText", **where, text="x")
    assert refused == "Bad Request: there is no text in the message to edit"


async def test_a_photo_is_replaced_by_an_upload_and_by_a_file_id(bot: RawBot, ada: Person) -> None:
    sent = await bot.ok("sendPhoto", chat_id=ada.id, photo=png(64, 48), caption="one")
    where = {"chat_id": ada.id, "message_id": sent["message_id"]}
    new = {"type": "photo", "media": "attach://new", "caption": "two"}
    edited = await bot.ok("editMessageMedia", **where, media=new, new=png(32, 24))
    assert edited["photo"][-1]["width"] == 32
    assert await ada.picture(await ada.last()) == png(32, 24)
    back = {"type": "photo", "media": sent["photo"][-1]["file_id"], "caption": "c" * 1024}
    assert (await bot.ok("editMessageMedia", **where, media=back))["photo"] == sent["photo"]
    refused = await bot.refused("editMessageCaption", **where, caption="c" * 1025)
    assert refused == "Bad Request: message caption is too long"
    missing = {"type": "photo", "media": "attach://missing"}
    refused = await bot.refused("editMessageMedia", **where, media=missing)
    assert refused == "Bad Request: wrong file identifier/HTTP URL specified"
    ledger = await ada.ledger()
    assert ledger["uploads"] == {"sendPhoto": 1, "editMessageMedia": 1}
    assert sorted(ledger["upload_contents"].values()) == [1, 1]


async def test_a_persons_photo(bot: RawBot, ada: Person) -> None:
    photo = base64.b64encode(_picture("JPEG")).decode()
    said = await ada.say("", photo=photo, caption="look")
    assert said["caption"] == "look"
    heard = (await bot.updates())[0]["message"]
    assert heard["photo"][-1]["width"] == 40
    await bot.ok("sendPhoto", chat_id=ada.id, photo=heard["photo"][-1]["file_id"])


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
def test_sizes_without_pillow(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = _picture(form)
    assert identify_by_header(content) == identify_picture(content) == (f"image/{form.lower()}", 40, 30)
    for broken in (content[:9], b"", b"\xff\xd8\xff\xe0\x00\x02", b"text"):
        with pytest.raises(PictureError):
            identify_by_header(broken)
    original = builtins.__import__
    monkeypatch.setattr("importlib.import_module", lambda name: original("no_such_module"))
    assert identify_picture(content) == (f"image/{form.lower()}", 40, 30)


async def test_spoilers_and_captions_above(bot: RawBot, ada: Person) -> None:
    sent = await bot.ok("sendPhoto", chat_id=ada.id, photo=png(9, 9), caption="c", has_spoiler=True)
    assert sent["has_media_spoiler"]
    assert "show_caption_above_media" not in sent
    copied = await bot.ok("copyMessage", chat_id=ada.id, from_chat_id=ada.id, message_id=sent["message_id"])
    messages = {message["message_id"]: message for message in await ada.messages()}
    assert messages[copied["message_id"]]["has_media_spoiler"]
    file = sent["photo"][-1]["file_id"]
    media = [
        {"type": "photo", "media": file, "has_spoiler": number == 1, "show_caption_above_media": True}
        for number in range(2)
    ]
    first, second = await bot.ok("sendMediaGroup", chat_id=ada.id, media=media)
    assert "has_media_spoiler" not in first
    assert second["has_media_spoiler"]
    assert first["show_caption_above_media"]
    assert second["show_caption_above_media"]
