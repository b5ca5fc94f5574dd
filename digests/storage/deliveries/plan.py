"""Plans: what planning decided for a place, before it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from digests.model.delivery import Rendering
from digests.model.digest import Window
from digests.model.ids import PlaceId


@dataclass(frozen=True, slots=True)
class StoredRendering:
    """A rendering that is in the database already, or `text`, which is stored with the plan, as is its `fallback`."""

    key: str
    hashes: tuple[str, ...]
    text: Rendering | None = None
    fallback: Rendering | None = None


class Plan(NamedTuple):
    """What planning decided for one place; `rendering` is None if there is nothing to send.

    The window moves in either case, unless `moves` is False: then its articles wait for the next slot. `guard` is the
    `next_at` for which the plan was made; None accepts any, as for /digest. `is_news` is False for what is no digest to
    its reader: a word that there is nothing new, or a trial.
    """

    place_id: PlaceId
    window: Window
    slot: datetime
    next_at: datetime | None
    rendering: Rendering | StoredRendering | None
    guard: datetime | None = None
    moves: bool = True
    is_news: bool = True
