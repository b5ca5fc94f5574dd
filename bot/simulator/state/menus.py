"""The bot's commands by scope and language, and its name and descriptions by language, with Telegram's fallbacks."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.simulator.state.chats import Chat
from bot.simulator.text.formatted import Json

Scope = tuple[str, int, int]
"""Type, chat id, user id; zeros where the type has none."""
Commands = list[dict[str, str]]


@dataclass
class Menus:
    """`texts`: "name", "description" or "short_description", then by language ("" is everybody's)."""

    commands: dict[tuple[Scope, str], Commands] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    def set_commands(self, scope: Scope, language: str, commands: Commands) -> None:
        """An empty list takes the list away, so that the next wider one shows."""
        if commands:
            self.commands[scope, language] = commands
        else:
            self.commands.pop((scope, language), None)

    def own(self, scope: Scope, language: str) -> Commands:
        """What was set for just this scope and language."""
        return self.commands.get((scope, language), [])

    def shown(self, chat: Chat, user_id: int, language: str) -> Commands:
        """What Telegram shows this user in this chat."""
        for scope in _scopes(chat, user_id):
            for code in (language, ""):
                found = self.commands.get((scope, code))
                if found:
                    return found
        return []

    def set_text(self, name: str, language: str, text: str) -> None:
        if text:
            self.texts.setdefault(name, {})[language] = text
        else:
            self.texts.get(name, {}).pop(language, None)

    def text(self, name: str, language: str) -> str:
        """In this language, else everybody's."""
        kept = self.texts.get(name, {})
        return kept.get(language) or kept.get("", "")

    def as_json(self) -> list[Json]:
        return [
            {"scope": scope[0], "chat": scope[1], "user": scope[2], "language": language, "commands": commands}
            for (scope, language), commands in self.commands.items()
        ]


def _scopes(chat: Chat, user_id: int) -> list[Scope]:
    """The narrowest first."""
    if chat.is_private:
        return [("chat", chat.id, 0), ("all_private_chats", 0, 0), ("default", 0, 0)]
    is_admin = chat.is_admin(user_id)
    scopes: list[Scope] = [("chat_member", chat.id, user_id)]
    if is_admin:
        scopes.append(("chat_administrators", chat.id, 0))
    scopes.append(("chat", chat.id, 0))
    if is_admin:
        scopes.append(("all_chat_administrators", 0, 0))
    return [*scopes, ("all_group_chats", 0, 0), ("default", 0, 0)]
