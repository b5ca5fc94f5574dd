"""OPML, the lists of feeds that readers of feeds exchange: what such a file says, and writing one (pure).

The format is that of http://opml.org/spec2.opml. Files are made by many programs and by hand, so that the reader does
not insist on XML: it takes the elements `outline` from whatever lies around them. It resolves no entity but XML's and
HTML's own, and follows no reference to anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from digests.model.feed_refusal import FeedRefusal


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    """A feed of a list: its canonical address, its title ("" for none), the folders that it is in, and its site."""

    url: str
    title: str = ""
    category: tuple[str, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True)
class RefusedOutline:
    """An outline of a list that can't be used: its title, its address, masked and not longer than a line, and why."""

    title: str
    address: str
    reason: FeedRefusal
