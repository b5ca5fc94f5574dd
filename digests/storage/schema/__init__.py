"""The tables, in one schema for SQLite and PostgreSQL; migrations create them, and a test compares the two."""

from digests.storage.schema.announcement_tables import announcement_acts, announcement_copies, announcements
from digests.storage.schema.article_tables import (
    article_categories,
    articles,
    categories,
    hidden_categories,
    hidden_sources,
    posts,
    story_keys,
    withdrawn,
)
from digests.storage.schema.base import BigId, counters, facts, metadata
from digests.storage.schema.cluster_tables import lanes, processes, rates, updates
from digests.storage.schema.delivery_tables import album_messages, deliveries, parts, pieces, renderings
from digests.storage.schema.feed_tables import feeds
from digests.storage.schema.media_tables import (
    article_pictures,
    daily_counts,
    fetched_pictures,
    kept_pictures,
    mosaics,
)
from digests.storage.schema.place_tables import (
    admins,
    audit,
    dialogs,
    links,
    lookups,
    managed,
    members,
    places,
    saved_articles,
    subscriptions,
)
from digests.storage.schema.wish_tables import queries, query_matches, sent_at_once, wishes

__all__ = [
    "BigId",
    "admins",
    "album_messages",
    "announcement_acts",
    "announcement_copies",
    "announcements",
    "article_categories",
    "article_pictures",
    "articles",
    "audit",
    "categories",
    "counters",
    "daily_counts",
    "deliveries",
    "dialogs",
    "facts",
    "feeds",
    "fetched_pictures",
    "hidden_categories",
    "hidden_sources",
    "kept_pictures",
    "lanes",
    "links",
    "lookups",
    "managed",
    "members",
    "metadata",
    "mosaics",
    "parts",
    "pieces",
    "places",
    "posts",
    "processes",
    "queries",
    "query_matches",
    "rates",
    "renderings",
    "saved_articles",
    "sent_at_once",
    "story_keys",
    "subscriptions",
    "updates",
    "wishes",
    "withdrawn",
]
