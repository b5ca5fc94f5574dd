"""Buttons for readers: what they follow, when digests come, and what they read (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type

TICK, UNTICK = 1, 2


GREETED = 2


@button_type("b")
@dataclass(frozen=True, slots=True)
class BrowseButton(Button):
    """Show a level of the category tree; `parent` 0 is the top.

    `setup` is 1 while /start is under way, and GREETED if a message above has greeted the reader.
    """

    parent: int = 0
    page: int = 0
    setup: int = 0


@button_type("t")
@dataclass(frozen=True, slots=True)
class ToggleButton(Button):
    """Tick or untick a category, and show its level again.

    `to` says which of the two the button means, TICK or UNTICK, so that a second tap before the new keyboard appears
    changes nothing. Buttons of older messages have 0: they toggle.
    """

    category: int
    parent: int = 0
    page: int = 0
    setup: int = 0
    to: int = 0


@button_type("f")
@dataclass(frozen=True, slots=True)
class FinishButton(Button):
    """Finish choosing: digests begin."""


@button_type("s")
@dataclass(frozen=True, slots=True)
class SubscribeButton(Button):
    """Follow a category."""

    category: int


@button_type("u")
@dataclass(frozen=True, slots=True)
class UnsubscribeButton(Button):
    """Unfollow a category, and show the list again at `page`."""

    category: int
    page: int = 0


@button_type("ss")
@dataclass(frozen=True, slots=True)
class SubscriptionsButton(Button):
    """Show what the place follows."""

    page: int = 0


@button_type("ts")
@dataclass(frozen=True, slots=True)
class TimesButton(Button):
    """Show the times to choose from."""

    setup: int = 0


@button_type("st")
@dataclass(frozen=True, slots=True)
class SetTimeButton(Button):
    """Send the digest at this time of day."""

    time: str
    setup: int = 0


@button_type("tu")
@dataclass(frozen=True, slots=True)
class SettingsButton(Button):
    """Show the settings, or the screen that changes one of them: such as "days", "items" or "layout"."""

    what: str = ""


@button_type("wd")
@dataclass(frozen=True, slots=True)
class SetDaysButton(Button):
    """Set the days of the digest, as ISO numbers such as "12345".

    `to` adds them (TICK) or removes them (UNTICK); 0 replaces all days.
    """

    days: str
    to: int = 0


@button_type("qh")
@dataclass(frozen=True, slots=True)
class SetQuietButton(Button):
    """Set the quiet hours, such as "22:00-07:00"; empty means none."""

    hours: str = ""


@button_type("so")
@dataclass(frozen=True, slots=True)
class SetSoundButton(Button):
    """Send the digest with a sound (1) or silently (0)."""

    on: int


@button_type("li")
@dataclass(frozen=True, slots=True)
class SetLeastButton(Button):
    """Send a digest only when it has at least this many new items."""

    items: int


@button_type("la")
@dataclass(frozen=True, slots=True)
class SetLayoutButton(Button):
    """Have the digest in this layout."""

    layout: str


@button_type("mt")
@dataclass(frozen=True, slots=True)
class TryMagazineButton(Button):
    """Show a digest once more, as a magazine."""

    delivery: int


@button_type("ms")
@dataclass(frozen=True, slots=True)
class SeenMagazineButton(Button):
    """Say whether a magazine was seen (1), so that digests are magazines from now on, or is blank (0)."""

    seen: int


@button_type("l")
@dataclass(frozen=True, slots=True)
class ListingButton(Button):
    """Show a page of articles: the latest (kind "l"), or those of the category `key` (kind "c")."""

    kind: str
    key: int = 0
    offset: int = 0


@button_type("q")
@dataclass(frozen=True, slots=True)
class FoundButton(Button):
    """Show a page of the search that is stored under the token `search`.

    The page begins after the hit (tier, document), or with `back` ends before it. `newest` is 1 for the newest first,
    0 for the best first. `page` and `tier` count from 1; `tier` 0 means the first page.
    """

    search: str
    newest: int = 0
    page: int = 1
    tier: int = 0
    document: int = 0
    back: int = 0


@button_type("m")
@dataclass(frozen=True, slots=True)
class MoreButton(Button):
    """Show the items that max_items cut off a digest, from `offset` on."""

    delivery: int
    offset: int = 0


@button_type("o")
@dataclass(frozen=True, slots=True)
class SourcesButton(Button):
    """Show which sources report the stories of a digest."""

    delivery: int


@button_type("mi")
@dataclass(frozen=True, slots=True)
class MissedButton(Button):
    """Show the items of a digest that may not have arrived."""

    delivery: int


@button_type("d")
@dataclass(frozen=True, slots=True)
class ActionButton(Button):
    """Do what needs no values, such as "digest", "latest" or "close": `bot.handlers.readers.actions` has them all."""

    what: str
