"""What the bot waits for from a person: the step that each is at in something longer (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digests.model.ids import AnnouncementId, PlaceId

FEED_NOTE = '{"feed'
"""How texts begin that are kept, beside searches, while an admin adds or removes feeds."""


class TypedOption(StrEnum):
    """What is typed about a draft, beside its texts; the values are stored."""

    BUTTONS = "buttons"
    IDS = "ids"
    AT = "at"
    """A moment for everybody."""
    LOCAL = "local"
    """A time on each chat's own clock."""


class Question(StrEnum):
    """What a reader was asked to type; the values are stored."""

    CATEGORIES = "categories"
    """Letters that the names of the categories shown must have."""
    TIME = "time"
    ZONE = "zone"
    WATCH = "watch"
    MUTE = "mute"
    CHAT = "chat"
    """Which group or channel to set up, which is answered by choosing it in Telegram's own list."""
    WHY = "why"
    SAVED = "saved"
    """Words that the saved articles shown must have."""
    LIST = "list"
    """Whether to follow what a file asks for, which is answered by a button; `about` is the file."""
    FEED = "feed"
    """The address of a feed to add."""
    FEED_CATEGORY = "feed_category"
    """The category of a feed; `about` names the feed, or the address that is to be added."""
    FEEDS = "feeds"
    """Words that the feeds shown must have in their names or addresses."""


@dataclass(frozen=True, slots=True)
class AwaitedReply:
    """The next line answers a question; `about` is what the question needs to be told again, as text.

    `place` is the one that the question was about, whatever somebody manages when they answer; None where it was about
    themselves.
    """

    question: Question
    about: str = ""
    place: PlaceId | None = None


@dataclass(frozen=True, slots=True)
class AwaitedAnnouncement:
    """Whatever comes next is a new announcement."""


@dataclass(frozen=True, slots=True)
class AwaitedText:
    """Whatever comes next is the draft's text in this language."""

    announcement: AnnouncementId
    language: str


@dataclass(frozen=True, slots=True)
class AwaitedAlbum:
    """An album is coming in, one message at a time; `group` is the service's mark of those that belong to it."""

    announcement: AnnouncementId
    language: str
    group: str


@dataclass(frozen=True, slots=True)
class AwaitedOption:
    """The next line sets something about the draft."""

    announcement: AnnouncementId
    option: TypedOption


@dataclass(frozen=True, slots=True)
class AwaitedEdit:
    """Whatever comes next takes the place of a text that was sent; `asked_in` is the message that asked for it."""

    announcement: AnnouncementId
    language: str
    asked_in: int | None = None


@dataclass(frozen=True, slots=True)
class UnconfirmedEdit:
    """The new text of what was sent, shown and not confirmed yet; another one takes its place."""

    announcement: AnnouncementId
    language: str
    html: str


AnnouncementDialog = AwaitedAnnouncement | AwaitedText | AwaitedAlbum | AwaitedOption | AwaitedEdit | UnconfirmedEdit
Dialog = AnnouncementDialog | AwaitedReply
