"""Ids of what is stored or was sent, each with a type of its own so that they cannot be mixed up."""

from __future__ import annotations

from typing import NamedTuple, NewType

PlaceId = NewType("PlaceId", int)
ArticleId = NewType("ArticleId", int)
CategoryId = NewType("CategoryId", int)
DeliveryId = NewType("DeliveryId", int)
AnnouncementId = NewType("AnnouncementId", int)
StoryId = NewType("StoryId", int)
"""Identifies articles of several sources about one thing; it is the id of the first of them."""
IngestNumber = NewType("IngestNumber", int)
"""An article's position in the order in which articles were committed; a window is (from, to] of these."""


class MessageRef(NamedTuple):
    """A message in a chat, as the service that delivered it numbers both."""

    chat_id: int
    message_id: int
