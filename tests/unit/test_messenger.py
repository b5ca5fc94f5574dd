"""Photos to people: uploaded once, changed in place, and left out rather than losing the text."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.limits import CAPTION
from bot.telegram.known_pictures import KnownPictures
from bot.telegram.limiter import Limiter
from bot.telegram.messenger import Messenger, Screen
from bot.telegram.photos import ArticlePhotos, Photo, UploadedPhotos, file_id_of
from bot.telegram.throttle import Throttle
from bot.text.markup import Html
from digests.errors import StorageError
from tests.factories.times import NOW
from tests.fakes import FakeClock, FakeOwnPictures, FakeTelegram

CHAT = 7
ROBIN = Photo(b"a robin")
PREVIEW = Photo(b"a preview", name="layout gallery.en")
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Back", callback_data="tu|")]])


class FakeFacts:
    """Facts in memory; a broken database fails every time."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, datetime]] = {}
        self.is_broken = False

    async def fact(self, name: str) -> tuple[str, datetime] | None:
        self._check()
        return self.kept.get(name)

    async def note(self, name: str, value: str, now: datetime) -> None:
        self._check()
        self.kept[name] = value, now

    async def forget_fact(self, name: str) -> None:
        self._check()
        self.kept.pop(name, None)

    def _check(self) -> None:
        if self.is_broken:
            raise StorageError("the disk is full")


class MessengerHarness:
    """A messenger to a fake Telegram."""

    def __init__(self, own: FakeOwnPictures | None = None) -> None:
        self.telegram = FakeTelegram(1)
        self.known = KnownPictures(own or FakeOwnPictures(Path()))
        self.facts = FakeFacts()
        self.messenger = self.new_messenger()

    def new_messenger(self) -> Messenger:
        """Return a messenger that knows nothing but the facts, as after a restart."""
        limiter = Limiter(Throttle(1000, 1000, 1000))
        photos = UploadedPhotos(self.facts, FakeClock(NOW), self.known)
        return Messenger("https://telegram.example/bot1:x", self.telegram, limiter, photos)

    async def send(self, photo: Photo | None, html: str = "Hello", chat: int = CHAT) -> int:
        return await self.messenger.send(chat, Screen(Html(html), KEYBOARD, photo=photo), thread_id=3, reply_to=5)

    async def edit(self, photo: Photo | None, html: str = "Hello") -> bool:
        return await self.messenger.edit(CHAT, 40, lambda: Screen(Html(html), KEYBOARD, photo=photo))

    @property
    def uploads(self) -> list[bytes]:
        """The files that were uploaded, whatever became of them."""
        return [call.upload for call in self.telegram.calls if call.upload]

    @property
    def methods(self) -> list[str]:
        return [call.method for call in self.telegram.calls]


async def test_a_photo_is_uploaded_with_its_caption_and_buttons() -> None:
    harness = MessengerHarness()
    assert await harness.send(ROBIN, "<b>Hello</b>") == 1001
    (call,) = harness.telegram.calls
    assert (call.method, call.upload, call.text) == ("sendPhoto", b"a robin", "<b>Hello</b>")
    assert (call.fields["message_thread_id"], call.fields["parse_mode"]) == ("3", "HTML")
    assert '"message_id":5' in call.fields["reply_parameters"]
    assert list(call.buttons) == ["Back"]


async def test_equal_photos_are_uploaded_once() -> None:
    harness = MessengerHarness()
    for chat in range(5):
        await harness.send(Photo(b"a robin"), chat=chat)
    await harness.edit(Photo(b"a robin"))
    await harness.send(Photo(b"a wren"))
    assert harness.uploads == [b"a robin", b"a wren"]
    assert [call.file for call in harness.telegram.calls[1:6]] == ["file 1"] * 5


async def test_of_many_who_want_a_photo_at_once_one_uploads_it() -> None:
    harness = MessengerHarness()
    await asyncio.gather(*[harness.send(ROBIN, chat=chat) for chat in range(20)])
    assert harness.uploads == [b"a robin"]
    assert len(harness.telegram.calls) == 20


async def test_a_text_becomes_a_photo_and_a_photo_another_one_by_an_edit() -> None:
    harness = MessengerHarness()
    assert await harness.edit(ROBIN, "A robin")
    (call,) = harness.telegram.calls
    assert call.method == "editMessageMedia"
    assert call.media == {"type": "photo", "media": "attach://photo", "caption": "A robin", "parse_mode": "HTML"}
    assert list(call.buttons) == ["Back"]
    assert not await harness.edit(None, "No robin")
    assert harness.methods[-1] == "editMessageText"


async def test_a_photo_that_telegram_forgot_is_uploaded_again() -> None:
    harness = MessengerHarness()
    await harness.send(ROBIN)
    harness.telegram.refuse("sendPhoto", "Bad Request: wrong file identifier/HTTP URL specified", times=1)
    await harness.send(ROBIN)
    await harness.send(ROBIN)
    assert harness.uploads == [b"a robin", b"a robin"]
    assert harness.telegram.calls[-1].file == "file 3"


async def test_a_name_that_somebody_else_renewed_is_not_forgotten() -> None:
    photos = UploadedPhotos(FakeFacts(), FakeClock(NOW), KnownPictures(FakeOwnPictures(Path())))
    await photos.uploaded(ROBIN, "old")
    await photos.forgotten(ROBIN, "old")
    assert await photos.file_id(ROBIN) == ""
    await photos.uploaded(ROBIN, "new")
    # Refused before the new one was there, and told only now.
    await photos.forgotten(ROBIN, "old")
    assert await photos.file_id(ROBIN) == "new"


async def test_a_preview_is_uploaded_once_for_all_times() -> None:
    harness = MessengerHarness()
    await harness.send(PREVIEW)
    harness.messenger = harness.new_messenger()
    await harness.send(PREVIEW)
    assert len(harness.uploads) == 1
    harness.telegram.refuse("sendPhoto", "Bad Request: wrong file identifier/HTTP URL specified", times=1)
    await harness.send(PREVIEW)
    harness.messenger = harness.new_messenger()
    await harness.send(PREVIEW)
    assert len(harness.uploads) == 2
    # A later version of the program may have another picture of that name.
    await harness.send(Photo(b"a better preview", PREVIEW.name))
    harness.messenger = harness.new_messenger()
    await harness.send(Photo(b"a better preview", PREVIEW.name))
    assert harness.uploads[2:] == [b"a better preview"]
    assert len(harness.facts.kept) == 1


async def test_a_broken_database_costs_an_upload_and_nothing_else() -> None:
    harness = MessengerHarness()
    harness.facts.is_broken = True
    await harness.send(PREVIEW)
    await harness.send(PREVIEW)
    harness.telegram.refuse("sendPhoto", "Bad Request: wrong file identifier/HTTP URL specified", times=1)
    await harness.send(PREVIEW)
    assert len(harness.uploads) == 2


@pytest.mark.parametrize(
    "words",
    [
        "Bad Request: IMAGE_PROCESS_FAILED",
        "Bad Request: PHOTO_INVALID_DIMENSIONS",
        "Bad Request: not enough rights to send photos to the chat",
    ],
)
async def test_the_text_is_shown_where_the_photo_can_not_be(words: str) -> None:
    harness = MessengerHarness()
    harness.telegram.refuse("sendPhoto", words)
    harness.telegram.refuse("editMessageMedia", words)
    await harness.send(ROBIN)
    assert not await harness.edit(ROBIN)
    assert harness.methods == ["sendPhoto", "sendMessage", "editMessageMedia", "editMessageText"]
    assert {call.text for call in harness.telegram.calls} == {"Hello"}


async def test_what_is_not_about_the_photo_is_raised() -> None:
    harness = MessengerHarness()
    harness.telegram.refuse("sendPhoto", "Bad Request: chat not found")
    with pytest.raises(BadRequest, match="Chat not found"):
        await harness.send(ROBIN)
    harness.telegram.refuse("editMessageMedia", "Bad Request: message to edit not found")
    with pytest.raises(BadRequest, match="to edit not found"):
        await harness.edit(ROBIN)
    assert harness.methods == ["sendPhoto", "editMessageMedia"]


@pytest.mark.parametrize(("length", "method"), [(CAPTION, "sendPhoto"), (CAPTION + 1, "sendMessage")])
async def test_a_text_too_long_for_a_caption_is_shown_without_the_photo(length: int, method: str) -> None:
    harness = MessengerHarness()
    await harness.send(ROBIN, f"<b>{'字' * length}</b>")
    assert harness.methods == [method]


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b'{"ok":true,"result":true}', b'{"result":{"photo":[]}}', b'{"result":{"photo":[{"a":1}]}}']
)
def test_an_answer_without_a_photo_has_no_file_id(answer: bytes) -> None:
    assert file_id_of(answer) == ""


async def test_the_kept_picture_of_an_article_is_uploaded_once_and_known_to_deliveries(tmp_path: Path) -> None:
    own = FakeOwnPictures(tmp_path)
    own.add("moon", b"a moon")
    harness = MessengerHarness(own)
    photos = ArticlePhotos(harness.known)
    for chat in range(3):
        await harness.send(await photos.of("moon"), chat=chat)
    assert harness.uploads == [b"a moon"]
    assert own.file_id("moon") == "file 1"
    assert not harness.facts.kept


async def test_a_kept_picture_that_telegram_has_is_shown_without_its_file(tmp_path: Path) -> None:
    own = FakeOwnPictures(tmp_path)
    own.add("moon", b"", file_id="known")
    (tmp_path / "moon.jpg").unlink()
    harness = MessengerHarness(own)
    photo = await ArticlePhotos(harness.known).of("moon")
    await harness.send(photo)
    assert harness.telegram.calls[-1].file == "known"
    harness.telegram.refuse("sendPhoto", "Bad Request: wrong file identifier/HTTP URL specified")
    await harness.send(photo)
    assert harness.methods[-2:] == ["sendPhoto", "sendMessage"]
    assert own.file_id("moon") == ""


async def test_a_kept_picture_that_telegram_refuses_is_shown_no_more(tmp_path: Path) -> None:
    own = FakeOwnPictures(tmp_path)
    own.add("moon", b"broken")
    harness = MessengerHarness(own)
    harness.telegram.refuse("sendPhoto", "Bad Request: IMAGE_PROCESS_FAILED")
    photos = ArticlePhotos(harness.known)
    await harness.send(await photos.of("moon"))
    assert harness.methods == ["sendPhoto", "sendMessage"]
    assert await photos.of("moon") is None


@pytest.mark.parametrize("key", ["", "unknown"])
async def test_an_article_without_a_kept_picture_has_no_photo(tmp_path: Path, key: str) -> None:
    assert await ArticlePhotos(KnownPictures(FakeOwnPictures(tmp_path))).of(key) is None
