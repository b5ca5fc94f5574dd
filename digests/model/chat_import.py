"""Chats that are imported from a list: the rules for those that exist already (pure). No import wakes anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from digests.model.ids import CategoryId
from digests.model.place import EVERY_DAY, Place, PlaceKind, PlaceState
from digests.model.schedule import next_slot, read_schedule
from digests.model.wish import Subject, WishKind

_SCHEDULE_FIELDS = ("time", "timezone", "weekdays", "quiet")


@dataclass(frozen=True, slots=True)
class ImportedWish:
    """A wish as an imported list gives it."""

    kind: WishKind
    subject: Subject
    at_once: bool = False
    most: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportedChat:
    """A chat as an imported list gives it.

    `settings` holds the fields of a Place that the list gives, `defaults` the others. `state` is None if the list
    does not give it, as in older lists. `saved` are addresses of articles.
    """

    chat_id: int
    thread_id: int
    kind: PlaceKind
    state: PlaceState | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    categories: frozenset[CategoryId] = frozenset()
    wishes: tuple[ImportedWish, ...] = ()
    saved: tuple[str, ...] = ()


def settle_new(chat: ImportedChat, now: datetime) -> dict[str, Any]:
    """Return all fields of a new place for `chat`."""
    plain = {"title": "", "state_reason": "", "weekdays": EVERY_DAY, "quiet": "", "resume_at": None, "active_at": now}
    plain["lost_from"] = None
    values = {**plain, "least_items": 1, "silent": False, **chat.defaults, **chat.settings}
    values["state"] = chat.state or PlaceState.ACTIVE
    values["next_at"] = _next_at(values, now)
    return values


def settle_known(chat: ImportedChat, place: Place, subscriptions: int, now: datetime) -> dict[str, Any] | None:
    """Return the fields that change in a place that exists and has so many `subscriptions`; None to leave it alone.

    Of the place's state and the list's, the quieter wins: a reader who left stays away. Whether a chat can be reached
    is better known here than from a list.
    """
    if place.state is PlaceState.STOPPED:
        return None
    state = _state(chat, place, subscriptions)
    own = ("title", "state_reason", "resume_at", "active_at", "lost_from")
    values = {name: value for name, value in chat.settings.items() if name not in own}
    if not place.title and chat.settings.get("title"):
        values["title"] = chat.settings["title"]
    if state is not place.state:
        values |= {
            "state": state,
            "state_reason": chat.settings.get("state_reason", ""),
            "resume_at": chat.settings.get("resume_at") if state is not PlaceState.STOPPED else None,
            "lost_from": chat.settings.get("lost_from"),
        }
    schedule = {name: values.get(name, getattr(place, name)) for name in _SCHEDULE_FIELDS}
    is_as_before = state is place.state and all(schedule[name] == getattr(place, name) for name in _SCHEDULE_FIELDS)
    values["next_at"] = place.next_at if is_as_before else _next_at({**schedule, "state": state}, now)
    # Of a place that is here, what it comes back to is known only by its row.
    return {name: value for name, value in values.items() if value != getattr(place, name, None)}


def _state(chat: ImportedChat, place: Place, subscriptions: int) -> PlaceState:
    if chat.state is None:
        becomes_active = place.state is PlaceState.NEW and not subscriptions and chat.categories
        return PlaceState.ACTIVE if becomes_active else place.state
    if chat.state is PlaceState.STOPPED:
        return chat.state
    if place.state is PlaceState.NEW:
        return chat.state
    return chat.state if (place.state, chat.state) == (PlaceState.ACTIVE, PlaceState.PAUSED) else place.state


def _next_at(values: Mapping[str, Any], now: datetime) -> datetime | None:
    if values["state"] is not PlaceState.ACTIVE:
        return None
    return next_slot(now, read_schedule(*(values[name] for name in _SCHEDULE_FIELDS)))
