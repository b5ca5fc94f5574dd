"""What an announcement is: its contents, its audience, its moment, how far it has come (pure)."""

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
"""The key of the text for those whose language has none of its own."""
LOOKED_AT = 100
"""Messages, newest first, by which an announcement's fate is judged."""


class AnnouncementState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Content:
    """What one language's readers get: a text, with files (kind, file_id) or none; or a copy of a message.

    `group` is Telegram's mark of an album that is still coming in, one message at a time. `spoilers` are the numbers
    of the files that are shown only to whoever taps them; `caption_above`: the text stands above them.
    """

    html: str = ""
    media: tuple[tuple[str, str], ...] = ()
    copy_of: MessageRef | None = None
    group: str = ""
    spoilers: tuple[int, ...] = ()
    caption_above: bool = False

    @property
    def is_album(self) -> bool:
        return len(self.media) > 1

    def with_item(self, item: Content) -> Content:
        """Return the album with one more file, and its caption where it has none yet."""
        return replace(
            self,
            html=self.html or item.html,
            media=(*self.media, *item.media),
            spoilers=(*self.spoilers, *(len(self.media) + number for number in item.spoilers)),
            caption_above=self.caption_above or item.caption_above,
        )

    @property
    def messages(self) -> int:
        """How many messages a chat gets of it."""
        return max(1, len(self.media))


@dataclass(frozen=True, slots=True)
class LinkButton:
    label: str
    url: str


class AudienceKind(StrEnum):
    """Whom: people in their private chats, or groups and channels."""

    ANY = ""
    PEOPLE = "people"
    CHATS = "chats"


@dataclass(frozen=True, slots=True)
class Audience:
    """Every condition that is set must hold; none set: everybody."""

    categories: tuple[CategoryId, ...] = ()
    languages: tuple[str, ...] = ()
    active_days: int = 0
    kind: AudienceKind = AudienceKind.ANY
    ids: tuple[int, ...] = ()

    @property
    def is_everybody(self) -> bool:
        return self == Audience()


class When(StrEnum):
    NOW = "now"
    AT = "at"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Timing:
    """Now; at a moment `at`; or at `time` ("HH:MM") on each chat's own clock, on `day` (None: the next one)."""

    kind: When = When.NOW
    at: datetime | None = None
    time: str = ""
    day: date | None = None

    def due(self, timezone: str, confirmed_at: datetime) -> datetime:
        """When a chat in this zone is to get it. A local time that is past on that day: at once."""
        if self.kind is When.LOCAL:
            zone, at = ZoneInfo(timezone), parse_time(self.time)
            if self.day is None:
                return next_slot(confirmed_at, Schedule((at,), zone))
            return max(slot_on(self.day, at, zone), confirmed_at)
        return max(self.at, confirmed_at) if self.at is not None else confirmed_at


@dataclass(frozen=True, slots=True)
class Announcement:
    """An admin's message to many. `contents` is by language; `EVERY_LANGUAGE` is for the rest.

    `paid`: above the free rate, for a fee (None: as the settings say). `despite_quiet`: in quiet hours too, without a
    sound; else it waits for their end. `card` is the message that it is made in, `previews` those above it; `report`
    the one that counts.
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
        """The text for everybody, or else the first one."""
        return self.contents.get(EVERY_LANGUAGE) or next(iter(self.contents.values()), Content())

    @property
    def messages(self) -> int:
        """The most messages that one chat gets."""
        return max((one.messages for one in self.contents.values()), default=1)

    @property
    def has_album(self) -> bool:
        return any(one.is_album for one in self.contents.values())

    @property
    def own_languages(self) -> tuple[str, ...]:
        """The languages that have a text of their own, beside the one that goes to the rest."""
        return tuple(language for language, one in self.contents.items() if language and one is not self.first)

    def part(self, language: str) -> Part:
        """The message for readers of this language."""
        content = self.contents.get(language) or self.first
        single = content.media[0] if len(content.media) == 1 else None
        photo = single[1] if single and single[0] == "photo" else None
        return Part(
            content.html,
            photo=photo,
            media=() if photo else content.media,
            copy_of=content.copy_of,
            # Telegram gives an album none.
            buttons=() if content.is_album else tuple((one.label, one.url) for one in self.buttons),
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
    """How far an announcement has come: its deliveries by state."""

    counts: Mapping[DeliveryState, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def done(self) -> int:
        return self.total - self.open

    def of(self, state: DeliveryState) -> int:
        return self.counts.get(state, 0)


class CopyChangeKind(StrEnum):
    """What can be done to copies that went."""

    EDIT = "edit"
    RECALL = "recall"


class CopyState(StrEnum):
    PENDING = "pending"
    EDITED = "edited"
    DELETED = "deleted"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class CopyChange:
    """An edit or a recall of all copies, counted from its own rows. `rendering`: what an edit makes of them."""

    id: int
    announcement_id: AnnouncementId
    kind: CopyChangeKind
    by_id: int
    created_at: datetime
    rendering: str | None = None
    finished_at: datetime | None = None
    report: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One place's copy that is to be changed, as it is claimed. `messages` are its ids, an album's in their order."""

    act_id: int
    kind: CopyChangeKind
    delivery_id: int
    chat_id: int
    language: str
    messages: tuple[int, ...]
    sent_at: datetime
    attempts: int
    act_at: datetime
    part: Part
    new_key: str


def earliest(timing: Timing, zones: Iterable[str], confirmed_at: datetime) -> datetime:
    """When the first chat gets it."""
    return min((timing.due(zone, confirmed_at) for zone in zones), default=timing.due("UTC", confirmed_at))


def too_many_fail(newest: Sequence[tuple[DeliveryState, bool]], percent: float, under_way: int) -> bool:
    """Whether of the last hundred so many failed that something is wrong on our side; newest first, as (state, whether
    the chat is lost), and `under_way` more than a hundred.

    Who blocked the bot is no fault of ours. Nor is one cut of the network, which leaves doubts about all that was under
    way: only what is uncertain beyond that counts. Below twenty failures nothing is concluded from a percentage.
    """
    failed = sum(state is DeliveryState.FAILED and not lost for state, lost in newest[:LOOKED_AT])
    unsure = sum(state is DeliveryState.UNCERTAIN and not lost for state, lost in newest[: LOOKED_AT + under_way])
    return 0 < percent <= 100 and failed + max(0, unsure - under_way) >= max(1.0, percent)


def seconds_for(chats: int, messages: int, rate: float) -> float:
    return chats * messages / rate


def local_time(at: time, day: date | None) -> Timing:
    return Timing(When.LOCAL, time=f"{at:%H:%M}", day=day)
