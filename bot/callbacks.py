"""What a button carries: typed values packed into Telegram's 64 bytes (pure).

A button lives as long as its message, so its letters are never given to another kind, and fields are only added at the
end, with a default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, TypeVar

from bot.card_actions import CardAction
from bot.limits import CALLBACK_DATA

_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Button:
    """What every kind of button is. Its fields are texts, whole numbers that are not negative, and enums of texts."""

    letters: ClassVar[str]


KindT = TypeVar("KindT", bound=type[Button])

BUTTONS: dict[str, type[Button]] = {}
"""Every kind of button, by the letters that its data begin with."""


def button_type(letters: str) -> Callable[[KindT], KindT]:
    """Register a kind of button under the letters that its data begin with.

    Raises ValueError where they are taken.
    """

    def register(kind: KindT) -> KindT:
        if letters in BUTTONS:
            raise ValueError(f"{kind.__name__} and {BUTTONS[letters].__name__} would both begin with {letters!r}")
        kind.letters = letters
        BUTTONS[letters] = kind
        return kind

    return register


@button_type("b")
@dataclass(frozen=True, slots=True)
class BrowseButton(Button):
    """Show a level of the category tree; `parent` 0 is the top. `setup` 1: on the way through /start."""

    parent: int = 0
    page: int = 0
    setup: int = 0


TICK, UNTICK = 1, 2


@button_type("t")
@dataclass(frozen=True, slots=True)
class ToggleButton(Button):
    """Tick or untick a category, and show its level again.

    `to` says what the button stands for, so that a second tap before the new keyboard is there does nothing: 1 ticks,
    2 unticks; 0, of older messages: the one or the other, as it is not yet.
    """

    category: int
    parent: int = 0
    page: int = 0
    setup: int = 0
    to: int = 0


@button_type("f")
@dataclass(frozen=True, slots=True)
class FinishButton(Button):
    """Finish the choosing: the digests begin."""


@button_type("ts")
@dataclass(frozen=True, slots=True)
class TimesButton(Button):
    """Show the times to choose from."""

    setup: int = 0


@button_type("st")
@dataclass(frozen=True, slots=True)
class SetTimeButton(Button):
    """Bring the digest at this time of day."""

    time: str
    setup: int = 0


@button_type("zs")
@dataclass(frozen=True, slots=True)
class ZonesButton(Button):
    """Show the zones to choose from."""

    page: int = 0
    setup: int = 0


@button_type("sz")
@dataclass(frozen=True, slots=True)
class SetZoneButton(Button):
    """Go by the clock of this zone."""

    zone: str
    setup: int = 0


@button_type("tu")
@dataclass(frozen=True, slots=True)
class SettingsButton(Button):
    """Show the settings, or one of them to change: "days", "quiet", "least"."""

    what: str = ""


@button_type("wd")
@dataclass(frozen=True, slots=True)
class SetDaysButton(Button):
    """ISO numbers of the days, "12345". `to` TICK adds them, UNTICK takes them away; 0: these and no others."""

    days: str
    to: int = 0


@button_type("qh")
@dataclass(frozen=True, slots=True)
class SetQuietButton(Button):
    """Keep these hours quiet, "22:00-07:00"; none: no quiet hours."""

    hours: str = ""


@button_type("so")
@dataclass(frozen=True, slots=True)
class SetSoundButton(Button):
    """Let the digest come with a sound (1) or without one (0)."""

    on: int


@button_type("li")
@dataclass(frozen=True, slots=True)
class SetLeastButton(Button):
    """Wait for so many new items before a digest comes."""

    items: int


@button_type("l")
@dataclass(frozen=True, slots=True)
class ListingButton(Button):
    """Show a page of articles: kind "l" latest, "c" of category `key`."""

    kind: str
    key: int = 0
    offset: int = 0


@button_type("q")
@dataclass(frozen=True, slots=True)
class FoundButton(Button):
    """Show a page of the search that is kept under the token `search`.

    It is the page that follows the hit (tier, document), or with `back` the one that ends before it.
    `newest` 1: newest first, not best first. `page` counts from 1, `tier` too: without one it is the beginning.
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
    """Show what max_items cut off a digest, from `offset` on."""

    delivery: int
    offset: int = 0


@button_type("o")
@dataclass(frozen=True, slots=True)
class SourcesButton(Button):
    """Show who tells the stories of a digest."""

    delivery: int


@button_type("mi")
@dataclass(frozen=True, slots=True)
class MissedButton(Button):
    """Show the items of a digest that may not have come."""

    delivery: int


@button_type("re")
@dataclass(frozen=True, slots=True)
class ResendButton(Button):
    """Send what is uncertain once more."""


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
    """Show what is followed."""

    page: int = 0


@button_type("d")
@dataclass(frozen=True, slots=True)
class ActionButton(Button):
    """Take a plain action: "digest", "latest", "menu", "pause", "resume", "erase", "erase!", "close", "cancel"."""

    what: str


@button_type("a")
@dataclass(frozen=True, slots=True)
class AudienceButton(Button):
    """Tick a category (0: any) as an announcement's audience, and show the choice again."""

    announcement: int
    category: int = 0
    page: int = 0


@button_type("ap")
@dataclass(frozen=True, slots=True)
class AudiencePageButton(Button):
    """Turn the page of an announcement's choice of categories."""

    announcement: int
    page: int = 0


@button_type("ac")
@dataclass(frozen=True, slots=True)
class ConfirmButton(Button):
    """Ask whether the announcement is really to be sent."""

    announcement: int


@button_type("ad")
@dataclass(frozen=True, slots=True)
class DiscardButton(Button):
    """Throw a draft away."""

    announcement: int


@button_type("hi")
@dataclass(frozen=True, slots=True)
class HideButton(Button):
    """Hide from readers: kind "c" category `key`, "s" the source that is kept under the token `source`."""

    kind: str
    key: int = 0
    source: str = ""


@button_type("sh")
@dataclass(frozen=True, slots=True)
class ShowAgainButton(Button):
    """Show to readers again what was hidden."""

    kind: str
    key: int = 0
    source: str = ""


@button_type("w")
@dataclass(frozen=True, slots=True)
class WithdrawButton(Button):
    """Withdraw an article: step 0 asks, 1 withdraws it, 2 from sent messages too, 3 brings it back."""

    article: int
    step: int = 0


@button_type("an")
@dataclass(frozen=True, slots=True)
class CardButton(Button):
    """Show or do something on an announcement's card, with a `value` where that needs one, such as "zh_CN"."""

    announcement: int
    what: CardAction
    value: str = ""


@button_type("al")
@dataclass(frozen=True, slots=True)
class AnnouncementsButton(Button):
    """Show a page of the announcements."""

    page: int = 0


@button_type("au")
@dataclass(frozen=True, slots=True)
class AuditButton(Button):
    """Show a page of who did what."""

    page: int = 0


def pack(pressed: Button) -> str:
    """Return the button's data. Raises ValueError above 64 bytes, or for a text that holds the separator."""
    values = [str(getattr(pressed, field.name)) for field in fields(pressed)]
    if any(_SEPARATOR in value for value in values):
        raise ValueError(f"a button can't carry {values!r}")
    packed = _SEPARATOR.join([pressed.letters, *values])
    if len(packed.encode()) > CALLBACK_DATA:
        raise ValueError(f"{packed!r} is longer than {CALLBACK_DATA} bytes")
    return packed


def unpack(data: str) -> Button | None:
    """Return what `pack` packed; None for data of an older program that is no longer understood, or of a stranger."""
    letters, *values = data.split(_SEPARATOR)
    kind = BUTTONS.get(letters)
    if kind is None or len(values) > len(fields(kind)):
        return None
    make: Callable[..., Button] = kind
    try:
        return make(*(_READ[str(field.type)](value) for field, value in zip(fields(kind), values, strict=False)))
    except (TypeError, ValueError):
        return None


def _number(value: str) -> int:
    # So small that a page of them is still a number that databases take.
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise ValueError(value)
    return int(value)


_READ: Mapping[str, Callable[[str], object]] = {"int": _number, "str": str, "CardAction": CardAction}
"""How the fields of buttons are read, by their types; ValueError for what none of ours can be."""
