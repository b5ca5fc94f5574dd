"""Whose turn it is among the feeds that wait."""

from __future__ import annotations

from digests.feeds.queue import FeedQueue
from digests.model.feed import Feed
from tests.factories.feeds import feed


def of_host(host: str, number: int) -> Feed:
    return feed(number, url=f"https://{host}.example/{number}")


def taken(queue: FeedQueue, now: float = 0.0) -> list[int]:
    """Return the ids of all that may be asked at once."""
    found: list[int] = []
    while (each := queue.take(now)) is not None:
        found.append(each.id)
    return found


def test_hosts_take_turns_and_have_one_request_each() -> None:
    queue = FeedQueue("https://hub.example", 0)
    feeds = [of_host("a", 1), of_host("a", 2), of_host("a", 3), of_host("b", 4), of_host("c", 5)]
    queue.add(feeds)
    assert taken(queue) == [1, 4, 5]
    assert len(queue) == 2
    queue.done(feeds[0], 0)
    queue.done(feeds[3], 0)
    assert taken(queue) == [2]
    queue.add([of_host("b", 6)])
    assert taken(queue) == [6]
    assert queue.seconds_to_wait(0) is None


def test_a_host_is_left_alone_between_two_of_its_feeds() -> None:
    queue = FeedQueue("https://hub.example", 1.0)
    feeds = [of_host("a", 1), of_host("a", 2)]
    queue.add(feeds)
    assert taken(queue, 10) == [1]
    queue.done(feeds[0], 10.5)
    assert taken(queue, 11) == []
    assert queue.seconds_to_wait(11) == 0.5
    assert taken(queue, 11.5) == [2]
    assert len(queue) == 0


def test_routes_of_rsshub_are_of_its_host() -> None:
    queue = FeedQueue("https://hub.example", 0)
    queue.add([feed(1, url="rsshub://a/b"), feed(2, url="https://HUB.example./c"), feed(3, url="http://[broken")])
    assert taken(queue) == [1, 3]
