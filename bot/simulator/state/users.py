"""Users of the simulated Telegram, the bot included."""

from __future__ import annotations

from dataclasses import dataclass

from bot.simulator.text.formatted import Json

RICH_CLIENTS = ("shown", "unsupported", "blank")
"""What clients do with rich messages: show them, say that they can't, or show an empty bubble."""


@dataclass(slots=True)
class User:
    """A user, with their relation to the bot.

    `started` is set once they have written to the bot, which may write to them from then on; `blocked` while they
    block it. `rich` is what their client makes of rich messages: one of RICH_CLIENTS.
    """

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    rich: str = "shown"

    def names(self) -> Json:
        """Return the fields that a User and a private Chat share."""
        shown: Json = {"first_name": self.first_name}
        if self.last_name:
            shown["last_name"] = self.last_name
        if self.username:
            shown["username"] = self.username
        return shown

    def as_json(self) -> Json:
        """Return Telegram's User object."""
        shown: Json = {"id": self.id, "is_bot": self.is_bot, **self.names()}
        if self.language_code:
            shown["language_code"] = self.language_code
        return shown

    def full_name(self) -> str:
        """Return the first and last name."""
        return f"{self.first_name} {self.last_name}".strip()


GROUP_ANONYMOUS_BOT = User(1087968824, "Group", username="GroupAnonymousBot", is_bot=True)
"""The sender of messages that an anonymous admin of any group writes."""
CHANNEL_BOT = User(136817688, "Channel", username="Channel_Bot", is_bot=True)
"""The sender of messages that somebody writes in a group in the name of a channel."""
TELEGRAM = User(777000, "Telegram")
"""The sender of posts that are forwarded from a channel into its discussion group."""
ACCOUNTS = {account.id: account for account in (GROUP_ANONYMOUS_BOT, CHANNEL_BOT, TELEGRAM)}
