"""What becomes of the picture at an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from digests.model.ids import ArticleId

MANY_ARTICLES = 4
"""A picture of so many articles, those about one thing counting once, represents none of them."""
REPEATED = "it stands with many articles"
MADE_ROOM = "it was not used for long, and made room for others"
FILE_GONE = "its file was deleted"
_WAITS = (timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=2))


@dataclass(frozen=True, slots=True)
class PictureKept:
    """It is usable, and kept under `key`.

    `likeness` is the same for pictures that look the same. `width` and `height` are the original's, in pixels; `bytes`
    is what its files take together.
    """

    key: str
    likeness: str
    width: int
    height: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PictureDropped:
    """It represents no article."""

    reason: str


@dataclass(frozen=True, slots=True)
class PictureFailed:
    """It can't be fetched, and later it can't either."""

    reason: str


@dataclass(frozen=True, slots=True)
class PictureDelayed:
    """It can't be fetched now; `wait` is how long the server wants to be left alone, if it says."""

    reason: str
    wait: timedelta = timedelta()


PictureVerdict = PictureKept | PictureDropped | PictureFailed | PictureDelayed


@dataclass(frozen=True, slots=True)
class WantedPicture:
    """An address that is due for an article; `address` is "" for an article that has no picture any more.

    `known` is what is known of the address from other articles.
    """

    article: ArticleId
    address: str
    host: str
    known: PictureVerdict | None = None


def picture_waits(asked: timedelta) -> tuple[timedelta, ...]:
    """Return how long to wait after each failed try, at least as long as the server asks; after one more, give up."""
    return tuple([max(wait, asked) for wait in _WAITS])


def picture_retry(failed: int, asked: timedelta) -> timedelta | None:
    """Return how long to wait after so many failed tries, at least as long as the server asks; None to give up."""
    waits = picture_waits(asked)
    return waits[failed - 1] if failed <= len(waits) else None
