"""The bot's profile: its commands, its name and its descriptions, with Telegram's fallbacks."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.simulator.state.chats import Chat

Scope = tuple[str, int, int]
"""Type, chat id, user id; the ids are 0 where the type has none."""
Commands = list[dict[str, str]]
"""Telegram's BotCommand objects."""


@dataclass
class BotProfile:
    """What the bot has set about itself.

    `commands` are by scope and language. `texts` are by "name", "description" or "short_description", and then by
    language. The language "" is everybody's.
    """

    commands: dict[tuple[Scope, str], Commands] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    def set_commands(self, scope: Scope, language: str, commands: Commands) -> None:
        """Set the commands of a scope; an empty list removes them, so that the next wider scope's show."""
        if commands:
            self.commands[scope, language] = commands
        else:
            self.commands.pop((scope, language), None)

    def commands_of(self, scope: Scope, language: str) -> Commands:
        """Return the commands that were set for exactly this scope and language."""
        return self.commands.get((scope, language), [])

    def shown_commands(self, chat: Chat, user_id: int, language: str) -> Commands:
        """Return the commands that Telegram shows to this user in this chat."""
        for scope in _scopes(chat, user_id):
            for code in (language, ""):
                found = self.commands.get((scope, code))
                if found:
                    return found
        return []

    def set_text(self, name: str, language: str, text: str) -> None:
        """Set a text; an empty one removes it."""
        if text:
            self.texts.setdefault(name, {})[language] = text
        else:
            self.texts.get(name, {}).pop(language, None)

    def text(self, name: str, language: str) -> str:
        """Return a text in this language, or else everybody's."""
        translations = self.texts.get(name, {})
        return translations.get(language) or translations.get("", "")


def _scopes(chat: Chat, user_id: int) -> list[Scope]:
    """Return the scopes that apply to a user in a chat, the narrowest first."""
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
