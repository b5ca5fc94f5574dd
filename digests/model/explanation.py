"""Why an article came in a digest, or did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digests.model.article import Article
from digests.model.category_tree import Category
from digests.model.wish import Wish


class Reason(StrEnum):
    """Why an article came, comes, or does not."""

    COMES = "comes"
    WAITS = "waits"
    """It is in the next digest, which waits until there is more."""
    CAPPED = "capped"
    """It will be behind the button, since a cap allows no more."""
    CUT = "cut"
    """It will be behind the button, since there is more than a digest shows."""
    SENT = "sent"
    SENT_BEHIND = "sent behind"
    """It is behind the button of a digest that was sent."""
    ON_ITS_WAY = "on its way"
    NOT_ARRIVED = "not arrived"
    """It was in a digest that could not be sent, or of which nobody knows whether it arrived."""
    SENT_AT_ONCE = "sent at once"
    UNWANTED = "unwanted"
    MUTED = "muted"
    IN_TOPIC = "in topic"
    """It comes in a topic of the chat instead."""
    SAME_STORY = "same story"
    STORY_SENT = "story sent"
    TOO_OLD = "too old"
    """It was no news any more when it was first seen."""
    LATE = "late"
    """It came while no digest did, so long ago that it is no news any more."""
    BEFORE = "before"
    """It came before the place began to get digests."""
    PASSED = "passed"
    """It came before the last digest, and was in none."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an article came or did not.

    `at` is when: of the digest that has it, or of the next one (None: none is to come). `followed` are the categories
    by which it is wanted, and `wishes` those of the place that are about it. `other` tells the same story. `categories`
    are those that it is in. `items` is how many a digest shows, `least` how many it takes, and `came` how many there
    are by now.
    """

    article: Article
    reason: Reason
    at: datetime | None = None
    followed: tuple[Category, ...] = ()
    wishes: tuple[Wish, ...] = ()
    other: Article | None = None
    categories: tuple[Category, ...] = ()
    items: int = 0
    least: int = 1
    came: int = 0
