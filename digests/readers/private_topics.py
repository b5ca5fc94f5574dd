"""A topic for each category that somebody follows in their private chat, where Telegram has topics there (Bot API 9.3).

Each topic is a place with a digest of its own, so that its sound is Telegram's affair. What is followed in the chat
itself goes to the topic of its top category; what a topic got comes back to the chat when the topic is gone.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from digests.model.category_tree import CategoryTree
from digests.model.ids import CategoryId
from digests.model.place import Place, PlaceState
from digests.ports import TopicKeeper
from digests.storage.articles.categories import CategoryStore
from digests.storage.places.private_topics import PrivateTopicStore


class PrivateTopics:
    """Turns the topics of private chats on and off, and keeps them in step. Any method may raise StorageError."""

    def __init__(self, store: PrivateTopicStore, categories: CategoryStore, keeper: TopicKeeper) -> None:
        self._store = store
        self._categories = categories
        self._keeper = keeper

    @property
    def is_offered(self) -> bool:
        """Whether Telegram has topics in the bot's private chats."""
        return self._keeper.has_topics

    async def of(self, chat_id: int) -> tuple[Place, ...]:
        """Return the topics of a chat; none if they are off."""
        return tuple(place for place in await self._store.of_chat(chat_id) if place.state is not PlaceState.STOPPED)

    async def turn_on(self, main: Place, now: datetime) -> int:
        """Make a topic for each top category that is followed in a chat, and return how many there are then."""
        await self._store.forget_gone(main.chat_id)
        await self._sort(main, now)
        return len(await self.of(main.chat_id))

    async def turn_off(self, main: Place, now: datetime) -> None:
        """Have everything come in the chat itself again, and delete the topics with what is in them."""
        for topic in await self._store.of_chat(main.chat_id):
            await self._store.close(topic, now)
            await self._keeper.delete(topic.chat_id, topic.thread_id)

    async def tend(self, now: datetime) -> int:
        """Move what was newly followed in chats with topics to its topic; return in how many chats that was so."""
        unsorted = await self._store.unsorted()
        for main in unsorted:
            await self._sort(main, now)
        return len(unsorted)

    async def _sort(self, main: Place, now: datetime) -> None:
        tree = await self._categories.readers_tree()
        topics = {place.topic_of: place for place in await self._store.of_chat(main.chat_id)}
        for top, wanted in _by_top(tree, await self._store.own_subscriptions(main.id)).items():
            topic = topics.get(top)
            if topic is not None and topic.state is PlaceState.STOPPED:
                # Its reader deleted it.
                continue
            if topic is not None:
                await self._store.move(main.id, topic.id, wanted)
                continue
            category = tree.get(top)
            name = category.name if category is not None else "?"
            thread = await self._keeper.open(main.chat_id, name)
            if not thread:
                return
            await self._store.open(main, thread, top, name, wanted, now)


def _by_top(tree: CategoryTree, wanted: frozenset[CategoryId]) -> dict[CategoryId, list[CategoryId]]:
    """Return the categories by the top of the tree that each is below."""
    found: dict[CategoryId, list[CategoryId]] = defaultdict(list)
    for category_id in sorted(wanted):
        top = category = tree.get(category_id)
        while category is not None:
            top, category = category, tree.get(category.parent_id) if category.parent_id is not None else None
        if top is not None:
            found[top.id].append(category_id)
    return found
