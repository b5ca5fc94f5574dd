"""Chats that come from a list: what becomes of one that is there already (pure). Nobody is woken by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from digests.model.ids import CategoryId
from digests.model.place import EVERY_DAY, Place, PlaceKind, PlaceState
from digests.model.schedule import next_slot, read_schedule

_RHYTHM = ("time", "timezone", "weekdays", "quiet")


@dataclass(frozen=True, slots=True)
class ImportedChat:
    """A chat as a list names it. `settings` holds those fields of a Place that the list tells; `defaults` the others.

    `state` None: the list does not tell, as older ones.
    """

    chat_id: int
    thread_id: int
    kind: PlaceKind
    state: PlaceState | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    categories: frozenset[CategoryId] = frozenset()


def settle_new(chat: ImportedChat, now: datetime) -> dict[str, Any]:
    """The fields of a place that is not there yet."""
    plain = {"title": "", "state_reason": "", "weekdays": EVERY_DAY, "quiet": "", "resume_at": None, "active_at": now}
    values = {**plain, "least_items": 1, "silent": False, **chat.defaults, **chat.settings}
    values["state"] = chat.state or PlaceState.ACTIVE
    values["next_at"] = _next_at(values, now)
    return values


def settle_known(chat: ImportedChat, place: Place, wishes: int, now: datetime) -> dict[str, Any] | None:
    """The fields that change of a place that is there with so many `wishes`; None: it is left alone.

    Of the state there and the one in the list the quieter holds, so whoever left stays left. Whether a chat can be
    reached is known better here.
    """
    if place.state is PlaceState.STOPPED:
        return None
    state = _state(chat, place, wishes)
    own = ("title", "state_reason", "resume_at", "active_at")
    values = {name: value for name, value in chat.settings.items() if name not in own}
    if not place.title and chat.settings.get("title"):
        values["title"] = chat.settings["title"]
    if state is not place.state:
        values |= {
            "state": state,
            "state_reason": chat.settings.get("state_reason", ""),
            "resume_at": chat.settings.get("resume_at") if state is not PlaceState.STOPPED else None,
        }
    rhythm = {name: values.get(name, getattr(place, name)) for name in _RHYTHM}
    is_as_before = state is place.state and all(rhythm[name] == getattr(place, name) for name in _RHYTHM)
    values["next_at"] = place.next_at if is_as_before else _next_at({**rhythm, "state": state}, now)
    return {name: value for name, value in values.items() if value != getattr(place, name)}


def _state(chat: ImportedChat, place: Place, wishes: int) -> PlaceState:
    if chat.state is None:
        comes_to_life = place.state is PlaceState.NEW and not wishes and chat.categories
        return PlaceState.ACTIVE if comes_to_life else place.state
    if chat.state is PlaceState.STOPPED:
        return chat.state
    if place.state is PlaceState.NEW:
        return chat.state
    return chat.state if (place.state, chat.state) == (PlaceState.ACTIVE, PlaceState.PAUSED) else place.state


def _next_at(values: Mapping[str, Any], now: datetime) -> datetime | None:
    if values["state"] is not PlaceState.ACTIVE:
        return None
    return next_slot(now, read_schedule(*(values[name] for name in _RHYTHM)))
