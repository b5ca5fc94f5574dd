"""What a button carries: typed values packed into Telegram's 64 bytes (pure).

A button lives as long as its message, so a prefix is never given to something else and fields are only added at
the end, with a default.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from bot.limits import CALLBACK_DATA


@dataclass(frozen=True, slots=True)
class BrowseButton:
    """Show a level of the category tree; `parent` 0 is the top. `setup` 1: on the way through /start."""

    parent: int = 0
    page: int = 0
    setup: int = 0


TICK, UNTICK = 1, 2


@dataclass(frozen=True, slots=True)
class ToggleButton:
    """Tick or untick a category, and show its level again.

    `to` says what the button stands for, so that a second tap before the new keyboard is there does nothing: 1 ticks,
    2 unticks; 0, of older messages: the one or the other, as it is not yet.
    """

    category: int
    parent: int = 0
    page: int = 0
    setup: int = 0
    to: int = 0


@dataclass(frozen=True, slots=True)
class FinishButton:
    """The choosing is done: begin."""


@dataclass(frozen=True, slots=True)
class TimesButton:
    """Show the times to choose from."""

    setup: int = 0


@dataclass(frozen=True, slots=True)
class SetTimeButton:
    time: str
    setup: int = 0


@dataclass(frozen=True, slots=True)
class ZonesButton:
    """Show the zones to choose from."""

    page: int = 0
    setup: int = 0


@dataclass(frozen=True, slots=True)
class SetZoneButton:
    zone: str
    setup: int = 0


@dataclass(frozen=True, slots=True)
class SettingsButton:
    """Show the settings, or one of them to change: "days", "quiet", "least"."""

    what: str = ""


@dataclass(frozen=True, slots=True)
class SetDaysButton:
    """ISO numbers of the days, "12345". `to` TICK adds them, UNTICK takes them away; 0: these and no others."""

    days: str
    to: int = 0


@dataclass(frozen=True, slots=True)
class SetQuietButton:
    """ "22:00-07:00", or nothing for no quiet hours."""

    hours: str = ""


@dataclass(frozen=True, slots=True)
class SetSoundButton:
    on: int


@dataclass(frozen=True, slots=True)
class SetLeastButton:
    items: int


@dataclass(frozen=True, slots=True)
class ListingButton:
    """A page of articles: kind "l" latest, "c" of category `key`."""

    kind: str
    key: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FoundButton:
    """A page of the search that is kept under the token `search`: that which follows the hit (tier, document), or with
    `back` ends before it.

    `newest` 1: newest first, not best first. `page` counts from 1, `tier` too: without one it is the beginning.
    """

    search: str
    newest: int = 0
    page: int = 1
    tier: int = 0
    document: int = 0
    back: int = 0


@dataclass(frozen=True, slots=True)
class MoreButton:
    """What max_items cut off a digest, from `offset` on."""

    delivery: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class SourcesButton:
    """Who tells the stories of a digest."""

    delivery: int


@dataclass(frozen=True, slots=True)
class MissedButton:
    """The items of a digest that may not have come."""

    delivery: int


@dataclass(frozen=True, slots=True)
class ResendButton:
    """Send what is uncertain once more (to admins)."""


@dataclass(frozen=True, slots=True)
class SubscribeButton:
    category: int


@dataclass(frozen=True, slots=True)
class UnsubscribeButton:
    """Ends a subscription; the list is then shown again at `page`."""

    category: int
    page: int = 0


@dataclass(frozen=True, slots=True)
class SubscriptionsButton:
    page: int = 0


@dataclass(frozen=True, slots=True)
class ActionButton:
    """A plain action: "digest", "pause", "resume", "latest", "close", "erase", "erase!", "menu", "help"."""

    what: str


@dataclass(frozen=True, slots=True)
class AudienceButton:
    """Tick a category (0: any) as an announcement's audience, and show the choice again."""

    announcement: int
    category: int = 0
    page: int = 0


@dataclass(frozen=True, slots=True)
class AudiencePageButton:
    announcement: int
    page: int = 0


@dataclass(frozen=True, slots=True)
class ConfirmButton:
    """Ask whether the announcement is really to be sent."""

    announcement: int


@dataclass(frozen=True, slots=True)
class DiscardButton:
    announcement: int


@dataclass(frozen=True, slots=True)
class HideButton:
    """Hide from readers: kind "c" category `key`, "s" the source that is kept under the token `source`."""

    kind: str
    key: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class ShowAgainButton:
    """End that."""

    kind: str
    key: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawButton:
    """An article: step 0 asks, 1 withdraws it, 2 from sent messages too, 3 brings it back."""

    article: int
    step: int = 0


@dataclass(frozen=True, slots=True)
class CardButton:
    """What an announcement's card shows or does: `what` with its `value`, such as "text" or "language" "zh_CN"."""

    announcement: int
    what: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class AnnouncementsButton:
    page: int = 0


@dataclass(frozen=True, slots=True)
class AuditButton:
    page: int = 0


Button = (
    BrowseButton
    | ToggleButton
    | FinishButton
    | TimesButton
    | SetTimeButton
    | ZonesButton
    | SetZoneButton
    | SettingsButton
    | SetDaysButton
    | SetQuietButton
    | SetSoundButton
    | SetLeastButton
    | ListingButton
    | FoundButton
    | MoreButton
    | SourcesButton
    | MissedButton
    | ResendButton
    | SubscribeButton
    | UnsubscribeButton
    | SubscriptionsButton
    | ActionButton
    | AudienceButton
    | AudiencePageButton
    | ConfirmButton
    | DiscardButton
    | HideButton
    | ShowAgainButton
    | WithdrawButton
    | CardButton
    | AnnouncementsButton
    | AuditButton
)

_PREFIXES: dict[str, type[Button]] = {
    "b": BrowseButton,
    "t": ToggleButton,
    "f": FinishButton,
    "ts": TimesButton,
    "st": SetTimeButton,
    "zs": ZonesButton,
    "sz": SetZoneButton,
    "tu": SettingsButton,
    "wd": SetDaysButton,
    "qh": SetQuietButton,
    "so": SetSoundButton,
    "li": SetLeastButton,
    "l": ListingButton,
    "q": FoundButton,
    "m": MoreButton,
    "o": SourcesButton,
    "mi": MissedButton,
    "re": ResendButton,
    "s": SubscribeButton,
    "u": UnsubscribeButton,
    "ss": SubscriptionsButton,
    "d": ActionButton,
    "a": AudienceButton,
    "ap": AudiencePageButton,
    "ac": ConfirmButton,
    "ad": DiscardButton,
    "hi": HideButton,
    "sh": ShowAgainButton,
    "w": WithdrawButton,
    "an": CardButton,
    "al": AnnouncementsButton,
    "au": AuditButton,
}
_NAMES = {kind: prefix for prefix, kind in _PREFIXES.items()}
_SEPARATOR = "|"


def pack(callback: Button) -> str:
    """The button's data. Raises ValueError above 64 bytes, or for a text that holds the separator."""
    values = [str(getattr(callback, field.name)) for field in fields(callback)]
    if any(_SEPARATOR in value for value in values):
        raise ValueError(f"a button can't carry {values!r}")
    packed = _SEPARATOR.join([_NAMES[type(callback)], *values])
    if len(packed.encode()) > CALLBACK_DATA:
        raise ValueError(f"{packed!r} is longer than {CALLBACK_DATA} bytes")
    return packed


def unpack(data: str) -> Button | None:
    """What `pack` packed; None for data of an older program that is no longer understood, or of a stranger."""
    prefix, *values = data.split(_SEPARATOR)
    kind = _PREFIXES.get(prefix)
    if kind is None or len(values) > len(fields(kind)):
        return None
    parsed: list[int | str] = []
    for field, value in zip(fields(kind), values, strict=False):
        if field.type == "int":
            # So small that a page of them is still a number that databases take.
            if not (value.isascii() and value.isdigit() and len(value) < 16):
                return None
            parsed.append(int(value))
        else:
            parsed.append(value)
    try:
        return kind(*parsed)  # type: ignore[arg-type]  # the fields' own types were followed above
    except TypeError:
        return None
