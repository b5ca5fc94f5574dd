"""The people of the simulator, the bot among them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.simulator.text.formatted import Json


@dataclass(slots=True)
class User:
    """`started`: has written to the bot, so the bot may write. `blocked`: has blocked the bot."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def names(self) -> Json:
        shown: Json = {"first_name": self.first_name}
        if self.last_name:
            shown["last_name"] = self.last_name
        if self.username:
            shown["username"] = self.username
        return shown

    def as_json(self) -> Json:
        """Telegram's User."""
        shown: Json = {"id": self.id, "is_bot": self.is_bot, **self.names()}
        if self.language_code:
            shown["language_code"] = self.language_code
        return shown

    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


GROUP_ANONYMOUS_BOT = User(1087968824, "Group", username="GroupAnonymousBot", is_bot=True)
"""Stands in `from` when an anonymous admin writes, of whichever group."""
CHANNEL_BOT = User(136817688, "Channel", username="Channel_Bot", is_bot=True)
"""Stands in `from` when somebody writes in a group in the name of a channel."""
TELEGRAM = User(777000, "Telegram")
"""Stands in `from` when a post comes into a group from the channel that the group belongs to."""
ACCOUNTS = {account.id: account for account in (GROUP_ANONYMOUS_BOT, CHANNEL_BOT, TELEGRAM)}
