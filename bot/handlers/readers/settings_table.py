"""The buttons by which readers choose categories in the tree, and of the settings."""

from __future__ import annotations

from bot.callbacks import (
    AddTimeButton,
    AskLettersButton,
    BrowseButton,
    CapsButton,
    CategorySourcesButton,
    FilteredButton,
    FollowPopularButton,
    SetCapButton,
    SetEmptyButton,
    SetItemsButton,
    SetOrderButton,
    SettingsButton,
    ToggleButton,
    ToggleFoundButton,
    UndoPopularButton,
)
from bot.handlers.presses import InGroup, RoomPresses
from bot.handlers.readers import caps, choosing, tuning
from bot.handlers.services import ReaderServices


def add_settings_presses(room: RoomPresses[ReaderServices]) -> None:
    """Register the handlers of these buttons."""
    room.add(AskLettersButton, choosing.ask_letters)
    room.add(FilteredButton, choosing.filtered, in_group=InGroup.ASKER_OF_LIST)
    room.add(ToggleFoundButton, choosing.toggle_found)
    room.add(FollowPopularButton, choosing.follow_popular)
    room.add(UndoPopularButton, choosing.undo_popular)
    room.add(CategorySourcesButton, choosing.show_sources, in_group=InGroup.ASKER_OF_LIST)
    room.add(SetItemsButton, tuning.max_items_pressed)
    room.add(SetOrderButton, tuning.order_pressed)
    room.add(SetEmptyButton, tuning.empty_pressed)
    room.add(AddTimeButton, tuning.add_time_pressed)
    room.add(CapsButton, caps.caps_pressed)
    room.add(SetCapButton, caps.cap_pressed)
    room.add(SettingsButton, tuning.settings_pressed)
    room.add(BrowseButton, choosing.browse, in_group=InGroup.ASKER_OF_LIST)
    room.add(ToggleButton, choosing.toggle)
