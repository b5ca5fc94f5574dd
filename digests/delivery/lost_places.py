"""Writing down what a send says about its place: that the chat moved, or that the chat or the topic is gone.

A failure to write that is told in the log alone: the next delivery meets the same answer.
"""

from __future__ import annotations

import logging
from datetime import datetime

from digests.errors import StorageError
from digests.model.place import Place, PlaceState
from digests.model.step import GiveUp
from digests.storage.places.places import PlaceStore

logger = logging.getLogger(__name__)


async def store_move(places: PlaceStore, chat_id: int, new_chat_id: int) -> None:
    """Store that a chat has another id now."""
    try:
        await places.move_chat(chat_id, new_chat_id)
    except StorageError as error:
        logger.error("a chat's move could not be stored", extra={"reason": str(error)})


async def mark_lost(places: PlaceStore, place: Place, step: GiveUp) -> bool:
    """Mark the chat or the topic as lost, if the step says so; return whether that is stored."""
    try:
        if step.lost_chat:
            await places.mark_lost(place.chat_id, step.reason)
        if step.lost_topic:
            await places.silence(place.id, PlaceState.UNREACHABLE, step.reason)
    except StorageError as error:
        logger.error("a lost chat could not be marked", extra={"place": place.id, "reason": str(error)})
        return False
    return True


async def return_to_chat(places: PlaceStore, place: Place, now: datetime) -> None:
    """Have a private chat itself get what was for a topic that its reader deleted, what is pending first."""
    if place.topic_of is None:
        return
    try:
        await places.end_topic(place, now)
    except StorageError as error:
        logger.error("a topic's news did not come back", extra={"place": place.id, "reason": str(error)})
