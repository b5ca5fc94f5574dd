"""Takes items of a feed into the store, as posts are: new is what is seen for the first time, whatever its date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from digests.ingest.batch import UNDATED, is_fresh, plausible
from digests.ingest.files import in_batches
from digests.ingest.ingest import BATCH, IngestReport
from digests.model.feed import FeedItem
from digests.storage.articles.post_files import KnownFile, ReadPost
from digests.storage.articles.write import IngestStore


async def take_in_items(
    origin: str,
    items: Sequence[FeedItem],
    store: IngestStore,
    now: datetime,
    max_age: timedelta | None,
    *,
    is_first_look: bool,
) -> IngestReport:
    """Take in the items that a feed gives now; may raise StorageError. The caller updates the search index.

    Args:
        origin: The name of the feed's origin.
        items: All items that the feed gives now, in its order.
        store: Where they are stored.
        now: When the feed was asked.
        max_age: How old an article may be to come in a digest; None: as old as it likes, if it has any date at all.
        is_first_look: Whether the feed was never looked at before: what has no date is then no news.
    """
    started = monotonic()
    # Feeds give the newest first; what has no date is shown in the order in which it came in.
    distinct = {item.key: item for item in reversed(items)}
    known = await store.known_hashes(origin, distinct)
    waiting = [item for key, item in distinct.items() if known.get(key) != item.content_hash]
    report = IngestReport()
    for some in in_batches(waiting, BATCH):
        batch = [_judge(item, now, max_age, is_first_look=is_first_look) for item in some]
        report = report.plus(await store.write(origin, batch, now, distinct.keys()))
    return replace(report, seen=len(distinct), seconds=monotonic() - started)


def _judge(item: FeedItem, now: datetime, max_age: timedelta | None, *, is_first_look: bool) -> ReadPost:
    at = plausible(item.post.published_at, now) or (None if is_first_look else now)
    return ReadPost(
        item.key,
        KnownFile(0, 0, item.content_hash),
        item.post,
        fresh=is_fresh(at, now, max_age),
        shown_at=min(at, now) if at is not None else UNDATED,
        is_item=True,
    )
