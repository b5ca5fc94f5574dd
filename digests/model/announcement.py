"""Announcements: their contents, audience, timing and progress (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from digests.model.delivery import DeliveryState, Part
from digests.model.ids import AnnouncementId, CategoryId, MessageRef
from digests.model.schedule import Schedule, next_slot, parse_time, slot_on

EVERY_LANGUAGE = ""
"""The key of the text for readers whose language has none of its own."""
RECENT_RESULTS = 100
"""How many of the newest results decide whether an announcement pauses itself."""


class AnnouncementState(StrEnum):
    """How far an announcement has come."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Content:
    """What readers of one language get: a text, with or without files as (kind, file_id); or a copy of a message.

    `group` identifies an album that is still arriving, one message at a time. `spoilers` are the positions of the
    files that stay hidden until they are tapped. `caption_above` puts the text above the files.
    """

    html: str = ""
    media: tuple[tuple[str, str], ...] = ()
    copy_of: MessageRef | None = None
    group: str = ""
    spoilers: tuple[int, ...] = ()
    caption_above: bool = False

    @property
    def is_album(self) -> bool:
        """Whether there is more than one file."""
        return len(self.media) > 1

    def with_item(self, item: Content) -> Content:
        """Return the album with the files of `item` added, and its caption where the album has none yet."""
        return replace(
            self,
            html=self.html or item.html,
            media=(*self.media, *item.media),
            spoilers=(*self.spoilers, *(len(self.media) + number for number in item.spoilers)),
            caption_above=self.caption_above or item.caption_above,
        )

    @property
    def messages(self) -> int:
        """The number of messages that a chat gets."""
        return max(1, len(self.media))


@dataclass(frozen=True, slots=True)
class LinkButton:
    """A button below an announcement that opens a web address."""

    label: str
    url: str


class AudienceKind(StrEnum):
    """Which chats an announcement goes to: people's private chats, groups and channels, or both."""

    ANY = ""
    PEOPLE = "people"
    CHATS = "chats"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who gets an announcement: chats that meet every condition that is set; everybody if none is."""

    categories: tuple[CategoryId, ...] = ()
    languages: tuple[str, ...] = ()
    active_days: int = 0
    kind: AudienceKind = AudienceKind.ANY
    ids: tuple[int, ...] = ()

    @property
    def is_everybody(self) -> bool:
        """Whether no condition is set."""
        return self == Audience()


class When(StrEnum):
    """How an announcement's time is given."""

    NOW = "now"
    AT = "at"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Timing:
    """When an announcement goes out.

    Now; at the instant `at`; or at `time` ("HH:MM") on each chat's own clock, on `day` (None: the next such time).
    """

    kind: When = When.NOW
    at: datetime | None = None
    time: str = ""
    day: date | None = None

    def due(self, timezone: str, confirmed_at: datetime) -> datetime:
        """Return when a chat in `timezone` gets it: at once if its local time on that day has passed."""
        if self.kind is When.LOCAL:
            zone, at = ZoneInfo(timezone), parse_time(self.time)
            if self.day is None:
                return next_slot(confirmed_at, Schedule((at,), zone))
            return max(slot_on(self.day, at, zone), confirmed_at)
        return max(self.at, confirmed_at) if self.at is not None else confirmed_at


@dataclass(frozen=True, slots=True)
class Announcement:
    """An admin's message to many chats.

    `contents` is keyed by language; `EVERY_LANGUAGE` serves the others. `paid` sends above the free rate for a fee
    (None: as configured). `despite_quiet` sends during quiet hours too, without a sound, instead of waiting for their
    end. `card` is the message in which it is edited, `previews` are the messages above that, and `report_message` is
    the one that shows its progress.
    """

    id: AnnouncementId
    author_id: int
    contents: Mapping[str, Content]
    state: AnnouncementState
    created_at: datetime
    buttons: tuple[LinkButton, ...] = ()
    audience: Audience = field(default_factory=Audience)
    timing: Timing = field(default_factory=Timing)
    silent: bool = False
    pinned: bool = False
    paid: bool | None = None
    despite_quiet: bool = False
    reason: str = ""
    sent_by: int | None = None
    confirmed_at: datetime | None = None
    send_at: datetime | None = None
    planned_at: datetime | None = None
    resumed_at: datetime | None = None
    finished_at: datetime | None = None
    report: MessageRef | None = None
    card: int | None = None
    previews: tuple[int, ...] = ()

    @property
    def first(self) -> Content:
        """The content for every language, or else the first content there is."""
        return self.contents.get(EVERY_LANGUAGE) or next(iter(self.contents.values()), Content())

    @property
    def messages(self) -> int:
        """The largest number of messages that a chat gets."""
        return max((content.messages for content in self.contents.values()), default=1)

    @property
    def has_album(self) -> bool:
        """Whether readers of any language get an album."""
        return any(content.is_album for content in self.contents.values())

    @property
    def own_languages(self) -> tuple[str, ...]:
        """The languages with a content of their own, apart from the one that serves all others."""
        return tuple(language for language, content in self.contents.items() if language and content is not self.first)

    def part(self, language: str) -> Part:
        """Return the message for readers of this language."""
        content = self.contents.get(language) or self.first
        single = content.media[0] if len(content.media) == 1 else None
        photo = single[1] if single and single[0] == "photo" else None
        return Part(
            content.html,
            photo=photo,
            media=() if photo else content.media,
            copy_of=content.copy_of,
            # Telegram allows no buttons below an album.
            buttons=() if content.is_album else tuple((button.label, button.url) for button in self.buttons),
            silent=self.silent,
            pinned=self.pinned,
            paid=self.paid,
            despite_quiet=self.despite_quiet,
            spoilers=content.spoilers,
            caption_above=content.caption_above,
        )


OPEN = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.PAUSED)


@dataclass(frozen=True, slots=True)
class Progress:
    """An announcement's deliveries, counted by state."""

    counts: Mapping[DeliveryState, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """The number of deliveries in any state."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """The number of deliveries that are still to be sent."""
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def done(self) -> int:
        """The number of deliveries that have ended, whatever the result."""
        return self.total - self.open

    def of(self, state: DeliveryState) -> int:
        """Return the number of deliveries in `state`."""
        return self.counts.get(state, 0)


def earliest(timing: Timing, zones: Iterable[str], confirmed_at: datetime) -> datetime:
    """Return when the first of the chats in these zones gets it."""
    return min((timing.due(zone, confirmed_at) for zone in zones), default=timing.due("UTC", confirmed_at))


def too_many_fail(newest: Sequence[tuple[DeliveryState, bool]], percent: float, under_way: int) -> bool:
    """Return whether so many of the last hundred failed that something must be wrong on our side.

    `newest` holds (state, whether the chat is lost), newest first: `under_way` more than a hundred of them. A reader
    who blocked the bot is not counted as a failure. Neither is a single network outage, which leaves everything that
    was under way uncertain: only uncertain deliveries beyond that number count. Fewer than `percent` failures prove
    nothing, however few results there are; a `percent` of 0 never pauses.
    """
    failed = sum(state is DeliveryState.FAILED and not lost for state, lost in newest[:RECENT_RESULTS])
    unsure = sum(state is DeliveryState.UNCERTAIN and not lost for state, lost in newest[: RECENT_RESULTS + under_way])
    return 0 < percent <= 100 and failed + max(0, unsure - under_way) >= max(1.0, percent)


def seconds_for(chats: int, messages: int, rate: float) -> float:
    """Return how long that many messages to each chat take at `rate` messages per second."""
    return chats * messages / rate


def local_time(at: time, day: date | None) -> Timing:
    """Return the timing "at `at` on each chat's own clock", on `day` or the next time it comes round."""
    return Timing(When.LOCAL, time=f"{at:%H:%M}", day=day)
