"""Everything without Telegram: posts and articles, search, digests, schedules, deliveries, storage."""
