"""The state of the simulated Telegram: the bot's and the person's side act on it, and tests look at it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bot.simulator.rich.plain import urls_of
from bot.simulator.state.chats import Chat, Message, Topic
from bot.simulator.state.events import EventLog
from bot.simulator.state.faults import Fault, FaultInjector
from bot.simulator.state.files import FileStore
from bot.simulator.state.inline import InlineLog
from bot.simulator.state.ledger import Ledger
from bot.simulator.state.presses import PressLog
from bot.simulator.state.profile import BotProfile
from bot.simulator.state.rates import RateLimiter, RateLimits
from bot.simulator.state.updates import UpdateQueue
from bot.simulator.state.users import ACCOUNTS, User
from bot.simulator.state.web import WebMemory
from bot.simulator.state.webhook import Webhook
from bot.simulator.text.formatted import Json
from bot.simulator.text.links import has_bad_start_parameter

_FIRST_USER = 1001
_SUPERGROUPS = -1_000_000_000_000
_TYPING_SECONDS = 5.0


class World:
    """Everything that the simulated Telegram knows.

    `now` returns the time that messages get; `limits` may be changed at any moment. `knows_rich_messages` is unset to
    be a Bot API server from before 10.1, `knows_ephemeral_messages` to be one from before 10.2. `has_private_topics`
    and `has_inline_mode` are the switches at BotFather for topics in private chats and for inline mode.
    """

    def __init__(self, bot: User, limits: RateLimits, now: Callable[[], datetime] | None = None) -> None:
        self.bot = bot
        self.limits = limits
        self.now = now or (lambda: datetime.now(UTC))
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.events = EventLog()
        self.updates = UpdateQueue()
        self.ledger = Ledger()
        self.faults = FaultInjector()
        self.rates = RateLimiter(limits)
        self.files = FileStore()
        self.profile = BotProfile()
        self.presses = PressLog()
        self.inline = InlineLog()
        self.webhook = Webhook()
        self.web = WebMemory()
        self.knows_rich_messages = True
        self.knows_ephemeral_messages = True
        self.has_private_topics = False
        self.has_inline_mode = True
        self.on_outage: Callable[[Fault], None] | None = None
        self._next_user = _FIRST_USER
        self._next_group = itertools.count(5001)
        # The bot sees one sequence of ids for all private chats and groups; supergroups have their own.
        self._last_message = 0
        self._posted = 0

    def time(self) -> int:
        """Return the time in Unix seconds."""
        return int(self.now().timestamp())

    def user(self, user_id: int) -> User | None:
        """Return a user, the bot, or an account of Telegram's own."""
        return self.bot if user_id == self.bot.id else self.users.get(user_id) or ACCOUNTS.get(user_id)

    def known_users(self) -> dict[int, Json]:
        """Return all users by id, as Telegram shows them in text mentions."""
        return {user.id: user.as_json() for user in self.users.values()}

    def add_user(
        self,
        first_name: str,
        *,
        user_id: int | None = None,
        started: bool = False,
        last_name: str = "",
        username: str = "",
        language_code: str = "",
    ) -> User:
        """Add a user with their private chat with the bot.

        Raises:
            ValueError: The id is taken, or is not positive.
        """
        if user_id is None:
            while self._next_user in self.users:
                self._next_user += 1
            user_id = self._next_user
        if user_id <= 0 or self.user(user_id) is not None:
            raise ValueError(f"{user_id} can't be a new user's id")
        user = User(user_id, first_name, last_name, username, language_code, started=started)
        self.users[user_id] = user
        members = {user_id: "member", self.bot.id: "member"}
        self.chats[user_id] = Chat(user_id, "private", user=user, members=members)
        return user

    def get_or_add_user(self, user_id: int, first_name: str, *, language_code: str = "", username: str = "") -> User:
        """Return the user with this id, added first if there is none."""
        known = self.users.get(user_id)
        return known or self.add_user(first_name, user_id=user_id, language_code=language_code, username=username)

    def add_group(self, kind: str, title: str, creator: User, *, is_forum: bool = False, username: str = "") -> Chat:
        """Add a group, supergroup or channel whose only member is its creator."""
        number = next(self._next_group)
        chat_id = -number if kind == "group" else _SUPERGROUPS - number
        chat = Chat(chat_id, kind, title, username=username, is_forum=is_forum, members={creator.id: "creator"})
        self.chats[chat_id] = chat
        self.events.add("chat", chat_id)
        return chat

    def add_topic(self, chat: Chat, name: str) -> Topic:
        """Add a topic, whose thread is the id of the service message that announces it."""
        topic = Topic(self.next_message_id(chat), name)
        chat.topics[topic.thread] = topic
        chat.has_topics = chat.is_private
        return topic

    def chat_by_name(self, name: str) -> Chat | None:
        """Return the chat with this username, in any case of letters."""
        name = name.lower()
        return next((chat for chat in self.chats.values() if chat.username and chat.username.lower() == name), None)

    def next_message_id(self, chat: Chat) -> int:
        """Take the next message id: supergroups and channels number their own, all other chats share a sequence."""
        if chat.type in ("supergroup", "channel"):
            chat.last_id += 1
            return chat.last_id
        self._last_message += 1
        return self._last_message

    def next_ephemeral_id(self, chat: Chat) -> int:
        """Take the next id of an ephemeral message, with the minus that tells it from other messages' ids."""
        chat.last_ephemeral += 1
        return -chat.last_ephemeral

    def post(self, message: Message) -> Message:
        """Store a message that was allowed, and show it to everybody but the bot."""
        chat = message.chat
        chat.messages[message.id] = message
        self._posted += 1
        message.order = self._posted
        writer = message.author or message.sender
        author = writer.id if writer else 0
        if message.sender is self.bot or chat.type == "channel":
            chat.typing_until = 0.0
        if message.receiver is not None:
            chat.unread[message.receiver.id] = chat.unread.get(message.receiver.id, 0) + 1
        elif chat.user is not None:
            if author != chat.id:
                chat.unread[chat.id] = chat.unread.get(chat.id, 0) + 1
        else:
            for member in chat.members:
                if member not in (author, self.bot.id):
                    chat.unread[member] = chat.unread.get(member, 0) + 1
        message.seq = self.events.add("message", chat.id, message)
        if message.markup is not None and not message.inline_keyboard:
            # The keyboard below the chat changes.
            self.events.add("chat", chat.id)
        return message

    def count_bad_links(self, message: Message) -> None:
        """Count the links and buttons that would open the bot without the parameter that they give it."""
        entities = message.body.entities if message.body else ()
        urls = [entity.argument for entity in entities if entity.kind == "text_link"]
        urls += [str(button["url"]) for row in message.inline_keyboard for button in row if "url" in button]
        urls += urls_of(message.rich)
        for url in urls:
            if "?start" in url and has_bad_start_parameter(url):
                self.ledger.bad_start_links[url] += 1

    def mark_edited(self, message: Message) -> None:
        """Set a message's edit date, and show the change."""
        message.edit_date = self.time()
        message.seq = self.events.add("edited", message.chat.id, message)

    def remove(self, message: Message) -> None:
        """Mark a message as deleted, unpin it, and show the change."""
        message.deleted = True
        if message.id in message.chat.pinned:
            message.chat.pinned.remove(message.id)
        message.seq = self.events.add("deleted", message.chat.id, message)

    def show_typing(self, chat: Chat, action: str) -> None:
        """Show that the bot is typing, for 5 s or until its next message."""
        chat.typing_until = time.monotonic() + _TYPING_SECONDS
        self.events.add("typing", chat.id, extra={"action": action})

    def post_service_message(
        self, chat: Chat, sender: User | None, fields: Json, *, thread: int = 0, notify: bool = True
    ) -> Message:
        """Post a service message, of which the bot gets an update when it is a member (and `notify`)."""
        message = Message(chat, self.next_message_id(chat), self.time(), sender, service=fields, thread=thread)
        self.post(message)
        if notify and chat.is_inside(self.bot.id):
            self.notify_bot(message)
        return message

    def notify_bot(self, message: Message) -> None:
        """Queue an update of a message for the bot."""
        kind = "channel_post" if message.chat.type == "channel" else "message"
        self.updates.add(kind, message.as_json())

    def visible_chats(self, user: User) -> list[Chat]:
        """List the chats that a user sees, those with the newest message first."""
        found = [
            chat
            for chat in self.chats.values()
            if (chat.user is user or (chat.user is None and user.id in chat.members)) and not chat.is_deleted
        ]
        return sorted(found, key=_last_seq, reverse=True)


def _last_seq(chat: Chat) -> int:
    return next((message.seq for message in reversed(chat.messages.values())), 0)
