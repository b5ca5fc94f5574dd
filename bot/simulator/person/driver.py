"""A person for tests: talks to the simulator over HTTP, as the chat page does.

    async with await Person.arrive(sim.url, first_name="Ada", language_code="en") as ada:
        await ada.say("/start")
        await ada.press("Done")
        await ada.wait_for("your first digest")

What does not arrive in time raises AssertionError, with the chat so far.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.simulator.person.transcript import format_transcript
from bot.simulator.person.views import button_view
from bot.simulator.rich.plain import buttons_of, photos_of

Answer = dict[str, Any]
"""An answer of the simulator, as `bot.simulator.person.routes` describes it."""
ShownMessage = dict[str, Any]
"""A MESSAGE, as `bot.simulator.person.routes` describes it."""
WantedMessage = str | Callable[[ShownMessage], bool]
"""A part of a message's text, caption or rich text, or a predicate of the message."""
WantedButton = str | Callable[[dict[str, Any]], bool]
"""A part of a button's label, or a predicate of the button."""

_TIMEOUT = 5.0
_POLL_SECONDS = 2.0


class SimulatorError(Exception):
    """A refusal of the simulator, with the sentence that it gives as its reason."""


class Person:
    """A user of the simulated Telegram.

    In all methods, `chat` and `thread` default to the private chat with the bot. A request that the simulator refuses
    raises SimulatorError.
    """

    def __init__(self, session: aiohttp.ClientSession, user: Answer, *, owns_session: bool = True) -> None:
        self._session = session
        self._owns_session = owns_session
        self.user = user
        self.id: int = user["id"]

    @classmethod
    async def arrive(
        cls, url: str, first_name: str = "Ada", language_code: str = "en", *, user_id: int | None = None, **names: str
    ) -> Self:
        """Create a user, or update the one with this id. Close the person at the end, or use it as a context."""
        session = aiohttp.ClientSession(url, trust_env=False)
        try:
            fields = {"id": user_id, "first_name": first_name, "language_code": language_code, **names}
            user = await _send_request(session, "POST", "/sim/users", fields)
        except BaseException:
            await session.close()
            raise
        return cls(session, user)

    async def close(self) -> None:
        """Close the HTTP session, unless somebody else owns it."""
        if self._owns_session:
            await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<Person {self.id} {self.user['first_name']}>"

    # In the chat

    async def say(self, text: str, chat: int | None = None, **more: Any) -> ShownMessage:
        """Write a message; `more`: thread, entities, reply_to, name_of (a chat), photo, caption, above, spoiler."""
        return await self.post("/sim/say", user=self.id, chat=chat, text=text, **more)

    async def open(self, link: str) -> ShownMessage:
        """Open https://t.me/BOT?start=PAYLOAD, which writes "/start PAYLOAD"."""
        return await self.post("/sim/open", user=self.id, link=link)

    async def press(self, wanted: WantedButton, chat: int | None = None, *, seconds: float = _TIMEOUT) -> Answer:
        """Press the wanted button of the newest message that has it, waiting until there is one.

        Returns the bot's answer {answered, text, show_alert, url}. Raises AssertionError when there is no such
        button, when it is not a callback button, and when the bot does not answer.
        """
        found = await self.find_button(wanted, chat, seconds)
        if found is None:
            raise await self._failure(f"no button {_describe(wanted)} to press", chat)
        message, button = found
        if button["kind"] != "callback":
            raise AssertionError(f"the button {button['text']!r} is a {button['kind']} button\n{button}")
        fields = {"message": message["message_id"], "data": button["data"]}
        answer = await self.post("/sim/press", user=self.id, chat=chat, **fields)
        if not answer["answered"]:
            raise await self._failure(f"the bot did not answer the press of {button['text']!r}", chat)
        return answer

    async def forge(self, data: str, message: int, chat: int | None = None, **more: bool) -> Answer:
        """Press with data that no button of the message carries; `gone=True`: the bot can't reach the message."""
        return await self.post("/sim/press", user=self.id, chat=chat, message=message, data=data, forged=True, **more)

    async def inline(self, words: str, offset: str = "", chat: int | None = None, **more: Any) -> Answer:
        """Type words behind the bot's name, and return {query, answered, results, next_offset, button, ...}."""
        return await self.post("/sim/inline", user=self.id, chat=chat, text=words, offset=offset, **more)

    async def choose(self, answer: Answer, result_id: str, chat: int | None = None, **more: Any) -> ShownMessage:
        """Send one of the results of an inline query into a chat."""
        fields = {"query": answer["query"], "result": result_id}
        return await self.post("/sim/inline/choose", user=self.id, chat=chat, **fields, **more)

    async def share_chat(self, shared: int, request: int | None = None) -> ShownMessage:
        """Pick a chat for the button of the reply keyboard that asks for one; `request` is its id, if several do.

        Waits until there is a keyboard. Raises SimulatorError for a chat that Telegram's picker would not list.
        """
        end = time.monotonic() + _TIMEOUT
        while time.monotonic() < end:
            (own,) = [chat for chat in await self.chats() if chat["id"] == self.id]
            if own["keyboard"]:
                break
            await asyncio.sleep(_POLL_SECONDS / 100)
        return await self.post("/sim/share", user=self.id, shared=shared, request_id=request)

    async def messages(
        self, chat: int | None = None, *, thread: int | None = None, after: int = 0
    ) -> list[ShownMessage]:
        """List the messages that are not deleted, oldest first."""
        found = await self.get("/sim/messages", user=self.id, chat=chat, thread=thread, after=after)
        return [message for message in found["messages"] if not message["deleted"]]

    async def last(self, chat: int | None = None, *, thread: int | None = None) -> ShownMessage:
        """Return the newest message that somebody else wrote; raise AssertionError when there is none."""
        found = [message for message in await self.messages(chat, thread=thread) if not message["outgoing"]]
        if not found:
            raise await self._failure(f"nobody wrote to {self!r}", chat)
        return found[-1]

    async def wait_for(
        self,
        wanted: WantedMessage,
        seconds: float = _TIMEOUT,
        *,
        chat: int | None = None,
        thread: int | None = None,
        after: ShownMessage | None = None,
    ) -> ShownMessage:
        """Return the newest message of others that is wanted, waiting until it arrives or is edited to match.

        With `after`, only messages that arrived or changed since that message are considered. Raises AssertionError
        when `seconds` are over.
        """
        end = time.monotonic() + seconds
        seq = after["seq"] if after else 0
        while True:
            page = await self.get("/sim/messages", user=self.id, chat=chat, thread=thread, after=seq)
            for message in reversed(page["messages"]):
                if not message["deleted"] and not message["outgoing"] and _matches(message, wanted):
                    return dict(message)
            left = end - time.monotonic()
            if left <= 0:
                raise await self._failure(f"{_describe(wanted)} did not come within {seconds:g} s", chat)
            await self.get("/sim/events", user=self.id, after=page["seq"] or 1, wait=min(left, _POLL_SECONDS))

    async def nothing_comes(self, seconds: float = 0.5, chat: int | None = None) -> None:
        """Wait this long, and raise AssertionError when somebody else wrote or edited meanwhile."""
        before = await self.get("/sim/messages", user=self.id, chat=chat)
        await asyncio.sleep(seconds)
        page = await self.get("/sim/messages", user=self.id, chat=chat, after=before["seq"])
        if not all(message["outgoing"] for message in page["messages"]):
            raise await self._failure("no message was expected", chat)

    async def transcript(self, chat: int | None = None) -> str:
        """Return the last 30 messages as plain text, for people to read, and for error messages."""
        page = await self.get("/sim/messages", user=self.id, chat=chat)
        return format_transcript(page["messages"][-30:], self.user["first_name"])

    async def _failure(self, reason: str, chat: int | None) -> AssertionError:
        return AssertionError(f"{reason}\n{await self.transcript(chat)}")

    async def commands(self, chat: int | None = None) -> list[Answer]:
        """List the commands that Telegram shows this person there."""
        return list((await self.get("/sim/commands", user=self.id, chat=chat))["commands"])

    async def chats(self) -> list[Answer]:
        """List this person's chats, newest first."""
        return list((await self.get("/sim/chats", user=self.id))["chats"])

    async def block(self) -> None:
        """Block the bot."""
        await self.post("/sim/block", user=self.id)

    async def unblock(self) -> None:
        """Unblock the bot."""
        await self.post("/sim/unblock", user=self.id)

    async def use_client(self, rich: str) -> None:
        """Use a client that shows rich messages ("shown"), says that it can't ("unsupported") or shows them blank."""
        self.user = await self.post("/sim/users", id=self.id, rich=rich)

    async def picture(self, message: ShownMessage) -> bytes:
        """Return the bytes of a message's photo, of its rich text's first one, or of its preview's.

        Raises AssertionError when there is none, or when it is not on this machine.
        """
        url = picture_url(message)
        if url is None:
            raise AssertionError(f"no picture in\n{message}")
        async with self._session.get(url) as response:
            if response.status != 200:
                raise AssertionError(f"{url} answers {response.status}")
            return await response.read()

    async def deactivate(self) -> None:
        """Delete this person's account."""
        await self.post("/sim/deactivate", user=self.id)

    # In groups

    async def found_group(self, title: str = "Group", kind: str = "group", **more: Any) -> int:
        """Create a group, supergroup or channel, and return its id; `more`: is_forum, topics, username."""
        return int((await self.post("/sim/groups", creator=self.id, title=title, type=kind, **more))["id"])

    async def add_bot(self, chat: int, *, as_admin: bool = False) -> Answer:
        """Add the bot."""
        status = "administrator" if as_admin else "member"
        return await self.post("/sim/groups/add", chat=chat, by=self.id, **{"as": status})

    async def remove_bot(self, chat: int) -> Answer:
        """Remove the bot."""
        return await self.post("/sim/groups/remove", chat=chat, by=self.id)

    async def promote_bot(self, chat: int, *, on: bool = True, **rights: bool) -> Answer:
        """Make the bot an administrator with all rights but those that are False, or a plain member again."""
        return await self.post("/sim/groups/admin", chat=chat, on=on, by=self.id, rights=rights)

    async def promote(self, chat: int, other: Person, *, on: bool = True) -> Answer:
        """Make somebody an administrator, or a plain member again."""
        return await self.post("/sim/groups/admin", chat=chat, user=other.id, on=on, by=self.id)

    async def join(self, chat: int) -> Answer:
        """Join a group or channel."""
        return await self.post("/sim/groups/join", chat=chat, user=self.id)

    async def leave(self, chat: int) -> Answer:
        """Leave a group or channel."""
        return await self.post("/sim/groups/leave", chat=chat, user=self.id)

    async def permit(self, chat: int, **permissions: bool) -> Answer:
        """Change what members may do, e.g. can_send_photos=False."""
        return await self.post("/sim/groups/permissions", chat=chat, permissions=permissions)

    async def hide_members(self, chat: int, *, on: bool = True) -> Answer:
        """Hide a supergroup's members, or show them again."""
        return await self.post("/sim/groups/hide", chat=chat, on=on)

    async def link(self, channel: int, group: int) -> Answer:
        """Forward the channel's posts into the group from now on."""
        return await self.post("/sim/groups/link", chat=channel, group=group)

    async def open_topic(self, chat: int, name: str) -> int:
        """Open a topic, and return its thread."""
        return int((await self.post("/sim/groups/topic", chat=chat, name=name, by=self.id))["thread"])

    async def change_topic(self, chat: int, thread: int, **changes: bool) -> Answer:
        """Change a topic: closed=True or False, deleted=True."""
        return await self.post("/sim/groups/topic", chat=chat, thread=thread, by=self.id, **changes)

    async def upgrade(self, chat: int) -> int:
        """Turn a group into a supergroup, and return its new id."""
        return int((await self.post("/sim/groups/upgrade", chat=chat))["id"])

    # The simulator itself

    async def fault(self, kind: str, **more: Any) -> Answer:
        """Switch a fault on; `more`: method, chat, times, seconds, description, code, url, share."""
        return await self.post("/sim/faults", kind=kind, **more)

    async def ledger(self) -> Answer:
        """Return what the bot sent, and what it was refused."""
        return await self.get("/sim/ledger")

    async def get(self, path: str, **query: Any) -> Answer:
        """Send any GET request of `bot.simulator.person.routes`."""
        return await _send_request(self._session, "GET", path, query)

    async def post(self, path: str, **fields: Any) -> Answer:
        """Send any POST request of `bot.simulator.person.routes`."""
        return await _send_request(self._session, "POST", path, fields)

    async def find_button(
        self, wanted: WantedButton, chat: int | None, seconds: float
    ) -> tuple[ShownMessage, dict[str, Any]] | None:
        """Return the newest message that has the wanted button, and the button; None when `seconds` are over."""
        end = time.monotonic() + seconds
        while True:
            page = await self.get("/sim/messages", user=self.id, chat=chat)
            for message in reversed(page["messages"]):
                for button in _buttons(message):
                    if wanted in button["text"] if isinstance(wanted, str) else wanted(button):
                        return message, button
            left = end - time.monotonic()
            if left <= 0:
                return None
            await self.get("/sim/events", user=self.id, after=page["seq"] or 1, wait=min(left, _POLL_SECONDS))


def picture_url(message: ShownMessage) -> str | None:
    """Return where a message's picture is: of its photo, its rich text's first photo, or its preview; else None."""
    if message["photo_url"]:
        return str(message["photo_url"])
    photo = next(photos_of((message.get("rich_message") or {}).get("blocks")), None)
    if photo is not None:
        return f"/sim/files/{photo['photo'][-1]['file_id']}"
    preview = message["preview"] or {}
    return preview.get("photo_url") or preview.get("url")


async def _send_request(session: aiohttp.ClientSession, method: str, path: str, fields: Answer) -> Answer:
    given = {name: value for name, value in fields.items() if value is not None}
    sent: dict[str, Any] = {"json": given} if method == "POST" else {"params": given}
    async with session.request(method, path, **sent) as response:
        answer: Answer = await response.json()
        if response.status >= 400:
            raise SimulatorError(answer.get("error", f"status {response.status}"))
        return answer


def _buttons(message: ShownMessage) -> list[dict[str, Any]]:
    """Return the buttons of the keyboard, and those in the rich text."""
    keyboard = [button for row in message["buttons"] for button in row]
    rich = message.get("rich_message") or {}
    return keyboard + [button_view(button) for button in buttons_of(rich.get("blocks"))]


def _matches(message: ShownMessage, wanted: WantedMessage) -> bool:
    if isinstance(wanted, str):
        return wanted in (message.get("text") or message.get("caption") or message["rich_text"])
    return bool(wanted(message))


def _describe(wanted: object) -> str:
    return repr(wanted) if isinstance(wanted, str) else "what was asked for"
