"""A person in a flow test, who waits for answers to what they did last and ignores older messages."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from bot.simulator.person.driver import Person, ShownMessage, WantedMessage
from tests.factories.pictures import grey_png


class Reader(Person):
    """A person who remembers when they last did something; `alert` is the answer to their last press."""

    _since: ShownMessage | None = None
    alert: str = ""

    async def say(self, text: str, chat: int | None = None, **more: Any) -> ShownMessage:
        """Write a message."""
        said = await super().say(text, chat, **more)
        self._since = said
        return said

    async def send_photo(self, caption: str = "", chat: int | None = None) -> ShownMessage:
        """Send a picture."""
        photo = base64.b64encode(grey_png()).decode()
        self._since = await self.post("/sim/say", user=self.id, chat=chat, photo=photo, caption=caption or None)
        return self._since

    async def send_document(
        self, caption: str = "", name: str = "plan.pdf", content: bytes = b"%PDF-1.7 a plan"
    ) -> ShownMessage:
        """Send a file to the bot."""
        document = base64.b64encode(content).decode()
        self._since = await self.post("/sim/say", user=self.id, document=document, name=name, caption=caption or None)
        return self._since

    async def send_album(self, count: int, caption: str = "", album: str = "one") -> ShownMessage:
        """Send pictures of different sizes as an album, the first with the caption."""
        for number in range(count):
            photo = base64.b64encode(grey_png(64 + number)).decode()
            words = caption if number == 0 and caption else None
            self._since = await self.post("/sim/say", user=self.id, photo=photo, caption=words, album=album)
        assert self._since is not None
        return self._since

    async def press(
        self, wanted: str | Callable[[ShownMessage], bool], chat: int | None = None, *, seconds: float = 5
    ) -> ShownMessage:
        """Press the newest button of this label, and note the answer in `alert`."""
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
        """Wait for a message that came, or was edited, after what this person did last."""
        return await super().wait_for(wanted, seconds, chat=chat, thread=thread, after=after or self._since)

    async def texts(self, chat: int | None = None) -> list[str]:
        """Return the texts of what others wrote, the oldest first."""
        found = await self.messages(chat)
        return [message.get("text") or message.get("caption") or "" for message in found if not message["outgoing"]]

    async def digests(self) -> list[str]:
        """Return the texts of the digests, the oldest first."""
        return [text for text in await self.texts() if text.startswith("📰")]

    async def button_data(self, label: str) -> tuple[int, str]:
        """Return the message and the data of the newest button with this label."""
        found = await self.find_button(label, None, 5)
        assert found is not None, f"no button {label}"
        message, button = found
        return message["message_id"], button["data"]


def labels(message: ShownMessage) -> list[str]:
    """Return the labels of a message's buttons."""
    return [button["text"] for row in message["buttons"] for button in row]
