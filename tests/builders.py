"""Data for tests: defaults for everything but what the test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from digests.model.article import Article, Candidate, ParsedPost
from digests.model.category_tree import Category
from digests.model.ids import ArticleId, CategoryId, IngestNumber, PlaceId
from digests.model.moving import ImportedChat
from digests.model.place import Place, PlaceKind, PlaceState

NOW = datetime(2026, 6, 6, 7, 30, tzinfo=UTC)


def article(number: int = 1, **changed: Any) -> Article:
    values: dict[str, Any] = {
        "id": ArticleId(number),
        "ingest": IngestNumber(number),
        "title": f"Title {number}",
        "categories": ("Science", "Tidewater", "Oceans"),
        "category_id": CategoryId(1),
        "author": "Tidewater",
        "source": "Tidewater",
        "published_at": NOW - timedelta(hours=number % 1000),
        "first_seen_at": NOW - timedelta(hours=number % 1000),
        "shown_at": NOW - timedelta(hours=number % 1000),
        "summary": f"What article {number} is about, in one line.",
        "thumbnail": None,
        "url": f"https://news.example/{number}",
    }
    return Article(**(values | changed))


def candidate(number: int, **changed: Any) -> Candidate:
    values: dict[str, Any] = {
        "id": ArticleId(number),
        "ingest": IngestNumber(number),
        "categories": (CategoryId(1),),
        "source": f"source {number}",
        "shown_at": NOW - timedelta(hours=number % 1000),
    }
    return Candidate(**(values | changed))


def parsed(title: str = "A title", **changed: Any) -> ParsedPost:
    values: dict[str, Any] = {
        "title": title,
        "categories": ("Science", "Tidewater", "Oceans"),
        "author": "Tidewater",
        "source": "Tidewater",
        "published_at": NOW - timedelta(hours=3),
        "summary": "What it is about.",
        "thumbnail": None,
        "url": "https://news.example/1",
        "original_url": None,
        "text": f"{title}. What it is about. And more of it.",
        "language": "en",
        "identity": f"identity of {title}",
        "content_hash": f"content of {title}",
    }
    return ParsedPost(**(values | changed))


def category(number: int, *path: str, parent: int | None = None, count: int = 1) -> Category:
    return Category(
        id=CategoryId(number),
        parent_id=CategoryId(parent) if parent else None,
        name=path[-1],
        path=path,
        count=count,
    )


def place(number: int = 1, **changed: Any) -> Place:
    values: dict[str, Any] = {
        "id": PlaceId(number),
        "chat_id": 1000 + number,
        "thread_id": 0,
        "kind": PlaceKind.PRIVATE,
        "title": "Robin",
        "language": "en",
        "time": "08:00",
        "timezone": "UTC",
        "state": PlaceState.ACTIVE,
        "state_reason": "",
        "next_at": NOW,
        "window_from": IngestNumber(0),
        "window_from_at": NOW - timedelta(days=1),
        "created_at": NOW - timedelta(days=9),
        "active_at": NOW - timedelta(days=9),
    }
    return Place(**(values | changed))


def imported(chat_id: int, *categories: CategoryId, **settings: Any) -> ImportedChat:
    """A chat as a list of chats brings it: a private one that follows these categories, unless told otherwise."""
    defaults = {"language": "en", "time": "08:00", "timezone": "UTC"}
    kind = settings.pop("kind", PlaceKind.PRIVATE)
    return ImportedChat(chat_id, 0, kind, None, settings, defaults, frozenset(categories))


def post(title: str, body: str = "<p>What it is about.</p>", **changed: Any) -> str:
    """A post file in the crawler's newest layout."""
    values: dict[str, Any] = {
        "categories": ("Science", "Tidewater", "Oceans"),
        "author": "Tidewater",
        "date": "2026-06-06 04:00:00",
        "thumbnail": "",
    } | changed
    quote = '"' if "'" in title else "'"
    listed = "".join(f"\n - {one}" for one in values["categories"])
    return (
        f"\n---\ntitle: {quote}{title}{quote}\ncategories: {listed}\nheadimg: '{values['thumbnail']}'\n"
        f"author: {values['author']}\ncomments: false\ndate: {values['date']}\n"
        f"thumbnail: '{values['thumbnail']}'\n---\n"
        f"\n<div>   \n{body}  \n</div>\n            "
    )
