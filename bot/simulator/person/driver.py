"""A person to play with in tests: speaks to the simulator over HTTP, as the page does.

    async with await Person.arrive(sim.url, first_name="Ada", language_code="en") as ada:
        await ada.say("/start")
        await ada.press("Done")
        await ada.wait_for("your first digest")

What does not come raises AssertionError, with the chat so far.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiohttp

ShownMessage = dict[str, Any]
"""A MESSAGE or a CHAT, as `bot.simulator.person.routes` describes them."""
WantedMessage = str | Callable[[ShownMessage], bool]

_PATIENCE = 5.0
_STEP = 2.0


class SimulatorError(Exception):
    """The simulator said no; the text is its sentence."""


class Person:
    """`chat` and `thread` default to the private chat with the bot."""

    def __init__(self, session: aiohttp.ClientSession, user: ShownMessage, *, owns_session: bool = True) -> None:
        self._session = session
        self._owns_session = owns_session
        self.user = user
        self.id: int = user["id"]

    @classmethod
    async def arrive(
        cls, url: str, first_name: str = "Ada", language_code: str = "en", *, user_id: int | None = None, **names: str
    ) -> Self:
        """A new person. Close him in the end, or use him as a context."""
        session = aiohttp.ClientSession(url, trust_env=False)
        try:
            fields = {"id": user_id, "first_name": first_name, "language_code": language_code, **names}
            user = await _ask(session, "POST", "/sim/users", fields)
        except BaseException:
            await session.close()
            raise
        return cls(session, user)

    async def close(self) -> None:
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
        """Writes; `more`: thread, entities, reply_to, name_of (a chat), photo, caption, above and spoiler."""
        return await self.post("/sim/say", user=self.id, chat=chat, text=text, **more)

    async def open(self, link: str) -> ShownMessage:
        """Presses https://t.me/BOT?start=PAYLOAD."""
        return await self.post("/sim/open", user=self.id, link=link)

    async def press(
        self, wanted: str | Callable[[ShownMessage], bool], chat: int | None = None, *, seconds: float = _PATIENCE
    ) -> ShownMessage:
        """Presses the button whose label holds `wanted` (or that it is true of), on the newest message that has
        one, waiting for it to come; the bot's answer {answered, text, show_alert, url}. The bot must answer."""
        found = await self._button(wanted, chat, seconds)
        if found is None:
            raise AssertionError(f"no button {_named(wanted)} to press\n{await self.transcript(chat)}")
        message, button = found
        if button["kind"] != "callback":
            raise AssertionError(f"the button {button['text']!r} is a {button['kind']} button\n{button}")
        answer = await self.post(
            "/sim/press", user=self.id, chat=chat, message=message["message_id"], data=button["data"]
        )
        if not answer["answered"]:
            raise AssertionError(
                f"the bot did not answer the press of {button['text']!r}\n{await self.transcript(chat)}"
            )
        return answer

    async def forge(self, data: str, message: int, chat: int | None = None, **more: bool) -> ShownMessage:
        """Presses what no button of the message carries (`gone`: of one that is out of the bot's reach)."""
        return await self.post("/sim/press", user=self.id, chat=chat, message=message, data=data, forged=True, **more)

    async def messages(
        self, chat: int | None = None, *, thread: int | None = None, after: int = 0
    ) -> list[ShownMessage]:
        """Those that are not deleted, oldest first."""
        found = await self.get("/sim/messages", user=self.id, chat=chat, thread=thread, after=after)
        return [message for message in found["messages"] if not message["deleted"]]

    async def last(self, chat: int | None = None, *, thread: int | None = None) -> ShownMessage:
        """The newest message that he did not write himself."""
        found = [message for message in await self.messages(chat, thread=thread) if not message["outgoing"]]
        if not found:
            raise AssertionError(f"nobody wrote to {self!r}\n{await self.transcript(chat)}")
        return found[-1]

    async def wait_for(
        self,
        wanted: WantedMessage,
        seconds: float = _PATIENCE,
        *,
        chat: int | None = None,
        thread: int | None = None,
        after: ShownMessage | None = None,
    ) -> ShownMessage:
        """The newest message of others that holds this text (or that it is true of), waiting for it to come or to
        be edited so. `after`: only what came or changed since that message."""
        end = time.monotonic() + seconds
        seq = after["seq"] if after else 0
        while True:
            page = await self.get("/sim/messages", user=self.id, chat=chat, thread=thread, after=seq)
            for message in reversed(page["messages"]):
                if not message["deleted"] and not message["outgoing"] and _is(message, wanted):
                    return dict(message)
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(
                    f"{_named(wanted)} did not come within {seconds:g} s\n{await self.transcript(chat)}"
                )
            await self.get("/sim/events", user=self.id, after=page["seq"] or 1, wait=min(left, _STEP))

    async def nothing_comes(self, seconds: float = 0.5, chat: int | None = None) -> None:
        """Nobody else writes for so long."""
        before = await self.get("/sim/messages", user=self.id, chat=chat)
        await asyncio.sleep(seconds)
        page = await self.get("/sim/messages", user=self.id, chat=chat, after=before["seq"])
        if any(not message["outgoing"] for message in page["messages"]):
            raise AssertionError(f"nothing was to come\n{await self.transcript(chat)}")

    async def transcript(self, chat: int | None = None) -> str:
        """The chat as one reads it: for the eyes, and for errors."""
        page = await self.get("/sim/messages", user=self.id, chat=chat)
        lines = [_line(message, self.user["first_name"]) for message in page["messages"][-30:]]
        return "\n".join(["--- the chat so far ---", *lines, "---"])

    async def commands(self, chat: int | None = None) -> list[ShownMessage]:
        """The command list that Telegram shows him there."""
        page = await self.get("/sim/commands", user=self.id, chat=chat)
        return list(page["commands"])

    async def chats(self) -> list[ShownMessage]:
        return list((await self.get("/sim/chats", user=self.id))["chats"])

    async def block(self) -> None:
        await self.post("/sim/block", user=self.id)

    async def unblock(self) -> None:
        await self.post("/sim/unblock", user=self.id)

    async def deactivate(self) -> None:
        await self.post("/sim/deactivate", user=self.id)

    # In groups

    async def found_group(self, title: str = "Group", kind: str = "group", **more: Any) -> int:
        """A group, supergroup or channel of his; its id. `more`: is_forum, topics, username."""
        return int((await self.post("/sim/groups", creator=self.id, title=title, type=kind, **more))["id"])

    async def add_bot(self, chat: int, *, as_admin: bool = False) -> ShownMessage:
        status = "administrator" if as_admin else "member"
        return await self.post("/sim/groups/add", chat=chat, by=self.id, **{"as": status})

    async def remove_bot(self, chat: int) -> ShownMessage:
        return await self.post("/sim/groups/remove", chat=chat, by=self.id)

    async def promote_bot(self, chat: int, *, on: bool = True) -> ShownMessage:
        return await self.post("/sim/groups/admin", chat=chat, on=on, by=self.id)

    async def promote(self, chat: int, other: Person, *, on: bool = True) -> ShownMessage:
        return await self.post("/sim/groups/admin", chat=chat, user=other.id, on=on, by=self.id)

    async def join(self, chat: int) -> ShownMessage:
        return await self.post("/sim/groups/join", chat=chat, user=self.id)

    async def leave(self, chat: int) -> ShownMessage:
        return await self.post("/sim/groups/leave", chat=chat, user=self.id)

    async def permit(self, chat: int, **permissions: bool) -> ShownMessage:
        """What members may do, e.g. can_send_photos=False."""
        return await self.post("/sim/groups/permissions", chat=chat, permissions=permissions)

    async def hide_members(self, chat: int, *, on: bool = True) -> ShownMessage:
        return await self.post("/sim/groups/hide", chat=chat, on=on)

    async def link(self, channel: int, group: int) -> ShownMessage:
        """The channel's posts are forwarded into the group from now on."""
        return await self.post("/sim/groups/link", chat=channel, group=group)

    async def open_topic(self, chat: int, name: str) -> int:
        """The new topic's thread."""
        return int((await self.post("/sim/groups/topic", chat=chat, name=name, by=self.id))["thread"])

    async def change_topic(self, chat: int, thread: int, **changes: bool) -> ShownMessage:
        """closed=True or False, deleted=True."""
        return await self.post("/sim/groups/topic", chat=chat, thread=thread, by=self.id, **changes)

    async def upgrade(self, chat: int) -> int:
        """The group becomes a supergroup; its new id."""
        return int((await self.post("/sim/groups/upgrade", chat=chat))["id"])

    # The simulator itself

    async def fault(self, kind: str, **more: Any) -> ShownMessage:
        """Switches trouble on: method, chat, times, seconds, description, code, url, share."""
        return await self.post("/sim/faults", kind=kind, **more)

    async def ledger(self) -> ShownMessage:
        return await self.get("/sim/ledger")

    async def get(self, path: str, **query: Any) -> ShownMessage:
        """Any question of `bot.simulator.person.routes`. Raises SimulatorError."""
        return await _ask(self._session, "GET", path, query)

    async def post(self, path: str, **fields: Any) -> ShownMessage:
        """Any deed of `bot.simulator.person.routes`. Raises SimulatorError."""
        return await _ask(self._session, "POST", path, fields)

    async def _button(
        self, wanted: str | Callable[[ShownMessage], bool], chat: int | None, seconds: float
    ) -> tuple[ShownMessage, ShownMessage] | None:
        end = time.monotonic() + seconds
        while True:
            page = await self.get("/sim/messages", user=self.id, chat=chat)
            for message in reversed(page["messages"]):
                for row in message["buttons"]:
                    for button in row:
                        if wanted in button["text"] if isinstance(wanted, str) else wanted(button):
                            return message, button
            left = end - time.monotonic()
            if left <= 0:
                return None
            await self.get("/sim/events", user=self.id, after=page["seq"] or 1, wait=min(left, _STEP))


async def _ask(session: aiohttp.ClientSession, method: str, path: str, fields: dict[str, Any]) -> ShownMessage:
    given = {name: value for name, value in fields.items() if value is not None}
    sent: dict[str, Any] = {"json": given} if method == "POST" else {"params": given}
    async with session.request(method, path, **sent) as response:
        found: ShownMessage = await response.json()
        if response.status >= 400:
            raise SimulatorError(found.get("error", f"status {response.status}"))
        return found


def _is(message: ShownMessage, wanted: WantedMessage) -> bool:
    if isinstance(wanted, str):
        return wanted in (message.get("text") or message.get("caption") or "")
    return bool(wanted(message))


def _named(wanted: object) -> str:
    return repr(wanted) if isinstance(wanted, str) else "what was asked for"


def _line(message: ShownMessage, name: str) -> str:
    who = name if message["outgoing"] else message.get("from", {}).get("first_name", message["chat"].get("title", "?"))
    marks = [mark for mark in ("edited", "deleted", "silent", "pinned") if message[mark]]
    marks += ["photo"] if message["photo_url"] else []
    text = message["service"] or message.get("text") or message.get("caption") or ""
    rows = [" | ".join(f"[{button['text']}]" for button in row) for row in message["buttons"]]
    head = f"#{message['message_id']} {who}{' (' + ', '.join(marks) + ')' if marks else ''}:"
    return "\n      ".join([f"{head} {text}", *rows])
