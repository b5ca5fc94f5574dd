"""Articles in each form they take: the post's file, parsed, read by a scan, stored, and as a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from digests.model.article import Article, Candidate, ParsedPost, Unreadable
from digests.model.ids import ArticleId, CategoryId, IngestNumber
from digests.storage.articles.post_files import KnownFile, ReadPost
from tests.factories.times import HOUR, NOW

CATEGORIES = ("Science", "Tidewater", "Oceans")


def article(number: int = 1, **changes: Any) -> Article:
    """Return a stored article; a larger number is an older one, by an hour each."""
    seen_at = NOW - number % 1000 * HOUR
    default = Article(
        id=ArticleId(number),
        ingest=IngestNumber(number),
        title=f"Title {number}",
        categories=CATEGORIES,
        category_id=CategoryId(1),
        author="Tidewater",
        source="Tidewater",
        published_at=seen_at,
        first_seen_at=seen_at,
        shown_at=seen_at,
        summary=f"What article {number} is about, in one line.",
        thumbnail=None,
        url=f"https://news.example/{number}",
    )
    return replace(default, **changes)


def candidate(number: int, **changes: Any) -> Candidate:
    """Return a candidate for a digest, of a source of its own."""
    default = Candidate(
        id=ArticleId(number),
        ingest=IngestNumber(number),
        categories=(CategoryId(1),),
        source=f"source {number}",
        shown_at=NOW - number % 1000 * HOUR,
    )
    return replace(default, **changes)


def parsed_post(title: str = "A title", **changes: Any) -> ParsedPost:
    """Return a post as parsing leaves it; another title is another article."""
    categories = changes.get("categories", CATEGORIES)
    default = ParsedPost(
        title=title,
        categories=CATEGORIES,
        author="Tidewater",
        source="Tidewater",
        published_at=NOW - 3 * HOUR,
        summary="What it is about.",
        thumbnail=None,
        url="https://news.example/1",
        original_url=None,
        text=f"{title}. What it is about. And more of it.",
        language="en",
        identity=f"identity of {title}",
        content_hash=f"content of {title}",
        branches=(categories,) if categories else (),
    )
    return replace(default, **changes)


def read_post(path: str, result: ParsedPost | Unreadable, *, fresh: bool = True, age: int = 1) -> ReadPost:
    """Return what a scan read from a file; `age` is in hours."""
    return ReadPost(path, KnownFile(1, 2, f"hash of {path}"), result, fresh, NOW - age * HOUR)


def post(
    title: str,
    body: str = "<p>What it is about.</p>",
    *,
    categories: Sequence[str] = CATEGORIES,
    author: str = "Tidewater",
    date: str = "2026-06-06 04:00:00",
    thumbnail: str = "",
    tags: Sequence[str] = (),
) -> str:
    """Return a post's file in the crawler's newest layout."""
    quote = '"' if "'" in title else "'"
    listed = "".join(f"\n - {category}" for category in categories)
    tagged = f"tags: [{', '.join(tags)}]\n" if tags else ""
    return (
        f"\n---\ntitle: {quote}{title}{quote}\ncategories: {listed}\nheadimg: '{thumbnail}'\n"
        f"author: {author}\ncomments: false\ndate: {date}\n"
        f"thumbnail: '{thumbnail}'\n{tagged}---\n"
        f"\n<div>   \n{body}  \n</div>\n            "
    )
