"""Items of feeds as reading leaves them: what they say, and what they are recognised by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digests.articles.identity import content_hash_of, recognition_keys
from digests.articles.markup.contents import Body
from digests.articles.markup.read import read_markup
from digests.model.article import ParsedPost
from digests.model.feed import FeedItem
from tests.factories.times import HOUR, NOW

LINK = "https://news.example/ferry"
FERRY = "The ferry to the islands sails again from Saturday on, twice a day, and takes bicycles along. " * 3
PAINTER = "Nobody knew who had painted the harbour wall at night, until the painter came and asked for his brush. " * 3
KITES = "Forty kites were counted above the southern beach on Sunday, more than in any summer since the war ended. " * 3


def feed_item(
    title: str = "Ferry sails again",
    link: str | None = LINK,
    text: str = FERRY,
    *,
    key: str = "",
    source: str = "Harbour News",
    categories: Sequence[tuple[str, ...]] = (("Harbour",),),
    published_at: datetime | None = NOW - HOUR,
    pictures: tuple[str, ...] = (),
    summary: str = "",
    author: str = "",
    tags: tuple[str, ...] = (),
    body: Body | None = None,
) -> FeedItem:
    """Return an item of a feed; its key is its link where none is given."""
    branches = tuple(categories)
    first = branches[0] if branches else ()
    keys = recognition_keys(title, source, first, body or read_markup(f"<p>{text}</p>"), text, link, None)
    thumbnail = pictures[0] if pictures else None
    shown = (title, author, source, summary, thumbnail, link, *tags)
    content_hash = content_hash_of(shown, branches, None, text)
    post = ParsedPost(
        title=title,
        categories=first,
        author=author,
        source=source,
        published_at=published_at,
        summary=summary,
        thumbnail=thumbnail,
        url=link,
        original_url=None,
        text=text,
        language="en",
        identity=keys.title,
        content_hash=content_hash,
        branches=branches,
        tags=tags,
        address=keys.address,
        is_telling=keys.is_telling,
        pictures=pictures,
        link_key=keys.link,
        headline_key=keys.headline,
    )
    return FeedItem(key or link or title, key, post, link, None, content_hash)
