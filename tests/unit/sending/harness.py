"""A sender of real requests, and a Telegram that knows files, takes uploads, and refuses what it was told to."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from telegram.ext import ExtBot
from yarl import URL

from bot.telegram.client import DigestBot
from bot.telegram.limiter import Limiter
from bot.telegram.part_pictures import PartPictures
from bot.telegram.request import AiohttpRequest
from bot.telegram.sender import TelegramSender
from bot.telegram.throttle import Throttle
from digests.model.delivery import Delivery, DeliveryKind, DeliveryState, Part, RichText
from digests.model.ids import DeliveryId
from digests.model.mosaic import Mosaic, Tile, recipe_of
from digests.model.outcome import Form, Outcome, Throttled
from digests.model.place import Place
from digests.model.step import RetrySimpler, SendAgain, next_step
from digests.ports import OwnPictures
from tests.factories.places import place as a_place
from tests.factories.times import DAY, NOW
from tests.fakes import FakeOwnPictures

MOSAIC = Mosaic("ab" * 20, recipe_of((Tile(1, "one"), Tile(2, "two"))))
CAPTION = Part("<b>News</b>", "https://p.example/lead.jpg", mosaic=MOSAIC, is_caption=True)
ABOVE = Part("<b>News</b>", "https://p.example/lead.jpg", mosaic=MOSAIC)
_IMAGE = re.compile(r"tg://photo\?id=(p\d+)")


def rich_part(*keys: str) -> Part:
    """Return a magazine that shows these kept pictures, each once."""
    images = "".join(f'<figure><img src="tg://photo?id=p{number}"></figure>' for number in range(1, len(keys) + 1))
    return Part("", rich=RichText(f"<h1>News</h1>{images}<p>end</p>", keys))


@dataclass(frozen=True)
class Request:
    """A request: its fields, those of JSON within a form decoded, and the contents of its files."""

    method: str
    fields: Mapping[str, Any]
    files: Mapping[str, bytes]


@dataclass(eq=False)
class FileTelegram(AiohttpRequest):
    """A Telegram that knows a file by the file_id that it gave it, until it forgets.

    `bad` are contents that it can't use; `script` are answers that come first, as (method, status, words).
    """

    requests: list[Request] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)
    bad: set[bytes] = field(default_factory=set)
    script: list[tuple[str, int, str]] = field(default_factory=list)
    uploads: list[bytes] = field(default_factory=list)
    held: asyncio.Event | None = None
    _known: dict[str, bytes] = field(default_factory=dict)
    _given: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def forget_files(self) -> None:
        """Forget every file; the names of those that come later are others."""
        self._known.clear()

    async def send_json(self, url: URL, body: bytes, *, waits: float = 0.0) -> tuple[int, bytes]:
        return self._answer(Request(url.name, json.loads(body), {}))

    async def send_form(
        self, url: URL, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]
    ) -> tuple[int, bytes]:
        self.uploads += [content for _, content in files.values()]
        if self.held is not None:
            await self.held.wait()
        decoded = {name: _decoded(value) for name, value in fields.items()}
        return self._answer(Request(url.name, decoded, {name: content for name, (_, content) in files.items()}))

    def _answer(self, request: Request) -> tuple[int, bytes]:
        self.requests.append(request)
        for scripted in self.script:
            if scripted[0] == request.method:
                self.script.remove(scripted)
                return scripted[1], _refusal(scripted[1], scripted[2])
        media = request.fields.get("rich_message", {}).get("media", [])
        names = {entry["id"]: entry["media"]["media"] for entry in media}
        if request.method == "sendPhoto":
            names = {"": request.fields["photo"]}
        contents = {}
        for number, name in names.items():
            content = request.files.get(name.removeprefix("attach://"), self._known.get(name))
            if content is None:
                return 400, _refusal(400, "Bad Request: wrong remote file identifier specified: no such file")
            contents[number] = content
        if self.bad & set(contents.values()):
            words = "IMAGE_PROCESS_FAILED" if request.method == "sendPhoto" else "RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"
            return 400, _refusal(400, f"Bad Request: {words}")
        self.sent.append(request)
        result: dict[str, Any] = {"message_id": len(self.sent)}
        if request.method == "sendPhoto":
            result["photo"] = self._sizes(contents[""])
        elif request.method == "sendRichMessage":
            shown = _IMAGE.findall(request.fields["rich_message"]["html"])
            assert set(shown) == set(names), "a picture of the text is not given, or one is given and not shown"
            blocks = [{"type": "photo", "photo": self._sizes(contents[number])} for number in shown]
            result["rich_message"] = {
                "blocks": [{"type": "paragraph", "text": "x"}, {"type": "details", "blocks": blocks}]
            }
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def _sizes(self, content: bytes) -> list[dict[str, Any]]:
        self._given += 1
        found = next((name for name, known in self._known.items() if known == content), f"file-{self._given}")
        self._known[found] = content
        small = {"file_id": f"small-{self._given}", "width": 90, "height": 60}
        return [small, {"file_id": found, "width": 800, "height": 533}, {**small, "width": 320, "height": 213}]


def _decoded(value: str) -> object:
    try:
        return json.loads(value) if value[:1] in "{[" else value
    except ValueError:
        return value


def _refusal(status: int, words: str) -> bytes:
    return json.dumps({"ok": False, "error_code": status, "description": words}).encode()


class SendingHarness:
    """A sender with pictures of our own; `send` does what a delivery's attempt does with one part."""

    def __init__(
        self,
        folder: Path,
        public_url: str = "",
        stored: OwnPictures | None = None,
        telegram: FileTelegram | None = None,
    ) -> None:
        self.pictures = FakeOwnPictures(folder)
        self.part_pictures = PartPictures(stored or self.pictures, public_url)
        self.telegram = telegram or FileTelegram()
        throttle = Throttle(10_000, 10_000, 10_000)
        telegram = self.telegram
        bot: DigestBot = ExtBot(
            "123:token", request=telegram, get_updates_request=telegram, rate_limiter=Limiter(throttle)
        )
        self.sender = TelegramSender(
            bot, throttle, self.telegram, self.telegram, paid=False, pictures=self.part_pictures
        )

    def make_mosaic(self, content: bytes = b"mosaic", file_id: str = "") -> None:
        """Make the mosaic of the parts above."""
        self.pictures.add(MOSAIC.key, content, is_mosaic=True, file_id=file_id)

    async def send(self, part: Part, number: int = 1, place: Place | None = None) -> list[tuple[Form, Outcome]]:
        """Send a part until something other than another try follows; return every try's form and outcome."""
        form, repeats, tries = Form.WHOLE, 0, list[tuple[Form, Outcome]]()
        while True:
            outcome = await self.try_once(part, form, number, place)
            tries.append((form, outcome))
            step = next_step(outcome, form, 0, NOW, NOW + DAY, repeats=repeats, has_fallback=part.rich is not None)
            if isinstance(step, SendAgain):
                repeats += 1
            elif isinstance(step, RetrySimpler):
                form, repeats = step.form, 0
            else:
                return tries

    async def try_once(
        self, part: Part, form: Form = Form.WHOLE, number: int = 1, place: Place | None = None
    ) -> Outcome:
        """Send a part once."""
        delivery = _delivery(number, place or a_place(number))
        async with self.sender.turn(delivery, part, form, last=True, rest=0, items=0, urgent=False) as turn:
            return turn if isinstance(turn, Throttled) else await turn.send()


def _delivery(number: int, place: Place) -> Delivery:
    kind, state = DeliveryKind.DIGEST, DeliveryState.SENDING
    now: datetime = NOW
    return Delivery(DeliveryId(number), place, kind, now, state, "key", 0, now)
