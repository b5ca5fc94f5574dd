"""Deliveries: one place's copy of a digest or an announcement, in parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digests.model.ids import AnnouncementId, ArticleId, DeliveryId, MessageRef
from digests.model.layout import Layout
from digests.model.mosaic import Mosaic
from digests.model.place import Place


class DeliveryKind(StrEnum):
    """What is delivered."""

    DIGEST = "digest"
    ANNOUNCEMENT = "announcement"
    AT_ONCE = "at_once"
    """Articles that a reader's watches found, as soon as they came; the next digest leaves them out."""


class DeliveryState(StrEnum):
    """How far a delivery, or a part of one, has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    PAUSED = "held"
    """Its announcement is paused."""


@dataclass(frozen=True, slots=True)
class RichText:
    """A rich message: its HTML, in Telegram's rich dialect, and the keys of the kept pictures in it.

    The HTML refers to picture number n, counted from 1, as `tg://photo?id=pN`.
    """

    html: str
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a delivery: its `html` is within Telegram's limits.

    `text` is that HTML, whole or in pieces to be joined. Digests have items in common, and a shared piece is one string
    in memory and one row in a store.

    `picture` is the address of a picture to show large above the text; `photo` is the file_id of one to send with it.
    `mosaic` is shown instead of `picture` once it is made: as a preview above the text or, with `is_caption`, as a
    photo of which the text is the caption. A part with `rich` is sent as that, and has no text.
    `stories` counts the delivery's items that other sources report too; a button below the last part offers those.
    With `offers_magazine`, its last line offers the magazine, and a button below it tries that. A part that
    `asks_magazine` comes below such a trial, with buttons for whether it was seen.

    The rest is for announcements: other files or an album as (kind, file_id); a message to copy; buttons as
    (label, url); whether it is sent without a sound, is pinned, is paid for (None: as bulk messages are by default), is
    sent during quiet hours (then without a sound) instead of waiting for their end; which files are under a spoiler;
    and whether the text is above the files.
    """

    text: str | tuple[str, ...]
    picture: str | None = None
    photo: str | None = None
    stories: int = 0
    media: tuple[tuple[str, str], ...] = ()
    copy_of: MessageRef | None = None
    buttons: tuple[tuple[str, str], ...] = ()
    silent: bool = False
    pinned: bool = False
    paid: bool | None = None
    despite_quiet: bool = False
    spoilers: tuple[int, ...] = ()
    caption_above: bool = False
    mosaic: Mosaic | None = None
    is_caption: bool = False
    rich: RichText | None = None
    offers_magazine: bool = False
    asks_magazine: bool = False

    @property
    def html(self) -> str:
        """The whole text."""
        return self.text if isinstance(self.text, str) else "".join(self.text)

    @property
    def is_covered(self) -> bool:
        """Whether its files are shown in other than the usual way."""
        return bool(self.spoilers or self.caption_above)

    @property
    def is_announced(self) -> bool:
        """Whether it has anything that only announcements have."""
        options = self.silent or self.pinned or self.paid is not None or self.despite_quiet or self.is_covered
        return bool(self.media or self.copy_of or self.buttons or options)


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a delivery sends, stored by `key` so that equal digests are rendered once and retries send the same.

    `layout` is the one that it was rendered in. `fallback` is the key of the same digest in a layout that every client
    shows, for a chat to which this one can't be sent; "" if it needs none. `watched` are the items that its reader's
    watches found, with the words of those, and `unnamed` are sources that it does not name among those that report the
    same.
    """

    key: str
    parts: tuple[Part, ...]
    items: tuple[ArticleId, ...] = ()
    rest: tuple[ArticleId, ...] = ()
    layout: Layout = Layout.LIST
    fallback: str = ""
    watched: tuple[tuple[ArticleId, tuple[str, ...]], ...] = ()
    unnamed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part's entry in the ledger."""

    number: int
    state: DeliveryState
    hash: str
    message_id: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One place's copy of a digest or an announcement.

    `offers` is an earlier digest of the place that may not have arrived: a button below this one shows its items.
    `resent_at` is when an admin had it sent again, which restarts the time for which it is tried. `sent_by_others` says
    how many seconds before it was claimed other workers sent messages to its chat, within the last minute.
    """

    id: DeliveryId
    place: Place
    kind: DeliveryKind
    slot: datetime
    state: DeliveryState
    rendering: str
    attempts: int
    created_at: datetime
    parts: tuple[PartRow, ...] = ()
    announcement_id: AnnouncementId | None = None
    offers: DeliveryId | None = None
    resent_at: datetime | None = None
    sent_by_others: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What became of one chat's copy of an announcement, as a line of the exported file."""

    chat_id: int
    thread_id: int
    kind: str
    language: str
    state: DeliveryState
    reason: str
    message_id: int | None
    settled_at: datetime | None
