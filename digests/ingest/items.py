"""Takes items of a feed into the store, as posts are: new is what is seen for the first time, whatever its date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from digests.articles.dates.plausible import plausible
from digests.articles.pictures.standing import without_standing
from digests.ingest.batch import UNDATED, is_fresh
from digests.ingest.files import in_batches
from digests.ingest.ingest import MOST_ROUNDS, IngestReport
from digests.model.feed import FeedId, FeedItem
from digests.storage.articles.post_files import KnownFile, ReadPost
from digests.storage.articles.write import IngestStore

_BATCH = 50
"""Most feeds have fewer items: one transaction each."""


async def take_in_items(
    origin: str,
    items: Sequence[FeedItem],
    store: IngestStore,
    now: datetime,
    max_age: timedelta | None,
    *,
    is_first_look: bool,
    feed: FeedId | None = None,
) -> IngestReport:
    """Take in the items that a feed gives now; may raise StorageError.

    The caller updates the search index, and forgets what stories no longer need (`IngestStore.forget_stories`).

    Args:
        origin: The name of the feed's origin.
        items: All items that the feed gives now, in its order.
        store: Where they are stored.
        now: When the feed was asked.
        max_age: How old an article may be to come in a digest; None: as old as it likes, if it has any date at all.
        is_first_look: Whether the feed was never looked at before: what has no date is then no news.
        feed: Which feed it is; of one that is removed meanwhile, nothing more is taken in.
    """
    started = monotonic()
    # Feeds give the newest first; what has no date is shown in the order in which it came in.
    distinct = {item.key: item for item in reversed(items)}
    known = await store.known_hashes(origin, distinct)
    waiting = [item for key, item in distinct.items() if known.get(key) != item.content_hash]
    report = IngestReport(seen=len(distinct))
    if waiting:
        judge = partial(_judge, now=now, max_age=max_age, is_first_look=is_first_look)
        report = report.plus(await _write_all(origin, waiting, distinct, store, judge, now, feed))
    return replace(report, seconds=monotonic() - started)


async def _write_all(
    origin: str,
    waiting: Sequence[FeedItem],
    present: Mapping[str, FeedItem],
    store: IngestStore,
    judge: Callable[[FeedItem, Collection[str]], ReadPost],
    now: datetime,
    feed: FeedId | None,
) -> IngestReport:
    """Write what is new or changed, without the pictures that prove to stand with many items, as a feed's logo does."""
    report, repeated = IngestReport(), frozenset[str]()
    standing = await store.standing_pictures(origin)
    for some in in_batches(waiting, _BATCH):
        batch = [judge(item, standing) for item in some]
        counts = await store.write(origin, batch, now, present.keys(), standing, feed)
        report = report.plus(counts)
        repeated |= counts.repeated_pictures
    pictures = {key: item.post.pictures for key, item in present.items()}
    for _ in range(MOST_ROUNDS):
        if not repeated:
            break
        repeated = await store.replace_standing(origin, repeated, pictures, now)
    return report


def _judge(
    item: FeedItem, standing: Collection[str], now: datetime, max_age: timedelta | None, *, is_first_look: bool
) -> ReadPost:
    """Return the item as it is written; raised dates don't matter, as what is known keeps its own."""
    post = item.post
    if standing and post.pictures:
        pictures = without_standing(post.pictures, standing)
        post = replace(post, pictures=pictures, thumbnail=pictures[0] if pictures else None)
    at = plausible(post.published_at, now) or (None if is_first_look else now)
    return ReadPost(
        item.key,
        KnownFile(0, 0, item.content_hash),
        post,
        fresh=is_fresh(at, now, max_age),
        shown_at=min(at, now) if at is not None else UNDATED,
        is_item=True,
    )
