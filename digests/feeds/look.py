"""One look at a feed: asked, read, taken in; whatever a server says or sends, this feed's alone."""

from __future__ import annotations

import hashlib
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from digests.errors import DigestsError
from digests.feeds.outcomes import LookOutcome, Validators, has_moved, max_age_minutes, state_after
from digests.feeds.queue import plain_host_of
from digests.feeds.schedule import LONGEST_WAIT, LookPace
from digests.feeds.visiting import FEED_TYPES, FeedClient, ReadBody, read_fault
from digests.fetch.guard import NOBODY, AllowedHosts
from digests.fetch.outcome import Fetched, NotFetched
from digests.ingest.ingest import IngestReport
from digests.ingest.items import take_in_items
from digests.model.feed import NEVER, Feed, FeedFault, FeedItem, FeedLook, FeedOptions, FeedTrouble, ReadFeed
from digests.model.feed_address import RSSHUB, asked_address, canonical_feed_url
from digests.ports import Clock
from digests.storage.articles.write import IngestStore
from digests.storage.feeds.feeds import FeedAddressTaken, FeedStore

logger = logging.getLogger(__name__)

_NO_FEED = "no feed"
"""Marks the hash of a body that was no feed: that it has not changed is no good news."""

_NOT_MOVING: Mapping[str, Any] = {"moved_to": "", "moved_looks": 0, "moved_at": None}
_OF_HOSTS = (429, 503)
_READ_TROUBLES = (FeedTrouble.NOT_A_FEED, FeedTrouble.REFUSED, FeedTrouble.TOO_LARGE)
"""What a body can turn out to be that is no feed."""

CompleteItems = Callable[[Feed, Sequence[FeedItem], Mapping[str, str]], Awaitable[Sequence[FeedItem]]]
"""Returns the items of a feed with what their own pages say; it gets the hashes of those that are known, by key."""


@dataclass(frozen=True, slots=True)
class LookOptions:
    """How feeds are looked at.

    Attributes:
        pace: What the settings say of the time between looks.
        at_once: How many feeds are asked at once.
        host_seconds: How long a host is left alone between two of its feeds.
        max_age: How old an article may be to come in a digest; None: as old as it likes.
        rsshub: Where addresses lead that begin with `rsshub://`.
        allowed: Hosts that may be asked although they are not public; no feed moves to them.
        reading: What changes whenever feeds are read differently: what was read before is then read again.
    """

    pace: LookPace = field(default_factory=LookPace)
    at_once: int = 8
    host_seconds: float = 1.0
    max_age: timedelta | None = timedelta(days=3)
    rsshub: str = "https://rsshub.app"
    allowed: AllowedHosts = NOBODY
    reading: str = ""


@dataclass(frozen=True, slots=True)
class LookStores:
    """What a look reads and writes."""

    feeds: FeedStore
    posts: IngestStore


@dataclass(frozen=True, slots=True)
class HostRest:
    """A host that wants to be left alone until then, whatever it is asked for."""

    host: str
    until: datetime
    has_routes: bool
    """Whether it is the one from which routes of RSSHub are read."""


@dataclass(frozen=True, slots=True)
class FinishedLook:
    """What a look has left, and the articles that it brought; `is_read` is false where nothing was to be read."""

    look: FeedLook
    report: IngestReport
    is_read: bool = False
    rest: HostRest | None = None


class LookMaker:
    """Looks at feeds, any number at once."""

    def __init__(
        self,
        stores: LookStores,
        web: FeedClient,
        read: ReadBody,
        clock: Clock,
        options: LookOptions,
        complete: CompleteItems | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._stores = stores
        self._web = web
        self._read = read
        self._clock = clock
        self._options = options
        self._complete = complete
        self._jitter = jitter
        self._mark = hashlib.sha256(options.reading.encode()).hexdigest()[:8]

    async def look(self, feed: Feed) -> FinishedLook:
        """Look at a feed, and return what is to be stored of it.

        Raises:
            StorageError: The database failed.
            ProcessUnavailable: Nothing can be read now.
        """
        try:
            return await self._look(feed)
        except DigestsError:
            raise
        except Exception:
            # It would be in the way of all others, at each round.
            logger.exception("a look at a feed failed", extra={"feed": feed.id})
            return self._failed(feed, LookOutcome(FeedFault(FeedTrouble.SERVER, "the bot failed at it: see its log")))

    async def tidy(self) -> None:
        """Forget what is needed no more once news have been taken in. May raise StorageError."""
        await self._stores.posts.forget_stories(self._clock.now())

    async def _look(self, feed: Feed) -> FinishedLook:
        answer = await self._ask(feed)
        if isinstance(answer, NotFetched):
            fault = await read_fault(answer, feed.url, self._read, self._clock.now())
            failed = self._failed(feed, LookOutcome(fault, timedelta(seconds=answer.wait)))
            return replace(failed, rest=self._rest(feed, answer))
        moved_to = self._new_address(feed, answer.moved_to)
        least = max_age_minutes(answer.headers.get("cache-control", ""))
        if answer.status == 304:
            return await self._unchanged(feed, LookOutcome(least_minutes=least, moved_to=moved_to))
        validators = self._validators(answer)
        outcome = LookOutcome(validators=validators, least_minutes=least, moved_to=moved_to)
        if _known_hash(validators.body_hash) == _known_hash(feed.state.body_hash):
            kept = replace(outcome, validators=replace(validators, body_hash=feed.state.body_hash))
            return await self._unchanged(feed, kept)
        return await self._changed(feed, answer, outcome)

    def _rest(self, feed: Feed, answer: NotFetched) -> HostRest | None:
        """Return for how long all of a feed's host is to be left alone, None if the answer says nothing of it.

        RFC 6585 (4) leaves it to a server what it counts, and a server that is not available (RFC 9110, 15.6.4) is so
        for all that is asked of it: with a time of its own, both are taken to be about the host, as FreshRSS does. What
        another host says that a redirect led to is about that one feed.
        """
        asked = plain_host_of(asked_address(feed.url, self._options.rsshub))
        if not answer.wait or answer.status not in _OF_HOSTS or plain_host_of(answer.address) != asked:
            return None
        until = self._clock.now() + min(timedelta(seconds=answer.wait), LONGEST_WAIT)
        has_routes = asked == plain_host_of(asked_address(RSSHUB, self._options.rsshub))
        return HostRest(asked, until, has_routes=has_routes)

    async def _ask(self, feed: Feed) -> Fetched | NotFetched:
        state, headers = feed.state, dict[str, str]()
        # What was read in another way before is wanted again, whole.
        if state.body_hash.startswith(self._mark):
            if state.etag:
                headers["If-None-Match"] = state.etag
            if state.last_modified:
                headers["If-Modified-Since"] = state.last_modified
        address = asked_address(feed.url, self._options.rsshub)
        return await self._web.fetch(address, headers, accept=FEED_TYPES, user_agent=feed.options.user_agent)

    def _validators(self, answer: Fetched) -> Validators:
        body_hash = f"{self._mark}:{hashlib.sha256(answer.body).hexdigest()}"
        return Validators(answer.headers.get("etag", ""), answer.headers.get("last-modified", ""), body_hash)

    async def _unchanged(self, feed: Feed, outcome: LookOutcome) -> FinishedLook:
        if feed.state.body_hash.endswith(_NO_FEED):
            words = "what was there before is still there, and is no feed"
            known = feed.state.fault
            is_known = known is not None and known.trouble in _READ_TROUBLES
            fault = known if is_known else FeedFault(FeedTrouble.NOT_A_FEED, words)
            return self._failed(feed, replace(outcome, fault=fault))
        return await self._finished(feed, outcome)

    async def _changed(self, feed: Feed, answer: Fetched, outcome: LookOutcome) -> FinishedLook:
        content_type = answer.headers.get("content-type", "")
        options = _options_to_read(feed)
        read = await self._read(answer.body, content_type, answer.address, options, self._clock.now())
        if read.fault is not None:
            assert outcome.validators is not None
            no_feed = replace(outcome.validators, body_hash=f"{outcome.validators.body_hash}:{_NO_FEED}")
            return self._failed(feed, replace(outcome, fault=read.fault, validators=no_feed))
        items: Sequence[FeedItem] = read.items
        if feed.options.full_text and self._complete is not None:
            known = await self._stores.posts.known_hashes(feed.origin, [item.key for item in items])
            items = await self._complete(feed, items, known)
        is_first = feed.state.read_at is None
        now, posts = self._clock.now(), self._stores.posts
        report = await take_in_items(
            feed.origin, items, posts, now, self._options.max_age, is_first_look=is_first, feed=feed.id
        )
        least = max(outcome.least_minutes, read.least_minutes or 0)
        outcome = replace(
            outcome,
            least_minutes=least,
            keeps_least=False,
            is_news=report.brought > 0,
            says_moved_to=self._new_address(feed, read.moved_to),
        )
        return await self._finished(feed, outcome, read, report)

    def _failed(self, feed: Feed, outcome: LookOutcome) -> FinishedLook:
        state = state_after(feed, outcome, self._clock.now(), self._options.pace, self._jitter())
        return FinishedLook(FeedLook(feed, state), IngestReport())

    async def _finished(
        self, feed: Feed, outcome: LookOutcome, read: ReadFeed | None = None, report: IngestReport | None = None
    ) -> FinishedLook:
        now = self._clock.now()
        state = state_after(feed, outcome, now, self._options.pace, self._jitter())
        look = FeedLook(feed, state)
        if read is not None:
            look = FeedLook(feed, state, read.title, read.link or "", read.kind)
        if has_moved(state, now):
            look = await self._follow(look, is_proven=bool(outcome.moved_to))
        return FinishedLook(look, report or IngestReport(), is_read=read is not None)

    async def _follow(self, look: FeedLook, *, is_proven: bool) -> FeedLook:
        """Give a feed the address that it has moved to; where that is another feed's, this one is not needed.

        `is_proven`: a redirect led there, through all that guards requests, and a feed came.
        """
        feed, to = look.feed, look.state.moved_to
        if feed.is_configured:
            if not has_moved(feed.state, feed.state.looked_at or self._clock.now()):
                # Once, not at each look from now on.
                logger.warning(
                    "a feed of the settings has moved: change its url there", extra={"feed": feed.id, "to": to}
                )
            return look
        if not is_proven and not await self._is_feed_at(feed, to):
            # What it says may become true: it is asked again after as many looks.
            return replace(look, state=replace(look.state, **_NOT_MOVING))
        try:
            moved = await self._stores.feeds.move(feed, to)
        except FeedAddressTaken:
            words = f"it has moved to {to}, which is looked at already: remove one of the two"
            fault = FeedFault(FeedTrouble.DUPLICATE, words)
            since = look.state.looked_at
            ended = replace(look.state, fault=fault, failures=1, failing_since=since, next_look_at=NEVER)
            return replace(look, state=ended)
        if moved is None:
            return look
        logger.info("a feed has moved", extra={"feed": feed.id, "to": to})
        state = replace(look.state, etag="", last_modified="", body_hash="", says_moved_to="", **_NOT_MOVING)
        return replace(look, feed=moved, state=state)

    async def _is_feed_at(self, feed: Feed, address: str) -> bool:
        """Return whether there is a feed at the address that another one gives as its own for good."""
        answer = await self._web.fetch(address, accept=FEED_TYPES, user_agent=feed.options.user_agent)
        if isinstance(answer, NotFetched) or answer.moved_to:
            # One that leads on for good, perhaps to where the feed is now, would have it move to and fro.
            return False
        content_type = answer.headers.get("content-type", "")
        read = await self._read(answer.body, content_type, answer.address, feed.options, self._clock.now())
        return read.fault is None

    def _new_address(self, feed: Feed, moved_to: str) -> str:
        """Return where a feed is for good now, "" if it is where it was; never where only this machine is allowed."""
        old, new = asked_address(feed.url, self._options.rsshub), canonical_feed_url(moved_to)
        if not new or new == canonical_feed_url(old):
            return ""
        if old.startswith("https:") and not new.startswith("https:"):
            # Anybody on the way could have said so, or could from then on.
            return ""
        if feed.url != old or (self._is_allowed(new) and not self._is_allowed(old)):
            return ""
        return new

    def _is_allowed(self, url: str) -> bool:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return self._options.allowed.allow(parts.hostname or "", port)


def _known_hash(body_hash: str) -> str:
    return body_hash.removesuffix(f":{_NO_FEED}")


def _options_to_read(feed: Feed) -> FeedOptions:
    """Return the options of a feed; without a category, its title is one, and stays so when the feed renames itself."""
    options = feed.options
    return options if options.category or not feed.title else replace(options, category=(feed.title,))
