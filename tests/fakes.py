"""Fakes of the ports: they keep the same promises, and record what was asked of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any

from telegram.request import RequestData
from yarl import URL

from bot.callbacks import Button, split_place, unpack
from bot.telegram.request import AiohttpRequest
from digests.errors import OriginError
from digests.model.delivery import Delivery, Part
from digests.model.ids import DeliveryId
from digests.model.outcome import Form, Outcome, Sent, Throttled
from digests.model.place import Place
from digests.ports import File, OwnPicture, PictureContent, Turn


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the time that the clock was moved to."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Move the clock, backwards where the span is negative."""
        self._now += by


@dataclass(frozen=True)
class SentPart:
    """A part as it was sent, or tried to be."""

    chat_id: int
    html: str
    form: Form
    rest: int
    urgent: bool
    offers: DeliveryId | None = None
    silent: bool = False


@dataclass
class FakeTurn:
    """A turn that comes at once."""

    request: Callable[[], Awaitable[Outcome]]

    async def send(self) -> Outcome:
        """Send the part."""
        return await self.request()


@dataclass
class FakeSender:
    """A sender that accepts every part, unless `answer` gives another outcome."""

    answer: Callable[[Delivery, Part, Form], Outcome | None] = lambda _delivery, _part, _form: None
    sent: list[SentPart] = field(default_factory=list)
    tried: list[SentPart] = field(default_factory=list)
    topics_gone: list[Place] = field(default_factory=list)
    elsewhere: list[tuple[int, tuple[float, ...]]] = field(default_factory=list)

    @asynccontextmanager
    async def turn(
        self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, items: int, urgent: bool
    ) -> AsyncIterator[Turn | Throttled]:
        """Give the part its turn at once."""
        yield FakeTurn(lambda: self.send(delivery, part, form, last=last, rest=rest, urgent=urgent))

    async def send(self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, urgent: bool) -> Outcome:
        """Record the part, and return its outcome."""
        offers = delivery.offers if last else None
        row = SentPart(delivery.place.chat_id, part.html, form, rest if last else 0, urgent, offers, part.silent)
        self.tried.append(row)
        outcome = self.answer(delivery, part, form) or Sent(len(self.sent) + 1)
        if isinstance(outcome, Sent):
            self.sent.append(row)
        return outcome

    def note_elsewhere(self, chat_id: int, seconds_ago: Sequence[float]) -> None:
        """Record what others sent."""
        self.elsewhere.append((chat_id, tuple(seconds_ago)))

    async def topic_gone(self, place: Place) -> None:
        """Record a place whose topic is gone."""
        self.topics_gone.append(place)


class MemoryOrigin:
    """An origin whose posts are in memory."""

    def __init__(self, posts: dict[str, str | bytes]) -> None:
        self.name = "memory"
        self.unreadable: tuple[str, ...] = ()
        self._posts: dict[str, tuple[bytes, int]] = {}
        self._changes = 0
        self.times: dict[str, datetime] = {}
        self.asked_history = 0
        for path, text in posts.items():
            self.put(path, text)

    def put(self, path: str, text: str | bytes) -> None:
        """Write a post, whose modification time is a new one."""
        self._changes += 1
        self._posts[path] = (text.encode() if isinstance(text, str) else text, self._changes)

    def remove(self, path: str) -> None:
        """Delete a post."""
        del self._posts[path]

    def files(self) -> Sequence[File]:
        """Return all posts, in the order of their paths."""
        return [File(path, changed, len(data)) for path, (data, changed) in sorted(self._posts.items())]

    def read(self, file: File) -> bytes:
        """Return a post's bytes."""
        if file.path not in self._posts:
            raise FileNotFoundError(2, "No such file or directory")
        return self._posts[file.path][0]

    def first_times(self, *, history: bool) -> Mapping[str, datetime]:
        """Return the times that a test gave."""
        self.asked_history += history
        return self.times

    def close(self) -> None:
        """Do nothing: no resource is held."""


class BrokenOrigin(MemoryOrigin):
    """An origin that cannot be read."""

    def files(self) -> Sequence[File]:
        """Raise OriginError."""
        raise OriginError("The posts folder is not there: create it.")


_SHOWING = ("sendMessage", "editMessageText", "editEphemeralMessageText", "sendPhoto", "editMessageMedia")


@dataclass(frozen=True, slots=True)
class TelegramCall:
    """A request to Telegram: its method, its fields, and the content of the file that was uploaded with them."""

    method: str
    fields: Mapping[str, Any]
    upload: bytes = b""

    @property
    def text(self) -> str:
        """The message's text or caption, as HTML, or the answer to a press."""
        return str(self.fields.get("text") or self.fields.get("caption") or self.media.get("caption", ""))

    @property
    def media(self) -> Mapping[str, Any]:
        """The media of an edit."""
        media = self.fields.get("media", {})
        return dict(json.loads(media) if isinstance(media, str) else media)

    @property
    def file(self) -> str:
        """The file_id of the photo that is shown, or the name of an upload; "" for a text."""
        return str(self.fields.get("photo") or self.media.get("media", ""))

    @property
    def chat_id(self) -> int:
        """The chat that the call is about; 0 for none."""
        return int(self.fields.get("chat_id", 0))

    @property
    def buttons(self) -> dict[str, Button | None]:
        """The keyboard's buttons by their labels; None for one that opens an address."""
        keyboard = self.fields.get("reply_markup") or {}
        rows = (json.loads(keyboard) if isinstance(keyboard, str) else keyboard).get("inline_keyboard", [])
        return {
            button["text"]: unpack(split_place(button.get("callback_data", ""))[1]) for row in rows for button in row
        }


@dataclass
class Refusal:
    """An error that Telegram has ready: for which method, in which chat (None: all), and how often."""

    method: str
    chat_id: int | None
    status: int
    words: str
    times: float
    parameters: Mapping[str, Any] = field(default_factory=dict)


class FakeMessageEditor:
    """A record of edited and removed messages; `answer` is what Telegram answers."""

    def __init__(self) -> None:
        self.made: list[tuple[int, str]] = []
        self.answer: bool | None = True

    async def edit(self, delivery: Delivery, message_id: int, part: Part, *, rest: int, items: int) -> bool | None:
        self.made.append((message_id, part.html))
        return self.answer

    async def remove(self, delivery: Delivery, message_id: int) -> bool | None:
        self.made.append((message_id, ""))
        return self.answer


class FakeTelegram(AiohttpRequest):
    """A Telegram that accepts every request and records it, but for the methods that it was told to refuse.

    It stands in for the connections, so the bot, the messenger and the screens above it are the real ones.
    """

    def __init__(self, bot_id: int) -> None:
        super().__init__()
        self.calls: list[TelegramCall] = []
        self.member_status = "member"
        """What everybody is in every group."""
        self.files: dict[str, bytes] = {}
        """The files that people sent, by their file_id."""
        self._bot = {"id": bot_id, "is_bot": True, "first_name": "Digest", "username": "digest_bot"}
        self._refusals: list[Refusal] = []

    def refuse(
        self,
        method: str,
        words: str,
        *,
        status: int = 400,
        chat_id: int | None = None,
        times: float = inf,
        moved_to: int | None = None,
    ) -> None:
        """Refuse this method from now on, or so many `times`, in this chat or in all of them."""
        parameters = {} if moved_to is None else {"migrate_to_chat_id": moved_to}
        self._refusals.append(Refusal(method, chat_id, status, words, times, parameters))

    def called(self, method: str) -> list[TelegramCall]:
        """Return the calls of a method, the oldest first."""
        return [call for call in self.calls if call.method == method]

    @property
    def shown(self) -> list[TelegramCall]:
        """The messages that were sent or edited, the oldest first."""
        return [call for call in self.calls if call.method in _SHOWING]

    @property
    def answers(self) -> list[TelegramCall]:
        """The answers to presses, the oldest first."""
        return self.called("answerCallbackQuery")

    async def initialize(self) -> None:
        """Do nothing: no connection is needed."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_timeouts: object, **_more: object
    ) -> tuple[int, bytes]:
        """Answer a request of PTB's."""
        if url.rpartition("/")[2] in self.files:
            # A file's path is its file_id.
            return 200, self.files[url.rpartition("/")[2]]
        return self._answer(url.rpartition("/")[2], request_data.parameters if request_data else {})

    async def send_json(self, url: URL, body: bytes, *, waits: float = 0.0) -> tuple[int, bytes]:
        """Answer a request of ours."""
        return self._answer(url.name, json.loads(body))

    async def send_form(
        self, url: URL, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]
    ) -> tuple[int, bytes]:
        """Answer a request of ours with a file."""
        ((_, content),) = files.values()
        return self._answer(url.name, fields, content)

    def _answer(self, method: str, fields: Mapping[str, Any], upload: bytes = b"") -> tuple[int, bytes]:
        self.calls.append(call := TelegramCall(method, fields, upload))
        for refusal in self._refusals:
            if refusal.method == method and refusal.chat_id in (None, call.chat_id) and refusal.times > 0:
                refusal.times -= 1
                told = {"ok": False, "description": refusal.words, "parameters": refusal.parameters}
                return refusal.status, json.dumps(told).encode()
        return 200, json.dumps({"ok": True, "result": self._result(method, fields)}).encode()

    def _result(self, method: str, fields: Mapping[str, Any]) -> object:
        match method:
            case "getMe":
                return self._bot
            case "getFile":
                return {"file_id": fields["file_id"], "file_unique_id": "u", "file_path": fields["file_id"]}
            case "getChatMember":
                user = {"id": fields["user_id"], "is_bot": False, "first_name": "Robin"}
                return {"status": self.member_status, "user": user, "is_anonymous": False}
            case "sendPhoto" | "editMessageMedia":
                file = self.calls[-1].file
                sizes = [{"file_id": f"small of {file}", "width": 90, "height": 60}]
                whole = f"file {len(self.calls)}" if file.startswith("attach://") else file
                sizes.append({"file_id": whole, "width": 900, "height": 600})
                return {"message_id": 1000 + len(self.calls), "photo": sizes}
            case "sendDocument":
                return {"message_id": 1000 + len(self.calls), "document": {"file_id": f"file {len(self.calls)}"}}
            case "sendMessage" if "receiver_user_id" in fields:
                return {"message_id": 0, "ephemeral_message_id": 1000 + len(self.calls)}
            case "sendMessage":
                chat = {"id": fields["chat_id"], "type": "private"}
                return {"message_id": 1000 + len(self.calls), "date": 0, "chat": chat, "text": fields["text"]}
            case _:
                return True


class FakeOwnPictures:
    """Our pictures, known in memory, with their files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pictures: dict[str, OwnPicture] = {}
        self.gone: set[str] = set()

    def add(self, key: str, content: bytes, *, is_mosaic: bool = False, file_id: str = "") -> None:
        """Make a picture."""
        self.file(key).write_bytes(content)
        self._pictures[key] = OwnPicture(key, is_mosaic, file_id)

    def file(self, key: str) -> Path:
        """Return where the content of a picture is."""
        return self._folder / f"{key}.jpg"

    def file_id(self, key: str) -> str:
        """Return the file_id that is stored for a picture."""
        return self._pictures[key].file_id

    async def mosaic(self, key: str) -> OwnPicture | None:
        """Return a mosaic."""
        found = self._pictures.get(key)
        return found if found is not None and found.is_mosaic and key not in self.gone else None

    async def kept(self, keys: Sequence[str]) -> Mapping[str, OwnPicture]:
        """Return those of the kept pictures that can be sent."""
        found = {key: self._pictures[key] for key in keys if key in self._pictures and key not in self.gone}
        return {key: picture for key, picture in found.items() if not picture.is_mosaic}

    async def latest(self, picture: OwnPicture) -> OwnPicture:
        """Return the picture as it is stored now."""
        return self._pictures.get(picture.key, picture)

    async def content(self, picture: OwnPicture) -> PictureContent | None:
        """Return the file of a picture."""
        file = self.file(picture.key)
        return PictureContent(file.read_bytes(), file.stat().st_mtime) if file.is_file() else None

    async def uploaded(self, picture: OwnPicture, file_id: str) -> None:
        """Store the file_id."""
        self._pictures[picture.key] = replace(picture, file_id=file_id)

    async def forgotten(self, picture: OwnPicture) -> None:
        """Forget the file_id."""
        self._pictures[picture.key] = replace(picture, file_id="")

    async def refused(self, picture: OwnPicture) -> None:
        """Show the picture no more."""
        self.gone.add(picture.key)
