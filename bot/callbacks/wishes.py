"""Buttons for wishes: what a reader watches, mutes, caps, and wants more or less of; and what most sources tell (pure).

Words and the names of sources may be longer than a button holds: they are stored, under tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.callbacks.button import Button, button_type

MORE, LESS = 1, 2


@button_type("wt")
@dataclass(frozen=True, slots=True)
class TasteButton(Button):
    """Show what the reader may have more or less of, as an article has it: its source, its categories, its words."""

    article: int


@button_type("ws")
@dataclass(frozen=True, slots=True)
class SetTasteButton(Button):
    """Want more (`to` MORE) or less (LESS) of something that an article has, or (0) neither.

    `matter` is "source", "category" or "words", and `key` the category's id, or a word.
    """

    article: int
    matter: str
    key: str = ""
    to: int = 0


@button_type("we")
@dataclass(frozen=True, slots=True)
class TastesButton(Button):
    """Show what the reader wants more and less of."""

    page: int = 0


@button_type("wu")
@dataclass(frozen=True, slots=True)
class MuteSourceButton(Button):
    """Mute the source of an article."""

    article: int


@button_type("wv")
@dataclass(frozen=True, slots=True)
class FollowSourceButton(Button):
    """Follow the source of an article, whatever categories its articles are in."""

    article: int


@button_type("wa")
@dataclass(frozen=True, slots=True)
class WatchButton(Button):
    """Watch the words that are stored under the token; `at_once` 1 brings each article as soon as it is known."""

    words: str
    at_once: int = 0


@button_type("wq")
@dataclass(frozen=True, slots=True)
class AskMuteButton(Button):
    """Ask for how long to mute something; see `MuteButton`."""

    matter: str
    key: str


@button_type("wm")
@dataclass(frozen=True, slots=True)
class MuteButton(Button):
    """Mute something for some hours, or (0) for good.

    `matter` is "source", "category" or "words", and `key` the category's id, or a token for the name or the words.
    """

    matter: str
    key: str
    hours: int = 0


@button_type("wp")
@dataclass(frozen=True, slots=True)
class AskWishButton(Button):
    """Ask for words to watch (`kind` "watch") or for something to mute ("mute")."""

    kind: str


@button_type("wi")
@dataclass(frozen=True, slots=True)
class WishButton(Button):
    """Show a wish with all that can be changed about it; `page` is that of the list it was chosen from."""

    wish: int
    page: int = 0


@button_type("wn")
@dataclass(frozen=True, slots=True)
class SetAtOnceButton(Button):
    """Have a watch bring each article at once (1), or with the digest (0)."""

    wish: int
    at_once: int
    page: int = 0


@button_type("wl")
@dataclass(frozen=True, slots=True)
class SetMuteButton(Button):
    """Have a mute end so many hours from now, or (0) never."""

    wish: int
    hours: int
    page: int = 0


@button_type("wr")
@dataclass(frozen=True, slots=True)
class EndWishButton(Button):
    """End a wish, and offer to have it back."""

    wish: int
    page: int = 0


@button_type("wz")
@dataclass(frozen=True, slots=True)
class RestoreWishButton(Button):
    """Have a wish back that is stored under the token."""

    wish: str
    page: int = 0


@button_type("wg")
@dataclass(frozen=True, slots=True)
class FollowedButton(Button):
    """Show a category that is followed, with all that can be changed about it."""

    category: int
    page: int = 0


@button_type("wf")
@dataclass(frozen=True, slots=True)
class FollowAgainButton(Button):
    """Follow a category again that was unfollowed a moment ago."""

    category: int
    page: int = 0


@button_type("wo")
@dataclass(frozen=True, slots=True)
class TopButton(Button):
    """Show a page of what most sources told in the last `days`."""

    days: int = 1
    page: int = 0
