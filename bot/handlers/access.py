"""Who may use the bot, and who has which role."""

from __future__ import annotations

from config.settings import Settings
from digests.model.ids import PlaceId
from digests.model.role import Role
from digests.storage.people.people import PeopleStore
from digests.storage.people.visitors import Visitor, VisitorStore


class Access:
    """Answers from the settings and from what is stored. Any method that awaits may raise StorageError."""

    def __init__(self, settings: Settings, visitors: VisitorStore, people: PeopleStore) -> None:
        self._owners = frozenset(settings.telegram.admins)
        self._chat = settings.chat
        self._visitors = visitors
        self._people = people

    async def visitor(self, chat_id: int, thread_id: int, user_id: int, named: PlaceId | None = None) -> Visitor:
        """Return what is known of somebody who writes or presses (a button may name a place), in one look-up."""
        return await self._visitors.get(chat_id, thread_id, user_id, named)

    async def may_use(self, chat_id: int, user_id: int) -> bool:
        """Return whether `chat.access` lets this person use the bot in this chat."""
        return self.lets_in(chat_id, user_id, await self.visitor(chat_id, 0, user_id))

    def lets_in(self, chat_id: int, user_id: int, visitor: Visitor) -> bool:
        """Return the same as `may_use` for a visitor who has been looked up already."""
        access = self._chat.access
        if access == "open" or self.role_of(user_id, visitor) is not None:
            return True
        if access == "list":
            return not {chat_id, user_id}.isdisjoint(self._chat.allowed)
        return visitor.is_member

    @property
    def is_by_invitation(self) -> bool:
        """Whether people are let in by an invitation, each for themselves."""
        return self._chat.access == "invite"

    def role_of(self, user_id: int, visitor: Visitor) -> Role | None:
        """Return the role of a visitor; None for a reader."""
        return Role.OWNER if user_id in self._owners else visitor.role

    def is_owner_by_settings(self, user_id: int) -> bool:
        """Return whether the settings name this person as an owner, so that only they can take the role away."""
        return user_id in self._owners

    @property
    def has_owners_by_settings(self) -> bool:
        """Whether the settings name any owner."""
        return bool(self._owners)

    async def roles(self) -> dict[int, Role]:
        """Return everybody who has a role. Those named in the settings are owners."""
        return await self._people.roles() | dict.fromkeys(self._owners, Role.OWNER)

    async def admins(self) -> frozenset[int]:
        """Return owners and admins, without editors."""
        return frozenset(user for user, role in (await self.roles()).items() if role is not Role.EDITOR)
