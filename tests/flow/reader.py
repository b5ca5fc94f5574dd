"""A person in a flow test: waits for answers to what he last did, not for older messages."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable
from typing import Any

from bot.simulator.person.driver import Person, ShownMessage, WantedMessage


class Reader(Person):
    """`alert` is what the last press was answered with."""

    _since: ShownMessage | None = None
    alert: str = ""

    async def say(self, text: str, chat: int | None = None, **more: Any) -> ShownMessage:
        said = await super().say(text, chat, **more)
        self._since = said
        return said

    async def send_photo(self, caption: str = "", chat: int | None = None) -> ShownMessage:
        photo = base64.b64encode(picture()).decode()
        self._since = await self.post("/sim/say", user=self.id, chat=chat, photo=photo, caption=caption or None)
        return self._since

    async def send_document(self, caption: str = "", name: str = "plan.pdf") -> ShownMessage:
        document = base64.b64encode(b"%PDF-1.7 a plan").decode()
        self._since = await self.post("/sim/say", user=self.id, document=document, name=name, caption=caption or None)
        return self._since

    async def send_album(self, count: int, caption: str = "", album: str = "one") -> ShownMessage:
        for number in range(count):
            photo = base64.b64encode(picture(64 + number)).decode()
            words = caption if number == 0 and caption else None
            self._since = await self.post("/sim/say", user=self.id, photo=photo, caption=words, album=album)
        assert self._since is not None
        return self._since

    async def press(
        self, wanted: str | Callable[[ShownMessage], bool], chat: int | None = None, *, seconds: float = 5
    ) -> ShownMessage:
        page = await self.get("/sim/messages", user=self.id, chat=chat)
        answer = await super().press(wanted, chat, seconds=seconds)
        self._since = {"seq": page["seq"]}
        self.alert = answer["text"]
        return answer

    async def wait_for(
        self,
        wanted: WantedMessage,
        seconds: float = 10,
        *,
        chat: int | None = None,
        thread: int | None = None,
        after: ShownMessage | None = None,
    ) -> ShownMessage:
        return await super().wait_for(wanted, seconds, chat=chat, thread=thread, after=after or self._since)

    async def texts(self, chat: int | None = None) -> list[str]:
        """What others wrote, oldest first."""
        found = await self.messages(chat)
        return [one.get("text") or one.get("caption") or "" for one in found if not one["outgoing"]]

    async def button_data(self, label: str) -> tuple[int, str]:
        """(message, data) of the newest button with this label."""
        found = await self.find_button(label, None, 5)
        assert found is not None, f"no button {label}"
        message, button = found
        return message["message_id"], button["data"]


def labels(message: ShownMessage) -> list[str]:
    return [button["text"] for row in message["buttons"] for button in row]


def picture(width: int = 64, height: int = 48) -> bytes:
    """A grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
