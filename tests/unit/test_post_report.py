"""What posts lack, where many come from feeds: those count as one origin, and do not hide what can be mended."""

from __future__ import annotations

from digests.doctor.posts import commonest_causes, count_by_origin
from digests.model.feed import FEED_ORIGIN
from digests.model.gaps import Gap, GapKind
from digests.storage.articles.gaps import FlawedGroup, FlawedPost


def group(origin: str, posts: int, *gaps: Gap, unlisted: str = "") -> FlawedGroup:
    return FlawedGroup(FlawedPost(origin, "a", gaps, unlisted), posts)


def test_all_feeds_are_one_origin() -> None:
    groups = [
        group("feed:1", 3, Gap(GapKind.DATE, "feed")),
        group("feed:22", 4, Gap(GapKind.DATE, "feed"), Gap(GapKind.PICTURE, "feed")),
        group("feed:22", 5, unlisted="it is a draft"),
        group("feeds", 1, Gap(GapKind.LINK, "none")),
    ]
    totals = {"folder": (9, 1), "feed:1": (10, 0), "feed:22": (20, 0), "feeds": (2, 0)} | {
        f"feed:{number}": (1, 0) for number in range(100, 5100)
    }
    counts = {count.origin: str(count) for count in count_by_origin(groups, totals)}
    assert counts == {
        "folder": "9 posts: 1 put aside",
        FEED_ORIGIN: "5,030 posts: 7 without a date, 4 without a picture, 5 not for readers",
        "feeds": "2 posts: 1 without a link",
    }


def test_what_can_be_mended_here_comes_before_what_lies_with_feeds() -> None:
    causes = commonest_causes(
        [
            group("feed:1", 900, Gap(GapKind.DATE, "feed")),
            group("feed:1", 800, Gap(GapKind.DATE, "feed unreadable", "soon")),
            group("folder", 1, Gap(GapKind.DATE, "none")),
            group("folder", 700, Gap(GapKind.PICTURE, "none")),
        ]
    )
    assert [(cause.posts, cause.may_be_right) for cause in causes] == [(1, False), (900, True), (800, True)]
    assert "only the feed's owner" in causes[1].fix
